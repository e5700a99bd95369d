"""The log streams of execution environments, in the emulator's CloudWatch Logs."""

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch_logs


class LogStream:
    """One stream of a group, both made when they are missing; lines can be read back at once.

    `form` is the function's log format: in "JSON" the platform's own lines are JSON too.
    """

    def __init__(self, group: str, version: str, *, form: str, account: str, region: str) -> None:
        self.group = group
        self._version = version
        self._json = form == "JSON"
        self._account = account
        self._region = region
        self.name = f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"

    def write(self, line: str) -> None:
        """Append one event."""
        now = int(time.time() * 1000)
        event = {"timestamp": now, "message": line, "ingestionTime": now}
        with request_scope(self._account, self._region):
            cloudwatch_logs._append_log_events(self._stream(now), [event])
            cloudwatch_logs._fanout_to_subscription_filters(
                self.group, self.name, [{"timestamp": now, "message": line}]
            )

    def started(self, request_id: str) -> None:
        """Note the start of an invocation, as Lambda does."""
        if self._json:
            self._platform("start", {"requestId": request_id, "version": self._version})
        else:
            self.write(f"START RequestId: {request_id} Version: {self._version}")

    def ended(self, request_id: str, seconds: float, memory: int) -> None:
        """Note the end of an invocation: how long it took, and the memory it was given (MB)."""
        duration = round(seconds * 1000, 2)
        if self._json:
            metrics = {"durationMs": duration, "billedDurationMs": int(duration) + 1, "memorySizeMB": memory}
            self._platform("report", {"requestId": request_id, "metrics": metrics})
        else:
            self.write(f"END RequestId: {request_id}")
            self.write(
                f"REPORT RequestId: {request_id}\tDuration: {duration} ms\t"
                f"Billed Duration: {int(duration) + 1} ms\tMemory Size: {memory} MB"
            )

    def _platform(self, kind: str, record: dict[str, Any]) -> None:
        stamp = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        self.write(json.dumps({"time": stamp, "type": f"platform.{kind}", "record": record}))

    def _stream(self, now: int) -> dict[str, Any]:
        group = cloudwatch_logs._log_groups.get(self.group)
        if group is None:
            cloudwatch_logs._create_log_group({"logGroupName": self.group})
            group = cloudwatch_logs._log_groups[self.group]
        if self.name not in group["streams"]:
            group["streams"][self.name] = {
                "events": [],
                "uploadSequenceToken": "1",
                "creationTime": now,
                "firstEventTimestamp": None,
                "lastEventTimestamp": None,
                "lastIngestionTime": None,
            }
        stream: dict[str, Any] = group["streams"][self.name]
        return stream
