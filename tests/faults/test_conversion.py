"""MediaConvert's functions die, or are not answered, at every call they make, and are asked again."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from mediajobs import aws
from mediajobs.errors import RunLost
from mediajobs.store import job as jobs
from mediajobs.tools.tool import Result
from tests.faults.injector import Crash, Injector, Mode
from tests.moto_account import REGION
from tests.world import World, tool

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

_MODES = [mode for mode in Mode if mode.is_heard]
_TRANSCODE = {
    "tool": "media:transcode",
    "parameters": {"engine": "mediaconvert", "renditions": [{"preset": "h264-720p", "output": "out.mp4"}]},
}


def _turn(acme: World) -> dict[str, Any]:
    """A job whose transcode has its turn: what the state machine says of that."""

    def film(run: Any, _: Any) -> Result:
        (run.directory / "film.mov").write_bytes(b"x")
        return Result(files=[run.save(run.directory / "film.mov", "film.mov")])

    acme.tools["test:film"] = tool(film)
    job_id = acme.call("POST", "/jobs", {"tasks": [{"tool": "test:film"}, _TRANSCODE]}).body["id"]
    while acme.deliver():
        pass
    assert acme.work({**acme.step(f"{job_id}-1-1"), "worker": "media"}) is None
    return acme.step(f"{job_id}-1-1")


def _encode(begun: dict[str, Any]) -> None:
    user = begun["request"]["UserMetadata"]
    key = f"jobs/{user['organization']}/{user['job']}/{user['attempt']}/{user['task']}/{user['run']}/out.mp4"
    aws.media_client(REGION).put_object(Bucket="workspace", Key=key, Body=b"y")


def _hit(injector: Injector, plan: dict[int, Mode], call: Callable[[], Any]) -> int:
    """One invocation with these faults; how many calls it has made."""
    injector.reset(plan)
    with injector.process("convert"), suppress(Crash, BotoCoreError, ClientError, RunLost):
        call()
    made = len(injector.calls)
    injector.reset()
    return made


def _everywhere(injector: Injector, turn: Callable[[], Callable[[], Any]]) -> Iterator[None]:
    """Each call of an invocation, failing in each way; `turn` prepares the next invocation."""
    for mode in _MODES:
        for number in range(_hit(injector, {}, turn())):
            _hit(injector, {number: mode}, turn())
            yield


def test_a_task_is_begun_wherever_the_function_dies(acme: World, injector: Injector) -> None:
    steps: list[dict[str, Any]] = []

    def turn() -> Callable[[], Any]:
        for step in steps:
            acme.call("POST", f"/jobs/{step['job']}/cancel")
            job = jobs.find(acme.organization, step["job"])
            told = {"organization": acme.organization, "job": step["job"], "run": job and job.run}
            acme.follow({"detail": {"status": "CANCELED", "userMetadata": told}})
        steps[:] = [_turn(acme)]
        return lambda: acme.convert(steps[0])

    cases = 0
    for _ in _everywhere(injector, turn):
        (step,) = steps
        begun = acme.convert(step)
        _encode(begun)
        acme.convert({**step, "conversion": begun, "converted": {}})
        assert acme.job(step["job"])["status"] == "Success"
        assert acme.pool().holders == frozenset()
        cases += 1
    assert cases >= 4 * len(_MODES)


def test_a_result_is_written_once_wherever_the_function_dies(acme: World, injector: Injector) -> None:
    after: list[dict[str, Any]] = []

    def turn() -> Callable[[], Any]:
        step = _turn(acme)
        begun = acme.convert(step)
        _encode(begun)
        after[:] = [{**step, "conversion": begun, "converted": {}}]
        return lambda: acme.convert(after[0])

    cases = 0
    for _ in _everywhere(injector, turn):
        acme.convert(after[0])
        job = acme.job(after[0]["job"])
        assert job["status"] == "Success"
        assert [file["name"] for file in job["tasks"][1]["files"]] == ["out.mp4"]
        assert acme.pool().holders == frozenset()
        cases += 1
    assert cases >= 4 * len(_MODES)


def test_a_slot_comes_back_wherever_the_function_dies_that_hears_of_the_end(
    acme: World, injector: Injector
) -> None:
    told: list[dict[str, Any]] = []

    def turn() -> Callable[[], Any]:
        step = _turn(acme)
        begun = acme.convert(step)
        _encode(begun)
        acme.call("POST", f"/jobs/{step['job']}/cancel")
        user = begun["request"]["UserMetadata"]
        told[:] = [{"detail": {"status": "CANCELED", "userMetadata": user}}]
        return lambda: acme.follow(told[0])

    cases = 0
    for _ in _everywhere(injector, turn):
        acme.follow(told[0])
        assert acme.pool().holders == frozenset()
        user = told[0]["detail"]["userMetadata"]
        folder = f"jobs/{user['organization']}/{user['job']}/1/1/"
        listed = aws.media_client(REGION).list_objects_v2(Bucket="workspace", Prefix=folder)
        assert listed["KeyCount"] == 0
        cases += 1
    assert cases >= 3 * len(_MODES)
