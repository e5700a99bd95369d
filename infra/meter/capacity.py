"""DynamoDB's capacity rules: what one read or write of one row costs the table and each index.

Items are DynamoDB's own JSON: `{"pk": {"S": "…"}, "bytes": {"N": "12"}}`. The rules are those of the
developer guide ("Item sizes and formats", "Read and write operations", "Global secondary indexes"):

- a write costs one unit for each started KB of the larger of the item before and after it, at least one;
- a refused condition costs the same by the item that stood there, and touches no index;
- a transaction does every write of the table twice, to prepare and to commit;
- an index entry costs nothing if it is unchanged, one write if it appears, changes or goes, and two (a delete
  and a put) if its key changes;
- an index follows by itself, after the commit and outside it, so an index write of a transaction counts once.
  The guide leaves that open, so `Charge.at_most` has the dearer reading, in which it counts twice;
- a read costs one unit for each started 4 KB, half of it where it need not be consistent, double in a
  transaction; a Query adds up what it evaluates, also what a filter then drops, before it rounds.
"""

from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from mediajobs.table import INDEXES, PARTITION_KEY, SORT_KEY, Index

Item = Mapping[str, Mapping[str, Any]]

#: The place of a charge that is not an index.
TABLE = "table"

#: Bytes that a write unit writes, and that a read unit reads.
WRITE_BLOCK = 1024
_READ_BLOCK = 4096
#: A list or map, whatever is in it; and each of its elements.
_DOCUMENT_OVERHEAD = 3
_ELEMENT_OVERHEAD = 1


@dataclass(frozen=True)
class Charge:
    """Units that one operation costs one partition key, of the table or of an index."""

    kind: Literal["read", "write"]
    #: TABLE, or the index's name.
    place: str
    #: The partition key's value there.
    key: str
    units: float
    #: What happened: `put`, `update`, `delete`, `check`, `refused`, `read`; of an index entry also `move`.
    what: str
    transaction: bool = False

    @property
    def at_most(self) -> float:
        """The units if index writes of a transaction were doubled as the table's are."""
        return self.units * 2 if self.transaction and self.place != TABLE else self.units


def item_size(item: Item) -> int:
    """Bytes of an item: its attribute names and values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Bytes of one attribute value, without its name."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number_size(content)
        case "B":
            return _binary_size(content)
        case "BOOL" | "NULL":
            return 1
        case "SS":
            return sum(len(member.encode()) for member in content)
        case "NS":
            return sum(_number_size(member) for member in content)
        case "BS":
            return sum(_binary_size(member) for member in content)
        case "L":
            return _DOCUMENT_OVERHEAD + sum(_ELEMENT_OVERHEAD + value_size(element) for element in content)
        case "M":
            return _DOCUMENT_OVERHEAD + _ELEMENT_OVERHEAD * len(content) + item_size(content)
    raise ValueError(f"{kind} is not a type of DynamoDB")


def _number_size(text: str) -> int:
    """A byte for every two significant digits, one more, and one for a minus (which the guide omits)."""
    mantissa = text.lower().partition("e")[0]
    significant = mantissa.lstrip("+-").replace(".", "").strip("0")
    return 1 + ceil(len(significant) / 2) + mantissa.startswith("-")


def _binary_size(content: bytes | str) -> int:
    return len(content) if isinstance(content, bytes) else len(b64decode(content))


def write(
    before: Item | None,
    after: Item | None,
    *,
    key: str,
    transaction: bool = False,
    indexes: Sequence[Index] = INDEXES,
) -> list[Charge]:
    """The charges of a put, an update or a delete that changed `before` to `after` (None: there is no item).
    `key` is the partition key written to, since a delete of nothing is charged too."""
    what = "delete" if after is None else "put" if before is None else "update"
    return [
        _table_write(what, key, _write_blocks(before, after), transaction),
        *(charge for index in indexes for charge in _index_writes(index, before, after, transaction)),
    ]


def refused(standing: Item | None, *, key: str, transaction: bool = False) -> list[Charge]:
    """The charge of a write that a condition or its transaction cancelled, over the item `standing`.
    Every member of a cancelled transaction counts double, which is the dearest it can be."""
    return [_table_write("refused", key, _write_blocks(standing), transaction)]


def check(standing: Item | None, *, key: str) -> list[Charge]:
    """The charge of a transaction's ConditionCheck, which is a write that changes nothing."""
    return [_table_write("check", key, _write_blocks(standing), True)]


def get(item: Item | None, *, key: str, consistent: bool = False, transaction: bool = False) -> list[Charge]:
    """The charge of reading one item by its key, alone, in a batch or in a transaction; no item costs too."""
    blocks = _blocks(item_size(item or {}), _READ_BLOCK)
    units = blocks * 2 if transaction else blocks if consistent else blocks / 2
    return [Charge("read", TABLE, key, units, "read", transaction)]


def query(
    evaluated: Iterable[Item], *, key: str, index: Index | None = None, consistent: bool = False
) -> list[Charge]:
    """The charge of a Query that evaluated these items (whole rows; of an index only its entries count)."""
    size = sum(item_size(_entry(index, item) or {} if index else item) for item in evaluated)
    blocks = _blocks(size, _READ_BLOCK)
    return [Charge("read", index.name if index else TABLE, key, blocks if consistent else blocks / 2, "read")]


def _table_write(what: str, key: str, blocks: int, transaction: bool) -> Charge:
    return Charge("write", TABLE, key, blocks * (2 if transaction else 1), what, transaction)


def _index_writes(
    index: Index, before: Item | None, after: Item | None, transaction: bool
) -> Iterable[Charge]:
    old, new = _entry(index, before), _entry(index, after)

    def charge(what: str, *entries: Item) -> Charge:
        key = str(next(iter(entries[0][index.partition_key].values())))
        return Charge("write", index.name, key, _write_blocks(*entries), what, transaction)

    if old is None:
        if new is not None:
            yield charge("put", new)
    elif new is None:
        yield charge("delete", old)
    elif any(old[name] != new[name] for name in (index.partition_key, index.sort_key)):
        yield charge("move", old)
        yield charge("move", new)
    elif old != new:
        yield charge("update", old, new)


def _entry(index: Index, item: Item | None) -> Item | None:
    """What the index holds of an item; None if the item lacks one of the index's keys."""
    if item is None or index.partition_key not in item or index.sort_key not in item:
        return None
    names = {PARTITION_KEY, SORT_KEY, index.partition_key, index.sort_key, *index.projects}
    return {name: value for name, value in item.items() if name in names}


def _write_blocks(*items: Item | None) -> int:
    return max(_blocks(item_size(item or {}), WRITE_BLOCK) for item in items)


def _blocks(size: int, block: int) -> int:
    return max(1, ceil(size / block))
