"""What the meter of cold starts asks each endpoint."""

from types import SimpleNamespace
from typing import Any

import pytest

from infra.meter.cold_start import _event
from mediajobs.routes import ROUTES, Route


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_asked_for_by_a_path_that_leads_to_it(route: Route) -> None:
    local: Any = SimpleNamespace(regions=["eu-west-1"], api_key="key")
    event = _event(route, local, "0190b5a2-1f4e-7c3b-9a58-3d2f4c5b6a79", {"tasks": []})
    assert route.match(event["rawPath"].split("/")[1:]) == event["pathParameters"]
