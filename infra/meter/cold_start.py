"""What a cold start of each endpoint takes, in instructions: a figure that a busy machine does not change.

A fresh process with the function's own variables imports the handler from the deployed code and layer (their
byte-code included) and answers one request, against the tables of the running stack. Instructions are counted
by valgrind, or by perf where there is no valgrind.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from infra import asset
from infra.config import Config
from infra.local.emulator import CREDENTIALS, client
from infra.local.host import STAGE
from infra.local.stack import Local
from infra.meter import first_invocation
from infra.name import Names
from mediajobs.routes import ROUTES, Route

Counter = Literal["valgrind", "perf"]

_CACHEGRIND = re.compile(r"I\s+refs:\s+([\d,]+)")
_PERF = re.compile(r"^(\d+),*.*instructions", re.MULTILINE)


class CountFailed(Exception):
    """The handler did not get as far as an answer; the message has its output."""


@dataclass(frozen=True)
class ColdStart:
    """One endpoint's first invocation; `instructions` is None where nothing can count them."""

    endpoint: str
    status: int
    modules: int
    instructions: int | None


@dataclass(frozen=True)
class Size:
    """Bytes of what an API function is made of, without byte-code."""

    code: int
    layer: int


def counter() -> Counter | None:
    """What counts instructions on this machine."""
    if shutil.which("valgrind"):
        return "valgrind"
    if perf := shutil.which("perf"):
        command = [perf, "stat", "-x,", "-e", "instructions:u", sys.executable, "-V"]
        probe = subprocess.run(command, capture_output=True, text=True, check=False)
        if _PERF.search(probe.stderr):
            return "perf"
    return None


def measure(local: Local, job_id: str, body: Mapping[str, Any]) -> list[ColdStart]:
    """The cold start of every endpoint, asked for this job or given this body. Raises CountFailed."""
    how = counter()
    names = Names(Config.of_stage(STAGE), CREDENTIALS["AWS_ACCESS_KEY_ID"], "aws")
    path = os.pathsep.join(
        str(part) for part in (asset.code().path, asset.layer("dependencies", _machine()).path / "python")
    )

    def one(route: Route) -> ColdStart:
        function = client(local.endpoint_url, "lambda", local.home_region).get_function_configuration(
            FunctionName=names.function(f"api.{route.endpoint}")
        )
        variables = {
            **function["Environment"]["Variables"],
            **_environment(local, function),
            "PYTHONPATH": path,
        }
        return _run(route, function["Handler"], _event(route, local, job_id, body), variables, how)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, ROUTES))


def size() -> Size:
    """The size of the API's code and layer as deployed."""
    config = Config.of_stage(STAGE)
    return Size(_bytes(asset.code().path), _bytes(asset.layer("dependencies", config.architecture).path))


def _bytes(directory: Path) -> int:
    return sum(
        file.stat().st_size for file in directory.rglob("*") if file.is_file() and file.suffix != ".pyc"
    )


def _machine() -> asset.Architecture:
    return "arm64" if os.uname().machine == "aarch64" else "x86_64"


def _environment(local: Local, function: Mapping[str, Any]) -> dict[str, str]:
    return {
        **CREDENTIALS,
        "AWS_SESSION_TOKEN": "client",
        "AWS_REGION": local.home_region,
        "AWS_DEFAULT_REGION": local.home_region,
        "AWS_ENDPOINT_URL": local.endpoint_url,
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function['Runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": function["FunctionName"],
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function["MemorySize"]),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function['FunctionName']}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "cold-start",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "PATH": os.environ["PATH"],
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONHASHSEED": "0",
        # Lambda's own directories are read-only.
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _event(route: Route, local: Local, job_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The request as API Gateway gives it to the function."""
    known = {"id": job_id, "index": "0", "region": local.regions[0], "name": "storage:get"}
    wanted = {name: known.get(name, "none") for name in route.match(route.path.split("/")[1:]) or ()}
    path = route.path.format(**wanted)
    sent = {"submit_job": body, "put_pool": {"capacity": 4}}.get(route.endpoint)
    return {
        "version": "2.0",
        "routeKey": f"{route.method} {route.path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "authorization": f"Bearer {local.api_key}",
            "content-type": "application/json",
            "host": "localhost",
        },
        "requestContext": {
            "http": {"method": route.method, "path": path, "sourceIp": "127.0.0.1", "userAgent": "meter"},
            "requestId": "cold-start",
            "routeKey": f"{route.method} {route.path}",
            "stage": "$default",
        },
        "pathParameters": wanted,
        **({"body": json.dumps(sent)} if sent is not None else {}),
        "isBase64Encoded": False,
    }


def _run(
    route: Route,
    handler: str,
    event: Mapping[str, Any],
    variables: Mapping[str, str],
    how: Counter | None,
) -> ColdStart:
    done = subprocess.run(
        # Not the virtual environment's interpreter, whose packages would be found too.
        [*_counting(how), sys._base_executable, "-S", "-P", first_invocation.__file__, handler],  # type: ignore[attr-defined]
        input=json.dumps(event),
        env=dict(variables),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise CountFailed(f"{route.endpoint}: {done.stdout}{done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    if answer["status"] >= 500:
        raise CountFailed(f"{route.endpoint} answered {answer['status']}: {done.stdout}")
    return ColdStart(route.endpoint, answer["status"], answer["modules"], _instructions(how, done.stderr))


def _counting(how: Counter | None) -> Sequence[str]:
    match how:
        case "valgrind":
            # Without address randomization the count is the same each time.
            return [
                *(["setarch", "-R"] if shutil.which("setarch") else []),
                "valgrind",
                "--tool=cachegrind",
                "--cache-sim=no",
                "--cachegrind-out-file=/dev/null",
            ]
        case "perf":
            return ["perf", "stat", "-x,", "-e", "instructions:u", "--"]
    return []


def _instructions(how: Counter | None, output: str) -> int | None:
    found = _CACHEGRIND.search(output) if how == "valgrind" else _PERF.search(output) if how else None
    return int(found[1].replace(",", "")) if found else None
