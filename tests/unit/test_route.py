"""Who may call which route: asked of every one of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from mediajobs.api_key import ApiKey
from mediajobs.organization import Role
from mediajobs.routes import ROUTES
from tests.world import World, world


def _paths() -> list[Any]:
    example = {
        "id": "0190b5a2-1f4e-7c3b-9a58-3d2f4c5b6a79",
        "index": "0",
        "region": "eu-central-1",
        "name": "x",
        "secret": "x",
        "template": "x",
        "delivery": "x",
        "work": "0190b5a2-1f4e-7c3b-9a58-3d2f4c5b6a79.1.0.4fJ0pQz81xYb",
    }
    return [
        pytest.param(route, route.path.format(**example), id=f"{route.method} {route.path}")
        for route in ROUTES
    ]


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """One world for what is asked of every route."""
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def keys(shared: World) -> dict[Role, str]:
    """A key of each role."""
    return {role: shared.key_of(role) for role in Role}


@pytest.mark.parametrize(("route", "path"), _paths())
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer mj_short",
        "api-key " + ApiKey.new().text,
        "x" * 10_000,
    ],
    ids=["none", "no key", "empty", "basic", "malformed", "unknown", "huge"],
)
def test_a_route_with_a_role_needs_a_valid_key(shared: World, route: Any, path: str, header: str) -> None:
    answer = shared.call(route.method, path, headers={"authorization": header})
    if route.role is None:
        assert answer.status != 401
    else:
        assert answer.status == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("route", "path"), _paths())
@pytest.mark.parametrize("role", list(Role))
def test_a_route_is_closed_to_every_role_below_its_own(
    shared: World, keys: dict[Role, str], route: Any, path: str, role: Role
) -> None:
    answer = shared.call(route.method, path, key=keys[role])
    allowed = route.role is None or role.allows(route.role)
    assert (answer.status == 403) is not allowed
