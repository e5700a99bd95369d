"""Reads of the jobs table: a row by its key, rows of a partition, a page of an index."""

import random
import time
from collections.abc import Iterable, Iterator
from typing import Any

from mediajobs.aws import client
from mediajobs.errors import MediajobsError
from mediajobs.settings import settings
from mediajobs.store.item import from_item, to_item, to_value
from mediajobs.table import PARTITION_KEY, SORT_KEY, Index

#: How often a batch is asked for in vain.
_BATCH_TRIES = 6


class Unprocessed(MediajobsError):
    """The table is so busy that it answered no part of a batch at any try."""


def get(partition: str, sort: str, *, consistent: bool = True) -> dict[str, Any] | None:
    """One row."""
    answer = client("dynamodb", settings().home_region).get_item(
        TableName=settings().table_name,
        Key=to_item({PARTITION_KEY: partition, SORT_KEY: sort}),
        ConsistentRead=consistent,
    )
    return from_item(answer["Item"]) if "Item" in answer else None


def each(keys: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """The rows that stand at these keys (partition and sort), in no order, 100 a call; they may lag. Raises
    Unprocessed."""
    call, table = client("dynamodb", settings().home_region), settings().table_name
    names = (PARTITION_KEY, SORT_KEY)
    wanted = [to_item(dict(zip(names, key, strict=True))) for key in keys]
    in_vain = 0
    while wanted:
        batch, wanted = wanted[:100], wanted[100:]
        answer = call.batch_get_item(RequestItems={table: {"Keys": batch}})
        yield from map(from_item, answer["Responses"].get(table, ()))
        # What DynamoDB does not process (over 16 MB, or throttled) is asked for again.
        left = answer["UnprocessedKeys"].get(table, {}).get("Keys", [])
        wanted = left + wanted
        in_vain = in_vain + 1 if len(left) == len(batch) else 0
        if in_vain == _BATCH_TRIES:
            raise Unprocessed("the table is too busy")
        if in_vain:
            time.sleep(random.uniform(0, 0.05 * 2**in_vain))  # noqa: S311 (jitter)


def between(
    partition: str,
    first: str,
    last: str,
    *,
    consistent: bool = True,
    backwards: bool = False,
    stride: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The rows of a partition from one sort key to another, both included, `stride` rows a query."""
    yield from _pages(
        KeyConditionExpression="#partition = :partition AND #sort BETWEEN :first AND :last",
        ExpressionAttributeNames={"#partition": PARTITION_KEY, "#sort": SORT_KEY},
        ExpressionAttributeValues={
            ":partition": to_value(partition),
            ":first": to_value(first),
            ":last": to_value(last),
        },
        ConsistentRead=consistent,
        ScanIndexForward=not backwards,
        **({"Limit": stride} if stride else {}),
    )


def first_of(index: Index, partition: str, limit: int) -> list[dict[str, Any]]:
    """The first rows of an index partition; they may lag behind the table."""
    answer = client("dynamodb", settings().home_region).query(
        TableName=settings().table_name,
        IndexName=index.name,
        KeyConditionExpression="#partition = :partition",
        ExpressionAttributeNames={"#partition": index.partition_key},
        ExpressionAttributeValues={":partition": to_value(partition)},
        Limit=limit,
    )
    return [from_item(item) for item in answer["Items"]]


def up_to(index: Index, partition: str, last: int, limit: int) -> list[dict[str, Any]]:
    """The first rows of an index partition whose numeric sort key is not above `last`."""
    answer = client("dynamodb", settings().home_region).query(
        TableName=settings().table_name,
        IndexName=index.name,
        KeyConditionExpression="#partition = :partition AND #sort <= :last",
        ExpressionAttributeNames={"#partition": index.partition_key, "#sort": index.sort_key},
        ExpressionAttributeValues={":partition": to_value(partition), ":last": to_value(last)},
        Limit=limit,
    )
    return [from_item(item) for item in answer["Items"]]


def span(index: Index, partition: str, first: str, last: str) -> Iterator[dict[str, Any]]:
    """The rows of an index partition from one sort key to another; they may lag."""
    return _pages(**_span(index, partition, first, last))


def stretch(
    index: Index, partition: str, first: str, last: str, *, backwards: bool, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Some rows of such a span, by one query, from its begin or from its end; and whether they are all."""
    answer = client("dynamodb", settings().home_region).query(
        TableName=settings().table_name,
        **_span(index, partition, first, last),
        ScanIndexForward=not backwards,
        Limit=limit,
    )
    return [from_item(item) for item in answer["Items"]], "LastEvaluatedKey" not in answer


def _span(index: Index, partition: str, first: str, last: str) -> dict[str, Any]:
    return {
        "IndexName": index.name,
        "KeyConditionExpression": "#partition = :partition AND #sort BETWEEN :first AND :last",
        "ExpressionAttributeNames": {"#partition": index.partition_key, "#sort": index.sort_key},
        "ExpressionAttributeValues": {
            ":partition": to_value(partition),
            ":first": to_value(first),
            ":last": to_value(last),
        },
    }


def whole(index: Index, partition: str, *attributes: str) -> Iterator[dict[str, Any]]:
    """Those attributes of every row of an index partition; it costs as much as all attributes would."""
    names = {f"#{name}": name for name in attributes}
    return _pages(
        IndexName=index.name,
        KeyConditionExpression="#partition = :partition",
        ProjectionExpression=", ".join(names),
        ExpressionAttributeNames={"#partition": index.partition_key, **names},
        ExpressionAttributeValues={":partition": to_value(partition)},
    )


def count_below(index: Index, partition: str, sort: str, limit: int) -> int:
    """How many rows of an index partition come before a sort key, up to a limit; the index may lag."""
    answer = client("dynamodb", settings().home_region).query(
        TableName=settings().table_name,
        IndexName=index.name,
        KeyConditionExpression="#partition = :partition AND #sort < :sort",
        ExpressionAttributeNames={"#partition": index.partition_key, "#sort": index.sort_key},
        ExpressionAttributeValues={":partition": to_value(partition), ":sort": to_value(sort)},
        Select="COUNT",
        Limit=limit,
    )
    return int(answer["Count"])


def _pages(**query: Any) -> Iterator[dict[str, Any]]:
    call = client("dynamodb", settings().home_region)
    start: dict[str, Any] = {}
    while True:
        answer = call.query(TableName=settings().table_name, **query, **start)
        yield from (from_item(item) for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
