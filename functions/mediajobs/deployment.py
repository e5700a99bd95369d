"""A deployment as an operator's machine sees it: what its functions are told, this process is told too."""

from botocore.exceptions import BotoCoreError, ClientError

from mediajobs import stage as names
from mediajobs.aws import client
from mediajobs.errors import MediajobsError
from mediajobs.settings import adopt

#: It knows of everything that operating needs.
_TOLD = "reactions.sweep"


class NoDeployment(MediajobsError):
    """There is none of that name, or one may not look at it."""


def enter(stage: str, home_region: str) -> None:
    """Let this process work on a deployed stage, under its own AWS credentials. Raises NoDeployment."""
    name = names.function(stage, _TOLD)
    try:
        found = client("lambda", home_region).get_function_configuration(FunctionName=name)
    except (BotoCoreError, ClientError) as error:
        raise NoDeployment(f"the stage {stage} is not found in {home_region}: {error}") from None
    adopt(found["Environment"]["Variables"])
