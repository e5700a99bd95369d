"""Triggers in the table: one row each, in their organization's partition."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mediajobs.store.pack import pack, unpack
from mediajobs.store.read import between, get
from mediajobs.store.write import Delete, Put, Update, equals, write
from mediajobs.table import organization_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An organization's wish that an event makes a job. Times are milliseconds since the epoch."""

    organization: str
    id: str
    #: As it was put: what it waits for, and the job it makes.
    content: Mapping[str, Any]
    created: int
    created_by: str
    updated: int
    version: int = 1


def create(trigger: Trigger) -> None:
    """Keep a new trigger; what was sent twice, as its answer was lost, is the same."""
    key, sort = _key(trigger)
    write(Put({"pk": key, "sk": sort, **_attributes(trigger)}, condition=None))


def find(organization: str, trigger_id: str) -> Trigger | None:
    """A trigger by its id."""
    row = get(organization_key(organization), _sort(trigger_id))
    return None if row is None else _of(organization, row)


def every(organization: str) -> list[Trigger]:
    """All triggers of an organization, by id: in the order of their creation."""
    rows = between(organization_key(organization), _sort(""), _sort("~"))
    return [_of(organization, row) for row in rows]


def change(old: Trigger, content: Mapping[str, Any], *, at: int) -> Trigger:
    """Give a trigger other content. Raises ConditionFailed if it has changed since it was read."""
    made = replace(old, content=content, updated=at, version=old.version + 1)
    write(Update(_key(old), _attributes(made), equals(version=old.version)))
    return made


def delete(organization: str, trigger_id: str) -> None:
    """Let a trigger be gone, if it is there."""
    write(Delete((organization_key(organization), _sort(trigger_id))))


def _of(organization: str, row: Mapping[str, Any]) -> Trigger:
    known = {name: row[name] for name in ("id", "created", "created_by", "updated", "version")}
    return Trigger(organization=organization, content=unpack(row["content"]), **known)


def _attributes(trigger: Trigger) -> dict[str, Any]:
    known = {name: getattr(trigger, name) for name in ("id", "created", "created_by", "updated", "version")}
    return {**known, "content": pack(dict(trigger.content))}


def _key(trigger: Trigger) -> tuple[str, str]:
    return organization_key(trigger.organization), _sort(trigger.id)


def _sort(trigger_id: str) -> str:
    return f"TRIGGER#{trigger_id}"
