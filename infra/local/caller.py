"""A client of a local stack's HTTP API."""

import json
import ssl
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from infra.local.stack import Local


class CallFailed(Exception):
    """The API answered with a problem."""

    def __init__(self, status: int, problem: Any) -> None:
        super().__init__(f"{status}: {json.dumps(problem, indent=2)}")
        self.status = status
        self.problem = problem


class Caller:
    """Calls with the stack's admin key."""

    def __init__(self, local: Local) -> None:
        self._local = local
        self._tls = ssl.create_default_context(cafile=local.ca_file) if local.ca_file else None

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """The JSON that a call answers. Raises CallFailed."""
        request = Request(  # noqa: S310
            self._local.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._local.api_key}",
                "Content-Type": "application/json",
                **(headers or {}),
            },
        )
        try:
            with urlopen(request, timeout=60, context=self._tls) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except HTTPError as error:
            content = error.read()
            try:
                problem = json.loads(content)
            except ValueError:
                problem = content.decode(errors="replace")
            raise CallFailed(error.code, problem) from error
