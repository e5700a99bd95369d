"""A recording of few lines, charged by hand."""

import json
from pathlib import Path
from typing import Any

from infra.meter import price
from infra.meter.bill import Bill, of_job, read, short
from mediajobs.table import DUE, DUE_SHARDS, job_key, pool_key

JOB = job_key("org", "job")
POOL = pool_key("org", "eu-west-1")


def name(module: str) -> str:
    return f"mediajobs-local-{module}"


def row(pk: str, sk: str, **attributes: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, **attributes}


def touched(verb: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    some = after or before or {}
    return {"verb": verb, "key": row(some["pk"]["S"], some["sk"]["S"]), "before": before, "after": after}


def rows(
    operation: str, *changed: dict[str, Any], caller: str = "worker-media", **more: Any
) -> dict[str, Any]:
    common: dict[str, Any] = {"error": None, "consistent": False, "index": None, "evaluated": []}
    return {
        "at": 1.0,
        "kind": "rows",
        "caller": name(caller),
        "operation": operation,
        "rows": list(changed),
        **common,
        **more,
    }


def line(kind: str, **content: Any) -> dict[str, Any]:
    return {"at": 1.0, "kind": kind, **content}


def test_a_transaction_counts_double_in_the_table_and_once_in_an_index() -> None:
    due = {DUE.partition_key: {"S": "DUE#1"}, DUE.sort_key: {"N": "5"}}
    bill = of_job([rows("TransactWriteItems", touched("Put", None, row(JOB, "JOB", **due)))])
    assert bill.units("write") == {"table": 2, "due": 1}
    assert bill.total("write") == 3
    assert bill.at_most == 4


def test_a_progress_write_counts_apart() -> None:
    before = row(JOB, "JOB", status={"S": "Running"})
    progress = rows("UpdateItem", touched("Update", before, {**before, "progress": {"N": "5"}}))
    other = rows("UpdateItem", touched("Update", before, {**before, "run": {"S": "r"}}))
    bill = of_job([progress, other])
    assert bill.total("write") == 1
    assert bill.total("write", progress=True) == 1


def test_a_refused_write_is_charged_and_an_invalid_one_is_not() -> None:
    attempt = touched("Update", row(JOB, "JOB"), row(JOB, "JOB"))
    refused = rows("UpdateItem", attempt, error="ConditionalCheckFailedException")
    invalid = rows("UpdateItem", attempt, error="ValidationException")
    assert of_job([refused, invalid]).total("write") == 1


def test_the_keys_that_jobs_share_are_the_pool_and_the_indexes() -> None:
    due = {DUE.partition_key: {"S": "DUE#1"}, DUE.sort_key: {"N": "5"}}
    bill = of_job(
        [
            rows("PutItem", touched("Put", None, row(JOB, "JOB", **due))),
            rows("TransactWriteItems", touched("Update", row(POOL, "POOL"), row(POOL, "POOL"))),
        ]
    )
    assert [(key.place, key.key, key.units) for key in bill.shared] == [
        ("table", POOL, 2),
        ("due", "DUE#1", 1),
    ]
    # A job meets one shard of the due index, so each gets its part.
    assert bill.shared[1].per_job == 1 / DUE_SHARDS


def test_what_the_meter_and_the_clock_do_is_left_out() -> None:
    put = touched("Put", None, row(JOB, "JOB"))
    assert of_job([rows("PutItem", put, caller="reactions-sweep")]).steps == []
    assert of_job([{**rows("PutItem", put), "caller": "client"}]).steps == []
    assert of_job([line("log", group=f"/aws/lambda/{name('reactions-sweep')}", bytes=10)]).log_bytes == 0
    assert of_job([line("log", group=f"/aws/lambda/{name('worker-media')}", bytes=10)]).log_bytes == 10


def bill_of_a_run() -> Bill:
    return of_job(
        [
            line("transition", execution="e", state="Tasks", type="Map"),
            line("transition", execution="e", state="Run", type="Task"),
            *(
                line("invocation", function=name(function), source=source, memory=1024, milliseconds=5)
                for function, source in [
                    ("api-submit-job", "api"),
                    ("worker-media", "states"),
                    ("reactions-dispatch", "sqs"),
                    ("reactions-drive", "events"),
                ]
            ),
            line(
                "call", caller=name("reactions-announce"), service="sqs", operation="SendMessage", entries=1
            ),
            line(
                "call", caller=name("reactions-announce"), service="events", operation="PutEvents", entries=3
            ),
        ]
    )


def test_invocations_are_of_the_run_of_reactions_or_of_the_api() -> None:
    bill = bill_of_a_run()
    assert bill.transitions == 2
    assert dict(bill.run) == {"worker-media": 1}
    assert dict(bill.reactions) == {"reactions-dispatch": 1, "reactions-drive": 1}
    assert dict(bill.requests) == {"api-submit-job": 1}


def test_the_price_counts_every_event_and_the_polling_of_queues() -> None:
    items = {item.name: item for item in price.control_plane(bill_of_a_run())}
    assert items["Step Functions transitions"].dollars == 50
    assert items["EventBridge events"].amount == 3
    # One sent, one received, one deleted.
    assert items["SQS requests, FIFO"].amount == 3
    assert items["Lambda invocations"].amount == 4
    assert round(items["Lambda GB-seconds, arm64"].amount, 9) == 0.4


def test_a_line_in_writing_is_not_read_yet(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    path.write_text(json.dumps({"kind": "log"}) + '\n{"kind": "lo')
    assert read(path) == [{"kind": "log"}]


def test_a_function_is_called_by_its_module() -> None:
    assert short("mediajobs-local-worker-media") == "worker-media"
    assert short("client") == "client"


def test_a_pools_row_has_room_for_so_many_holders() -> None:
    pool = row(POOL, "POOL", holders={"SS": ["0123456789#1"]})
    bill = of_job([rows("TransactWriteItems", touched("Update", row(POOL, "POOL"), pool))])
    empty = len("pk" + POOL + "sk" + "POOL" + "holders")
    assert bill.holders_in_a_kilobyte == (1024 - empty) // 12
    assert of_job([]).holders_in_a_kilobyte is None
