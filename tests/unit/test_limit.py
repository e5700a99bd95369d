"""The limits of docs/limits.md: what is just below and at a limit is taken, what is just above is not."""

from typing import Any

import pytest

from mediajobs import entity_tag, page_token
from mediajobs.api import list_bundles, list_events, list_jobs, list_keys, list_templates
from mediajobs.errors import InvalidRequest
from mediajobs.organization import MAX_NAME
from mediajobs.parameter import MAX_TEXT
from mediajobs.request import MAX_DEPTH
from mediajobs.spec import MAX_JOB_SECONDS, MAX_TAGS, MAX_TASK_SECONDS, MAX_TASKS
from mediajobs.store.pool import MAX_CAPACITY, MAX_PRIORITY
from tests.world import World

_TASK = {"tool": "test:nothing"}


def _job(**fields: Any) -> dict[str, Any]:
    return {"tasks": [_TASK], **fields}


def _task(**fields: Any) -> dict[str, Any]:
    return {"tasks": [{**_TASK, **fields}]}


def _retry(**fields: Any) -> dict[str, Any]:
    return _task(retry=fields)


def _around(name: str, limit: int, body: Any) -> list[Any]:
    """A body made of one less than the limit, the limit, and one more."""
    return [
        pytest.param(body(limit + more), 201 if more <= 0 else 422, id=f"{name}: {limit + more}")
        for more in (-1, 0, 1)
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        *_around("tasks", MAX_TASKS, lambda count: {"tasks": [_TASK] * count}),
        *_around("tags", MAX_TAGS, lambda count: _job(tags=[f"t{number}" for number in range(count)])),
        *_around("characters of a tag", 128, lambda length: _job(tags=["x" * length])),
        *_around("characters of user_data", 1024, lambda length: _job(user_data="x" * length)),
        *_around("wide characters of user_data", 1024, lambda length: _job(user_data="🎬" * length)),
        *_around("priority", MAX_PRIORITY, lambda value: _job(priority=value)),
        *_around("deadline", MAX_JOB_SECONDS, lambda value: _job(deadline_seconds=value)),
        *_around("timeout", MAX_TASK_SECONDS, lambda value: _task(timeout_seconds=value)),
        *_around("tries", 5, lambda value: _retry(count=value)),
        *_around("pause", 3600, lambda value: _retry(delay_seconds=value)),
        *_around("codes", 20, lambda count: _retry(on=["WorkerDied"] * count)),
    ],
)
def test_a_job_may_reach_a_limit_and_not_pass_it(acme: World, body: Any, status: int) -> None:
    assert acme.call("POST", "/jobs", body).status == status


@pytest.mark.parametrize(
    "body",
    [
        {"tasks": []},
        _job(tags=[""]),
        _job(priority=-1),
        _job(deadline_seconds=0),
        _task(timeout_seconds=0),
        _retry(count=-1),
        _retry(delay_seconds=-1),
        _job(priority=10**400),
        _job(priority=1e308),
        _job(priority=True),
    ],
)
def test_a_job_may_not_go_below_a_limit_either(acme: World, body: Any) -> None:
    assert acme.call("POST", "/jobs", body).status == 422


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_body_has_so_many_levels(acme: World, more: int) -> None:
    inner = "[" * (MAX_DEPTH + more - 4) + "]" * (MAX_DEPTH + more - 4)
    body = f'{{"tasks": [{{"tool": "test:nothing", "parameters": {{"say": {inner}}}}}]}}'.encode()
    errors = acme.call("POST", "/jobs", body).body["errors"]
    assert (errors[0]["pointer"] == "") is (more > 0)


@pytest.mark.parametrize(
    ("path", "highest"),
    [
        ("/jobs", list_jobs.MAX_PAGE),
        ("/jobs/{id}/events", list_events.MAX_PAGE),
        ("/keys", list_keys.MAX_PAGE),
        ("/bundles", list_bundles.MAX_PAGE),
        ("/templates", list_templates.MAX_PAGE),
    ],
)
def test_a_page_has_1_to_so_many_entries(acme: World, path: str, highest: int) -> None:
    path = path.format(id=acme.submit("test:nothing"))
    for limit, status in ((0, 422), (1, 200), (highest - 1, 200), (highest, 200), (highest + 1, 422)):
        assert acme.call("GET", f"{path}?limit={limit}").status == status, limit
    for odd in ("-1", "1.0", "1e1", "٣", "9" * 5000, "0x1", "", "%201"):
        assert acme.call("GET", f"{path}?limit={odd}").status == 422, odd


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_parameter_has_so_many_characters(acme: World, more: int) -> None:
    answer = acme.call("GET", f"/jobs?tag={'x' * (MAX_TEXT + more)}")
    assert answer.status == (422 if more > 0 else 200)


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_name_has_so_many_characters(acme: World, more: int) -> None:
    answer = acme.call("POST", "/keys", {"user": "é" * (MAX_NAME + more), "role": "VIEW"})
    assert answer.status == (422 if more > 0 else 201)


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_pool_has_so_many_slots_and_priorities(acme: World, more: int) -> None:
    expected = 422 if more > 0 else 200
    for body in (
        {"capacity": MAX_CAPACITY + more},
        {"capacity": 1, "max_priority": MAX_PRIORITY + more},
    ):
        assert acme.call("PUT", "/pools/us-east-1", body).status == expected


@pytest.mark.parametrize(("asked", "seconds"), [(24, 24), (25, 25), (26, 25), (10**9, 25)])
def test_a_wait_is_cut_to_25_seconds(asked: int, seconds: int) -> None:
    assert entity_tag.MAX_WAIT == 25
    assert entity_tag.wanted_wait(f"wait={asked}") == seconds


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_page_token_lasts_a_day(more: int) -> None:
    token = page_token.issue(b"key", "context", 7, 0)
    if more < 0:
        assert page_token.read(b"key", "context", token, page_token.LIFE + more) == 7
    else:
        with pytest.raises(InvalidRequest):
            page_token.read(b"key", "context", token, page_token.LIFE + more)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\x7f", "\u202e", "\ufeff", "🎬", "\uffff", "e\u0301"])
def test_any_character_of_user_data_and_tags_comes_back(acme: World, text: str) -> None:
    made = acme.call("POST", "/jobs", _job(user_data=text, tags=[text]))
    assert made.status == 201
    found = acme.job(made.body["id"])
    assert (found["user_data"], found["tags"]) == (text, [text])


@pytest.mark.parametrize("key", ["", " ", "a ", "é", "\x00", "a\tb", "x" * 256])
def test_an_idempotency_key_is_visible_ascii(acme: World, key: str) -> None:
    assert acme.call("POST", "/jobs", _job(), headers={"idempotency-key": key}).status == 422


@pytest.mark.parametrize(("number", "status"), [("17.0", 201), ("1.7e1", 201), ("17.5", 422), ("1e400", 400)])
def test_a_whole_number_is_one_however_it_is_written(acme: World, number: str, status: int) -> None:
    body = f'{{"tasks": [{{"tool": "test:nothing"}}], "priority": {number}}}'.encode()
    answer = acme.call("POST", "/jobs", body)
    assert answer.status == status
    assert status != 201 or answer.body["priority"] == 17
