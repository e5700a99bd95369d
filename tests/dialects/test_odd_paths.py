"""Paths as clients write them, past the front door: the deployed routes and functions put them right."""

import itertools
import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from infra.local.emulator import ROOT
from tests.e2e.door import call
from tests.stack import RunningStack

#: What is odd about a path, in turn.
ODDITIES: tuple[Callable[[str], str], ...] = (
    lambda path: f"{path}/",
    lambda path: f"/{path}",
    lambda path: path.upper() if "{" not in path else f"{path}//",
)
PARAMETERS = {"company_id": "1", "api": "enhance", "kind": "speech"}
#: Answered without a key.
OPEN = {"POST /v1/auth/token", "POST /v1/oauth2/token", "POST /v1/oauth2/access_token"}


def _routes() -> list[str]:
    """The keys of the dialects' routes in the templates that were deployed."""
    found = [
        each["Properties"]["RouteKey"]
        for file in sorted((ROOT / ".mediajobs/assembly").rglob("*.template.json"))
        for each in json.loads(file.read_text())["Resources"].values()
        if each["Type"] == "AWS::ApiGatewayV2::Route"
    ]
    vendors = re.compile(r"\w+ /(media|v1|api|job_bundle)\b")
    return sorted({key for key in found if vendors.match(key)})


@pytest.mark.timeout(600)
def test_every_vendor_s_path_is_found_however_it_is_written(stack: RunningStack) -> None:
    (api,) = stack.client("apigatewayv2").get_apis()["Items"]
    past_the_door = f"/_aws/execute-api/{api['ApiId']}/$default"
    routes = _routes()
    assert len(routes) > 50
    for key, oddity in zip(routes, itertools.cycle(ODDITIES)):
        method, _, path = key.partition(" ")
        written = re.sub(r"\{(\w+)\}", lambda name: PARAMETERS.get(name[1], "x"), oddity(path))
        answer = call(stack.endpoint_url, method, past_the_door + written, "{}" if method != "GET" else None)
        is_open = key in OPEN or re.search("presets|codecs", path)
        assert answer.status in ((200, 400, 401, 403, 404) if is_open else (401, 403)), (key, written)
        assert answer.body != b'{"message":"Not Found"}', (key, written)
        assert "x-request-id" in answer.headers, (key, written)
    assert urlsplit(stack.endpoint_url).port != urlsplit(stack.url).port
