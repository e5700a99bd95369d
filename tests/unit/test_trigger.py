"""Triggers: an event from outside makes the job that its organization has asked for, once."""

import json
from typing import Any

import pytest

from mediajobs import aws
from mediajobs.arrival import MAX_TRIES
from mediajobs.bootstrap import bootstrap
from mediajobs.identifier import new_id
from mediajobs.settings import settings
from mediajobs.tools.tool import Result, Run
from mediajobs.transfer.s3 import MADE_BY
from tests.moto_account import REGION
from tests.world import NoParameters, World, tool

SAY = {"tasks": [{"tool": "test:say", "parameters": {"say": "${word}"}}]}
UPLOADED = {"word": "s3://${detail.bucket.name}/${detail.object.key}"}


@pytest.fixture
def listening(acme: World) -> World:
    """A world whose template `say` waits for a word."""

    def nothing(_run: Run, _parameters: NoParameters) -> Result:
        return Result()

    acme.tools["test:say"] = tool(nothing)
    template = {"parameters": {"word": {"type": "string"}}, "job": SAY}
    assert acme.call("PUT", "/templates/say", template).status == 200
    return acme


def trigger(acme: World, **fields: Any) -> Any:
    wanted = {
        "name": "uploads",
        "bucket": "media",
        "template": "say",
        "parameters": UPLOADED,
        **fields,
    }
    return acme.call("POST", "/triggers", {name: each for name, each in wanted.items() if each is not None})


def shop(acme: World, **fields: Any) -> Any:
    return trigger(
        acme,
        **{
            "bucket": None,
            "pattern": {"source": ["shop"]},
            "parameters": {"word": "${detail.url}"},
            **fields,
        },
    )


def upload(acme: World, name: str, *, organization: str | None = None, **metadata: str) -> dict[str, Any]:
    """The event of an object that stands in the media bucket."""
    key = f"{organization or acme.organization}/{name}"
    stored = aws.media_client(REGION).put_object(Bucket="media", Key=key, Body=b"x", Metadata=metadata)
    made = {"key": key, "size": 1, "etag": stored["ETag"].strip('"'), "sequencer": "0062"}
    return event("aws.s3", "Object Created", {"bucket": {"name": "media"}, "object": made})


def event(source: str, kind: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": new_id(),
        "source": source,
        "detail-type": kind,
        "account": "123456789012",
        "region": REGION,
        "detail": detail,
    }


def order(acme: World, **detail: Any) -> dict[str, Any]:
    return event("shop", "Film Delivered", {"organization_id": acme.organization, **detail})


def words(acme: World) -> list[str]:
    """What the jobs there are were told, the first one first."""
    listed = acme.call("GET", "/jobs?direction=asc").body["jobs"]
    return [acme.job(each["id"])["tasks"][0]["parameters"]["say"] for each in listed]


def parked(acme: World) -> list[tuple[str, str]]:
    """The events that could make no job, and why."""
    queue, url = aws.client("sqs", REGION), settings().trigger_failed_queue_url
    found = []
    while messages := queue.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages"):
        for message in messages:
            queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append((message["Body"], message["MessageAttributes"]["reason"]["StringValue"]))
    return found


def pointers(answer: Any) -> list[str]:
    assert answer.status == 422, answer.body
    return sorted(bad["pointer"] for bad in answer.body["errors"])


def test_a_trigger_is_made_shown_changed_and_deleted(listening: World) -> None:
    made = trigger(listening, prefix="in/", description="proxies")
    assert made.status == 201
    path = f"/triggers/{made.body['id']}"
    assert made.headers["location"] == path
    assert listening.call("GET", path).body == made.body
    assert (made.body["prefix"], made.body["enabled"]) == ("in/", True)
    changed = {"name": "off", "bucket": "media", "template": "say", "parameters": UPLOADED, "enabled": False}
    assert listening.call("PUT", path, changed).body["enabled"] is False
    assert [each["name"] for each in listening.call("GET", "/triggers").body["triggers"]] == ["off"]
    assert listening.call("DELETE", path).status == 204
    assert listening.call("GET", path).status == 404


def test_an_upload_makes_a_job_of_the_template(listening: World) -> None:
    made = trigger(listening, prefix="in/", suffix=".mp4").body
    happened = upload(listening, "in/a {b}.mp4")
    listening.arrive(happened)
    assert words(listening) == [f"s3://media/{listening.organization}/in/a {{b}}.mp4"]
    (listed,) = listening.call("GET", "/jobs").body["jobs"]
    job = listening.job(listed["id"])
    assert job["template_id"] == "say@1"
    assert job["submitted_by"] == made["submits_as"] == f"trigger:{made['id']}"
    assert parked(listening) == []


