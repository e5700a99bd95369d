"""Documents: what an organization keeps for its jobs in a vendor's words, such as pipelines or profiles."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mediajobs.errors import Conflict
from mediajobs.store.pack import pack, unpack
from mediajobs.store.read import between, get
from mediajobs.store.write import ConditionFailed, Put, Update, equals, transact, write
from mediajobs.table import organization_key

#: Of one kind in an organization, deleted ones included: a list reads them all.
MAX_DOCUMENTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document. Times are milliseconds since the epoch; `content` is JSON, and nothing secret."""

    organization: str
    kind: str
    #: Counts an organization's documents of a kind from 1 in the order of creation.
    number: int
    content: Mapping[str, Any]
    created: int
    updated: int
    version: int = 1


def create(organization: str, kind: str, content: Mapping[str, Any], *, at: int) -> Document:
    """Make a document. Raises Conflict if there are too many."""
    key, counter = organization_key(organization), f"DOCUMENTS#{kind}"
    while True:
        row = get(key, counter)
        last = row["last"] if row else None
        if last == MAX_DOCUMENTS:
            raise Conflict(f"An organization can make {MAX_DOCUMENTS} of these")
        made = Document(
            organization=organization,
            kind=kind,
            number=(last or 0) + 1,
            content=content,
            created=at,
            updated=at,
        )
        row = {
            "content": pack(dict(content)),
            **{name: getattr(made, name) for name in ("number", "created", "updated", "version")},
        }
        try:
            transact(
                [
                    # Whose number it is, the count below decides.
                    Put({"pk": key, "sk": _sort(kind, made.number), **row}, None),
                    Update((key, counter), {"last": made.number}, equals(last=last)),
                ]
            )
        except ConditionFailed:
            continue
        return made


def find(organization: str, kind: str, number: int) -> Document | None:
    """A document by its number, unless it is deleted."""
    if not 0 < number <= MAX_DOCUMENTS:
        return None
    row = get(organization_key(organization), _sort(kind, number))
    return None if row is None or "deleted" in row else _of(organization, kind, row)


def every(organization: str, kind: str) -> list[Document]:
    """All documents of a kind, by number."""
    rows = between(organization_key(organization), _sort(kind, 0), f"DOCUMENT#{kind}#~", consistent=False)
    return [_of(organization, kind, row) for row in rows if "deleted" not in row]


def change(document: Document, content: Mapping[str, Any], *, at: int) -> Document:
    """Give a document other content. Raises ConditionFailed if it has changed since it was read."""
    changed = replace(document, content=content, updated=at, version=document.version + 1)
    changes = {"content": pack(dict(content)), "updated": at, "version": changed.version}
    write(Update(_key(document), changes, equals(version=document.version)))
    return changed


def delete(document: Document, *, at: int) -> None:
    """Let a document be gone; its number is never given again. Raises ConditionFailed if it has changed."""
    changes = {"deleted": at, "content": None, "version": document.version + 1}
    write(Update(_key(document), changes, equals(version=document.version)))


def _of(organization: str, kind: str, row: Mapping[str, Any]) -> Document:
    return Document(
        organization=organization,
        kind=kind,
        content=unpack(row["content"]),
        **{name: row[name] for name in ("number", "created", "updated", "version")},
    )


def _key(document: Document) -> tuple[str, str]:
    return organization_key(document.organization), _sort(document.kind, document.number)


def _sort(kind: str, number: int) -> str:
    return f"DOCUMENT#{kind}#{number:04d}"
