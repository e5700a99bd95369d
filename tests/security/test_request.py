"""What callers send is read or refused, never stumbled over: every route's body, malformed in every way, what
no caller may set, and headers that lie."""
# ruff: noqa: RUF001 -- letters that look alike are the point

import base64
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediajobs.bootstrap import bootstrap
from mediajobs.routes import DIALECTS, ROUTES, Route
from mediajobs.tools.tool import Result
from tests.faults import state
from tests.faults.extent import IS_LONG, many
from tests.moto_account import table_rows
from tests.moto_haste import haste
from tests.security.malformed import CONTENT_TYPES, RAW, at, changed, mutated, places
from tests.unit.test_tenancy import Tenants, _own_path
from tests.world import tool, world

EVENTS = Path(__file__).parents[2] / "events"
EXAMPLES = many(10, 300)

pytestmark = pytest.mark.timeout(1200 if IS_LONG else 120)


def _writing(routes: Any) -> list[Route]:
    return [route for route in routes if route.method not in ("GET", "DELETE")]


OWN = _writing(ROUTES)
VENDORS = [route for block in DIALECTS.values() for route in _writing(block)]


def _name(route: Route) -> str:
    return f"{route.dialect or 'ours'} {route.method} {route.path}"


@pytest.fixture(scope="module")
def tenants() -> Iterator[Tenants]:
    with haste(), world(1000) as acme:
        acme.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
        other = bootstrap("Other", 1, ["eu-central-1", "us-east-1"])
        yield Tenants(acme, other.api_key, other.organization_id, acme.key_of("ADMIN"))


def _event(route: Route) -> dict[str, Any]:
    folder = EVENTS / "dialects" / route.dialect if route.dialect else EVENTS / "api"
    return dict(json.loads((folder / f"{route.endpoint}.json").read_text()))


def _sample(route: Route) -> Any:
    """The body of the route's sample event; what is no JSON as an empty object."""
    event = _event(route)
    text = event.get("body") or "{}"
    if event.get("isBase64Encoded"):
        text = base64.b64decode(text).decode()
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _path(tenants: Tenants, route: Route) -> str:
    """Of the stranger's own things, which may break."""
    if route.dialect is None:
        return _own_path(tenants, route)
    path = route.path.replace("{company_id}", "2")
    for name in ("id", "order_id", "profile_id", "api", "kind", "task"):
        path = path.replace(f"{{{name}}}", {"api": "enhance", "kind": "speech"}.get(name, "1"))
    return path


def _send(tenants: Tenants, route: Route, path: str, body: Any, **headers: str) -> Any:
    if route.dialect is None:
        return tenants.world.call(route.method, path, body, key=tenants.stranger, headers=headers)
    known = {"authorization": f"Bearer {tenants.stranger}", "x-api-key": tenants.stranger}
    return tenants.world.vendor(route.dialect, route.method, path, body, headers={**known, **headers})


def _check(route: Route, answer: Any, sent: Any) -> None:
    assert 200 <= answer.status < 500, (sent, answer.body)
    if answer.status >= 400 and route.dialect is None:
        assert answer.body["type"].startswith("urn:mediajobs:problem:"), sent
    assert "Traceback" not in json.dumps(answer.body)


