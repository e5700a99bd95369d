"""Webhooks in the table: one row each, in their organization's partition."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mediajobs.store.read import between, get
from mediajobs.store.write import ConditionFailed, Delete, Put, Update, equals, write
from mediajobs.table import organization_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An organization's wish to be told. Times are milliseconds since the epoch."""

    organization: str
    id: str
    #: Without what may be secret.
    url: str
    #: Types of messages, such as `job.success`.
    events: frozenset[str]
    format: str
    enabled: bool
    description: str | None = None
    #: Why the service itself has disabled it.
    disabled_because: str | None = None
    #: Until when the secret before the last rotation is signed with too.
    previous_until: int | None = None
    #: Whether its URL or headers carry credentials.
    has_credentials: bool = False
    created: int
    created_by: str
    updated: int
    version: int = 1
    #: Its signing secrets and credentials, encrypted.
    sealed: bytes

    @classmethod
    def of(cls, organization: str, row: Mapping[str, Any]) -> "Webhook":
        """The webhook of a row."""
        return cls(organization=organization, **{name: row[name] for name in cls.__slots__ if name in row})

    def wants(self, kind: str) -> bool:
        """Whether it is told of that type of message."""
        return self.enabled and kind in self.events


def create(webhook: Webhook) -> None:
    """Keep a new webhook; what was sent twice, as its answer was lost, is the same."""
    key, sort = _key(webhook)
    write(Put({**_attributes(webhook), "pk": key, "sk": sort}, condition=None))


def find(organization: str, webhook_id: str) -> Webhook | None:
    """A webhook by its id."""
    row = get(organization_key(organization), _sort(webhook_id))
    return None if row is None else Webhook.of(organization, row)


def every(organization: str) -> list[Webhook]:
    """All webhooks of an organization, by id: in the order of their creation."""
    rows = between(organization_key(organization), _sort(""), _sort("~"))
    return [Webhook.of(organization, row) for row in rows]


def change(old: Webhook, *, at: int, **changes: Any) -> Webhook:
    """Give a webhook other properties. Raises ConditionFailed if it has changed since it was read."""
    made = replace(old, **changes, updated=at, version=old.version + 1)
    attributes = _attributes(made)
    write(Update(_key(old), attributes, equals(version=old.version)))
    return made


def disable(webhook: Webhook, because: str, *, at: int) -> None:
    """Tell it nothing any more, unless it has changed since it was read."""
    try:
        change(webhook, at=at, enabled=False, disabled_because=because)
    except ConditionFailed:
        return


def delete(organization: str, webhook_id: str) -> None:
    """Let a webhook be gone, if it is there."""
    write(Delete((organization_key(organization), _sort(webhook_id))))


def _attributes(webhook: Webhook) -> dict[str, Any]:
    return {name: getattr(webhook, name) for name in Webhook.__slots__ if name != "organization"}


def _key(webhook: Webhook) -> tuple[str, str]:
    return organization_key(webhook.organization), _sort(webhook.id)


def _sort(webhook_id: str) -> str:
    return f"WEBHOOK#{webhook_id}"
