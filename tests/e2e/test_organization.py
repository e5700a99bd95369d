"""What belongs to one organization, and what nobody is told."""

import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from mediajobs.store.item import from_item
from tests.e2e import task
from tests.e2e.bucket import Bucket
from tests.e2e.clock import TABLE
from tests.e2e.door import call
from tests.server.http import Handler, serve
from tests.stack import RunningStack


def test_another_organization_s_job_does_not_exist_for_us(
    stack: RunningStack, media: Bucket, stranger: dict[str, str]
) -> None:
    job = stack.wait(stack.submit(task.get(media.put("own/tiny", b"tiny")))["id"])
    for method, path in (("GET", ""), ("POST", "/cancel"), ("GET", "/tasks/0/logs")):
        answer = call(stack.url, method, f"/jobs/{job['id']}{path}", key=stranger["api_key"])
        assert (answer.status, answer.is_problem) == (404, True)


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_another_organization_s_media_can_be_neither_read_nor_written(
    stack: RunningStack, stranger: dict[str, str], region: str
) -> None:
    ours, theirs = Bucket(stack, region=region), Bucket(stack, region=region)
    theirs.organization = stranger["organization_id"]
    secret, tiny = theirs.put("film.mp4", b"theirs"), ours.put("tiny", b"tiny")
    workspace = secret.replace("-media-", "-workspace-")
    for job in (
        [task.get(secret)],
        [task.get(f"s3://{ours.name}/{ours.organization}")],
        [task.get(workspace)],
        [task.get(tiny), task.put(theirs.url("stolen"))],
        [task.get(tiny), task.put(f"s3://{ours.name}/{ours.organization}x/stolen")],
    ):
        ended = stack.wait(stack.submit(*job, region=region)["id"])
        assert (ended["status"], ended["error"]["code"]) == ("Failed", "AccessDenied")
        assert ended["error"]["retryable"] is False
    climbing = f"s3://{ours.name}/{ours.organization}/../{theirs.organization}/film.mp4"
    ended = stack.wait(stack.submit(task.get(climbing), region=region)["id"])
    assert ended["error"]["code"] == "InvalidParameters"
    assert theirs.names("") == ["film.mp4"]


def test_no_job_reaches_the_metadata_of_the_machine_it_runs_on(stack: RunningStack) -> None:
    job = stack.wait(stack.submit(task.get("http://169.254.169.254/latest/meta-data"))["id"])
    assert job["error"]["code"] == "AddressForbidden"


def test_credentials_in_a_submitted_url_are_used_and_then_found_nowhere(
    stack: RunningStack, media: Bucket
) -> None:
    words = ["canary-password", "canary-signature", "canary-redirect", "canary-secret-key", "canary-refused"]
    password, signature, redirect, secret_key, refused = words

    def guarded(handler: Handler) -> None:
        if "Authorization" in handler.headers:
            handler.answer(200, b"content")
        else:
            handler.answer(401, WWW_Authenticate='Basic realm="test"')

    def signed(handler: Handler) -> None:
        known = handler.path.endswith(f"?signature={signature}")
        handler.answer(302 if known else 403, Location=f"/end?token={redirect}")

    routes = {"/guarded": guarded, "/signed": signed, "/end": lambda handler: handler.answer(200, b"end")}
    answers = []
    with serve(routes) as server:
        with_user = f"http://user:{password}@{server.host}:{server.port}"
        both = f"{with_user}/guarded", f"{server.url('/signed')}?signature={signature}"
        good = stack.submit(task.get(*both))
        lost = stack.submit(task.get(f"{with_user}/absent?signature={signature}"))
        keys = {"access_key_id": "AKIAEXAMPLE", "secret_access_key": secret_key}
        own = {"url": media.put("canary/tiny", b"tiny"), "credentials": keys}
        keyed = stack.submit({"tool": "storage:get", "parameters": {"sources": [own]}})
        answers += [good, lost, keyed]
        answers += [stack.wait(job["id"]) for job in answers]
        assert {request.path.partition("?")[0] for request in server.requests} >= {"/guarded", "/end"}
    assert answers[3]["status"] == "Success", answers[3]["error"]
    assert answers[4]["error"]["code"] == "SourceNotFound"
    for job in answers[3:]:
        answers.append(stack.call("GET", f"/jobs/{job['id']}/tasks/0/logs"))
    bad = '{"tasks": [{"tool": "storage:get", "parameters": {"sources": [{"url": "nope://u:%s@x/"}]}}]}'
    answer = call(stack.url, "POST", "/jobs", bad % refused, key=stack.api_key)
    assert answer.status == 422
    answers.append(answer.json)

    places = {"an answer": str(answers), "the stack's log": stack.log}
    places |= {f"the table: {row['pk']} {row['sk']}": str(row) for row in rows(stack)}
    for region in stack.local.regions:
        places |= {f"a log of {region}": "\n".join(log_lines(stack, region))}
        places |= {f"an execution in {region}": "\n".join(executions(stack, region))}
    assert len(places["an execution in eu-west-1"]) > 100
    assert "storage:get" in places["a log of eu-west-1"]
    found = [(place, word) for place, text in places.items() for word in words if word in text]
    assert not found


def rows(stack: RunningStack) -> Iterator[dict[str, Any]]:
    """Every row of the table, what is packed in it unpacked."""
    for page in stack.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE):
        for item in page["Items"]:
            yield {name: opened(value) for name, value in from_item(item).items()}


def opened(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return zlib.decompress(value)
        except zlib.error:
            return value
    return value


def log_lines(stack: RunningStack, region: str) -> Iterator[str]:
    """Every line of every log."""
    logs = stack.client("logs", region)
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for group in groups["logGroups"]:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            yield from (event["message"] for page in pages for event in page["events"])


def executions(stack: RunningStack, region: str) -> Iterator[str]:
    """The input and the history of every execution."""
    machines = stack.client("stepfunctions", region)
    for machine in machines.list_state_machines()["stateMachines"]:
        pages = machines.get_paginator("list_executions").paginate(stateMachineArn=machine["stateMachineArn"])
        for execution in (each for page in pages for each in page["executions"]):
            arn = execution["executionArn"]
            yield str(machines.describe_execution(executionArn=arn))
            yield str(machines.get_execution_history(executionArn=arn))
