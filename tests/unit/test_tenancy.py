"""No organization can tell whether another has something: generated from the routes, so that a new route is
covered or fails."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mediajobs.bootstrap import bootstrap
from mediajobs.parameter import declared
from mediajobs.routes import ROUTES, Named, Route
from mediajobs.store import decision
from mediajobs.store import job as jobs
from mediajobs.store.offer import Offer
from mediajobs.timestamp import now
from mediajobs.tools.tool import Result
from tests.moto_account import table_rows
from tests.world import World, tool, world

SAMPLES = Path(__file__).parents[2] / "events/api"


def _made(acme: World, key: str, path: str, body: Any) -> str:
    answer = acme.call("POST", path, body, key=key)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def _only(acme: World, key: str) -> str:
    (organization,) = acme.call("GET", "/organizations", key=key).body["organizations"]
    return str(organization["id"])


_numbers = count()


def _bundle(acme: World, key: str, shown: str) -> str:
    answer = acme.call("POST", "/bundles", {"name": f"bundle {next(_numbers):06d}"}, key=key)
    assert answer.status == 201, answer.body
    return str(answer.body[shown])


def _template(acme: World, key: str) -> str:
    name = f"template-{next(_numbers):06d}"
    answer = acme.call("PUT", f"/templates/{name}", {"job": {"tasks": [{"tool": "test:nothing"}]}}, key=key)
    assert answer.status == 200, answer.body
    return name


def _secret(acme: World, key: str) -> str:
    name = f"secret-{next(_numbers):06d}"
    assert acme.call("PUT", f"/secrets/{name}", {"value": "word"}, key=key).status == 200
    return name


def _trigger(acme: World, key: str) -> str:
    trigger = {"name": "t", "pattern": {"source": ["shop"]}, "template": _template(acme, key)}
    return _made(acme, key, "/triggers", trigger)


def _pinged(acme: World, key: str) -> str:
    webhook_id = _made(acme, key, "/webhooks", {"url": "https://example.com/"})
    for _ in range(2):
        assert acme.call("POST", f"/webhooks/{webhook_id}/ping", key=key).status == 202
    return f"/webhooks/{webhook_id}/deliveries"


def _told(acme: World, key: str) -> str:
    body = {"tasks": [{"tool": "test:nothing"}], "notify": ["https://example.com/"] * 2}
    job_id = _made(acme, key, "/jobs", body)
    assert acme.call("POST", f"/jobs/{job_id}/cancel", key=key).status == 200
    acme.announce(acme.records())
    return f"/jobs/{job_id}/deliveries"


def _work(acme: World, key: str) -> str:
    """A task in the hands of an outside worker."""
    assert acme.call("PUT", "/pools/eu-central-1", {"capacity": 1000}, key=key).status == 200
    body = {"tasks": [{"tool": "test:nothing", "executor": "outside"}], "priority": 100}
    job_id = _made(acme, key, "/jobs", body)
    (organization,) = [row["pk"]["S"].split("#")[1] for row in table_rows() if job_id in row["pk"]["S"]][:1]
    job = jobs.find(organization, job_id)
    assert job is not None
    job = decision.grant(job, at=now())
    Offer(organization, job_id, 1, 0).put(job, "token")
    answer = acme.call("POST", "/work", key=key)
    assert answer.status == 200, answer.body
    return str(answer.body["work"])


#: Makes a thing with a key and answers its id, by the path of the thing.
THINGS: dict[str, Callable[[World, str], str]] = {
    "/jobs/{id}": lambda acme, key: _made(acme, key, "/jobs", {"tasks": [{"tool": "test:nothing"}]}),
    "/keys/{id}": lambda acme, key: _made(acme, key, "/keys", {"user": "jo", "role": "VIEW"}),
    "/organizations/{id}": _only,
    "/bundles/{id}": lambda acme, key: _bundle(acme, key, "id"),
    "a bundle's name": lambda acme, key: _bundle(acme, key, "name"),
    "/templates/{template}": _template,
    "/secrets/{secret}": _secret,
    "/triggers/{id}": _trigger,
    "/work/{work}": _work,
    "/webhooks/{id}": lambda acme, key: _made(acme, key, "/webhooks", {"url": "https://example.com/"}),
}
#: What these name belongs to the deployment, not to an organization.
PUBLIC = {"/pools/{region}", "/tools/{name}"}
#: Makes or replaces the caller's own thing of that name, whatever others call so.
OWN_NAMES = {"put_template", "put_secret"}
#: Parameters and fields that name a thing, and which.
NAMES: dict[str, str] = {
    "bundle_id": "/bundles/{id}",
    "bundle": "a bundle's name",
    "template_id": "/templates/{template}",
    "template": "/templates/{template}",
}
#: What a list is of.
LISTS = {
    "list_jobs": "/jobs/{id}",
    "list_keys": "/keys/{id}",
    "list_bundles": "/bundles/{id}",
    "list_templates": "/templates/{template}",
}
#: Makes a list of two with a key and answers its path, where a list is of a thing's parts.
PARTS: dict[str, Callable[[World, str], str]] = {
    "list_deliveries": _pinged,
    "list_job_deliveries": _told,
}
#: Tokens of CloudWatch: they go on in the log stream of a job that was found before.
LOGS = {"get_task_logs"}
#: Secrets, of which knowing one is all: tested with the accounts.
SECRETS = {"invitation"}

_NAMING = re.compile(r"(^|_)(id|ids|token|bundle|template|invitation)(_name)?$")
_ROLED = [route for route in ROUTES if route.role is not None]


@dataclass
class Tenants:
    """Two organizations with an ADMIN key each, and the key of a user who is ADMIN in both."""

    world: World
    stranger: str
    stranger_id: str
    both: str


@pytest.fixture(scope="module")
def tenants() -> Iterator[Tenants]:
    with world() as acme:
        acme.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
        other = bootstrap("Other", 1, ["eu-central-1", "us-east-1"])
        both = acme.key_of("ADMIN")
        body = {"user": "jo", "role": "ADMIN", "invitation": True}
        invitation = acme.call("POST", "/keys", body, key=other.api_key).body["api_key"]
        acme.call("POST", "/organizations/join", {"invitation": invitation}, key=both)
        yield Tenants(acme, other.api_key, other.organization_id, both)


def _thing(path: str) -> str:
    """The path up to its first parameter."""
    return path[: path.index("}") + 1]


def _make(acme: World, key: str, thing: str) -> str:
    if thing not in THINGS:
        pytest.fail(f"say in THINGS how {thing} is made, or in PUBLIC that it is everybody's")
    return THINGS[thing](acme, key)


def _path(route: Route, first: str) -> str:
    return route.path.replace(route.path[route.path.index("{") : route.path.index("}") + 1], first).format(
        index="0", id=first, work=first, delivery=first
    )


def _own_path(tenants: Tenants, route: Route) -> str:
    """The route with a thing of the stranger's own."""
    if "{" not in route.path:
        return route.path
    if _thing(route.path) in PUBLIC:
        return route.path.format(region="eu-central-1", name="media:probe")
    return _path(route, _make(tenants.world, tenants.stranger, _thing(route.path)))


