"""Organizations and their admin keys, made by the deployed stack's own rules."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from infra.local.emulator import CREDENTIALS, ROOT, client

#: Jobs that may run at once in each region.
CAPACITY = 4


def make(endpoint_url: str, home_region: str, regions: Sequence[str]) -> dict[str, str]:
    """A new organization with a pool in each region: its `organization_id` and `api_key`."""
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **_variables(endpoint_url, home_region),
        **CREDENTIALS,
        "AWS_REGION": home_region,
        "AWS_ENDPOINT_URL": endpoint_url,
        "PYTHONPATH": f"{ROOT / 'functions'}{os.pathsep}{ROOT}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "infra.local.account", *regions],
        env=variables,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    made: dict[str, str] = json.loads(done.stdout)
    return made


def _variables(endpoint_url: str, region: str) -> dict[str, str]:
    """What the functions of the home region know of their deployment."""
    variables: dict[str, str] = {}
    with closing(client(endpoint_url, "lambda", region)) as functions:
        for page in functions.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                found: Mapping[str, Any] = function.get("Environment", {}).get("Variables", {})
                variables.update(found)
    return variables


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, at once and whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(path)


if __name__ == "__main__":
    from mediajobs.bootstrap import Bootstrap, bootstrap
    from mediajobs.errors import Conflict

    def new(number: int) -> Bootstrap:
        """The first one is called `local`; names are unique."""
        try:
            return bootstrap("local" if number == 1 else f"local {number}", CAPACITY, sys.argv[1:])
        except Conflict:
            return new(number + 1)

    made = new(1)
    print(json.dumps({"organization_id": made.organization_id, "api_key": made.api_key}))
