"""Conditional writes, alone or several as one transaction."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from mediajobs.aws import client
from mediajobs.errors import MediajobsError
from mediajobs.settings import settings
from mediajobs.store.item import from_item, to_item, to_value
from mediajobs.table import PARTITION_KEY, SORT_KEY

#: Two writes that touch a row at one instant, one of them in a transaction, can refuse each other; AWS's
#: client does not try again.
_CONFLICT_TRIES = 6


class ConditionFailed(MediajobsError):
    """The row is not, or no longer, what the write was made for: read again and decide again.

    `failed` tells by position which writes of the transaction were refused.
    """

    def __init__(self, failed: Sequence[bool]) -> None:
        super().__init__("a condition failed")
        self.failed = tuple(failed)


class Contended(MediajobsError):
    """Other transactions were under way on the row at every try: nothing was written, and nothing decided."""


@dataclass(frozen=True)
class Condition:
    """A condition expression; `#name` and `:name` stand for attribute names and for its values."""

    expression: str
    values: Mapping[str, Any] = field(default_factory=dict)
    #: What the row has to be like, where that is all that it says; None for an attribute that must not be.
    equal: Mapping[str, Any] = field(default_factory=dict)


def equals(**values: Any) -> Condition:
    """Every named attribute has the value given; None means that there is no such attribute."""
    return Condition(
        " AND ".join(
            f"attribute_not_exists(#{name})" if value is None else f"#{name} = :{name}_is"
            for name, value in values.items()
        ),
        {f"{name}_is": value for name, value in values.items() if value is not None},
        values,
    )


@dataclass(frozen=True)
class Put:
    """Write a whole row. By default it must not exist."""

    row: Mapping[str, Any]
    condition: Condition | None = field(default_factory=lambda: equals(**{PARTITION_KEY: None}))

    def request(self) -> dict[str, Any]:
        """As DynamoDB wants it."""
        return {"Put": {"Item": to_item(self.row), **_condition(self.condition, {}, {})}}


@dataclass(frozen=True)
class Update:
    """Change some attributes of a row. `changes` sets them; None removes one."""

    key: tuple[str, str]
    changes: Mapping[str, Any] = field(default_factory=dict)
    condition: Condition | None = None
    #: What to add to numbers and to string sets, and what to take out of sets.
    add: Mapping[str, int | frozenset[str]] = field(default_factory=dict)
    delete: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has_left(self, row: Mapping[str, Any]) -> bool:
        """Whether a row that the condition refuses is as this change leaves it: what the condition compares
        has moved just as the change moves it. False where that cannot be told."""
        compared = self.condition.equal if self.condition else {}
        if self.add or self.delete or not compared.keys() & self.changes.keys():
            return False
        after = {**compared, **self.changes}
        kept = from_item(to_item(after))
        return all(row.get(name) == kept.get(name) for name in after)

    def request(self) -> dict[str, Any]:
        """As DynamoDB wants it."""
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        clauses = []
        kept = {name: value for name, value in self.changes.items() if value is not None}
        gone = [name for name, value in self.changes.items() if value is None]
        if kept:
            clauses.append("SET " + ", ".join(f"#{name} = :{name}" for name in kept))
        if gone:
            clauses.append("REMOVE " + ", ".join(f"#{name}" for name in gone))
        for verb, elements in (("ADD", self.add), ("DELETE", self.delete)):
            if elements:
                clauses.append(f"{verb} " + ", ".join(f"#{name} :{name}_{verb}" for name in elements))
                values |= {f":{name}_{verb}": to_value(part) for name, part in elements.items()}
        values |= {f":{name}": to_value(value) for name, value in kept.items()}
        names |= {f"#{name}": name for name in [*self.changes, *self.add, *self.delete]}
        return {
            "Update": {
                "Key": to_item({PARTITION_KEY: self.key[0], SORT_KEY: self.key[1]}),
                "UpdateExpression": " ".join(clauses),
                **_condition(self.condition, names, values),
            }
        }


@dataclass(frozen=True)
class Delete:
    """Remove a row, whether or not there is one."""

    key: tuple[str, str]

    def request(self) -> dict[str, Any]:
        """As DynamoDB wants it."""
        return {"Delete": {"Key": to_item({PARTITION_KEY: self.key[0], SORT_KEY: self.key[1]})}}


def write(change: Put | Update | Delete) -> dict[str, Any]:
    """One conditional write; returns the row of an update as it is then. Raises ConditionFailed."""
    ((verb, request),) = change.request().items()
    if verb == "Update":
        request |= {"ReturnValues": "ALL_NEW", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    send = getattr(client("dynamodb", settings().home_region), f"{verb.lower()}_item")
    try:
        answer = _through_conflicts(lambda: send(TableName=settings().table_name, **request))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        # A sending before this one may have taken effect, and only its answer be lost. A transaction has a
        # token for that.
        row = from_item(error.response.get("Item", {}))
        if row and isinstance(change, Update) and _attempts(error) and change.has_left(row):
            return row
        raise ConditionFailed([True]) from None
    return from_item(answer.get("Attributes", {}))


def transact(changes: Sequence[Put | Update]) -> None:
    """All the writes or none. Raises ConditionFailed if any row is not as expected, Contended."""
    requests = []
    for change in changes:
        ((verb, request),) = change.request().items()
        requests.append({verb: {"TableName": settings().table_name, **request}})
    send = client("dynamodb", settings().home_region).transact_write_items
    try:
        _through_conflicts(lambda: send(TransactItems=requests))
    except ClientError as error:
        reasons = _reasons(error)
        if "ConditionalCheckFailed" in reasons:
            raise ConditionFailed([code == "ConditionalCheckFailed" for code in reasons]) from None
        if "TransactionConflict" in reasons:
            raise Contended("other transactions were under way at every try") from None
        raise


def _through_conflicts(send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Send again, a little later each time, while a transaction is under way on a row; the error that ends
    it counts the attempts of all sendings."""
    tries = attempts = 0
    while True:
        try:
            return send()
        except ClientError as error:
            tries, attempts = tries + 1, attempts + _attempts(error)
            error.response["ResponseMetadata"]["RetryAttempts"] = attempts
            reasons = _reasons(error)
            is_conflict = "TransactionConflict" in reasons and "ConditionalCheckFailed" not in reasons
            if not is_conflict or tries == _CONFLICT_TRIES:
                raise
        time.sleep(random.uniform(0, 0.01 * 2**tries))  # noqa: S311 (jitter)


def _attempts(error: ClientError) -> int:
    """How often AWS's client has sent the call again."""
    return int(error.response["ResponseMetadata"].get("RetryAttempts", 0))


def _reasons(error: ClientError) -> list[str | None]:
    """Why each write was refused; a single write has one reason."""
    if error.response["Error"]["Code"] == "TransactionConflictException":
        return ["TransactionConflict"]
    return [reason.get("Code") for reason in error.response.get("CancellationReasons", ())]


def _condition(condition: Condition | None, names: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    """The condition with every name and value that the request uses, its update's included."""
    request: dict[str, Any] = {}
    if condition is not None:
        request["ConditionExpression"] = condition.expression
        names |= {f"#{name}": name for name in _names(condition.expression)}
        values |= {f":{name}": to_value(value) for name, value in condition.values.items()}
    if names:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = values
    return request


def _names(expression: str) -> list[str]:
    parts = expression.replace("(", " ").replace(")", " ").replace(",", " ").split()
    return [part[1:] for part in parts if part.startswith("#")]
