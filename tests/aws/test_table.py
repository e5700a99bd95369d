"""What our store relies on in DynamoDB."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.place import INDEX, SHOWN, Place, Table, key

ABSENT = "attribute_not_exists(pk)"
LONG = "1234567890123456789012345678.9012345678"


@pytest.fixture
def table(aws: Place) -> Table:
    return aws.table()


def refused(code: str) -> Any:
    """A call that is refused with that code."""
    return pytest.raises(ClientError, match=code)


def ranked(table: Table, count: int) -> None:
    for number in range(count):
        table.put(
            f"{number:03}",
            kind={"S": "k"},
            rank={"N": str(count - number)},
            shown={"S": "s"},
            hidden={"S": "h"},
        )


def test_a_write_on_condition_is_refused_and_shows_what_stands_there(table: Table) -> None:
    table.put("a", n={"N": "1"})
    with pytest.raises(ClientError) as caught:
        table.put("a", ConditionExpression=ABSENT, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert caught.value.response["Item"] == {**key("a"), "n": {"N": "1"}}
    shown = {"ConditionExpression": "n <> :n", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    with pytest.raises(ClientError) as caught:
        table.update("a", "SET x = :n", n={"N": "1"}, **shown)
    assert caught.value.response["Item"] == {**key("a"), "n": {"N": "1"}}


def test_a_refused_update_makes_no_row(table: Table) -> None:
    with refused("ConditionalCheckFailedException"):
        table.update("a", "SET n = :n", n={"N": "1"}, ConditionExpression="attribute_exists(pk)")
    assert table.get("a") is None


def test_a_comparison_with_an_absent_attribute_is_false(table: Table) -> None:
    table.put("a")
    for condition in ("n < :n", "n > :n", "n = :n"):
        with refused("ConditionalCheckFailedException"):
            table.update("a", "SET x = :n", n={"N": "1"}, ConditionExpression=condition)
    table.update("a", "SET x = :n", n={"N": "1"}, ConditionExpression="n <> :n")


def test_the_size_of_an_absent_attribute_is_smaller_than_nothing(table: Table) -> None:
    table.put("a")
    with refused("ConditionalCheckFailedException"):
        table.update("a", "SET x = :n", n={"N": "1"}, ConditionExpression="size(n) < :n")


def test_an_update_shows_the_row_before_or_after(table: Table) -> None:
    table.put("a", n={"N": "1"}, s={"S": "x"})
    new = table.update("a", "ADD n :n", n={"N": "2"}, ReturnValues="ALL_NEW")["Attributes"]
    assert new == {**key("a"), "n": {"N": "3"}, "s": {"S": "x"}}
    old = table.update("a", "ADD n :n", n={"N": "2"}, ReturnValues="UPDATED_OLD")["Attributes"]
    assert old == {"n": {"N": "3"}}


def test_a_counter_begins_at_zero_and_if_not_exists_keeps(table: Table) -> None:
    table.update("a", "ADD n :n", n={"N": "5"})
    table.update("a", "SET n = if_not_exists(n, :n), m = if_not_exists(m, :n)", n={"N": "1"})
    assert table.get("a") == {**key("a"), "n": {"N": "5"}, "m": {"N": "1"}}


def test_the_last_element_of_a_set_takes_the_attribute_with_it(table: Table) -> None:
    table.update("a", "ADD s :s", s={"SS": ["x", "y"]})
    table.update("a", "DELETE s :s", s={"SS": ["y", "z"]})
    assert table.get("a") == {**key("a"), "s": {"SS": ["x"]}}
    table.update("a", "DELETE s :s", s={"SS": ["x"]})
    assert table.get("a") == key("a")


def test_an_empty_set_is_refused(table: Table) -> None:
    with refused("ValidationException"):
        table.put("a", s={"SS": []})


def test_a_transaction_happens_whole_or_not_at_all_with_a_reason_for_each_item(table: Table) -> None:
    table.put("b", n={"N": "1"})
    with pytest.raises(ClientError) as caught:
        table.transact(
            {"Put": {"Item": key("a")}},
            {
                "Put": {
                    "Item": key("b"),
                    "ConditionExpression": ABSENT,
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            },
            {"ConditionCheck": {"Key": key("c"), "ConditionExpression": ABSENT}},
            {"Delete": {"Key": key("d"), "ConditionExpression": "attribute_exists(pk)"}},
        )
    answer = caught.value.response
    assert answer["Error"]["Code"] == "TransactionCanceledException"
    reasons = answer["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == [
        "None",
        "ConditionalCheckFailed",
        "None",
        "ConditionalCheckFailed",
    ]
    assert reasons[1]["Item"] == {**key("b"), "n": {"N": "1"}}
    assert "Item" not in reasons[3]
    assert table.get("a") is None


def test_a_transaction_sees_the_rows_as_they_were_before_it(table: Table) -> None:
    table.put("a", n={"N": "1"})
    table.transact(
        {"Put": {"Item": key("b"), "ConditionExpression": ABSENT}},
        {
            "Update": {
                "Key": key("a"),
                "UpdateExpression": "SET n = :two",
                "ConditionExpression": "n = :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":two": {"N": "2"}},
            }
        },
    )
    assert table.get("a") == {**key("a"), "n": {"N": "2"}}
    assert table.get("b") == key("b")


def test_a_transaction_names_a_row_once_and_at_most_a_hundred(table: Table) -> None:
    with refused("ValidationException"):
        table.transact({"Put": {"Item": key("a")}}, {"Delete": {"Key": key("a")}})
    with refused("ValidationException"):
        table.transact(*({"Put": {"Item": key(str(number))}} for number in range(101)))


def test_a_transaction_sent_again_takes_effect_once(table: Table) -> None:
    add = {
        "Update": {
            "Key": key("a"),
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    table.transact(add, ClientRequestToken="token-1")
    table.transact(add, ClientRequestToken="token-1")
    assert table.get("a") == {**key("a"), "n": {"N": "1"}}


def test_another_transaction_under_the_same_token_is_refused(table: Table) -> None:
    table.transact({"Put": {"Item": key("a")}}, ClientRequestToken="token-2")
    with refused("IdempotentParameterMismatchException"):
        table.transact({"Put": {"Item": key("b")}}, ClientRequestToken="token-2")


def test_an_index_shows_the_keys_and_what_it_projects(table: Table) -> None:
    ranked(table, 1)
    (row,) = table.query(IndexName=INDEX)["Items"]
    assert row.keys() == {"pk", "sk", "kind", "rank", SHOWN}


def test_an_index_is_in_the_order_of_its_numbers_both_ways(table: Table) -> None:
    ranked(table, 12)
    up = [int(row["rank"]["N"]) for row in table.query(IndexName=INDEX)["Items"]]
    down = [int(row["rank"]["N"]) for row in table.query(IndexName=INDEX, ScanIndexForward=False)["Items"]]
    assert up == list(range(1, 13))
    assert down == up[::-1]


def test_a_row_without_the_index_s_key_is_not_in_it_and_one_may_leave_it(table: Table) -> None:
    ranked(table, 2)
    table.put("alone", rank={"N": "1"})
    table.update("000", "REMOVE #kind", ExpressionAttributeNames={"#kind": "kind"})
    assert [row["sk"]["S"] for row in table.query(IndexName=INDEX)["Items"]] == ["001"]


def test_an_index_s_key_is_not_empty(table: Table) -> None:
    with refused("ValidationException"):
        table.put("a", kind={"S": ""}, rank={"N": "1"})


def test_an_index_s_key_is_of_its_type(table: Table) -> None:
    with refused("ValidationException"):
        table.put("a", kind={"S": "k"}, rank={"S": "1"})


def test_an_index_is_not_read_consistently(table: Table) -> None:
    with refused("ValidationException"):
        table.query(IndexName=INDEX, ConsistentRead=True)


@pytest.mark.parametrize("index", [{}, {"IndexName": INDEX}])
def test_pages_follow_each_other_without_gap_or_repetition(table: Table, index: dict[str, str]) -> None:
    ranked(table, 10)
    seen: list[str] = []
    start: dict[str, object] = {}
    for _ in range(10):
        page = table.query(**index, Limit=3, **start)
        seen += [row["sk"]["S"] for row in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        last = page["LastEvaluatedKey"]
        assert last.keys() == ({"pk", "sk", "kind", "rank"} if index else {"pk", "sk"})
        start = {"ExclusiveStartKey": last}
        table.delete(last["sk"]["S"])
    assert sorted(seen) == [f"{number:03}" for number in range(10)]


def test_a_page_that_is_full_at_the_last_row_names_a_next_one(table: Table) -> None:
    ranked(table, 3)
    page = table.query(Limit=3)
    assert "LastEvaluatedKey" in page
    assert table.query(ExclusiveStartKey=page["LastEvaluatedKey"])["Items"] == []


def test_a_page_counts_rows_before_the_filter(table: Table) -> None:
    ranked(table, 4)
    page = table.query(Limit=2, FilterExpression="sk2 = :x", Values={":x": {"S": "x"}})
    assert (page["Items"], page["ScannedCount"]) == ([], 2)
    assert "LastEvaluatedKey" in page


def test_a_page_has_at_most_a_megabyte(table: Table) -> None:
    for number in range(4):
        table.put(str(number), text={"S": "x" * 390_000})
    page = table.query()
    assert len(page["Items"]) == 2
    assert "LastEvaluatedKey" in page


def test_a_row_has_at_most_400_kilobytes(table: Table) -> None:
    table.put("a", text={"S": "x" * (400 * 1024 - 100)})
    with refused("ValidationException"):
        table.put("b", text={"S": "x" * (400 * 1024)})
    with refused("ValidationException"):
        table.update("a", "SET more = :more", more={"S": "x" * 200})


def test_a_number_keeps_38_digits_and_no_more(table: Table) -> None:
    table.put("a", n={"N": LONG})
    assert table.get("a") == {**key("a"), "n": {"N": LONG}}
    with refused("ValidationException"):
        table.put("a", n={"N": LONG + "1"})


def test_a_number_is_kept_in_its_shortest_form(table: Table) -> None:
    table.put("a", a={"N": "1.0"}, b={"N": "007"}, c={"N": "1e3"}, d={"N": "-0"})
    kept = {"a": {"N": "1"}, "b": {"N": "7"}, "c": {"N": "1000"}, "d": {"N": "0"}}
    assert table.get("a") == {**key("a"), **kept}


def test_a_number_is_no_text(table: Table) -> None:
    with refused("ValidationException"):
        table.put("a", n={"N": "one"})
    table.put("a", s={"S": "1"})
    with refused("ValidationException"):
        table.update("a", "ADD s :one", one={"N": "1"})


def test_the_stream_tells_every_change_in_its_order_with_both_images(table: Table) -> None:
    table.put("a", n={"N": "1"})
    table.update("a", "SET n = :n", n={"N": "2"})
    table.delete("a")
    one, two = {**key("a"), "n": {"N": "1"}}, {**key("a"), "n": {"N": "2"}}
    records = table.records()
    assert [
        (record["event"], record["Keys"], record.get("OldImage"), record.get("NewImage"))
        for record in records
    ] == [("INSERT", key("a"), None, one), ("MODIFY", key("a"), one, two), ("REMOVE", key("a"), two, None)]
    numbers = [int(record["SequenceNumber"]) for record in records]
    assert numbers == sorted(set(numbers))


def test_the_stream_tells_every_row_of_a_transaction(table: Table) -> None:
    table.transact({"Put": {"Item": key("a")}}, {"Put": {"Item": key("b")}})
    assert sorted(record["Keys"]["sk"]["S"] for record in table.records()) == ["a", "b"]


def test_the_stream_is_silent_about_what_changes_nothing(table: Table) -> None:
    table.put("a", n={"N": "1"})
    table.put("a", n={"N": "1"})
    table.update("a", "SET n = :n", n={"N": "1"})
    table.delete("none")
    with refused("ConditionalCheckFailedException"):
        table.put("a", ConditionExpression=ABSENT)
    assert [record["event"] for record in table.records()] == ["INSERT"]


def test_time_to_live_is_described_as_it_was_set(aws: Place, table: Table) -> None:
    setting = {"Enabled": True, "AttributeName": "ttl"}
    aws.client("dynamodb").update_time_to_live(TableName=table.name, TimeToLiveSpecification=setting)
    told = aws.client("dynamodb").describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    assert (told["TimeToLiveStatus"], told["AttributeName"]) == ("ENABLED", "ttl")


def test_many_rows_are_read_at_once_but_not_more_than_a_hundred(aws: Place, table: Table) -> None:
    table.put("a")
    dynamodb = aws.client("dynamodb")
    found = dynamodb.batch_get_item(RequestItems={table.name: {"Keys": [key("a"), key("b")]}})
    assert (found["Responses"][table.name], found["UnprocessedKeys"]) == ([key("a")], {})
    with refused("ValidationException"):
        dynamodb.batch_get_item(
            RequestItems={table.name: {"Keys": [key(str(number)) for number in range(101)]}}
        )