@pytest.mark.parametrize("route", [*OWN, *VENDORS], ids=_name)
def test_no_bytes_make_an_endpoint_fail(tenants: Tenants, route: Route) -> None:
    sample = json.dumps(_sample(route)).encode()
    step = 1 if IS_LONG else max(1, len(sample) // 4)
    cut = {f"the first {end} bytes": sample[:end] for end in range(1, len(sample), step)}
    path, first = _path(tenants, route), 0 if IS_LONG else len(route.path) % 3
    for number, (what, raw) in enumerate(list((RAW | cut).items())[first :: 1 if IS_LONG else 3]):
        kinds = CONTENT_TYPES if IS_LONG and what in RAW else (CONTENT_TYPES[number % len(CONTENT_TYPES)],)
        for kind in kinds:
            _check(route, _send(tenants, route, path, raw, **{"content-type": kind}), what)


@pytest.mark.parametrize("route", [*OWN, *VENDORS], ids=_name)
def test_no_body_makes_an_endpoint_fail(tenants: Tenants, route: Route) -> None:
    path = _path(tenants, route)
    kept, rows = state.keep(), len(table_rows())

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(mutated(_sample(route)))
    def check(body: Any) -> None:
        raw = json.dumps(body).encode()
        answer = _send(tenants, route, path, raw, **{"content-type": "application/json"})
        _check(route, answer, raw[:2000])
        # The more rows there are, the longer a request takes on moto.
        if len(table_rows()) > rows:
            state.put_back(kept)

    check()


# --- what only the service writes ------------------------------------------------------------------

#: Free-form by their nature: whatever stands in them is the caller's own.
FREE = {"pattern", "data", "headers", "metadata"}
#: What vendors let callers name, too.
NAMES = {"name", "title", "description"}


def _stored() -> set[str]:
    """The name of every attribute of every row."""
    return {name for row in table_rows() for name in row}


def _objects(body: Any) -> list[tuple[Any, ...]]:
    return [path for path in places(body) if isinstance(at(body, path), dict) and not FREE & {*path}]


def _reads_a_body(route: Route) -> bool:
    return (
        route.dialect is not None or import_module(f"mediajobs.api.{route.endpoint}").handler.body is not None
    )


@pytest.mark.parametrize("route", [each for each in [*OWN, *VENDORS] if _reads_a_body(each)], ids=_name)
def test_what_the_service_writes_itself_no_caller_can(tenants: Tenants, route: Route) -> None:
    sample = _sample(route)
    if isinstance(sample, dict) and "tasks" in sample and route.dialect is None:
        sample["tasks"] = [{"tool": "test:nothing"}]
    intruder, url, names = "intruder", _path(tenants, route), _stored()
    assert len(names) > 20
    for path in _objects(sample):
        known = at(sample, path)
        for new in (intruder, 4711, {"S": intruder}):
            body = changed(sample, path, known | dict.fromkeys(names - known.keys(), new))
            answer = _send(tenants, route, url, body, **{"content-type": "application/json"})
            _check(route, answer, path)
            if route.dialect is None:
                # Refused as a whole, each foreign name at its place.
                assert answer.status in (403, 404, 409, 422), (path, answer.body)
            for row in table_rows():
                held = [name for name in names - NAMES if _holds(row.get(name), intruder)]
                assert held == [], (path, row)


def _holds(value: Any, text: str) -> bool:
    return isinstance(value, dict) and value.get("S") == text


# --- headers --------------------------------------------------------------------------------


def _odd(key: str) -> list[str]:
    """Values of Authorization that are not one scheme and the key."""
    plain = base64.b64encode(f"{key}:".encode()).decode()
    return [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "api-key",
        key,
        f"Basic {plain}",
        f"Digest username={key}",
        f"Token {key}",
        f"Bearer:{key}",
        f"Bearer={key}",
        f"Bearer\t{key}",
        f"Bearer {key} {key}",
        f"Bearer {key}, Bearer {key}",
        f"Bearer {key},{key}",
        f'Bearer "{key}"',
        f"Bearer {key[:-1]}",
        f"Bearer {key}0",
        f"Bearer {key.upper()}",
        f"Bearer {key[:8]}\x00{key[8:]}",
        f"Bearer {key}\x00",
        f"Bearer {key[:20]}\r\n{key[20:]}",
        f"Bearer{' ' * 10_000}",
        "Bearer " + "x" * 100_000,
        "Bearer mj_" + "0" * 12 + "_" + "0" * 40,
        "Bearer mjt_",
        "Bearer mjt_" + "A" * 80,
        "Bearer mjt_" + "=" * 80,
        "Bearer mjt_\ud800",
        "Bearer ключ",
        "Bearer １２３",
        "Bearer \ud800",
        "Bearer ../../x",
        "Bearer null",
        "Ｂearer " + key,
        "bearer\u00a0" + key,
        ", ".join([f"Basic {plain}", f"Bearer {key}"]),
    ]


@pytest.mark.parametrize("number", range(37))
def test_no_odd_form_of_authorization_is_let_in(tenants: Tenants, number: int) -> None:
    key = tenants.world.key
    value = _odd(key)[number]
    answer = tenants.world.call("GET", "/jobs", headers={"authorization": value})
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="mediajobs"')
    for dialect, path in (
        ("castlabs", "/api/jobs"),
        ("dolby", "/media/jobs"),
        ("xvid", "/v1/jobs"),
        ("transparentedge", "/v1/media/1/transcode"),
    ):
        answer = tenants.world.vendor(dialect, "GET", path, headers={"authorization": value})
        # What is a vendor's own scheme may let the key in; what is none may not.
        assert answer.status in (401, 403), (dialect, value, answer.body)


def test_every_odd_form_is_tried(tenants: Tenants) -> None:
    assert len(_odd(tenants.world.key)) == 37


HEADERS = {
    "content-encoding": ["gzip", "deflate", "br", "gzip, gzip", "x" * 9000],
    "content-length": ["0", "-1", "99999999999", "x"],
    "transfer-encoding": ["chunked", "identity, chunked"],
    "host": ["", "evil.example", "a b", "x" * 9000, "[::1", "evil.example\r\nx: y", "\ud800", "ключ"],
    "x-forwarded-proto": ["http", "https, http", "javascript"],
    "x-forwarded-for": ["127.0.0.1", "x" * 9000],
    "x-forwarded-host": ["evil.example"],
    "x-http-method-override": ["DELETE", "PUT"],
    "x-original-url": ["/organizations"],
    "idempotency-key": ["", "x" * 256, "x" * 9000, "\x00", "\ud800", "ключ", "a\r\nb", "#", "ORG#x"],
    "if-none-match": ["*", '"', 'W/"', "x" * 9000, "\ud800", '"a", "b"', "\x00"],
    "if-match": ["*", '"', "x" * 9000, "\ud800"],
    "accept": ["", "text/html", "*/*;q=x", "x" * 9000, "\ud800"],
    "accept-encoding": ["gzip;q=0, *", "x" * 9000],
    "cookie": ["organization=x"],
    "x-organization-id": ["x"],
    "x-amz-security-token": ["x"],
}
_VALUES = [
    pytest.param(name, value, id=f"{name}: {value[:20]!r}") for name in HEADERS for value in HEADERS[name]
]


@pytest.mark.parametrize(("name", "value"), _VALUES)
def test_no_header_makes_an_endpoint_fail_or_do_something_else(
    tenants: Tenants, name: str, value: str
) -> None:
    acme = tenants.world
    for method, path, body in (
        ("POST", "/jobs", {"tasks": [{"tool": "test:nothing"}]}),
        ("GET", "/jobs", None),
        ("GET", "/organizations", None),
    ):
        answer = acme.call(method, path, body, headers={name: value})
        expected = {"POST": (201, 422), "GET": (200, 304)}[method]
        assert answer.status in expected, (method, path, answer.body)
        assert not any("\r" in str(each) or "\n" in str(each) for each in answer.headers.values())
        assert "evil" not in str(answer.headers.get("location", ""))
    for dialect, path in (("castlabs", "/api/jobs"), ("xvid", "/v1/jobs"), ("dolby", "/media/jobs")):
        sent = {"authorization": f"Bearer {acme.key}", "x-api-key": acme.key, name: value}
        assert acme.vendor(dialect, "GET", path, headers=sent).status in (200, 406), dialect


@settings(max_examples=300 if IS_LONG else 40, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.one_of(st.sampled_from(["authorization", "x-api-key", *HEADERS]), st.text(max_size=10)),
        st.text(max_size=60),
        max_size=6,
    )
)
def test_no_headers_let_anybody_in(tenants: Tenants, headers: dict[str, str]) -> None:
    lower = {name.lower(): value for name, value in headers.items()}
    answer = tenants.world.call("GET", "/jobs", headers={"authorization": "", **lower})
    assert answer.status == 401


@pytest.mark.parametrize("folder", [[None], {"a": 1}, 7])
def test_a_folder_that_is_no_text_is_refused(tenants: Tenants, folder: Any) -> None:
    parameters = {"location": "sftp://u:p@h.invalid/", "base_dir": folder}
    for tool_name in ("storage:get", "storage:put"):
        job = {"tasks": [{"tool": tool_name, "parameters": parameters}]}
        assert tenants.world.vendor("castlabs", "POST", "/api/jobs", job).status == 400
