"""Organizations, users and their keys: who may do what, and where."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from mediajobs.api_key import ApiKey
from mediajobs.bootstrap import bootstrap
from mediajobs.organization import MAX_ORGANIZATIONS
from tests.moto_account import table_rows
from tests.world import World

_TASK = {"tool": "test:nothing"}
_NOON = "2026-11-22T12:00:00Z"


@pytest.fixture
def other(acme: World) -> Any:
    """Another organization, with a pool."""
    return bootstrap("Other", 1, ["eu-central-1"])


def _new_key(acme: World, *, key: str | None = None, **more: Any) -> dict[str, Any]:
    answer = acme.call("POST", "/keys", {"user": "jo@example.com", "role": "VIEW", **more}, key=key)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def _joined(acme: World, other: Any, role: str = "SUBMIT") -> str:
    """A SUBMIT key of ours that has joined the other organization."""
    key = acme.key_of("SUBMIT")
    invitation = _new_key(acme, key=other.api_key, role=role, invitation=True)["api_key"]
    assert acme.call("POST", "/organizations/join", {"invitation": invitation}, key=key).status == 200
    return key


def _pointers(answer: Any) -> list[str]:
    assert answer.status == 422, answer.body
    return [error["pointer"] for error in answer.body["errors"]]


# --- the organization of a call ----------------------------------------------------------------------


def test_who_is_in_one_organization_need_not_name_it_but_may(acme: World) -> None:
    for query in ("", f"?organization_id={acme.organization}", "?organization=Acme", "?organization=ACME"):
        assert acme.call("GET", f"/jobs{query}").body == {"jobs": [], "next_token": None}


def test_who_is_in_several_must_name_one_and_is_told_which(acme: World, other: Any) -> None:
    key = _joined(acme, other)
    for method, path, pointer in (
        ("GET", "/jobs", "/query/organization_id"),
        ("POST", "/jobs", "/organization_id"),
    ):
        answer = acme.call(method, path, {"tasks": [_TASK]}, key=key)
        assert _pointers(answer) == [pointer]
        assert acme.organization in answer.body["errors"][0]["detail"]
        assert other.organization_id in answer.body["errors"][0]["detail"]


@pytest.mark.parametrize("by", ["organization_id", "organization"])
@pytest.mark.parametrize("place", ["query", "body"])
def test_a_job_is_made_in_the_organization_that_is_named(
    acme: World, other: Any, place: str, by: str
) -> None:
    key = _joined(acme, other)
    name = other.organization_id if by == "organization_id" else "other"
    query, body = (f"?{by}={name}", {}) if place == "query" else ("", {by: name})
    answer = acme.call("POST", f"/jobs{query}", {"tasks": [_TASK], **body}, key=key)
    assert (answer.status, answer.body["organization_id"]) == (201, other.organization_id)
    assert acme.call("GET", answer.headers["location"], key=key).status == 200
    assert acme.call("GET", f"/jobs/{answer.body['id']}?organization=Acme", key=key).status == 404


def test_the_next_page_names_the_organization_too(acme: World, other: Any) -> None:
    key = _joined(acme, other)
    for _ in range(2):
        acme.call("POST", "/jobs", {"tasks": [_TASK], "organization": "Other"}, key=key)
    first = acme.call("GET", "/jobs?limit=1&organization=Other", key=key)
    link = first.headers["link"].partition(">")[0].removeprefix("<")
    second = acme.call("GET", link, key=key)
    assert (second.status, len(second.body["jobs"])) == (200, 1)
    assert second.body["jobs"] != first.body["jobs"]


@pytest.mark.parametrize("by", ["organization_id", "organization"])
@pytest.mark.parametrize("key_of_several", [True, False])
def test_an_organization_that_is_not_ones_own_is_answered_like_one_that_does_not_exist(
    acme: World, other: Any, by: str, key_of_several: bool
) -> None:
    third = bootstrap("Third", 1, [])
    key = _joined(acme, other) if key_of_several else acme.key
    theirs = third.organization_id if by == "organization_id" else "Third"
    unknown = acme.organization[:-4] + "0000" if by == "organization_id" else "Fourth"
    calls: list[Callable[[str], Any]] = [
        lambda name: acme.call("GET", f"/jobs?{by}={name}", key=key),
        lambda name: acme.call("GET", f"/organizations?{by}={name}", key=key),
        lambda name: acme.call("POST", "/jobs", {"tasks": [_TASK], by: name}, key=key),
    ]
    for call in calls:
        foreign, missing = call(theirs), call(unknown)
        assert (foreign.status, foreign.body) == (422, missing.body)


@pytest.mark.parametrize("name", ["", " ", "x" * 129, "x" * 5000, "\x00", 7, None, ["Acme"], "ﷺ" * 128])
def test_a_name_that_is_none_is_an_unknown_organization(acme: World, name: Any) -> None:
    for by in ("organization", "organization_id"):
        assert _pointers(acme.call("POST", "/jobs", {"tasks": [_TASK], by: name})) == [f"/{by}"]


def test_names_that_contradict_each_other_are_refused(acme: World, other: Any) -> None:
    key = _joined(acme, other)
    body = {"tasks": [_TASK], "organization": "Acme"}
    answer = acme.call("POST", f"/jobs?organization_id={other.organization_id}", body, key=key)
    assert _pointers(answer) == ["/query/organization_id", "/organization"]
    body = {"tasks": [_TASK], "organization": "Acme", "organization_id": acme.organization}
    assert acme.call("POST", "/jobs", body, key=key).status == 201


def test_the_role_is_that_of_the_organization_named(acme: World, other: Any) -> None:
    key = _joined(acme, other, role="VIEW")
    for name, status in (("Acme", 201), ("Other", 403)):
        answer = acme.call("POST", "/jobs", {"tasks": [_TASK], "organization": name}, key=key)
        assert answer.status == status
    assert acme.call("GET", "/jobs?organization=Other", key=key).status == 200


def test_the_same_body_is_replayed_wherever_the_organization_is_named(acme: World, other: Any) -> None:
    key, headers = _joined(acme, other), {"idempotency-key": "once"}
    by_body = {"tasks": [_TASK], "organization": "Acme"}
    first = acme.call("POST", "/jobs", by_body, key=key, headers=headers)
    again = acme.call("POST", "/jobs?organization=Acme", {"tasks": [_TASK]}, key=key, headers=headers)
    elsewhere = acme.call("POST", "/jobs?organization=Other", {"tasks": [_TASK]}, key=key, headers=headers)
    assert again.body == first.body
    assert (elsewhere.status, elsewhere.body["id"] != first.body["id"]) == (201, True)


def test_a_body_at_the_limit_may_name_the_organization(acme: World) -> None:
    body = json.dumps({"tasks": [_TASK], "organization": "Acme", "user_data": "é" * 1000}, ensure_ascii=False)
    padded = body.encode() + b" " * (256 * 1024 - len(body.encode()))
    assert acme.call("POST", "/jobs", padded).status == 201
    assert acme.call("POST", "/jobs", padded + b" ").status == 413


# --- organizations -----------------------------------------------------------------------------------


def test_the_operator_makes_organizations_that_are_numbered_and_begin_with_an_admin(acme: World) -> None:
    made = [
        acme.call("POST", "/organizations", {"name": name, "admin_user": "jo@example.com"})
        for name in ("One Ltd", "Two Ltd")
    ]
    assert [(answer.status, answer.body["number"]) for answer in made] == [(201, 2), (201, 3)]
    key = made[0].body["api_key"]
    shown = acme.call("GET", made[0].headers["location"], key=key).body
    assert shown == {name: value for name, value in made[0].body.items() if name != "api_key"}
    assert acme.call("GET", "/organizations", key=key).body == {"organizations": [shown]}
    (listed,) = acme.call("GET", "/keys", key=key).body["keys"]
    assert (listed["user"], listed["role"]) == ("jo@example.com", "ADMIN")
    assert acme.call("PUT", "/pools/eu-central-1", {"capacity": 1}, key=key).status == 200


def test_only_the_operator_makes_organizations(acme: World, other: Any) -> None:
    body = {"name": "More", "admin_user": "jo"}
    assert acme.call("POST", "/organizations", body, key=other.api_key).status == 403
    key = _joined(acme, other, role="ADMIN")
    for name in ("Acme", "Other"):
        assert acme.call("POST", f"/organizations?organization={name}", body, key=key).status == 403


@pytest.mark.parametrize("name", ["Acme", "ACME", "acme"])
def test_a_name_is_given_once_in_whatever_case(acme: World, name: str) -> None:
    answer = acme.call("POST", "/organizations", {"name": name, "admin_user": "jo"})
    assert answer.status == 409
    # Nothing of it was made: the next one has the next number.
    answer = acme.call("POST", "/organizations", {"name": "Two", "admin_user": "jo"})
    assert answer.body["number"] == 2


@pytest.mark.parametrize("name", ["", " x", "x ", "a  b", "a\nb", "x" * 129, 7, None])
def test_a_name_has_1_to_128_visible_characters(acme: World, name: Any) -> None:
    assert _pointers(acme.call("POST", "/organizations", {"name": name, "admin_user": "x"})) == ["/name"]
    assert _pointers(acme.call("POST", "/keys", {"user": name, "role": "VIEW"})) == ["/user"]


# --- keys --------------------------------------------------------------------------------------------


def test_a_new_key_works_and_its_secret_is_shown_and_stored_nowhere_again(acme: World) -> None:
    made = _new_key(acme, role="CONFIG")
    key = ApiKey.parse(made["api_key"])
    assert key is not None
    assert acme.call("GET", "/jobs", key=key.text).status == 200
    listed = {each["id"]: each for each in acme.call("GET", "/keys").body["keys"]}
    admin = ApiKey.parse(acme.key)
    assert admin is not None
    assert listed[key.id] == {name: value for name, value in made.items() if name != "api_key"}
    assert (listed[key.id]["created_by"], listed[key.id]["role"]) == (admin.id, "CONFIG")
    assert key.text.startswith(listed[key.id]["prefix"])
    assert key.secret not in json.dumps([listed, table_rows()], default=str)


def test_the_keys_are_listed_in_pages_without_a_gap(acme: World) -> None:
    made = {_new_key(acme)["id"] for _ in range(5)}
    seen, path = [], "/keys?limit=2"
    while path:
        page = acme.call("GET", path)
        assert len(page.body["keys"]) <= 2
        seen += [each["id"] for each in page.body["keys"]]
        path = page.headers.get("link", "").partition(">")[0].removeprefix("<")
    admin = ApiKey.parse(acme.key)
    assert admin is not None
    assert sorted(seen) == sorted(made | {admin.id})


def test_a_key_ends_when_it_expires(acme: World) -> None:
    with time_machine.travel(_NOON, tick=False) as clock:
        key = _new_key(acme, expires="2026-11-22T13:00:00+00:30")["api_key"]
        clock.shift(1799.999)
        assert acme.call("GET", "/jobs", key=key).status == 200
        clock.shift(0.001)
        assert acme.call("GET", "/jobs", key=key).status == 401


@pytest.mark.parametrize("expires", ["2020-01-01T00:00:00Z", "tomorrow", "2126-01-01T00:00:00", 7])
def test_an_expiry_is_a_time_in_the_future_with_its_zone(acme: World, expires: Any) -> None:
    answer = acme.call("POST", "/keys", {"user": "jo", "role": "VIEW", "expires": expires})
    assert _pointers(answer) == ["/expires"]


def test_a_revoked_key_is_refused_within_a_minute_and_may_be_revoked_again(acme: World) -> None:
    from mediajobs.store import account

    with time_machine.travel(_NOON, tick=False) as clock:
        made = _new_key(acme)
        assert acme.call("GET", "/jobs", key=made["api_key"]).status == 200
        elsewhere = dict(account._cache)
        for _ in range(2):
            assert acme.call("DELETE", f"/keys/{made['id']}").status == 204
        # Another process still believes what it has read.
        account._cache.update(elsewhere)
        assert acme.call("GET", "/jobs", key=made["api_key"]).status == 200
        clock.shift(60)
        assert acme.call("GET", "/jobs", key=made["api_key"]).status == 401
    (listed,) = (each for each in acme.call("GET", "/keys").body["keys"] if each["id"] == made["id"])
    assert listed["revoked"] == "2026-11-22T12:00:00.000Z"


def test_a_rotated_key_has_the_user_and_role_of_the_old_one_which_ends_after_the_overlap(acme: World) -> None:
    with time_machine.travel(_NOON, tick=False) as clock:
        old = _new_key(acme, role="SUBMIT")
        new = acme.call("POST", f"/keys/{old['id']}/rotate", {"overlap_seconds": 3600}).body
        assert (new["user"], new["role"], new["expires"]) == (old["user"], "SUBMIT", None)
        (retired,) = (each for each in acme.call("GET", "/keys").body["keys"] if each["id"] == old["id"])
        assert (retired["expires"], retired["replaced_by"]) == ("2026-11-22T13:00:00.000Z", new["id"])
        for seconds, status in ((3599, 200), (1, 401)):
            clock.shift(seconds)
            assert acme.call("GET", "/jobs", key=old["api_key"]).status == status
            assert acme.call("GET", "/jobs", key=new["api_key"]).status == 200


@pytest.mark.parametrize(("seconds", "status"), [(-1, 422), (0, 201), (604_800, 201), (604_801, 422)])
def test_an_overlap_is_at_most_a_week(acme: World, seconds: int, status: int) -> None:
    key_id = _new_key(acme)["id"]
    assert acme.call("POST", f"/keys/{key_id}/rotate", {"overlap_seconds": seconds}).status == status


def test_a_key_is_rotated_once_and_only_while_it_is_valid(acme: World) -> None:
    key_id = _new_key(acme)["id"]
    assert acme.call("POST", f"/keys/{key_id}/rotate").status == 201
    assert acme.call("POST", f"/keys/{key_id}/rotate").status == 409
    revoked, invitation = _new_key(acme)["id"], _new_key(acme, invitation=True)["id"]
    acme.call("DELETE", f"/keys/{revoked}")
    for each in (revoked, invitation):
        assert acme.call("POST", f"/keys/{each}/rotate").status == 409


def test_the_last_admin_key_that_does_not_expire_stays(acme: World) -> None:
    first = ApiKey.parse(acme.key)
    assert first is not None
    _new_key(acme, role="ADMIN", expires="2126-01-01T00:00:00Z")
    _new_key(acme, role="ADMIN", invitation=True)
    assert acme.call("DELETE", f"/keys/{first.id}").status == 409
    second = acme.call("POST", f"/keys/{first.id}/rotate").body
    assert acme.call("DELETE", f"/keys/{second['id']}").status == 409
    assert acme.call("DELETE", f"/keys/{first.id}").status == 204
    third = _new_key(acme, key=second["api_key"], role="ADMIN")
    assert acme.call("DELETE", f"/keys/{second['id']}", key=third["api_key"]).status == 204
    assert acme.call("DELETE", f"/keys/{third['id']}", key=third["api_key"]).status == 409


def test_two_admins_who_revoke_each_other_at_once_do_not_both_succeed(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediajobs.store import account

    first = ApiKey.parse(acme.key)
    assert first is not None
    second = _new_key(acme, role="ADMIN")
    real = account.transact
    races: list[int] = []

    def slow(changes: Any) -> None:
        if not races:
            races.append(1)
            races.append(acme.call("DELETE", f"/keys/{first.id}", key=second["api_key"]).status)
        real(changes)

    monkeypatch.setattr(account, "transact", slow)
    assert acme.call("DELETE", f"/keys/{second['id']}").status == 409
    assert races[1] == 204
    assert acme.call("GET", "/keys", key=second["api_key"]).status == 200


# --- joining -----------------------------------------------------------------------------------------


def test_an_invitation_can_do_nothing_but_let_a_key_join_once(acme: World, other: Any) -> None:
    invitation = _new_key(acme, key=other.api_key, role="CONFIG", invitation=True)["api_key"]
    assert acme.call("GET", "/jobs", key=invitation).status == 401
    first, second = acme.key_of("VIEW"), acme.key_of("VIEW")
    answer = acme.call("POST", "/organizations/join", {"invitation": invitation}, key=first)
    assert (answer.status, answer.body["name"], answer.body["role"]) == (200, "Other", "CONFIG")
    again = acme.call("POST", "/organizations/join", {"invitation": invitation}, key=second)
    assert _pointers(again) == ["/invitation"]
    names = [each["name"] for each in acme.call("GET", "/organizations", key=first).body["organizations"]]
    assert names == ["Acme", "Other"]
    listed = {each["id"]: each for each in acme.call("GET", "/keys", key=other.api_key).body["keys"]}
    used, joined = ApiKey.parse(invitation), ApiKey.parse(first)
    assert used is not None
    assert joined is not None
    assert (listed[used.id]["replaced_by"], listed[joined.id]["role"]) == (joined.id, "CONFIG")


@pytest.mark.parametrize("kind", ["key", "malformed", "unknown", "revoked", "expired", "wrong secret"])
def test_an_invitation_that_is_none_is_refused(acme: World, other: Any, kind: str) -> None:
    with time_machine.travel(_NOON, tick=False) as clock:
        made = _new_key(acme, key=other.api_key, invitation=kind != "key", expires="2026-11-22T12:01:00Z")
        text = made["api_key"]
        if kind == "malformed":
            text = text[:-1]
        elif kind == "unknown":
            text = ApiKey.new().text
        elif kind == "wrong secret":
            text = ApiKey(made["id"], ApiKey.new().secret).text
        elif kind == "revoked":
            acme.call("DELETE", f"/keys/{made['id']}", key=other.api_key)
        elif kind == "expired":
            clock.shift(60)
        assert _pointers(acme.call("POST", "/organizations/join", {"invitation": text})) == ["/invitation"]


def test_who_has_a_role_already_keeps_it(acme: World, other: Any) -> None:
    key = _joined(acme, other, role="SUBMIT")
    invitation = _new_key(acme, key=other.api_key, role="ADMIN", invitation=True)["api_key"]
    assert acme.call("POST", "/organizations/join", {"invitation": invitation}, key=key).status == 409
    roles = [each["role"] for each in acme.call("GET", "/organizations", key=key).body["organizations"]]
    assert roles == ["SUBMIT", "SUBMIT"]


def test_a_key_that_is_taken_out_of_one_organization_stays_in_the_other_and_may_come_back(
    acme: World, other: Any
) -> None:
    key = _joined(acme, other)
    parsed = ApiKey.parse(key)
    assert parsed is not None
    assert acme.call("DELETE", f"/keys/{parsed.id}", key=other.api_key).status == 204
    assert acme.call("GET", "/jobs", key=key).status == 200
    assert acme.call("GET", "/jobs?organization=Other", key=key).status == 422
    invitation = _new_key(acme, key=other.api_key, invitation=True)["api_key"]
    assert acme.call("POST", "/organizations/join", {"invitation": invitation}, key=key).status == 200
    assert acme.call("GET", "/jobs?organization=Other", key=key).status == 200


def test_nobody_gets_a_secret_for_an_organization_where_they_are_not_admin(acme: World, other: Any) -> None:
    key = ApiKey.parse(_joined(acme, other))
    assert key is not None
    for admin in (acme.key, other.api_key):
        assert acme.call("POST", f"/keys/{key.id}/rotate", key=admin).status == 403
    boss = _new_key(acme, role="ADMIN")["api_key"]
    invitation = _new_key(acme, key=other.api_key, role="ADMIN", invitation=True)["api_key"]
    acme.call("POST", "/organizations/join", {"invitation": invitation}, key=boss)
    rotated = acme.call("POST", f"/keys/{key.id}/rotate?organization=Acme", key=boss).body["api_key"]
    assert len(acme.call("GET", "/organizations", key=rotated).body["organizations"]) == 2


def test_a_key_has_roles_in_at_most_20_organizations(acme: World) -> None:
    key = acme.key_of("VIEW")
    for number in range(MAX_ORGANIZATIONS):
        admin = bootstrap(f"Org {number}", 1, []).api_key
        invitation = _new_key(acme, key=admin, invitation=True)["api_key"]
        answer = acme.call("POST", "/organizations/join", {"invitation": invitation}, key=key)
        assert answer.status == (200 if number < MAX_ORGANIZATIONS - 1 else 409)


def test_a_refused_call_is_not_logged_as_the_callers_before_it(acme: World) -> None:
    from mediajobs.log import logger

    acme.call("GET", "/jobs")
    assert logger.get_current_keys()["organization"] == acme.organization
    acme.call("GET", "/jobs", key="mj_wrong")
    assert not {"organization", "key_id"} & {
        name for name, value in logger.get_current_keys().items() if value
    }


def test_authentication_costs_one_read_a_minute(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from mediajobs.store import account, stored_key

    key = acme.key_of("VIEW")
    reads: list[Any] = []
    real = stored_key.get

    def get(*given: Any, **more: Any) -> Any:
        reads.append(given)
        return real(*given, **more)

    monkeypatch.setattr(stored_key, "get", get)
    account._cache.clear()
    for _ in range(3):
        assert acme.call("GET", "/pools", key=key).status == 200
    assert len(reads) == 1
