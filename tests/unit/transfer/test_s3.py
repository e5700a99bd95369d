"""S3: whose identity reaches which bucket, and objects that appear whole or not at all."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws

from mediajobs import aws
from mediajobs.errors import (
    AccessDenied,
    InvalidParameters,
    LimitExceeded,
    RunLost,
    SourceNotFound,
    TransferFailed,
)
from mediajobs.tools.credential import Location
from mediajobs.transfer import s3
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Limits, Meter
from mediajobs.transfer.site import Look, reach
from tests.tool_run import LocalRun

REGION = "eu-central-1"
BODY = bytes(range(256)) * 1000
LIMITS = Limits()
OWN_KEYS: dict[str, Any] = {
    "credentials": {"access_key_id": "AKIATHEIRS", "secret_access_key": "canary-5eCr3t"}
}
ROLE = "arn:aws:iam::123456789012:role/theirs"


@pytest.fixture
def run(tmp_path: Path) -> LocalRun:
    return LocalRun(tmp_path)


class Cloud:
    """Sees every request, and answers instead of AWS where a test says so."""

    def __init__(self) -> None:
        self.calls: list[AWSPreparedRequest] = []
        self.refusal: tuple[str, str, str, int] | None = None
        events = aws.session().get_component("event_emitter")
        events.register_first("before-send", self._see)
        self.client = aws.media_client(REGION)

    def refuse(self, method: str, needle: str, code: str, status: int) -> None:
        """Let AWS refuse matching calls."""
        self.refusal = method, needle, code, status

    def _see(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        self.calls.append(request)
        if self.refusal is None:
            return None
        method, needle, code, status = self.refusal
        if request.method != method or needle not in request.url:
            return None
        text = f"<Error><Code>{code}</Code><Message>canary-5eCr3t</Message></Error>".encode()
        raw = SimpleNamespace(stream=lambda *_, **__: iter([text]))
        return AWSResponse(request.url, status, {}, raw)


@pytest.fixture(scope="module")
def session() -> Iterator[Cloud]:
    caches = (aws.session, aws.client, aws.media_client)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "AKIAOURS",
            "AWS_SECRET_ACCESS_KEY": "ours",
            "AWS_REGION": REGION,
            "MEDIA_BUCKET": "media",
        }.items():
            patch.setenv(name, value)
        for cache in caches:
            cache.cache_clear()
        yield Cloud()
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
def cloud(session: Cloud) -> Iterator[Cloud]:
    """Empty buckets: `media`, ours, here; `theirs`, elsewhere."""
    with mock_aws(config={"core": {"mock_credentials": False}}):
        for name, region in (("media", REGION), ("theirs", "ap-south-1")):
            aws.media_client(region).create_bucket(
                Bucket=name, CreateBucketConfiguration={"LocationConstraint": region}
            )
        session.calls.clear()
        session.refusal = None
        yield session


def stored(cloud: Cloud, bucket: str, key: str) -> bytes:
    body: bytes = cloud.client.get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def keys(cloud: Cloud, bucket: str) -> list[str]:
    return [entry["Key"] for entry in cloud.client.list_objects_v2(Bucket=bucket).get("Contents", ())]


def signers(calls: Iterable[AWSPreparedRequest]) -> set[str]:
    return {
        call.headers["Authorization"].decode().partition("Credential=")[2].partition("/")[0] for call in calls
    }


def get(run: LocalRun, url: str, *, limits: Limits = LIMITS, **rest: Any) -> bytes:
    meter = Meter(run, parts=1, limits=limits)
    meter.begin()
    place = Location.model_validate({"url": url, **rest})
    target = run.directory / "got"
    with reach(place, meter, Policy()) as site:
        site.get(place.full_url, target)
    return target.read_bytes()


def put(run: LocalRun, url: str, body: bytes = BODY, **rest: Any) -> None:
    meter = Meter(run, parts=1)
    meter.begin()
    place = Location.model_validate({"url": url, **rest})
    source = run.directory / "given"
    source.write_bytes(body)
    with reach(place, meter, Policy()) as site:
        site.put(source, place.full_url, "video/mp4")


def test_an_organization_reaches_its_part_of_the_media_bucket_without_credentials(
    run: LocalRun, cloud: Cloud
) -> None:
    put(run, "s3://media/acme/in/clip one?.mp4")
    assert get(run, "s3://media/acme/in/clip one?.mp4") == BODY
    head = cloud.client.head_object(Bucket="media", Key="acme/in/clip one?.mp4")
    assert head["ContentType"] == "video/mp4"
    assert run.fractions[-1] == 1


def test_an_organization_reaches_its_temporary_part_as_well(run: LocalRun, cloud: Cloud) -> None:
    put(run, "s3://media/temporary/acme/clip.mp4")
    assert get(run, "s3://media/temporary/acme/clip.mp4") == BODY


@pytest.mark.parametrize(
    "url",
    [
        "s3://media/temporary/other/clip.mp4",
        "s3://media/temporary/clip.mp4",
        "s3://media/other/clip.mp4",
        "s3://media/acme2/clip.mp4",
        "s3://media/acme",
        "s3://media/clip.mp4",
        "s3://theirs/acme/clip.mp4",
        "s3://workspace/jobs/acme/clip.mp4",
    ],
)
def test_nothing_else_is_reached_without_credentials_and_the_error_says_the_rule(
    run: LocalRun, cloud: Cloud, url: str
) -> None:
    for move in (get, put):
        with pytest.raises(AccessDenied, match="only s3://media/acme/"):
            move(run, url)
    assert cloud.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "s3://media/acme/../other/clip.mp4",
        "s3://media/acme//clip.mp4",
        "s3://media/acme/./clip.mp4",
        "s3://media/acme/in/..",
        "s3://theirs",
        "s3://theirs/",
        "s3://BAD_bucket/key",
        "s3://arn:aws:s3:::theirs/key",
    ],
)
def test_a_url_that_names_no_plain_object_is_refused(run: LocalRun, cloud: Cloud, url: str) -> None:
    with pytest.raises((InvalidParameters, AccessDenied)):
        get(run, url)
    with pytest.raises(InvalidParameters):
        get(run, url, **OWN_KEYS)


def test_keys_of_the_caller_are_used_in_the_buckets_own_region(run: LocalRun, cloud: Cloud) -> None:
    put(run, "s3://theirs/a/clip.mp4", **OWN_KEYS)
    assert get(run, "s3://theirs/a/clip.mp4", **OWN_KEYS) == BODY
    assert signers(cloud.calls) == {"AKIATHEIRS"}
    assert all("ap-south-1" in call.url for call in cloud.calls if call.method != "HEAD")
    assert stored(cloud, "theirs", "a/clip.mp4") == BODY


def test_keys_of_the_caller_are_used_for_our_own_bucket_too(run: LocalRun, cloud: Cloud) -> None:
    put(run, "s3://media/other/clip.mp4", **OWN_KEYS)
    assert signers(cloud.calls) == {"AKIATHEIRS"}


def test_a_role_is_assumed_for_this_organization_and_this_job(run: LocalRun, cloud: Cloud) -> None:
    put(run, "s3://theirs/a/clip.mp4", role_arn=ROLE)
    assume, *moves = cloud.calls
    body = assume.body if isinstance(assume.body, str) else assume.body.decode()
    assert "ExternalId=acme" in body
    assert f"RoleSessionName=mediajobs-{run.job_id}" in body
    assert signers([assume]) == {"AKIAOURS"}
    assert len(signers(moves) - {"AKIAOURS"}) == len(signers(moves)) == 1
    assert stored(cloud, "theirs", "a/clip.mp4") == BODY


def test_a_missing_object_and_a_missing_bucket_are_named(run: LocalRun, cloud: Cloud) -> None:
    with pytest.raises(SourceNotFound, match="s3://media/acme/none"):
        get(run, "s3://media/acme/none")
    with pytest.raises(SourceNotFound, match="s3://nowhere-1/none"):
        get(run, "s3://nowhere-1/none", **OWN_KEYS)


def test_an_object_over_the_limit_is_refused(run: LocalRun, cloud: Cloud) -> None:
    put(run, "s3://media/acme/clip.mp4")
    with pytest.raises(LimitExceeded):
        get(run, "s3://media/acme/clip.mp4", limits=Limits(size=1000))


def test_a_large_file_goes_up_in_parts(run: LocalRun, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "PART", 5 * 1024**2)
    body = bytes(11 * 1024**2)
    put(run, "s3://media/acme/large.mp4", body)
    assert len(run.fractions) == 3
    head = cloud.client.head_object(Bucket="media", Key="acme/large.mp4")
    assert (head["ContentLength"], head["ContentType"]) == (len(body), "video/mp4")


def test_a_failing_part_leaves_no_upload_behind(
    run: LocalRun, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PART", 5 * 1024**2)
    cloud.refuse("PUT", "partNumber=2", "InvalidPart", 400)
    with pytest.raises(TransferFailed, match="InvalidPart") as caught:
        put(run, "s3://media/acme/large.mp4", bytes(11 * 1024**2))
    assert "canary" not in str(caught.value)
    assert "Uploads" not in cloud.client.list_multipart_uploads(Bucket="media")
    assert keys(cloud, "media") == []


def test_a_lost_run_leaves_no_upload_behind(
    run: LocalRun, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PART", 5 * 1024**2)
    add = Meter.add

    def lose(meter: Meter, count: int) -> None:
        run.lose()
        add(meter, count)

    monkeypatch.setattr(Meter, "add", lose)
    with pytest.raises(RunLost):
        put(run, "s3://media/acme/large.mp4", bytes(11 * 1024**2))
    assert "Uploads" not in cloud.client.list_multipart_uploads(Bucket="media")
    assert keys(cloud, "media") == []


@pytest.mark.parametrize(
    "code", ["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"]
)
def test_a_refusal_of_the_identity_says_only_its_code(run: LocalRun, cloud: Cloud, code: str) -> None:
    cloud.refuse("GET", "acme/clip.mp4", code, 403)
    with pytest.raises(AccessDenied, match=code) as caught:
        get(run, "s3://media/acme/clip.mp4")
    assert "canary" not in str(caught.value)


def look(run: LocalRun, url: str, **rest: Any) -> Look:
    place = Location.model_validate({"url": url, **rest})
    with reach(place, Meter(run, parts=1), Policy()) as site:
        return site.look(place.url)


def can_put(run: LocalRun, url: str, **rest: Any) -> bool | None:
    place = Location.model_validate({"url": url, **rest})
    with reach(place, Meter(run, parts=1), Policy()) as site:
        return site.can_put(place.url)


def test_a_look_tells_the_size_of_an_object(run: LocalRun, cloud: Cloud) -> None:
    cloud.client.put_object(Bucket="media", Key="acme/clip.mp4", Body=b"123")
    assert look(run, "s3://media/acme/clip.mp4") == Look(True, 3)
    with pytest.raises(SourceNotFound):
        look(run, "s3://media/acme/none.mp4")
    with pytest.raises(AccessDenied):
        look(run, "s3://media/other/clip.mp4")


def test_only_the_organizations_own_part_is_known_to_take_files(run: LocalRun, cloud: Cloud) -> None:
    assert can_put(run, "s3://media/acme/out/") is True
    assert can_put(run, "s3://theirs/out/", **OWN_KEYS) is None
    with pytest.raises(SourceNotFound):
        can_put(run, "s3://no-such-bucket/out/", **OWN_KEYS)
    assert keys(cloud, "media") == keys(cloud, "theirs") == []


def test_who_may_not_ask_for_the_bucket_may_still_store_in_it(run: LocalRun, cloud: Cloud) -> None:
    cloud.refuse("HEAD", "theirs", "403", 403)
    assert can_put(run, "s3://theirs/out/", **OWN_KEYS) is None
