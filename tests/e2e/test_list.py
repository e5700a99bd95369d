"""Lists of jobs over HTTP, and what spares a caller to ask again and again."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.e2e import task
from tests.e2e.bucket import Bucket
from tests.e2e.conftest import CAPACITY
from tests.e2e.door import Answer, call
from tests.stack import RunningStack


@pytest.fixture(scope="module")
def tag() -> str:
    """What only the jobs of this module have."""
    return f"list-{uuid4()}"


@pytest.fixture(scope="module")
def waiting(stack: RunningStack, tag: str) -> Iterator[list[dict[str, Any]]]:
    """Three jobs that wait, in the order of their submission; the second is cancelled."""
    stack.call("PUT", f"/pools/{stack.home_region}", {"capacity": 0})
    source = Bucket(stack).put("list/one & two.mp4", b"tiny")
    jobs = [
        stack.submit(task.get(source), tags=[tag, name], priority=priority, user_data=f"order {name}")
        for name, priority in (("a", 30), ("b", 10), ("c", 20))
    ]
    stack.call("POST", f"/jobs/{jobs[1]['id']}/cancel")
    yield jobs
    for job in jobs:
        call(stack.url, "POST", f"/jobs/{job['id']}/cancel", key=stack.api_key)
    stack.call("PUT", f"/pools/{stack.home_region}", {"capacity": CAPACITY})


@pytest.fixture
def get(stack: RunningStack) -> Callable[..., Answer]:
    """Asks with our admin key."""

    def ask(path: str, **headers: str) -> Answer:
        return call(stack.url, "GET", path, key=stack.api_key, headers=headers)

    return ask


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "cba"),
        ("&direction=asc", "abc"),
        ("&status=Pending", "ca"),
        ("&status=Pending,Cancelled&sort=priority", "acb"),
        ("&sort=priority&direction=asc", "bca"),
        ("&status=Running", ""),
        ("&user_data=order%20b", "b"),
        ("&in_progress=true", "b"),
        ("&tool=storage:get&region=aws:eu-west-1&input_name=ONE%20_", "cba"),
        ("&tool=media:probe", ""),
        ("&submitted_after=2999-01-01T00:00:00Z", ""),
    ],
)
def test_a_list_is_filtered_and_sorted(
    get: Callable[..., Answer], tag: str, waiting: list[dict[str, Any]], query: str, names: str
) -> None:
    found = get(f"/jobs?tag={tag}{query}")
    assert found.status == 200, found.body
    assert "".join(row["tags"][1] for row in found.json["jobs"]) == names


def test_times_bound_a_list_and_both_ends_count(
    get: Callable[..., Answer], tag: str, waiting: list[dict[str, Any]]
) -> None:
    first, last = waiting[0]["submitted"], waiting[1]["submitted"]
    found = get(f"/jobs?tag={tag}&submitted_after={quote(first)}&submitted_before={quote(last)}")
    assert [row["tags"][1] for row in found.json["jobs"]] == ["b", "a"]


@pytest.mark.parametrize(("sort", "names"), [("submitted", "cba"), ("priority", "acb")])
def test_the_links_of_pages_lead_through_the_whole_list(
    get: Callable[..., Answer], tag: str, waiting: list[dict[str, Any]], sort: str, names: str
) -> None:
    seen, path = "", f"/jobs?tag={tag}&sort={sort}&limit=1"
    while path:
        page = get(path)
        assert page.status == 200, page.body
        seen += "".join(row["tags"][1] for row in page.json["jobs"])
        path = page.headers.get("link", "")[1:].partition(">")[0]
        assert bool(path) is (page.json["next_token"] is not None)
    assert seen == names


def test_a_known_state_is_not_sent_again(get: Callable[..., Answer], waiting: list[dict[str, Any]]) -> None:
    path = f"/jobs/{waiting[0]['id']}"
    first = get(path)
    assert first.json["queue_position"] == 0
    again = get(path, **{"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert get(path, **{"If-None-Match": '"another"'}).status == 200


def test_a_wait_ends_with_the_change_that_it_waits_for(
    stack: RunningStack, get: Callable[..., Answer], waiting: list[dict[str, Any]]
) -> None:
    path = f"/jobs/{waiting[2]['id']}"
    etag = get(path).headers["etag"]
    begin = time.monotonic()
    with ThreadPoolExecutor(1) as thread:
        later = thread.submit(get, path, **{"If-None-Match": etag, "Prefer": "wait=25"})
        time.sleep(1.5)
        stack.call("POST", f"{path}/cancel")
        answer = later.result()
    assert (answer.status, answer.json["status"]) == (200, "Cancelled")
    assert answer.headers["preference-applied"] == "wait=25"
    assert 1.5 <= time.monotonic() - begin < 20


def test_a_wait_in_which_nothing_changes_ends_in_time(
    get: Callable[..., Answer], waiting: list[dict[str, Any]]
) -> None:
    path = f"/jobs/{waiting[0]['id']}"
    etag = get(path).headers["etag"]
    begin = time.monotonic()
    answer = get(path, **{"If-None-Match": etag, "Prefer": "wait=2"})
    assert answer.status == 304
    assert time.monotonic() - begin >= 2
