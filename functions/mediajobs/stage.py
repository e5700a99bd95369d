"""What the parts of a deployment are called, by its stage."""


def prefix(stage: str) -> str:
    """What every name begins with."""
    return f"mediajobs-{stage}"


def function(stage: str, module: str) -> str:
    """The function that runs a module under `mediajobs`, such as `api.submit_job`."""
    return f"{prefix(stage)}-{module.replace('.', '-').replace('_', '-')}"


def queue(stage: str, purpose: str) -> str:
    """A queue, such as that of `notify`."""
    return f"{prefix(stage)}-{purpose}"
