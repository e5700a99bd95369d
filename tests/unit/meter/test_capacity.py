"""The capacity model against the examples and the words of AWS's developer guide."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from infra.meter import capacity
from infra.meter.capacity import TABLE, Item, item_size
from mediajobs.table import Index

#: Keyed by `game`, ordered by `score`, as the guide's own example of a leader board.
BOARD = Index("board", "game", "score", sort_type="N", projects=("losses",))


def text(length: int) -> dict[str, str]:
    return {"S": "x" * length}


def item_of(size: int) -> Item:
    return {"pk": text(size - 2)}


def row(**attributes: Mapping[str, object]) -> Item:
    return {"pk": {"S": "player"}, "sk": {"S": "row"}, **attributes}


def units(charges: list[capacity.Charge], place: str = TABLE) -> float:
    return sum(charge.units for charge in charges if charge.place == place)


def write(before: Item | None, after: Item | None, *, transaction: bool = False) -> list[capacity.Charge]:
    return capacity.write(before, after, key="player", transaction=transaction, indexes=(BOARD,))


# Item sizes


def test_the_guides_shirt_is_23_bytes() -> None:
    assert item_size({"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}}) == 23


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "é"}, 2),
        ({"N": "0"}, 1),
        ({"N": "7"}, 2),
        ({"N": "1763822400000"}, 5),  # eight significant digits: the trailing zeros are trimmed
        ({"N": "0.0012"}, 2),
        ({"N": "1E+30"}, 2),
        ({"N": "-12"}, 3),
        ({"N": "12345678901234567890123456789012345678"}, 20),
        ({"B": b64encode(b"12345").decode()}, 5),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "234"]}, 5),
        ({"BS": [b64encode(b"ab").decode()]}, 2),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 3 + (1 + 2) + (1 + 1)),
        ({"M": {"name": {"S": "ab"}}}, 3 + 1 + 4 + 2),
        ({"M": {"a": {"L": [{"M": {}}]}}}, 3 + (1 + 1 + 3) + (1 + 3)),
    ],
)
def test_a_value_has_the_guides_size(value: dict[str, Any], size: int) -> None:
    assert capacity.value_size(value) == size


# Writes of the table


@pytest.mark.parametrize(("size", "expected"), [(500, 1), (1024, 1), (1025, 2), (3 * 1024 + 512, 4)])
def test_a_write_costs_a_unit_for_each_started_kb(size: int, expected: int) -> None:
    """The guide: 500 bytes cost one unit, 3.5 KB cost four."""
    assert units(write(None, item_of(size))) == expected


def test_an_update_costs_the_larger_of_before_and_after() -> None:
    assert units(write(item_of(5000), item_of(100))) == 5
    assert units(write(item_of(100), item_of(5000))) == 5


def test_a_delete_costs_the_item_and_a_delete_of_nothing_costs_one() -> None:
    assert units(write(item_of(2048), None)) == 2
    assert units(write(None, None)) == 1


def test_a_transaction_writes_the_table_twice() -> None:
    """The guide: one unit a KB to prepare and one to commit."""
    assert units(write(None, item_of(500), transaction=True)) == 2
    assert units(write(None, item_of(1500), transaction=True)) == 4
    assert units(capacity.check(item_of(1500), key="player")) == 4


def test_a_refused_condition_costs_the_item_that_stood_there() -> None:
    """The guide: a 310 KB put refused over an item of 300 KB costs 300."""
    assert units(capacity.refused(item_of(300 * 1024), key="player")) == 300
    assert units(capacity.refused(None, key="player")) == 1
    assert units(capacity.refused(None, key="player", transaction=True)) == 2


# Writes of an index


def test_an_index_is_written_once_when_an_entry_appears_and_once_when_it_goes() -> None:
    listed = row(game={"S": "chess"}, score={"N": "1"})
    assert units(write(None, listed), "board") == 1
    assert units(write(row(), listed), "board") == 1
    assert units(write(listed, row()), "board") == 1
    assert units(write(listed, None), "board") == 1


def test_an_item_without_both_keys_is_not_in_the_index() -> None:
    assert units(write(row(), row(game={"S": "chess"})), "board") == 0


def test_a_changed_index_key_is_a_delete_and_a_put_each_on_its_own_key() -> None:
    before = row(game={"S": "chess"}, score={"N": "1"})
    charges = write(before, row(game={"S": "go"}, score={"N": "1"}))
    assert {charge.key: charge.units for charge in charges if charge.place == "board"} == {
        "chess": 1,
        "go": 1,
    }
    assert units(write(before, row(game={"S": "chess"}, score={"N": "2"})), "board") == 2


def test_a_changed_projected_attribute_is_one_index_write_and_another_is_none() -> None:
    before = row(game={"S": "chess"}, score={"N": "1"}, losses={"N": "1"}, mood={"S": "fine"})
    assert units(write(before, {**before, "losses": {"N": "2"}}), "board") == 1
    assert units(write(before, {**before, "mood": {"S": "bad"}}), "board") == 0
    assert units(write(before, before), "board") == 0


def test_an_index_write_costs_by_the_entry_not_by_the_item() -> None:
    listed = row(game={"S": "chess"}, score={"N": "1"}, mood=text(5000))
    charges = write(None, listed)
    assert units(charges) == 5
    assert units(charges, "board") == 1
    assert units(write(None, row(game={"S": "chess"}, score={"N": "1"}, losses=text(1500))), "board") == 2


def test_an_index_write_of_a_transaction_counts_once_and_at_most_twice() -> None:
    charges = write(None, row(game={"S": "chess"}, score={"N": "1"}), transaction=True)
    assert units(charges) == 2
    assert units(charges, "board") == 1
    assert sum(charge.at_most for charge in charges) == 4
    alone = write(None, row(game={"S": "chess"}, score={"N": "1"}))
    assert sum(charge.at_most for charge in alone) == 2


# Reads


@pytest.mark.parametrize(
    ("size", "consistent", "transaction", "expected"),
    [
        (3500, True, False, 1),
        (3500, False, False, 0.5),
        (8192, True, False, 2),
        (8192, False, False, 1),
        (8192, False, True, 4),
        (10 * 1024, True, False, 3),
    ],
)
def test_a_read_costs_a_unit_for_each_started_4_kb(
    size: int, consistent: bool, transaction: bool, expected: float
) -> None:
    """The guide: an item of 8 KB takes two units, one if eventually consistent, four in a transaction."""
    charges = capacity.get(item_of(size), key="player", consistent=consistent, transaction=transaction)
    assert units(charges) == expected


def test_reading_what_is_not_there_costs_the_least_read() -> None:
    assert units(capacity.get(None, key="player", consistent=True)) == 1
    assert units(capacity.get(None, key="player")) == 0.5
    assert units(capacity.query([], key="player", index=BOARD), "board") == 0.5


def test_a_query_adds_up_before_it_rounds() -> None:
    """The guide: ten items of 40.8 KB together take 44 KB, which is eleven units."""
    items = [item_of(4178)] * 10
    assert units(capacity.query(items, key="player", consistent=True)) == 11
    assert units(capacity.query(items, key="player")) == 5.5


def test_a_query_of_an_index_reads_its_entries_only() -> None:
    items = [row(game={"S": "chess"}, score={"N": "1"}, mood=text(5000))] * 20
    charges = capacity.query(items, key="chess", index=BOARD)
    assert units(charges, "board") == 0.5
    assert units(charges) == 0
