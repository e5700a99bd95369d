"""Raw HTTP through the stack's front door: any path, any body, and the whole answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)

    @property
    def is_problem(self) -> bool:
        """Whether it is a problem of RFC 9457 that tells its own status."""
        named = self.headers["content-type"] == "application/problem+json"
        return named and self.json["status"] == self.status and bool(self.json["title"])


def call(
    url: str,
    method: str,
    path: str,
    body: bytes | str | None = None,
    *,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send the path as it is written."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        connection.request(method, path, body, {**authorization, **(headers or {})})
        answer = connection.getresponse()
        sent = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, sent, answer.read())
    finally:
        connection.close()
