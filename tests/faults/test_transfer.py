"""Files that go to S3 and come from there: every AWS call fails in every way, and it is done again."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from moto.s3 import models

from mediajobs import aws
from mediajobs.errors import TransferFailed
from mediajobs.tools.credential import Location
from mediajobs.transfer import s3
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Meter
from mediajobs.transfer.site import reach
from mediajobs.worker import workspace
from tests.faults.injector import Call, Crash, Injector, Mode
from tests.moto_account import REGION
from tests.tool_run import LocalRun

pytestmark = pytest.mark.timeout(600)

_BODY = b"a film, in parts"
_OLD = b"what was there before"
_KEY = "film.mp4"
_ROLE = {"role_arn": "arn:aws:iam::123456789012:role/theirs"}
_KEYS = {"credentials": {"access_key_id": "AKIATHEIRS", "secret_access_key": "secret"}}


@pytest.fixture(autouse=True)
def theirs(injector: Injector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that takes parts of any size."""
    monkeypatch.setattr(models, "S3_UPLOAD_PART_MIN_SIZE", 1)
    where = {"LocationConstraint": REGION}
    aws.media_client(REGION).create_bucket(Bucket="theirs", CreateBucketConfiguration=where)


def _store(run: LocalRun, who: dict[str, Any]) -> None:
    meter = Meter(run, parts=1)
    meter.begin()
    place = Location.model_validate({"url": f"s3://theirs/{_KEY}", **who})
    source = run.directory / "given"
    source.write_bytes(_BODY)
    with reach(place, meter, Policy()) as site:
        site.put(source, place.full_url, "video/mp4")


def _load(run: LocalRun, who: dict[str, Any]) -> None:
    meter = Meter(run, parts=1)
    meter.begin()
    place = Location.model_validate({"url": f"s3://theirs/{_KEY}", **who})
    with reach(place, meter, Policy()) as site:
        assert site.look(place.full_url).size == len(_OLD)
        site.get(place.full_url, run.directory / "got")
    assert (run.directory / "got").read_bytes() == _OLD


def _there() -> bytes:
    body: bytes = aws.media_client(REGION).get_object(Bucket="theirs", Key=_KEY)["Body"].read()
    return body


def _uploads() -> int:
    return len(aws.media_client(REGION).list_multipart_uploads(Bucket="theirs").get("Uploads", ()))


def _clear() -> None:
    client = aws.media_client(REGION)
    client.put_object(Bucket="theirs", Key=_KEY, Body=_OLD)
    for upload in client.list_multipart_uploads(Bucket="theirs").get("Uploads", ()):
        client.abort_multipart_upload(Bucket="theirs", Key=_KEY, UploadId=upload["UploadId"])


def _may_leave_an_upload(call: Call, mode: Mode) -> bool:
    """One whose id nobody has learnt, and those of the dead: a rule of the bucket removes them."""
    is_unknown = call.operation == "s3.CreateMultipartUpload" and mode in (Mode.LOST_REPLY, Mode.NO_REPLY)
    return is_unknown or mode in (Mode.CRASH_BEFORE, Mode.CRASH_AFTER)


@pytest.mark.parametrize("who", [_ROLE, _KEYS], ids=["role", "keys"])
@pytest.mark.parametrize("part", [5, 100], ids=["in parts", "in one"])
@pytest.mark.parametrize("move", [_store, _load])
def test_a_transfer_whose_call_fails_is_done_or_fails_whole(
    move: Callable[[LocalRun, dict[str, Any]], None],
    part: int,
    who: dict[str, Any],
    injector: Injector,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    total: Callable[[str], None],
) -> None:
    monkeypatch.setattr(s3, "PART", part)
    run = LocalRun(tmp_path)

    def hit(plan: dict[int, Mode]) -> tuple[list[Call], bool]:
        """The calls that it made, and whether it was done."""
        _clear()
        injector.reset(plan)
        is_done = False
        with injector.process("worker.storage"), suppress(Crash, TransferFailed):
            move(run, who)
            is_done = True
        return list(injector.calls), is_done

    calls, is_done = hit({})
    assert is_done
    faults = [(number, mode) for number in range(len(calls)) for mode in Mode if mode is not Mode.CONFLICT]
    for number, mode in faults:
        _, is_done = hit({number: mode})
        assert injector.fired, (calls[number], mode)
        assert is_done or mode.is_heard, (calls[number], mode)
        assert _there() in ((_BODY,) if is_done and move is _store else (_BODY, _OLD)), (calls[number], mode)
        assert not _uploads() or _may_leave_an_upload(calls[number], mode), (calls[number], mode)
        if not is_done:
            move(run, who)
            assert move is _load or _there() == _BODY
    total(f"{move.__name__.strip('_')}: {len(faults)} faults at {len(calls)} calls")


@pytest.mark.parametrize("part", [5, 100], ids=["in parts", "in one"])
def test_a_file_comes_into_the_workspace_and_back_whatever_call_fails(
    part: int, injector: Injector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "_PART", part)
    given, got = tmp_path / "given", tmp_path / "got"
    given.write_bytes(_BODY)

    def hit(plan: dict[int, Mode]) -> int:
        injector.reset(plan)
        with injector.process("worker.media"):
            file = workspace.save(given, "film.mp4", "jobs/a/", lambda: None)
            workspace.load(file, got, lambda: None)
        assert got.read_bytes() == _BODY
        return len(injector.calls)

    for number in range(hit({})):
        for mode in (Mode.THROTTLE, Mode.LOST_REPLY, Mode.REFUSAL, Mode.NO_REPLY):
            hit({number: mode})
            assert injector.fired
