"""What jobs have consumed: of one job, and of an organization by month and tag."""

from typing import Any

import pytest
import time_machine

from mediajobs.errors import InvalidMedia, RunLost
from mediajobs.tools.tool import Result, Usage
from tests.world import World, tool


@pytest.fixture
def clock(acme: World) -> Any:
    """A clock that the tool `test:work` moves by a minute; its worker has 512 MB."""
    with time_machine.travel("2026-11-30T23:50:00Z", tick=False) as traveller:

        def work(_run: Any, parameters: Any) -> Result:
            traveller.shift(60)
            if parameters.fail:
                raise InvalidMedia(parameters.fail)
            return Result(usage=Usage(seconds_in=90, seconds_out=180, bytes_in=10**9, bytes_out=5 * 10**8))

        acme.tools["test:work"] = tool(work)
        yield traveller


def _submit(acme: World, *parameters: dict[str, str], tags: tuple[str, ...] = ()) -> str:
    tasks = [{"tool": "test:work", "parameters": each} for each in parameters]
    return str(acme.call("POST", "/jobs", {"tasks": tasks, "tags": list(tags)}).body["id"])


def test_a_job_s_figures_are_the_sum_of_its_tasks(acme: World, clock: Any) -> None:
    job_id = _submit(acme, {}, {})
    assert acme.call("GET", f"/jobs/{job_id}/metrics").status == 409
    acme.settle_down()
    answer = acme.call("GET", f"/jobs/{job_id}/metrics")
    assert answer.body == {
        "id": job_id,
        "cus": 1.0,
        "video_minutes_in": 3.0,
        "video_minutes_out": 6.0,
        "gb_in": 2.0,
        "gb_out": 1.0,
        "cost_usd": pytest.approx(60 * 0.0000133334 + 0.0002, abs=1e-6),
    }


def test_a_failed_task_costs_its_worker_s_time(acme: World, clock: Any) -> None:
    job_id = _submit(acme, {}, {"fail": "broken"})
    acme.settle_down()
    figures = acme.call("GET", f"/jobs/{job_id}/metrics").body
    assert (figures["cus"], figures["video_minutes_in"]) == (1.0, 1.5)


def test_the_organization_s_months_add_up_by_tag(acme: World, clock: Any) -> None:
    _submit(acme, {}, tags=("a", "b"))
    _submit(acme, {"fail": "broken"}, tags=("a",))
    cancelled = _submit(acme, {}, tags=("a",))
    acme.call("POST", f"/jobs/{cancelled}/cancel")
    acme.settle_down()
    clock.move_to("2026-12-05T00:00:00Z")
    late = _submit(acme, {}, tags=("a",))
    acme.settle_down()
    acme.call("POST", f"/jobs/{late}/restart")
    acme.settle_down()

    def months(query: str) -> list[tuple[Any, ...]]:
        rows = acme.call("GET", f"/metrics?{query}").body["months"]
        names = ("month", "tag", "jobs", "succeeded", "failed", "cancelled", "cus")
        return [tuple(row[name] for name in names) for row in rows]

    november, december = ("2026-11", None, 3, 1, 1, 1, 1.0), ("2026-12", None, 2, 2, 0, 0, 1.0)
    assert months("first=2026-01&last=2026-12") == [november, december]
    assert months("") == [december]
    assert months("first=2026-11&last=2026-11&tag=b") == [("2026-11", "b", 1, 1, 0, 0, 0.5)]
    assert months("first=2026-11&last=2026-11&tag=a") == [("2026-11", "a", *november[2:])]
    assert months("first=2026-12&last=2026-11") == []
    assert acme.call("GET", "/metrics?first=2026-13").status == 422


def test_work_after_a_cancel_is_counted_when_its_worker_is_gone(acme: World, clock: Any) -> None:
    def cancelled(_run: Any, _parameters: Any) -> Result:
        acme.call("POST", f"/jobs/{job_id}/cancel")
        clock.shift(60)
        raise RunLost("seen by the watch")

    acme.tools["test:work"] = tool(cancelled)
    job_id = _submit(acme, {})
    acme.settle_down()
    assert acme.call("GET", f"/jobs/{job_id}/metrics").body["cus"] == 0.5
    (month,) = acme.call("GET", "/metrics").body["months"]
    assert (month["cus"], month["jobs"], month["cancelled"]) == (0.5, 1, 1)
