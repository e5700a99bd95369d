"""No event makes a reaction do harm: a message that cannot be read goes back to its queue, and in the end to
the dead letters, by itself; those beside it are done, and nothing is written for it."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.faults.extent import IS_LONG
from tests.moto_account import table_rows
from tests.security.malformed import RAW, VALUES, mutated
from tests.world import Context, World

SAMPLES = Path(__file__).parents[2] / "events/reactions"
#: Reactions that get messages of a queue, each with what a message may be that is right and asks for nothing.
QUEUED = {
    "dispatch": {"organization": "nobody", "region": "eu-central-1", "job": None},
    "notify": {"owner": "ORG#nobody", "sort": "DELIVERY#0"},
    "submit_on_event": {"id": "1", "source": "nobody", "detail-type": "x", "detail": {}},
}
#: Those that AWS calls again and then parks the event, when they raise.
CALLED = ("announce", "convert", "drive", "follow", "offer", "settle")
EXAMPLES = 2000 if IS_LONG else 40
FUZZ = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


def _sample(reaction: str) -> Any:
    return json.loads((SAMPLES / f"{reaction}.json").read_text())


def _handler(reaction: str) -> Any:
    return import_module(f"mediajobs.reactions.{reaction}").handler


def test_every_reaction_is_covered() -> None:
    assert {file.stem for file in SAMPLES.glob("*.json")} == {*QUEUED, *CALLED, "sweep"}


def _batch(reaction: str, body: str) -> list[str]:
    """The message between two that are right; which of the three come again."""
    right = json.dumps(QUEUED[reaction])
    records = [
        {"messageId": name, "body": text, "attributes": {"ApproximateReceiveCount": "1"}}
        for name, text in (("first", right), ("bad", body), ("last", right))
    ]
    answer = _handler(reaction)({"Records": records}, Context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.mark.parametrize("reaction", QUEUED)
def test_a_message_of_any_bytes_comes_again_alone(acme: World, reaction: str) -> None:
    before = table_rows()
    for what, raw in RAW.items():
        assert _batch(reaction, raw.decode(errors="surrogateescape")) in ([], ["bad"]), what
    assert _batch(reaction, "{") == ["bad"]
    assert table_rows() == before


@pytest.mark.parametrize("reaction", QUEUED)
def test_a_message_of_any_json_comes_again_alone(acme: World, reaction: str) -> None:
    before = table_rows()

    @FUZZ
    @given(mutated(json.loads(_sample(reaction)["Records"][-1]["body"])))
    def check(body: Any) -> None:
        assert _batch(reaction, json.dumps(body)) in ([], ["bad"])

    check()
    assert table_rows() == before


def test_an_event_that_breaks_off_at_its_last_try_is_parked_with_its_reason(acme: World) -> None:
    from mediajobs.arrival import MAX_TRIES
    from mediajobs.settings import settings as deployed

    body = RAW["deep lists"].decode()
    attributes = {"ApproximateReceiveCount": str(MAX_TRIES)}
    record = {"messageId": "bad", "body": body, "attributes": attributes}
    assert _handler("submit_on_event")({"Records": [record]}, Context()) == {"batchItemFailures": []}
    (parked,) = acme._take(deployed().trigger_failed_queue_url)
    assert parked["body"] == body


@pytest.mark.parametrize("reaction", CALLED)
def test_an_event_of_any_json_is_done_or_raises_and_writes_nothing(acme: World, reaction: str) -> None:
    sample, handler, before = _sample(reaction), _handler(reaction), table_rows()
    done = 0

    @FUZZ
    @given(mutated(sample))
    def check(event: Any) -> None:
        nonlocal done
        try:
            handler(event, Context())
        except Exception:
            # Lambda calls it again, and then parks it.
            return
        done += 1

    check()
    assert table_rows() == before


def test_the_sweeper_takes_any_event(acme: World) -> None:
    @FUZZ
    @given(VALUES)
    def check(event: Any) -> None:
        _handler("sweep")(event, Context())

    check()