def _ready_path(acme: World, key: str, route: Route) -> str:
    """The route with a thing of the key's own, to which it can be done."""
    if "{" not in route.path:
        return route.path
    path = _path(route, _make(acme, key, _thing(route.path)))
    if route.endpoint == "restart_job":
        assert acme.call("POST", path.replace("restart", "cancel"), key=key).status == 200
    return path


def _body(route: Route) -> Any:
    text = json.loads((SAMPLES / f"{route.endpoint}.json").read_text()).get("body")
    body = json.loads(text) if text else None
    if isinstance(body, dict) and "tasks" in body:
        body["tasks"] = [{"tool": "test:nothing"}]
    return body


def _unlike(name: str) -> str:
    """An id of the same form that nothing has."""
    return name[:-1] + ("0" if name[-1] != "0" else "1")


def _endpoint(route: Route) -> Any:
    return import_module(f"mediajobs.api.{route.endpoint}").handler


def _neutral(body: Any) -> str:
    """A body without what differs between any two things."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", json.dumps(body))
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\"number\": \d+|\d+\.\d+", "VALUE", text)


def _rows(organization: str) -> list[dict[str, Any]]:
    return [row for row in table_rows() if organization in row["pk"]["S"]]


def _ids(routes: list[Route]) -> list[Any]:
    return [pytest.param(route, id=f"{route.method} {route.path}") for route in routes]


_WITH_IDS = [
    route
    for route in _ROLED
    if "{" in route.path and _thing(route.path) not in PUBLIC and route.endpoint not in OWN_NAMES
]


@pytest.mark.parametrize("route", _ids(_WITH_IDS))
def test_a_foreign_id_in_a_path_is_answered_like_an_unknown_one(tenants: Tenants, route: Route) -> None:
    acme, thing = tenants.world, _thing(route.path)
    foreign = _make(acme, acme.key, thing)
    before = _rows(acme.organization)
    callers = [(tenants.stranger, "")]
    if route.organization is not Named.NOWHERE:
        # Their own right in our organization does not count where they name the other.
        callers.append((tenants.both, "?organization=Other"))
    for key, query in callers:
        answers = [
            acme.call(route.method, _path(route, name) + query, _body(route), key=key)
            for name in (foreign, _unlike(foreign))
        ]
        assert answers[0].status == 404
        assert answers[0].body == answers[1].body
        assert answers[0].headers == answers[1].headers
    assert _rows(acme.organization) == before


def _parameters() -> list[Any]:
    return [
        pytest.param(route, name, id=f"{route.method} {route.path}?{name}")
        for route in _ROLED
        for name in declared(_endpoint(route).query)
        if _NAMING.search(name)
    ]


@pytest.mark.parametrize(("route", "name"), _parameters())
def test_a_foreign_name_in_a_query_is_answered_like_an_unknown_one(
    tenants: Tenants, route: Route, name: str
) -> None:
    acme, path = tenants.world, _own_path(tenants, route)
    if name == "next_token":
        if route.endpoint in LOGS:
            return
        if route.endpoint in PARTS:
            listed = PARTS[route.endpoint](acme, acme.key)
        elif route.endpoint in LISTS:
            listed = route.path
            for _ in range(2):
                _make(acme, acme.key, LISTS[route.endpoint])
        else:
            pytest.fail(f"say in LISTS or in PARTS what {route.path} lists")
        foreign = acme.call("GET", f"{listed}?limit=1").body["next_token"]
        unknown = foreign[:-4] + "AAAA"
        expected = 422
    else:
        if name not in NAMES:
            pytest.fail(f"say in NAMES what {name} names")
        thing = NAMES[name]
        foreign = _make(acme, acme.key, thing) if _routed(thing) else acme.organization
        unknown = _unlike(foreign)
        expected = 200
    answers = [
        acme.call(route.method, f"{path}?{name}={each}", _body(route), key=tenants.stranger)
        for each in (foreign, unknown)
    ]
    assert answers[0].status == expected
    assert answers[0].body == answers[1].body


def _routed(thing: str) -> bool:
    return any(route.path == thing for route in ROUTES)


def _fields() -> list[Any]:
    return [
        pytest.param(route, name, id=f"{route.method} {route.path} {name}")
        for route in _ROLED
        if (body := _endpoint(route).body) is not None
        for name in body.model.model_fields
        if _NAMING.search(name) and name not in SECRETS
    ]


@pytest.mark.parametrize(("route", "name"), _fields())
def test_a_foreign_name_in_a_body_is_answered_like_an_unknown_one(
    tenants: Tenants, route: Route, name: str
) -> None:
    acme, path = tenants.world, _own_path(tenants, route)
    if name not in NAMES:
        pytest.fail(f"say in NAMES what {name} names")
    foreign = _make(acme, acme.key, NAMES[name])
    answers = [
        acme.call(route.method, path, {**(_body(route) or {}), name: each}, key=tenants.stranger)
        for each in (foreign, _unlike(foreign))
    ]
    assert answers[0].status == 422
    assert answers[0].body == answers[1].body


_IDEMPOTENT = [
    route for route in _ROLED if any(header.name == "idempotency-key" for header in _endpoint(route).reads)
]


@pytest.mark.parametrize("route", _ids(_IDEMPOTENT))
def test_a_foreign_idempotency_key_is_answered_like_a_new_one(tenants: Tenants, route: Route) -> None:
    acme, used = tenants.world, {"idempotency-key": f"used by {route.endpoint}"}
    theirs = acme.call(route.method, _ready_path(acme, acme.key, route), _body(route), headers=used)
    assert theirs.status in (200, 201, 202)
    answers = [
        acme.call(
            route.method,
            _ready_path(acme, tenants.stranger, route),
            _body(route),
            headers=headers,
            key=tenants.stranger,
        )
        for headers in (used, {"idempotency-key": f"new to {route.endpoint}"})
    ]
    assert answers[0].status == theirs.status
    assert _neutral(answers[0].body) == _neutral(answers[1].body)
    assert tenants.stranger_id in json.dumps(answers[0].body)


@pytest.mark.parametrize("route", _ids(_ROLED))
def test_a_foreign_organization_is_answered_like_an_unknown_one(tenants: Tenants, route: Route) -> None:
    acme, path = tenants.world, _own_path(tenants, route)
    for by, foreign, unknown in (
        ("organization_id", acme.organization, _unlike(acme.organization)),
        ("organization", "Acme", "Nobody"),
    ):
        answers = [
            acme.call(route.method, f"{path}?{by}={name}", _body(route), key=tenants.stranger)
            for name in (foreign, unknown)
        ]
        assert answers[0].status == 422
        assert [error["pointer"] for error in answers[0].body["errors"]] == [f"/query/{by}"]
        assert answers[0].body == answers[1].body


@pytest.mark.parametrize("route", _ids([each for each in _ROLED if each.organization is not Named.NOWHERE]))
def test_who_is_in_several_organizations_must_name_one(tenants: Tenants, route: Route) -> None:
    acme = tenants.world
    answer = acme.call(route.method, _own_path(tenants, route), _body(route), key=tenants.both)
    assert answer.status == 422
    (error,) = answer.body["errors"]
    assert error["pointer"].endswith("/organization_id")
    assert acme.organization in error["detail"]
    assert tenants.stranger_id in error["detail"]


def test_a_pool_shows_nothing_of_another_organizations_jobs(tenants: Tenants) -> None:
    acme = tenants.world
    before = acme.call("GET", "/pools/us-east-1", key=tenants.stranger).body
    acme.submit("test:nothing", region="us-east-1")
    assert acme.call("GET", "/pools/us-east-1", key=tenants.stranger).body == before
