"""Access tokens: what stands for a key for a while."""

import base64
import json
from typing import Any

import pytest
import time_machine

from mediajobs import access_token
from mediajobs.api_key import ApiKey
from mediajobs.errors import Unauthenticated
from mediajobs.request import Request
from mediajobs.token_grant import client, grant, refreshed
from tests.world import World

_NOON = "2026-11-22T12:00:00Z"


def _request(headers: dict[str, str]) -> Request:
    event = {
        "requestContext": {"requestId": "1", "http": {"method": "POST"}},
        "rawPath": "/",
        "headers": headers,
    }
    return Request.of(event)


def _key(text: str) -> ApiKey:
    key = ApiKey.parse(text)
    assert key is not None
    return key


def test_a_token_works_like_its_key_until_it_expires(acme: World) -> None:
    with time_machine.travel(_NOON, tick=False) as clock:
        made = grant(_key(acme.key).id, acme.key, seconds=1800)
        assert made.expires_in == 1800
        assert acme.call("GET", "/jobs", key=made.access_token).status == 200
        clock.shift(1799)
        assert acme.call("GET", "/jobs", key=made.access_token).status == 200
        clock.shift(1)
        assert acme.call("GET", "/jobs", key=made.access_token).status == 401


def test_a_token_has_the_role_of_its_key(acme: World) -> None:
    viewer = acme.key_of("VIEW")
    made = grant(_key(viewer).id, viewer, seconds=60)
    answer = acme.call("POST", "/jobs", {"tasks": [{"tool": "media:probe"}]}, key=made.access_token)
    assert answer.status == 403


def test_a_token_of_a_revoked_key_is_refused_within_a_minute(acme: World) -> None:
    with time_machine.travel(_NOON, tick=False) as clock:
        viewer = acme.key_of("VIEW")
        made = grant(_key(viewer).id, viewer, seconds=3600)
        assert acme.call("GET", "/jobs", key=made.access_token).status == 200
        assert acme.call("DELETE", f"/keys/{_key(viewer).id}").status == 204
        clock.shift(60)
        assert acme.call("GET", "/jobs", key=made.access_token).status == 401


def test_a_refresh_token_fetches_new_ones_and_opens_nothing_else(acme: World) -> None:
    made = grant(_key(acme.key).id, acme.key, seconds=60)
    assert acme.call("GET", "/jobs", key=made.refresh_token).status == 401
    again = refreshed(made.refresh_token, seconds=60)
    assert acme.call("GET", "/jobs", key=again.access_token).status == 200
    with pytest.raises(Unauthenticated):
        refreshed(made.access_token, seconds=60)


@pytest.mark.parametrize("place", [0, 5, 20, -1])
def test_a_forged_token_is_refused(acme: World, place: int) -> None:
    made = grant(_key(acme.key).id, acme.key, seconds=60).access_token
    head, body = made[:4], bytearray(base64.urlsafe_b64decode(made[4:] + "=" * (-len(made[4:]) % 4)))
    body[place] ^= 1
    forged = head + base64.urlsafe_b64encode(bytes(body)).decode().rstrip("=")
    assert acme.call("GET", "/jobs", key=forged).status == 401


@pytest.mark.parametrize("text", ["mjt_", "mjt_!", "mjt_A", "mjt_" + "A" * 200, "mjt_é"])
def test_nonsense_that_looks_like_a_token_is_refused(acme: World, text: str) -> None:
    assert access_token.is_one(text)
    assert acme.call("GET", "/jobs", key=text).status == 401


def test_a_client_is_a_key_and_its_id(acme: World) -> None:
    key = _key(acme.key)
    other = _key(acme.key_of("VIEW"))
    for wrong in (
        ("", acme.key),
        (other.id, acme.key),
        (key.id, key.secret),
        (key.id, ""),
        (key.id, other.text[:-1]),
    ):
        with pytest.raises(Unauthenticated):
            grant(*wrong, seconds=60)


def test_a_client_names_itself_by_basic_or_in_the_form() -> None:
    basic = base64.b64encode(b"id:sec:ret").decode()
    assert client(_request({"Authorization": f"Basic {basic}"}), {}) == ("id", "sec:ret")
    assert client(_request({}), {"client_id": "a", "client_secret": "b"}) == ("a", "b")
    with pytest.raises(Unauthenticated):
        client(_request({"authorization": "Basic ?"}), {})


def test_a_token_says_nothing_of_the_secret(acme: World) -> None:
    made: Any = grant(_key(acme.key).id, acme.key, seconds=60)
    text = made.access_token
    plain = base64.urlsafe_b64decode(text[4:] + "=" * (-len(text[4:]) % 4))
    assert _key(acme.key).secret.encode() not in plain
    assert json.loads(plain[16:])[0] == _key(acme.key).id
