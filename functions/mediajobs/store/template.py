"""Templates in the table: versions that never change, and the row that says which ones can be used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mediajobs.store.pack import pack, unpack
from mediajobs.store.read import between, get
from mediajobs.store.write import ConditionFailed, Put, Update, equals, transact, write
from mediajobs.table import organization_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A template's name, its last version, and the last one that was withdrawn with all before it."""

    name: str
    version: int
    withdrawn: int
    description: str | None
    updated: int
    updated_by: str

    @property
    def is_live(self) -> bool:
        """Whether its last version can be used."""
        return self.withdrawn < self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a template; `content` is what was put. `created` is in milliseconds since the epoch."""

    name: str
    version: int
    created: int
    created_by: str
    content: Mapping[str, Any]

    @property
    def id(self) -> str:
        """How a job names it."""
        return f"{self.name}@{self.version}"


def head(organization: str, name: str) -> Head | None:
    """The head of a template, also of one whose versions are all withdrawn."""
    row = get(organization_key(organization), f"TEMPLATE#{name}")
    return None if row is None else _head(row)


def version(organization: str, name: str, number: int) -> Version | None:
    """A version, withdrawn or not."""
    row = get(organization_key(organization), _sort(name, number))
    if row is None:
        return None
    known = {field: row[field] for field in ("name", "version", "created", "created_by")}
    return Version(**known, content=unpack(row["content"]))


def after(organization: str, name: str) -> Iterator[Head]:
    """The templates that can be used behind a name, by name."""
    rows = between(organization_key(organization), f"TEMPLATE#{name} ", "TEMPLATE#~", consistent=False)
    return (each for row in rows if (each := _head(row)).is_live)


def put(organization: str, name: str, content: Mapping[str, Any], *, at: int, by: str) -> Version:
    """A new version, unless the last one is the same and can be used: then that one."""
    key = organization_key(organization)
    while True:
        old = head(organization, name)
        if old is not None and old.is_live:
            last = version(organization, name, old.version)
            if last is not None and last.content == content:
                return last
        made = Version(
            name=name,
            version=old.version + 1 if old else 1,
            created=at,
            created_by=by,
            content=content,
        )
        changes = {
            "name": name,
            "version": made.version,
            "description": content.get("description"),
            "updated": at,
            "updated_by": by,
            **({} if old else {"withdrawn": 0}),
        }
        condition = equals(version=old.version if old else None)
        row = {
            "pk": key,
            "sk": _sort(name, made.version),
            "name": name,
            "version": made.version,
            "created": at,
            "created_by": by,
            "content": pack(content),
        }
        try:
            transact([Update((key, f"TEMPLATE#{name}"), changes, condition), Put(row, None)])
        except ConditionFailed:
            continue
        return made


def withdraw(organization: str, name: str) -> bool:
    """No version that there is can be used any more; False if there was none to use."""
    while True:
        old = head(organization, name)
        if old is None or not old.is_live:
            return False
        key = (organization_key(organization), f"TEMPLATE#{name}")
        try:
            write(Update(key, {"withdrawn": old.version}, equals(version=old.version)))
        except ConditionFailed:
            continue
        return True


def _sort(name: str, number: int) -> str:
    return f"TEMPLATEVERSION#{name}#{number:06d}"


def _head(row: Mapping[str, Any]) -> Head:
    known: dict[str, Any] = {field: row.get(field) for field in Head.__slots__}
    return Head(**known)
