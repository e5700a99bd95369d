"""What an organization keeps in a vendor's words."""

import pytest

from mediajobs.errors import Conflict
from mediajobs.store import document
from mediajobs.store.write import ConditionFailed
from tests.world import World

_KIND = "test-profile"


def test_documents_are_numbered_kept_changed_and_deleted(acme: World) -> None:
    one, two = (document.create(acme.organization, _KIND, {"n": n}, at=1) for n in (1, 2))
    assert [each.number for each in document.every(acme.organization, _KIND)] == [1, 2]
    changed = document.change(one, {"n": 1.5}, at=2)
    found = document.find(acme.organization, _KIND, 1)
    assert found == changed
    assert found is not None
    assert (found.content, found.created, found.updated, found.version) == ({"n": 1.5}, 1, 2, 2)
    document.delete(two, at=3)
    assert document.find(acme.organization, _KIND, 2) is None
    assert document.create(acme.organization, _KIND, {}, at=4).number == 3


def test_a_change_to_what_has_changed_is_refused(acme: World) -> None:
    one = document.create(acme.organization, _KIND, {}, at=1)
    document.change(one, {"a": 1}, at=2)
    for late in (lambda: document.change(one, {"b": 1}, at=3), lambda: document.delete(one, at=3)):
        with pytest.raises(ConditionFailed):
            late()


def test_kinds_and_organizations_do_not_see_each_other(acme: World) -> None:
    document.create(acme.organization, _KIND, {}, at=1)
    assert document.every(acme.organization, "test-prof") == []
    assert document.find("other", _KIND, 1) is None
    assert document.find(acme.organization, _KIND, 0) is None


def test_there_are_only_so_many(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_DOCUMENTS", 2)
    for _ in range(2):
        document.create(acme.organization, _KIND, {}, at=1)
    with pytest.raises(Conflict):
        document.create(acme.organization, _KIND, {}, at=1)
