"""Two at once at what is kept by version or number: both count, and neither undoes the other.

Each test lets somebody else go all the way between the moment when a request has read and the one when it
writes.
"""

from collections.abc import Callable
from typing import Any

import pytest

from mediajobs.api_key import ApiKey, Principal
from mediajobs.bootstrap import bootstrap
from mediajobs.errors import Conflict, InvalidRequest, NotFound
from mediajobs.job import Status
from mediajobs.organization import Role
from mediajobs.rate_limit import Limit
from mediajobs.store import (
    account,
    bundle,
    document,
    membership,
    named_secret,
    organization,
    pool,
    rate_limit,
    signing,
    stored_key,
    template,
    trigger,
    webhook,
    write,
)
from mediajobs.store.trigger import Trigger
from mediajobs.store.webhook import Webhook
from mediajobs.store.write import ConditionFailed
from tests.moto_account import REGION, table_rows
from tests.world import World

Between = Callable[[Callable[[], object]], None]


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Between:
    """Says what happens before the next write goes out."""
    real = write._through_conflicts
    waiting: list[Callable[[], object]] = []

    def send(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if waiting:
            waiting.pop()()
        return real(call)

    monkeypatch.setattr(write, "_through_conflicts", send)
    return waiting.append


# --- numbers and names -------------------------------------------------------------------------------


def test_two_bundles_at_once_have_two_numbers(acme: World, between: Between) -> None:
    between(lambda: bundle.create(acme.organization, "second", at=1, by="x"))
    bundle.create(acme.organization, "first", at=1, by="x")
    for name, number in (("second", 1), ("first", 2)):
        named = bundle.named(acme.organization, name)
        assert named is not None
        assert named.number == number
        assert bundle.numbered(acme.organization, number) == bundle.find(acme.organization, named.id) == named


def test_one_name_at_once_is_one_bundle(acme: World, between: Between) -> None:
    between(lambda: bundle.create(acme.organization, "name", at=1, by="x"))
    with pytest.raises(Conflict):
        bundle.create(acme.organization, "name", at=1, by="x")
    assert [each.number for each in bundle.page(acme.organization, None, after=None, limit=9)[0]] == [1]


def test_two_documents_at_once_have_two_numbers(acme: World, between: Between) -> None:
    between(lambda: document.create(acme.organization, "kind", {"is": "second"}, at=1))
    document.create(acme.organization, "kind", {"is": "first"}, at=1)
    found = document.every(acme.organization, "kind")
    assert [(each.number, each.content["is"]) for each in found] == [(1, "second"), (2, "first")]


def test_a_document_that_has_changed_or_is_deleted_is_not_changed_as_it_was_read(acme: World) -> None:
    old = document.create(acme.organization, "kind", {}, at=1)
    new = document.change(old, {"is": "new"}, at=2)
    for stale in (lambda: document.change(old, {}, at=3), lambda: document.delete(old, at=3)):
        with pytest.raises(ConditionFailed):
            stale()
    assert document.find(acme.organization, "kind", 1) == new
    document.delete(new, at=4)
    assert document.find(acme.organization, "kind", 1) is None
    assert document.create(acme.organization, "kind", {}, at=5).number == 2


def test_two_organizations_at_once_have_two_numbers(acme: World, between: Between) -> None:
    between(lambda: account.create_organization("Second", "x", at=1, by="x"))
    first, _ = account.create_organization("First", "x", at=1, by="x")
    names = [each.name for each in organization.every()]
    assert names == ["Acme", "Second", "First"]
    assert organization.id_of("first") == first.id


def test_one_name_at_once_is_one_organization(acme: World, between: Between) -> None:
    between(lambda: account.create_organization("Name", "x", at=1, by="x"))
    with pytest.raises(Conflict):
        account.create_organization("name", "x", at=1, by="x")
    assert [each.name for each in organization.every()] == ["Acme", "Name"]


# --- versions ----------------------------------------------------------------------------------------


def test_two_versions_of_a_template_at_once_both_stay(acme: World, between: Between) -> None:
    for first, second in ((1, 2), (3, 4)):
        between(lambda n=first: template.put(acme.organization, "it", {"is": n}, at=1, by="x"))  # type: ignore[misc]
        assert template.put(acme.organization, "it", {"is": second}, at=1, by="x").version == second
    for number in (1, 2, 3, 4):
        found = template.version(acme.organization, "it", number)
        assert found is not None
        assert found.content == {"is": number}


def test_a_template_that_is_put_while_it_is_withdrawn_is_withdrawn_too(acme: World, between: Between) -> None:
    template.put(acme.organization, "it", {"is": 1}, at=1, by="x")
    between(lambda: template.put(acme.organization, "it", {"is": 2}, at=1, by="x"))
    assert template.withdraw(acme.organization, "it")
    head = template.head(acme.organization, "it")
    assert head is not None
    assert (head.version, head.is_live) == (2, False)


def test_a_template_that_is_withdrawn_while_it_is_put_can_be_used(acme: World, between: Between) -> None:
    template.put(acme.organization, "it", {"is": 1}, at=1, by="x")
    between(lambda: template.withdraw(acme.organization, "it"))
    template.put(acme.organization, "it", {"is": 2}, at=1, by="x")
    head = template.head(acme.organization, "it")
    assert head is not None
    assert (head.version, head.withdrawn, head.is_live) == (2, 1, True)


def test_a_trigger_and_a_webhook_that_have_changed_are_not_changed_as_they_were_read(acme: World) -> None:
    old = Trigger(organization=acme.organization, id="t", content={}, created=1, created_by="x", updated=1)
    trigger.create(old)
    trigger.change(old, {"is": "new"}, at=2)
    with pytest.raises(ConditionFailed):
        trigger.change(old, {}, at=3)
    hook = Webhook(
        organization=acme.organization,
        id="w",
        url="u",
        events=frozenset({"job.failed"}),
        format="f",
        enabled=True,
        created=1,
        created_by="x",
        updated=1,
        sealed=b"x",
    )
    webhook.create(hook)
    webhook.change(hook, at=2, url="new")
    with pytest.raises(ConditionFailed):
        webhook.change(hook, at=3, url="old")
    assert [each.url for each in webhook.every(acme.organization)] == ["new"]


def test_two_calls_at_once_are_counted_twice(acme: World, between: Between) -> None:
    limit = Limit(a_minute=9, a_day=9)
    for calls in (2, 4):
        between(lambda: rate_limit.take(acme.organization, "key", "name", limit, 1))
        assert rate_limit.take(acme.organization, "key", "name", limit, 1).today == calls


def test_two_capacities_at_once_are_told_one_after_the_other(acme: World, between: Between) -> None:
    between(lambda: pool.set_capacity(acme.organization, REGION, 8, at=1, by="second"))
    made = pool.set_capacity(acme.organization, REGION, 9, at=1, by="first")
    told = [
        (row["by"]["S"], row["capacity"]["N"])
        for row in table_rows()
        if row["pk"]["S"].endswith(f"#POOL#{REGION}") and row["sk"]["S"].startswith("EVENT#")
    ]
    assert told[1:] == [("second", "8"), ("first", "9")]
    assert made == pool.find(acme.organization, REGION)


def test_a_default_region_does_not_undo_a_change_of_admins(acme: World, between: Between) -> None:
    between(lambda: acme.key_of("ADMIN"))
    changed = organization.set_default_region(acme.organization, REGION)
    assert len(changed.admins) == 2
    assert organization.find(acme.organization) == changed


def test_two_admins_at_once_are_both_counted(acme: World, between: Between) -> None:
    between(lambda: acme.key_of("ADMIN"))
    acme.key_of("ADMIN")
    found = organization.find(acme.organization)
    assert found is not None
    assert len(found.admins) == 3


def test_one_of_two_secrets_made_at_once_is_the_first(acme: World, between: Between) -> None:
    def put(sealed: bytes, at: int) -> named_secret.NamedSecret:
        return named_secret.put(acme.organization, "it", sealed, at=at, by="x")

    between(lambda: between(lambda: put(b"first", 1)))
    found = put(b"second", 2)
    assert (found.sealed, found.created, found.updated) == (b"second", 1, 2)


def test_the_key_for_signing_is_the_one_that_was_made_first(acme: World, between: Between) -> None:
    signing.key.cache_clear()
    made = []

    def other() -> None:
        made.append(signing.key.__wrapped__())

    try:
        between(other)
        assert [signing.key()] == made
    finally:
        signing.key.cache_clear()


# --- keys --------------------------------------------------------------------------------------------


def _principal(acme: World, key: ApiKey | None) -> Principal:
    assert key is not None
    return Principal(key.id, "x", {acme.organization: Role.ADMIN}, acme.organization)


def test_a_key_that_is_revoked_while_it_is_rotated_has_no_successor(acme: World, between: Between) -> None:
    old, _ = account.create_key(acme.organization, Role.ADMIN, user="x", by="x", at=1)
    between(lambda: account.revoke(acme.organization, old.id, at=2))
    with pytest.raises(Conflict):
        account.rotate(_principal(acme, ApiKey.parse(acme.key)), old.id, at=2, overlap=0)
    assert len(list(membership.after(acme.organization, "0"))) == 2


def test_a_rotated_key_takes_its_place_everywhere(acme: World) -> None:
    old, _ = account.create_key(acme.organization, Role.ADMIN, user="x", by="x", at=1)
    new, _ = account.rotate(_principal(acme, ApiKey.parse(acme.key)), old.id, at=2, overlap=0)
    found, key = membership.find(acme.organization, old.id), stored_key.find(old.id)
    assert found is not None
    assert key is not None
    assert (found.replaced_by, found.expires, key.replaced_by, key.expires) == (new.id, 2, new.id, 2)
    admins = organization.find(acme.organization)
    assert admins is not None
    assert new.id in admins.admins
    assert old.id not in admins.admins


def test_a_key_that_joins_two_organizations_at_once_has_a_role_in_both(acme: World, between: Between) -> None:
    key, _ = account.create_key(acme.organization, Role.VIEW, user="x", by="x", at=1)
    caller = Principal(key.id, "x", {acme.organization: Role.VIEW})
    others = [bootstrap(name, 1, [REGION]).organization_id for name in ("Second", "Third")]
    second, third = (
        account.create_key(each, Role.SUBMIT, user="x", by="x", at=1, invitation=True)[0] for each in others
    )
    between(lambda: account.join(caller, third, at=2))
    account.join(caller, second, at=2)
    found = stored_key.find(key.id)
    assert found is not None
    assert found.roles == {acme.organization: Role.VIEW, **dict.fromkeys(others, Role.SUBMIT)}


def test_an_invitation_lets_one_of_two_keys_join_at_once(acme: World, between: Between) -> None:
    other = bootstrap("Other", 1, [REGION])
    keys = [account.create_key(acme.organization, Role.VIEW, user="x", by="x", at=1)[0] for _ in range(2)]
    invitation, _ = account.create_key(
        other.organization_id, Role.ADMIN, user="x", by="x", at=1, invitation=True
    )

    def join(key: ApiKey) -> None:
        account.join(Principal(key.id, "x", {acme.organization: Role.VIEW}), invitation, at=2)

    between(lambda: join(keys[0]))
    with pytest.raises(InvalidRequest):
        join(keys[1])
    admins = organization.find(other.organization_id)
    assert admins is not None
    assert keys[0].id in admins.admins
    assert membership.find(other.organization_id, keys[1].id) is None
    used = membership.find(other.organization_id, invitation.id)
    assert used is not None
    assert (used.revoked, used.replaced_by) == (2, keys[0].id)
    assert account.principal(keys[0], 3).roles[other.organization_id] is Role.ADMIN  # type: ignore[union-attr]
    assert account.principal(invitation, 3) is None


def test_a_key_that_is_revoked_twice_at_once_is_revoked_once(acme: World, between: Between) -> None:
    key, _ = account.create_key(acme.organization, Role.ADMIN, user="x", by="x", at=1)
    between(lambda: account.revoke(acme.organization, key.id, at=2))
    account.revoke(acme.organization, key.id, at=3)
    found = membership.find(acme.organization, key.id)
    assert found is not None
    assert found.revoked == 2
    admins = organization.find(acme.organization)
    assert admins is not None
    assert key.id not in admins.admins
    with pytest.raises(NotFound):
        account.revoke(acme.organization, "unknown", at=4)


# --- submitting --------------------------------------------------------------------------------------


_SECRET = {"tool": "storage:get", "parameters": {"url": "https://u:secret@example.com/a"}}


def test_one_idempotency_key_at_once_is_one_job(acme: World, between: Between) -> None:
    ids = []

    def submit() -> None:
        answer = acme.call(
            "POST", "/jobs", {"tasks": [{"tool": "test:nothing"}]}, headers={"idempotency-key": "k"}
        )
        ids.append(answer.body["id"])

    between(submit)
    submit()
    assert ids[0] == ids[1]
    assert len(acme.call("GET", "/jobs").body["jobs"]) == 1


def test_one_idempotency_key_at_once_is_one_restart(acme: World, between: Between) -> None:
    job_id = acme.submit("test:nothing")
    acme.settle_down()
    answers = []

    def restart_and_run() -> None:
        answers.append(acme.call("POST", f"/jobs/{job_id}/restart", headers={"idempotency-key": "k"}))
        acme.settle_down()

    between(restart_and_run)
    restart_and_run()
    assert [(each.status, each.body["status"], each.body["attempt"]) for each in answers] == [
        (202, "Pending", 2),
        (202, "Success", 2),
    ]


def test_a_submission_whose_answer_was_lost_does_not_begin_the_job_again(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = write._through_conflicts

    def twice(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        monkeypatch.setattr(write, "_through_conflicts", real)
        real(call)
        acme.settle_down()
        return real(call)

    monkeypatch.setattr(write, "_through_conflicts", twice)
    job_id = acme.submit("test:nothing")
    assert acme.job(job_id)["status"] == Status.SUCCESS


def test_what_is_made_though_its_answer_was_lost_is_made_once(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = write._through_conflicts

    def twice(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        real(call)
        return real(call)

    monkeypatch.setattr(write, "_through_conflicts", twice)
    body = {"url": "https://hook.example.com/", "events": ["job.failed"]}
    assert acme.call("POST", "/webhooks", body).status == 201
    assert len(acme.call("GET", "/webhooks").body["webhooks"]) == 1
    made = Trigger(organization=acme.organization, id="t", content={}, created=1, created_by="x", updated=1)
    trigger.create(made)
    assert trigger.every(acme.organization) == [made]
