"""The customers of a soak: programs with the Python client, that ask again when no answer comes."""

import heapq
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mediajobs.client import Client
from mediajobs.client.error import CallRefused, ServiceAway
from mediajobs.client.retry import Retry
from tests.soak.wish import Wish

#: A customer does not give up while the stack is started again.
PATIENCE = Retry(tries=2000, first=0.2, longest=1.0)
#: Seconds between two looks at a job that is to be restarted.
_LOOK = 1.0


@dataclass
class Order:
    """A wish that was acknowledged, and what was said to it since."""

    job_id: str
    #: Whether a cancel may have been taken, and whether one certainly was.
    may_be_cancelled: bool = False
    is_cancelled: bool = False
    restarts: int = 0


class Customer:
    """One organization's program, on a thread of its own."""

    def __init__(
        self, url: str, api_key: str, wishes: Sequence[Wish], places: Mapping[str, str], began: float
    ) -> None:
        self._client = Client(url, api_key, retry=PATIENCE)
        self._wishes = wishes
        self._places = places
        self._began = began
        #: By the wish's name.
        self.orders: dict[str, Order] = {}
        #: What the service must not answer.
        self.faults: list[str] = []
        self._calendar: list[tuple[float, int, Callable[[], None]]] = []
        self._thread = threading.Thread(target=self._run, name="customer", daemon=True)

    def start(self) -> None:
        """Begin to order."""
        for wish in self._wishes:
            self._note(self._began + wish.at, lambda wish=wish: self._order(wish))  # type: ignore[misc]
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Whether everything was ordered and said in that time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _note(self, moment: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._calendar, (moment, id(do), do))

    def _run(self) -> None:
        with self._client:
            while self._calendar:
                moment, _, do = heapq.heappop(self._calendar)
                time.sleep(max(0.0, moment - time.monotonic()))
                try:
                    do()
                except (CallRefused, ServiceAway) as error:
                    self.faults.append(f"{type(error).__name__}: {error}")

    def _order(self, wish: Wish) -> None:
        job = self._client.submit(wish.spec(self._places), idempotency_key=wish.name)
        self.orders[wish.name] = Order(job["id"])
        now = time.monotonic()
        if wish.kind == "cancelled":
            self._note(now + wish.patience, lambda: self._cancel(self.orders[wish.name]))
        elif wish.kind == "second chance":
            self._note(now + _LOOK, lambda: self._restart(self.orders[wish.name]))

    def _cancel(self, order: Order) -> None:
        order.may_be_cancelled = True
        try:
            order.is_cancelled = self._client.cancel(order.job_id)["status"] == "Cancelled"
        except (CallRefused, ServiceAway) as error:
            if not _is_passing(error):
                return
            self._note(time.monotonic() + _LOOK, lambda: self._cancel(order))

    def _restart(self, order: Order) -> None:
        if self._client.job(order.job_id)["status"] in {"Success", "Failed", "Cancelled"}:
            self._client.restart(order.job_id)
            order.restarts = 1
        else:
            self._note(time.monotonic() + _LOOK, lambda: self._restart(order))


def _is_passing(error: CallRefused | ServiceAway) -> bool:
    """Whether no handler of ours has answered; what was asked for may have been done."""
    return isinstance(error, ServiceAway) or error.status >= 500
