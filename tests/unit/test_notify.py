"""Who is told of a job: what a submission may say of it, and what is kept and shown."""

import json
from types import SimpleNamespace

import pytest

from mediajobs import aws
from mediajobs.settings import settings
from mediajobs.store import job as jobs
from tests.moto_account import REGION
from tests.world import World

TASKS = [{"tool": "media:probe", "parameters": {"input": "in.mp4"}}]
SECRETS = ("s3cret", "t0ken", "c2VjcmV0", "signed")


def submit(acme: World, *receivers: object) -> SimpleNamespace:
    return acme.call("POST", "/jobs", {"tasks": TASKS, "notify": list(receivers)})


def test_a_plain_url_is_told_of_the_three_ends_in_our_words(acme: World) -> None:
    answer = submit(acme, "https://example.com/hook")
    assert answer.status == 201
    assert answer.body["notify"] == [
        {
            "url": "https://example.com/hook",
            "on": ["Cancelled", "Failed", "Success"],
            "format": "mediajobs",
            "credentials": None,
        }
    ]


def test_secrets_of_a_receiver_are_sealed_and_never_shown_or_stored_in_clear(acme: World) -> None:
    answer = submit(
        acme,
        "digest:https://user:s3cret@example.com/hook",
        {
            "url": "https://example.com/hook?sig=signed",
            "headers": {"authorization": "t0ken"},
            "secret": "whsec_" + "c2VjcmV0" * 4,
        },
    )
    assert answer.status == 201, answer.body
    shown = acme.job(answer.body["id"])["notify"]
    assert [receiver["url"] for receiver in shown] == [
        "digest:https://example.com/hook",
        "https://example.com/hook",
    ]
    stored = aws.client("dynamodb", REGION).scan(TableName=settings().table_name)["Items"]
    everything = json.dumps([answer.body, shown]) + str(stored)
    assert not [text for text in SECRETS if text in everything]
    assert len(jobs.credentials(acme.organization, answer.body["id"])) == 2


@pytest.mark.parametrize(
    ("receiver", "rule"),
    [
        ("ftp://example.com/", "https://"),
        ("http://example.com/", "https:// only"),
        ("digest:https://example.com/", "a user and a password"),
        ("mailto:a@example.com,b@example.com", "one address"),
        ("mailto:a@example.com?bcc=b@example.com", "one address"),
        ({"url": "https://example.com/", "headers": {"Host": "a"}}, "cannot be given"),
        ({"url": "https://example.com/", "headers": {"webhook-id": "a"}}, "cannot be given"),
        ({"url": "https://example.com/", "headers": {"a": "b\r\nc: d"}}, "visible ASCII"),
        ({"url": "https://example.com/", "secret": "whsec_c2hvcnQ="}, "24 to 64 bytes"),
        ({"url": "https://example.com/", "on": []}, "at least 1"),
        ({"url": "https://example.com/", "on": ["Pending"]}, "Running"),
        ({"url": "https://example.com/", "format": "other"}, "mediajobs"),
        ({"url": "https://example.com/", "credentials": {"sealed": "0"}}, "resubmitted"),
    ],
)
def test_a_receiver_that_breaks_a_rule_is_refused_at_its_place(
    acme: World, receiver: object, rule: str
) -> None:
    answer = submit(acme, "https://example.com/", receiver)
    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"].startswith("/notify/1")
    assert rule in answer.body["errors"][0]["detail"]


def test_a_deployment_without_a_sender_refuses_mail_addresses(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAIL_SENDER")
    answer = submit(acme, "mailto:user@example.com")
    assert answer.status == 422
    assert "sends no mail" in answer.body["errors"][0]["detail"]


def test_more_than_ten_receivers_are_refused(acme: World) -> None:
    assert submit(acme, *["https://example.com/"] * 11).status == 422


def test_resubmitting_keeps_the_receivers_and_their_credentials(acme: World) -> None:
    first = submit(acme, "https://user:s3cret@example.com/hook").body["id"]
    again = acme.call("POST", f"/jobs/{first}/resubmit")
    assert again.status == 201, again.body
    assert again.body["notify"][0]["credentials"] == {"sealed": "0"}
    assert jobs.credentials(acme.organization, again.body["id"])


def test_resubmitting_does_not_send_credentials_elsewhere(acme: World) -> None:
    first = submit(acme, "https://user:s3cret@example.com/hook").body["id"]
    elsewhere = [{"url": "https://evil.example/hook", "credentials": {"sealed": "0"}}]
    again = acme.call("POST", f"/jobs/{first}/resubmit", {"patch": {"notify": elsewhere}})
    assert again.status == 422
    assert "only for https://example.com:443" in again.body["errors"][0]["detail"]


def test_a_template_may_name_receivers_but_hold_no_secrets_of_theirs(acme: World) -> None:
    def put(receiver: object) -> int:
        body = {"parameters": {"who": {"type": "string"}}, "job": {"tasks": TASKS, "notify": [receiver]}}
        return int(acme.call("PUT", "/templates/told", body).status)

    assert put("https://user:s3cret@example.com/") == 422
    assert put({"url": "https://example.com/", "headers": {"authorization": "t0ken"}}) == 422
    assert put("${who}") == 200
    made = acme.call(
        "POST", "/jobs", {"template": "told", "parameters": {"who": "https://user:s3cret@example.com/"}}
    )
    assert made.status == 201, made.body
    assert made.body["notify"][0]["url"] == "https://example.com/"
