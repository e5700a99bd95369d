"""The code and the layers that Lambda runs, built without Docker and kept in `build/`."""

import compileall
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any, Literal

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
LOCK = ROOT / "uv.lock"
PACKAGE = ROOT / "functions" / "mediajobs"

Architecture = Literal["arm64", "x86_64"]

#: Python 3 minor versions that Lambda has a runtime for.
MINORS = (11, 12, 13, 14)
#: Byte-code is only valid for the minor version that wrote it, so the runtime is the one that synthesizes.
MINOR = sys.version_info.minor
RUNTIME = f"python3.{MINOR}"

#: ffmpeg is linked with glibc 2.28, and the runtime of Python 3.11 has 2.26. A synthesis by Python 3.11 ships
#: the media worker no byte-code, which a task of minutes does not notice.
MEDIA_MINOR = max(MINOR, 12)

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}

#: What people run; no function imports it.
NOT_DEPLOYED = ("cli", "client")
#: botocore's descriptions of the services that functions call; the other hundreds only slow a cold start.
SERVICES = ("dynamodb", "events", "kms", "lambda", "logs", "s3", "sqs", "stepfunctions", "sts")
#: Only botocore is imported.
NOT_INSTALLED = ("boto3", "s3transfer")

#: How many assets of one name stay in `build/`: a layer may be wanted for two versions of Python, and for two
#: architectures.
KEPT = 4

LayerName = Literal["dependencies", "storage", "media"]


class RuntimeUnknown(Exception):
    """This interpreter's version is none of Lambda's."""


@dataclass(frozen=True)
class Asset:
    """A directory to zip, and the hash of what it was made from: the same on every machine."""

    path: Path
    digest: str


def code() -> Asset:
    """The package `mediajobs` with its byte-code; RuntimeUnknown if Lambda has no such Python."""
    sources = sorted(
        path
        for path in PACKAGE.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.relative_to(PACKAGE).parts[0] not in NOT_DEPLOYED
    )

    def fill(target: Path) -> None:
        for source in sources:
            copy = target / source.relative_to(PACKAGE.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
        _compile(target, "/var/task")

    inputs = (
        part for path in sources for part in (str(path.relative_to(PACKAGE)).encode(), path.read_bytes())
    )
    return _kept("code", inputs, fill)


def layer(name: LayerName, architecture: Architecture, minor: int = MINOR) -> Asset:
    """A layer of the locked packages, for Lambda's platform; fetches them the first time."""
    glibc = "manylinux_2_28" if name == "media" else "manylinux2014"
    platform = f"{MACHINES[architecture]}-{glibc}"

    def fill(target: Path) -> None:
        packages = target / "python"
        _install(name, platform, minor, packages)
        if name == "dependencies":
            _trim_botocore(packages / "botocore")
        if minor == MINOR:
            _compile(packages, "/opt/python")

    return _kept(f"layer-{name}", (LOCK.read_bytes(), platform.encode(), bytes([minor])), fill)


def empty_layer(name: LayerName) -> Asset:
    """A layer without packages, for handlers that run on this machine's own."""

    def fill(target: Path) -> None:
        (target / "python").mkdir(parents=True)
        (target / "python" / "README").write_text(f"The {name} packages are those of this machine.\n")

    return _kept(f"empty-{name}", (), fill)


def _kept(name: str, inputs: Iterable[bytes], fill: Callable[[Path], None]) -> Asset:
    """The directory filled from these inputs by this recipe, from the last time if nothing changed."""
    if MINOR not in MINORS:
        raise RuntimeUnknown(
            f"Lambda has no {RUNTIME}; use one of " + ", ".join(f"3.{minor}" for minor in MINORS)
        )
    digest = hashlib.sha256()
    for part in (RUNTIME.encode(), name.encode(), Path(__file__).read_bytes(), *inputs):
        digest.update(hashlib.sha256(part).digest())
    key = digest.hexdigest()
    path = BUILD / f"{name}-{key[:16]}"
    if path.exists():
        os.utime(path)
    else:
        BUILD.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILD, prefix="unfinished-") as directory:
            filled = Path(directory) / name
            filled.mkdir()
            fill(filled)
            # Another process may have been first.
            with suppress(OSError):
                filled.rename(path)
        if not path.is_dir():
            raise NotADirectoryError(path)
        _prune(name)
    return Asset(path, key)


def _prune(name: str) -> None:
    """Remove all assets of a name but those that were made or used last."""
    kept = [path for path in BUILD.iterdir() if path.name.rpartition("-")[0] == name]
    for old in sorted(kept, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        # Moved first: nobody shall find half of one. Another process may have been quicker.
        with tempfile.TemporaryDirectory(dir=BUILD, prefix="unfinished-") as bin_, suppress(OSError):
            old.rename(Path(bin_) / name)


def _install(name: LayerName, platform: str, minor: int, target: Path) -> None:
    uv = str(Path(sys.executable).parent / "uv")
    what = (
        ["--no-default-groups", *(f"--no-emit-package={package}" for package in NOT_INSTALLED)]
        if name == "dependencies"
        else [f"--only-group={name}"]
    )
    target.mkdir(parents=True)
    requirements = target / "requirements.txt"
    subprocess.run(
        [uv, "export", "--quiet", "--frozen", "--no-emit-project", *what, f"--output-file={requirements}"],
        cwd=ROOT,
        check=True,
    )
    subprocess.run(
        [
            # Linked files would be those of the cache and of `.venv`, and some are changed here.
            *(uv, "pip", "install", "--quiet", "--link-mode=copy"),
            *("--require-hashes", "--no-deps", "--only-binary=:all:"),
            *(f"--target={target}", f"--python-platform={platform}", f"--python-version=3.{minor}"),
            f"--requirements={requirements}",
        ],
        cwd=ROOT,
        check=True,
    )
    requirements.unlink()
    shutil.rmtree(target / "bin", ignore_errors=True)


def _trim_botocore(botocore: Path) -> None:
    """Leave what our services need: reading the rest is a fifth of an endpoint's cold start."""
    data = botocore / "data"
    prefixes = set()
    for service in sorted(path for path in data.iterdir() if path.is_dir()):
        if service.name not in SERVICES:
            shutil.rmtree(service)
            continue
        for packed in service.glob("*/service-2.json.gz"):
            model = _without_documentation(json.loads(gzip.decompress(packed.read_bytes())))
            prefixes.add(model["metadata"]["endpointPrefix"])
            packed.with_suffix("").write_text(json.dumps(model, separators=(",", ":")))
            packed.unlink()
    endpoints = json.loads((data / "endpoints.json").read_text())
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in prefixes}
    (data / "endpoints.json").write_text(json.dumps(endpoints, separators=(",", ":")))


def _without_documentation(part: Any) -> Any:
    match part:
        case dict():
            # A member may bear that name, too; then it is no text.
            return {
                name: _without_documentation(value)
                for name, value in part.items()
                if name != "documentation" or not isinstance(value, str)
            }
        case list():
            return [_without_documentation(value) for value in part]
    return part


def _compile(target: Path, deployed: str) -> None:
    """Byte-code that is used as it is: Lambda's file times would make any other kind stale."""
    if not compileall.compile_dir(
        target,
        quiet=2,
        stripdir=str(target),
        prependdir=deployed,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    ):
        raise SyntaxError(f"something in {target} does not compile")
