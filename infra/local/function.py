"""Lambda functions of the emulator, run by real processes: what stands in for its own executor."""

import hashlib
import io
import json
import os
import tempfile
import threading
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.environment import Environment
from infra.local.fleet import Closed, Fleet
from infra.local.log import LogStream

#: What an environment takes over from this machine.
INHERITED = ("PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "COVERAGE_PROCESS_START")
#: Seconds without work after which an environment ends.
IDLE_SECONDS = 300


@dataclass(frozen=True)
class Function:
    """One version of a function, as the emulator's configuration describes it."""

    name: str
    account: str
    region: str
    version: str
    handler: str
    runtime: str
    seconds: int
    memory: int
    log_group: str
    log_format: str
    code: str
    variables: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Function":
        """The function of a stored configuration."""
        _, _, _, region, account, *_ = config["FunctionArn"].split(":")
        logging = config.get("LoggingConfig") or {}
        return cls(
            name=config["FunctionName"],
            account=account,
            region=region,
            version=config.get("Version", "$LATEST"),
            handler=config["Handler"],
            runtime=config["Runtime"],
            seconds=int(config.get("Timeout") or 3),
            memory=int(config.get("MemorySize") or 128),
            log_group=logging.get("LogGroup") or f"/aws/lambda/{config['FunctionName']}",
            log_format=logging.get("LogFormat") or "Text",
            code=config.get("CodeSha256", ""),
            variables=tuple(sorted(((config.get("Environment") or {}).get("Variables") or {}).items())),
        )


@dataclass
class Functions:
    """Every fleet there is. `source` is the live code, which handlers of it run instead of their archive."""

    endpoint_url: str
    source: Path
    limit: int
    _fleets: dict[Function, Fleet] = field(default_factory=dict)
    _archives: dict[str, Path] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False
    _changed: float = 0.0

    def runs(self, config: Mapping[str, Any]) -> bool:
        """Whether this is a function for us; the CDK's own helpers in JavaScript are not."""
        return str(config.get("Runtime")).startswith("python")

    def invoke(self, record: Mapping[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        """Run one event; the result has the form that the emulator's own executor gives."""
        config = record.get("config") or record
        function = Function.of(config)
        try:
            outcome, tail = self._fleet(function, record).invoke(
                request_id, config["FunctionArn"], json.dumps(event).encode(), function.seconds
            )
            if self._closed:
                raise Closed
        except Closed:
            # As in a power cut: nothing more happens, and nothing is decided from it.
            threading.Event().wait()
        try:
            body = json.loads(outcome.body)
        except ValueError:
            body = outcome.body.decode(errors="replace")
        return {"body": body, "log": tail, **({"error": True} if outcome.failed else {})}

    def _fleet(self, function: Function, record: Mapping[str, Any]) -> Fleet:
        with self._lock:
            if self._closed:
                raise Closed
            if function not in self._fleets:
                root = self._root(function, record.get("code_zip") or b"")
                self._fleets[function] = Fleet(lambda: self._start(function, root), self.limit)
            return self._fleets[function]

    def _root(self, function: Function, archive: bytes) -> Path:
        """Where the handler's code lies: in the source tree, else in the function's archive."""
        module = function.handler.rpartition(".")[0].replace(".", "/")
        if (self.source / f"{module}.py").is_file():
            return self.source
        digest = hashlib.sha256(archive).hexdigest()
        if digest not in self._archives:
            directory = Path(tempfile.mkdtemp(prefix="function-"))
            zipfile.ZipFile(io.BytesIO(archive)).extractall(directory)
            self._archives[digest] = directory
        return self._archives[digest]

    def _start(self, function: Function, root: Path) -> Environment:
        stream = LogStream(
            function.log_group,
            function.version,
            form=function.log_format,
            account=function.account,
            region=function.region,
        )
        variables = {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            **dict(function.variables),
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_ACCESS_KEY_ID": function.account,
            "AWS_SECRET_ACCESS_KEY": "local",
            # As in Lambda there always is one; the meter tells callers by it.
            "AWS_SESSION_TOKEN": function.name,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream.name,
            "AWS_LAMBDA_LOG_FORMAT": function.log_format,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_TASK_ROOT": str(root),
            "PYTHONPATH": str(root),
            "PYTHONUNBUFFERED": "1",
            "TZ": ":UTC",
        }
        return Environment(
            function.handler, root=root, variables=variables, memory=function.memory, log=stream
        )

    def tend(self) -> None:
        """End what is idle, and reload after a change of the source; for ever, on a thread of its own."""
        while True:
            time.sleep(2)
            changed = max((file.stat().st_mtime for file in self.source.rglob("*.py")), default=0.0)
            with self._lock:
                fleets = list(self._fleets.values())
            for fleet in fleets:
                if self._changed and changed > self._changed:
                    fleet.refresh()
                fleet.reap(IDLE_SECONDS)
            self._changed = changed

    def close(self) -> None:
        """Stop everything at once."""
        with self._lock:
            self._closed = True
            fleets = list(self._fleets.values())
        for fleet in fleets:
            fleet.close()


def install(functions: Functions) -> None:
    """Put `functions` in the place of the emulator's executor."""
    from ministack.services import lambda_svc

    own_executor, own_logs = lambda_svc._execute_function_warm, lambda_svc._emit_lambda_logs

    def execute(record: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        if functions.runs(record.get("config") or record):
            return functions.invoke(record, event, request_id)
        result: dict[str, Any] = own_executor(record, event, request_id)
        return result

    def emit_logs(record: dict[str, Any], *args: Any, **options: Any) -> None:
        # An environment writes its lines itself, as they come.
        if not functions.runs(record.get("config") or record):
            own_logs(record, *args, **options)

    lambda_svc._execute_function_warm = execute
    lambda_svc._emit_lambda_logs = emit_logs
    threading.Thread(target=functions.tend, daemon=True, name="functions-tend").start()
