"""Every Lambda has a sample event at its own path, and takes it as it is."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from infra.config import Config
from mediajobs.errors import RunLost
from mediajobs.routes import DIALECTS
from tests.world import Context, World

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "functions/mediajobs"


#: What their samples name in the body, an invitation, a bucket and a template, is none of this world's.
NAMING = {"api/join_organization", "api/create_trigger"}


def _lambdas() -> set[str]:
    own = {
        str(file.relative_to(PACKAGE).with_suffix(""))
        for file in PACKAGE.glob("*/*.py")
        if "handler" in vars(import_module(f"mediajobs.{file.parent.name}.{file.stem}"))
    }
    spoken = Config.of_stage("prod").dialects
    vendors = {f"dialects/{name}/{route.endpoint}" for name in spoken for route in DIALECTS[name]}
    return {*own, *vendors, "fallback"}


def _handler(name: str) -> Any:
    if not name.startswith("dialects/"):
        return import_module("mediajobs." + name.replace("/", ".")).handler
    _, dialect, endpoint = name.split("/")
    return getattr(import_module(f"mediajobs.dialects.{dialect}.endpoints"), endpoint)


def _samples() -> set[str]:
    root = ROOT / "events"
    return {str(file.relative_to(root).with_suffix("")) for file in root.rglob("*.json")}


def test_there_is_one_sample_for_each_lambda_and_no_other() -> None:
    assert _samples() == _lambdas()


@pytest.mark.parametrize("name", sorted(_samples()))
def test_a_lambda_takes_its_sample(acme: World, name: str) -> None:
    event = json.loads((ROOT / f"events/{name}.json").read_text())
    if name.startswith(("api/", "dialects/")):
        event["headers"]["authorization"] = f"Bearer {acme.key}"
    handler = _handler(name)
    if name in ("worker/media", "worker/storage", "reactions/convert"):
        # The sample's job is none of this world's: there is no task to take.
        with pytest.raises(RunLost):
            handler(event, Context())
        return
    answer = handler(event, Context())
    if name.startswith("api/"):
        assert answer["statusCode"] in ((422,) if name in NAMING else (200, 201, 204, 404))
    if name.startswith("dialects/"):
        assert answer["statusCode"] < 500
    if name == "fallback":
        assert answer["statusCode"] == 200
    if name == "worker/inspect":
        assert [check["ok"] for check in answer["checks"]] == [False, True]
    if name == "reactions/settle":
        assert answer == {"next": "stop", "pause": 0}
    if name == "reactions/dispatch":
        assert answer == {"batchItemFailures": []}