@pytest.mark.parametrize("name", ["a.mp4", "in/a.mov", "out/in/a.mp4"])
def test_other_keys_make_none(listening: World, name: str) -> None:
    trigger(listening, prefix="in/", suffix=".mp4")
    listening.arrive(upload(listening, name))
    assert words(listening) == []


def test_the_same_event_twice_makes_one_job(listening: World) -> None:
    trigger(listening)
    shop(listening)
    for happened in (upload(listening, "a.mp4"), order(listening, url="https://example.com/a")):
        for _ in range(2):
            listening.arrive(happened)
    assert len(words(listening)) == 2
    assert parked(listening) == []


def test_an_upload_that_is_told_twice_under_two_ids_makes_one_job(listening: World) -> None:
    trigger(listening)
    happened = upload(listening, "a.mp4")
    listening.arrive(happened)
    listening.arrive({**happened, "id": new_id()})
    assert len(words(listening)) == 1
    happened["detail"]["object"]["sequencer"] = "0063"
    listening.arrive(happened)
    assert len(words(listening)) == 2


def test_a_trigger_that_has_changed_makes_no_second_job_of_an_event(listening: World) -> None:
    made = shop(listening).body["id"]
    happened = order(listening, url="https://example.com/a")
    listening.arrive(happened)
    changed = {
        "name": "x",
        "pattern": {"source": ["shop"]},
        "template": "say",
        "parameters": {"word": "other"},
    }
    assert listening.call("PUT", f"/triggers/{made}", changed).status == 200
    listening.arrive(happened)
    assert words(listening) == ["https://example.com/a"]
    assert parked(listening) == []


def test_every_trigger_that_matches_makes_a_job(listening: World) -> None:
    trigger(listening)
    trigger(listening, parameters={"word": "fixed"})
    trigger(listening, enabled=False)
    listening.arrive(upload(listening, "a.mp4"))
    assert len(words(listening)) == 2


def test_a_pattern_may_match_an_upload_too(listening: World) -> None:
    wanted = {"source": ["aws.s3"], "detail": {"object": {"size": [{"numeric": ["<", 2]}]}}}
    shop(listening, pattern=wanted, parameters={"word": "${detail.object.size} byte, $${plain}"})
    listening.arrive(upload(listening, "a.mp4"))
    assert words(listening) == ["1 byte, ${plain}"]


def test_an_event_makes_jobs_only_for_the_organization_it_is_for(listening: World) -> None:
    other = bootstrap("Other", 1, [REGION])
    trigger(listening)
    listening.arrive(upload(listening, "a.mp4", organization=other.organization_id))
    # What a key says of itself counts, and nothing else of the event.
    happened = upload(listening, "a.mp4", organization=other.organization_id)
    happened["detail"]["organization_id"] = listening.organization
    listening.arrive(happened)
    assert words(listening) == []


def test_another_bucket_an_object_of_nobody_and_our_own_events_are_passed_over(listening: World) -> None:
    trigger(listening)
    shop(listening, pattern={"source": [{"anything-but": "x"}]}, parameters={"word": "any"})
    foreign = upload(listening, "a.mp4")
    foreign["detail"]["bucket"]["name"] = "media-of-others"
    nobodys = upload(listening, "a.mp4")
    nobodys["detail"]["object"]["key"] = "temporary/a.mp4"
    own = event("mediajobs", "Job Status Changed", {"organization_id": listening.organization})
    for happened in (foreign, nobodys, own):
        listening.arrive(happened)
    assert words(listening) == []
    assert parked(listening) == []


def test_what_a_job_has_stored_makes_no_job(listening: World) -> None:
    trigger(listening)
    listening.arrive(upload(listening, "a.mp4", **{MADE_BY: new_id()}))
    assert words(listening) == []


def test_a_job_says_on_what_it_stores_that_it_has_made_it(listening: World) -> None:
    def writes(run: Run, _: NoParameters) -> Result:
        (run.directory / "out").write_text("x")
        return Result(files=[run.save(run.directory / "out", "out.txt")])

    listening.tools["test:write"] = tool(writes)
    url = f"s3://media/{listening.organization}/out/"
    put = {"tool": "storage:put", "parameters": {"destinations": [{"url": url}]}}
    answer = listening.call("POST", "/jobs", {"tasks": [{"tool": "test:write"}, put]})
    listening.settle_down()
    stored = aws.media_client(REGION).head_object(Bucket="media", Key=f"{listening.organization}/out/out.txt")
    assert stored["Metadata"] == {MADE_BY: answer.body["id"]}


