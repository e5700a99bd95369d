"""Who may call the vendors' paths, and what of others can be seen there: generated from the routes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mediajobs.bootstrap import bootstrap
from mediajobs.organization import Role
from mediajobs.routes import DIALECTS, Route
from mediajobs.tools.tool import Result
from tests.world import World, tool, world

#: What a vendor says to a caller it does not know; Xvid's page has a 403 for that.
UNKNOWN_CALLER = {"castlabs": 401, "dolby": 401, "transparentedge": 401, "xvid": 403}
#: Values for parameters of paths that choose among words instead of naming a thing.
WORDS = {"api": "enhance", "kind": "speech", "task": "1"}
#: The id of a job that nobody has.
UNKNOWN_JOB = "01900000-0000-7000-8000-000000000000"

ROUTES = [route for block in DIALECTS.values() for route in block]
GUARDED = [route for route in ROUTES if route.role is not None]


def _name(route: Route) -> str:
    return f"{route.method} {route.path}"


@dataclass(frozen=True)
class Place:
    """A world with two organizations that both have a job, a bundle and whatever is numbered."""

    world: World
    #: Ours and the other's: number, key and job.
    number: str
    job: str
    foreign_number: str
    foreign_key: str
    foreign_job: str
    #: A key of ours for each role.
    keys: dict[Role, str]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with world() as acme:
        acme.tools["test:nothing"] = tool(lambda run, parameters: Result())
        other = bootstrap("Other", 1, ["eu-central-1"])
        spec = {"tasks": [{"tool": "test:nothing"}]}

        def number(key: str) -> str:
            (found,) = acme.call("GET", "/organizations", key=key).body["organizations"]
            return str(found["number"])

        yield Place(
            acme,
            number(acme.key),
            acme.call("POST", "/jobs", spec).body["id"],
            number(other.api_key),
            other.api_key,
            acme.call("POST", "/jobs", spec, key=other.api_key).body["id"],
            {role: acme.key_of(role) for role in Role},
        )


def _path(route: Route, number: str, thing: str) -> str:
    """The route's path for an organization and a thing; a job that is named in the query is named, too."""
    path = route.path.replace("{company_id}", number)
    for name, word in WORDS.items():
        path = path.replace(f"{{{name}}}", word)
    for name in ("id", "order_id", "profile_id"):
        path = path.replace(f"{{{name}}}", thing)
    assert "{" not in path, "a new parameter of a path: say here what it names"
    return f"{path}?job_id={thing}" if route.dialect == "dolby" else path


def _call(place: Place, route: Route, path: str, key: str | None) -> Any:
    assert route.dialect is not None
    headers = {"authorization": f"Bearer {key}" if key else "", "x-api-key": key or ""}
    body: dict[str, Any] | None = None if route.method in ("GET", "DELETE") else {}
    return place.world.vendor(route.dialect, route.method, path, body, headers=headers)


@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_nobody_is_let_in_without_a_key_or_with_a_wrong_one(place: Place, route: Route) -> None:
    path = _path(route, place.number, place.job)
    key = place.keys[Role.ADMIN]
    for wrong in (None, "nonsense", f"{key[:-1]}{'0' if key[-1] != '0' else '1'}", "mjt_" + "A" * 80):
        answer = _call(place, route, path, wrong)
        assert answer.status == UNKNOWN_CALLER[str(route.dialect)], wrong


@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_only_the_roles_of_a_route_pass(place: Place, route: Route) -> None:
    assert route.role is not None
    path = _path(route, place.number, UNKNOWN_JOB)
    for role, key in place.keys.items():
        answer = _call(place, route, path, key)
        if role.allows(route.role):
            assert answer.status not in (401, 403), (role, answer.body)
        else:
            assert answer.status == 403, (role, answer.body)
            assert "role" in json.dumps(answer.body) or "permit" in json.dumps(answer.body)


@pytest.mark.parametrize(
    "route", [each for each in GUARDED if "{" in each.path or "job_id" in _path(each, "1", "x")], ids=_name
)
def test_what_is_foreign_is_answered_like_what_there_is_not(place: Place, route: Route) -> None:
    key = place.keys[Role.ADMIN]
    foreign = _call(place, route, _path(route, place.number, place.foreign_job), key)
    unknown = _call(place, route, _path(route, place.number, UNKNOWN_JOB), key)
    assert foreign.status == unknown.status
    assert _without(foreign, place.foreign_job) == _without(unknown, UNKNOWN_JOB)


@pytest.mark.parametrize("route", [each for each in GUARDED if "{company_id}" in each.path], ids=_name)
def test_a_foreign_company_is_answered_like_one_that_there_is_not(place: Place, route: Route) -> None:
    key = place.keys[Role.ADMIN]
    foreign = _call(place, route, _path(route, place.foreign_number, place.foreign_job), key)
    unknown = _call(place, route, _path(route, "4711", place.foreign_job), key)
    assert 400 <= foreign.status < 500
    assert (foreign.status, _without(foreign, place.foreign_number)) == (
        unknown.status,
        _without(unknown, "4711"),
    )


@pytest.mark.parametrize("route", [each for each in GUARDED if each.method == "GET"], ids=_name)
def test_no_list_shows_what_another_organization_has(place: Place, route: Route) -> None:
    answer = _call(place, route, _path(route, place.number, place.job), place.keys[Role.ADMIN])
    assert place.foreign_job not in json.dumps(answer.body)


def _without(answer: Any, word: str) -> str:
    return json.dumps(answer.body).replace(word, "…")
