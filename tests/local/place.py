"""An emulator, and functions and machines in it, for tests."""

import io
import json
import uuid
import zipfile
from typing import Any

from infra.local.emulator import Emulator

REGION = "eu-central-1"
ROLE = "arn:aws:iam::000000000000:role/any"


class Place:
    """An emulator, and short ways to what the tests do with it."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._clients: dict[str, Any] = {}

    def client(self, service: str, region: str = REGION) -> Any:
        key = f"{service} {region}"
        if key not in self._clients:
            self._clients[key] = self.emulator.client(service, region)
        return self._clients[key]

    def stop(self) -> None:
        """End the emulator gracefully."""
        self.emulator.stop()
        self._close()

    def kill(self) -> None:
        """End the emulator as a power cut would."""
        self.emulator.kill()
        self._close()

    def _close(self) -> None:
        for client in self._clients.values():
            client.close()

    def function(self, source: str, *, seconds: int = 10, **options: Any) -> str:
        """A function whose code is `source` and whose handler is `handler`; its name."""
        name = f"f-{uuid.uuid4().hex[:8]}"
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=ROLE,
            Handler="main.handler",
            Code={"ZipFile": archive(source)},
            Timeout=seconds,
            **options,
        )
        return name

    def invoke(self, name: str, event: Any = None) -> tuple[Any, str | None]:
        """What a function answers, and Lambda's word for its error if there is one."""
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    def log(self, name: str) -> list[str]:
        """The lines a function has written so far."""
        logs = self.client("logs")
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]

    def machine(self, definition: dict[str, Any]) -> str:
        """A state machine; its ARN."""
        name = f"m-{uuid.uuid4().hex[:8]}"
        made = self.client("stepfunctions").create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=ROLE
        )
        arn: str = made["stateMachineArn"]
        return arn


def archive(source: str) -> bytes:
    """A function's archive of one module."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("main.py", source)
    return buffer.getvalue()
