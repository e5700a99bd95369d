"""The clients' way to the service in this process, and what may go wrong on it."""

from collections.abc import Callable
from typing import Any

import httpx2

from tests.world import World

#: What happens to a request: handled, lost before it arrives, or its answer lost.
Fate = Callable[[int, httpx2.Request], str]


class Wire(httpx2.MockTransport):
    """Carries requests to a world's real endpoints, and counts them."""

    def __init__(self, world: World, fate: Fate = lambda number, request: "handled") -> None:
        super().__init__(self._carry)
        self.seen: list[httpx2.Request] = []
        self._world = world
        self._fate = fate

    def _carry(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(request)
        fate = self._fate(len(self.seen), request)
        if fate == "lost":
            raise httpx2.ConnectError("lost on the way")
        if fate.isdigit():
            return httpx2.Response(int(fate), headers={"retry-after": "0"})
        answer: Any = self._world.call(
            request.method,
            request.url.raw_path.decode(),
            request.content,
            headers={name: value for name, value in request.headers.items() if name != "host"},
        )
        if fate == "answer lost":
            raise httpx2.ReadError("the answer was lost")
        body = {} if answer.body is None else {"json": answer.body}
        headers = {name: value for name, value in answer.headers.items() if name != "content-type"}
        return httpx2.Response(answer.status, headers=headers, **body)