def test_an_event_that_fills_no_parameter_is_parked_with_its_reason(listening: World) -> None:
    made = shop(listening).body["id"]
    assert listening.arrive(order(listening, other="x")) == {"batchItemFailures": []}
    ((_, reason),) = parked(listening)
    assert reason.startswith(f"trigger {made}: ")
    assert "/parameters/word: the event has no detail.url" in reason


def test_an_event_of_a_template_that_is_gone_can_be_sent_again_when_it_is_back(listening: World) -> None:
    shop(listening)
    assert listening.call("DELETE", "/templates/say").status == 204
    happened = order(listening, url="https://example.com/a")
    listening.arrive(happened)
    ((body, reason),) = parked(listening)
    assert "/template: there is no such template" in reason
    template = {"parameters": {"word": {"type": "string"}}, "job": SAY}
    assert listening.call("PUT", "/templates/say", template).status == 200
    assert json.loads(body) == happened
    listening.arrive(json.loads(body))
    assert words(listening) == ["https://example.com/a"]


def test_a_trigger_that_fails_keeps_no_other_from_its_job(listening: World) -> None:
    shop(listening)
    shop(listening, parameters={"word": "${detail.other}"})
    happened = order(listening, url="https://example.com/a")
    for _ in range(2):
        listening.arrive(happened)
    assert words(listening) == ["https://example.com/a"]
    assert len(parked(listening)) == 2


def test_an_event_for_nobody_and_an_object_that_is_gone_are_parked(listening: World) -> None:
    trigger(listening)
    for name in (new_id(), "x", None):
        listening.arrive(event("shop", "Film Delivered", {"organization_id": name}))
    gone = upload(listening, "a.mp4")
    aws.media_client(REGION).delete_object(Bucket="media", Key=gone["detail"]["object"]["key"])
    listening.arrive(gone)
    reasons = [reason for _, reason in parked(listening)]
    assert sum("/detail/organization_id" in reason for reason in reasons) == 3
    assert sum("The object is gone" in reason for reason in reasons) == 1


def test_an_event_that_breaks_off_comes_again_and_is_parked_in_the_end(
    listening: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop(listening)
    happened = order(listening, url="https://example.com/a")

    def breaks(*_: Any) -> None:
        raise TimeoutError("a secret")

    monkeypatch.setattr("mediajobs.reactions.submit_on_event.make", breaks)
    again = {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert listening.arrive(happened, receives=MAX_TRIES - 1) == again
    assert parked(listening) == []
    assert listening.arrive(happened, receives=MAX_TRIES) == {"batchItemFailures": []}
    ((_, reason),) = parked(listening)
    assert "TimeoutError" in reason
    assert "a secret" not in reason


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({"bucket": "another"}, ["/bucket"]),
        ({"bucket": None}, [""]),
        ({"pattern": {"source": ["x"]}}, [""]),
        ({"bucket": None, "pattern": {"source": ["x"]}, "prefix": "in/"}, [""]),
        ({"bucket": None, "pattern": {"source": "x"}}, ["/pattern/source"]),
        ({"template": "nothing"}, ["/template"]),
        ({"template": "say@2"}, ["/template"]),
        ({"parameters": {}}, ["/parameters/word"]),
        ({"parameters": {"word": "x", "other": 1}}, ["/parameters/other"]),
        ({"parameters": {"word": "${detail"}}, ["/parameters/word"]),
        ({"unknown": 1}, ["/unknown"]),
    ],
)
def test_what_no_event_could_make_good_is_refused(
    listening: World, fields: dict[str, Any], bad: list[str]
) -> None:
    assert pointers(trigger(listening, **fields)) == bad


def test_who_submits_makes_no_triggers_and_sees_them(listening: World) -> None:
    key = listening.key_of("SUBMIT")
    assert listening.call("POST", "/triggers", {}, key=key).status == 403
    assert listening.call("GET", "/triggers", key=key).status == 200


def test_a_trigger_submits_with_no_more_than_the_role_submit(listening: World) -> None:
    listening.call("PUT", f"/pools/{REGION}", {"capacity": 1, "max_priority": 60})
    template = {"job": {"tasks": [{"tool": "test:say"}], "priority": 90}}
    assert listening.call("PUT", "/templates/urgent", template).status == 200
    shop(listening, template="urgent", parameters={})
    listening.arrive(order(listening))
    ((_, reason),) = parked(listening)
    assert "SUBMIT" in reason
