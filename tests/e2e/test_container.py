"""The media worker's container as a real process on the running stack, started as its task definition says.

The emulator runs no containers, and the local stage has no executor `fargate`: so the jobs here are offered
outside, and the container takes the task by the same claim as it would in ECS.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from infra.config import Config
from infra.local.emulator import ACCOUNT
from infra.local.sandbox import descendants
from infra.region import RegionStack
from mediajobs.executor import SPOKEN
from tests.e2e import task
from tests.e2e.bucket import Workspace
from tests.e2e.process import is_gone, until
from tests.infra.template import Template
from tests.stack import RunningStack

GROUP = "/mediajobs/local/container"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def container(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The container of the local stage's task definition, if it had Fargate."""
    directory = tmp_path_factory.mktemp("container")
    network = {"vpc_id": "vpc-0123456789abcdef0", "subnets": ["subnet-0123456789abcdef0"]}
    plain = Config.of_stage("local")
    given = plain.model_dump(mode="json") | {
        "executors": ["fargate", "outside"],
        "fargate": {"image": "none", "networks": dict.fromkeys(plain.regions, network)},
    }
    app = App(outdir=str(directory))
    RegionStack(app, Config.model_validate_json(json.dumps(given)), stack.home_region)
    app.synth()
    name = f"mediajobs-local-{stack.home_region}"
    for asset in json.loads((directory / f"{name}.assets.json").read_text())["files"].values():
        _publish(stack, directory, asset)
    template = Template(directory / f"{name}.template.json")
    (definition,) = template.properties("AWS::ECS::TaskDefinition")
    return dict(definition["ContainerDefinitions"][0])


def _publish(stack: RunningStack, directory: Path, asset: dict[str, Any]) -> None:
    """Bring an asset to where the definition says; the stack has those that it needs itself."""
    if asset["source"]["packaging"] != "zip":
        return
    packed = shutil.make_archive(str(directory / "part"), "zip", directory / asset["source"]["path"])
    for place in asset["destinations"].values():
        bucket = place["bucketName"].replace("${AWS::AccountId}", ACCOUNT)
        stack.client("s3").put_object(Bucket=bucket, Key=place["objectKey"], Body=Path(packed).read_bytes())


class _Metadata(BaseHTTPRequestHandler):
    """What ECS tells a container of itself."""

    def do_GET(self) -> None:
        options = {"awslogs-region": "eu-west-1", "awslogs-group": GROUP, "awslogs-stream": "run/worker/1"}
        body = json.dumps({"LogDriver": "awslogs", "LogOptions": options}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def start(stack: RunningStack, container: dict[str, Any], tmp_path: Path, spawn: Start) -> Iterator[Start]:
    """Starts the container for a job's first task, as the state machine would."""
    server = HTTPServer(("127.0.0.1", 0), _Metadata)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def begin(job: dict[str, Any]) -> "subprocess.Popen[str]":
        told = {each["Name"]: each["Value"] for each in container["Environment"]}
        place = {"organization": stack.organization_id, "job": job["id"], "attempt": 1, "task": 0}
        _, *arguments = container["EntryPoint"]
        return spawn(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={
                **told,
                "PATH": os.environ["PATH"],
                "TMPDIR": str(tmp_path),
                "TASK": json.dumps({**place, "worker": "media", "seconds": 3600, "executor": "fargate"}),
                "ECS_CONTAINER_METADATA_URI_V4": f"http://127.0.0.1:{server.server_port}/v4/1",
                "AWS_ENDPOINT_URL": stack.endpoint_url,
                "AWS_ACCESS_KEY_ID": ACCOUNT,
                "AWS_SECRET_ACCESS_KEY": "local",
            },
        )

    yield begin
    server.shutdown()
    server.server_close()


def _submitted(stack: RunningStack, work: dict[str, Any]) -> dict[str, Any]:
    job = stack.submit({**work, "executor": "outside"})
    return stack.wait(job["id"], "Running", seconds=30)


def test_a_container_does_its_task_as_every_worker(
    stack: RunningStack, workspace: Workspace, start: Start
) -> None:
    job = _submitted(stack, task.encode(seconds=2, timeout_seconds=7200))
    worker = start(job)
    said, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0, said
    job = stack.wait(job["id"], seconds=10)
    assert job["status"] == "Success"
    assert len(workspace.of(job)) == 1
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert any("ffmpeg" in str(line["message"]) and line["job"] == job["id"] for line in lines), said
    assert len({line["run"] for line in lines if "run" in line}) == 1, (
        "the log's reader finds them by the run"
    )


def test_a_cancelled_container_ends_within_ten_seconds_and_gives_the_slot_back(
    stack: RunningStack, workspace: Workspace, start: Start, running: Callable[[], int]
) -> None:
    job = _submitted(stack, task.endless(timeout_seconds=7200))
    worker = start(job)
    until(lambda: stack.job(job["id"])["tasks"][0]["status"] == "Running", 30)
    time.sleep(2)
    below = descendants(worker.pid)
    assert below
    stack.call("POST", f"/jobs/{job['id']}/cancel")
    assert running() == 1
    worker.communicate(timeout=10)
    assert worker.returncode == SPOKEN
    assert all(is_gone(pid) for pid in below)
    until(lambda: running() == 0, 5)
    assert not workspace.of(job)


def test_the_death_of_a_container_fails_the_task_as_settle_hears_it_from_ecs(
    stack: RunningStack, start: Start
) -> None:
    job = _submitted(stack, task.endless(timeout_seconds=7200))
    worker = start(job)
    until(lambda: stack.job(job["id"])["tasks"][0]["status"] == "Running", 30)
    worker.send_signal(signal.SIGKILL)
    worker.communicate(timeout=10)
    cause = json.dumps({"Containers": [{"Name": "worker", "ExitCode": 137}]})
    place = {"organization": stack.organization_id, "job": job["id"], "attempt": 1, "task": 0}
    event = {**place, "executor": "fargate", "error": {"Error": "States.TaskFailed", "Cause": cause}}
    answer = stack.client("lambda").invoke(
        FunctionName="mediajobs-local-reactions-settle", Payload=json.dumps(event)
    )
    assert json.loads(answer["Payload"].read())["next"] == "stop"
    assert stack.job(job["id"])["error"]["code"] == "WorkerDied"
