"""Jobs of many organizations on the whole local stack while its processes are killed: every acknowledged job
ends rightly, and nothing stays behind.

A small soak by default; `make soak` is the long one. SOAK_JOBS, SOAK_ORGANIZATIONS, SOAK_SECONDS (of orders),
SOAK_KILLS (of single processes), SOAK_RESTARTS, SOAK_CRASHES (of the whole stack) and SOAK_SEED say how long
and how bad.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.config import Config
from infra.local import account
from infra.local.emulator import ACCOUNT
from infra.name import Names
from mediajobs.client import Client, call
from tests.clip import clip
from tests.faults.property import always, at_rest
from tests.server.http import Handler, Server, serve
from tests.soak.customer import Customer
from tests.soak.judge import grant_latency, wrong_ends
from tests.soak.killer import Killer
from tests.soak.wish import wishes
from tests.soak.witness import Witness
from tests.stack import RunningStack


def _number(name: str, small: int) -> int:
    return int(os.environ.get(f"SOAK_{name}") or small)


JOBS = _number("JOBS", 40)
ORGANIZATIONS = _number("ORGANIZATIONS", 4)
SECONDS = _number("SECONDS", 25)
KILLS = _number("KILLS", 12)
RESTARTS = _number("RESTARTS", 1)
CRASHES = _number("CRASHES", 1)
SEED = _number("SEED", 1)
#: Slots of each organization: together as many workers as the machine carries.
CAPACITY = 2
#: Seconds that the service has to heal by itself before its clock is turned forward, and in all.
OWN_TIME = min(60, SECONDS / 2)
ALL_TIME = 300 + SECONDS


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack of its own, since it is killed."""
    running = RunningStack(tmp_path_factory.mktemp("soak"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Where clips come from, slowly, and where receivers listen."""
    content = clip("clip.mp4").read_bytes()

    def drip(seconds: float, body: bytes) -> object:
        def answer(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            if handler.command == "HEAD":
                return
            parts = 20
            size = -(-len(body) // parts)
            for part in range(parts):
                handler.wfile.write(body[part * size : (part + 1) * size])
                if handler.home.over.wait(seconds / parts):
                    return

        return answer

    routes = {
        "/clip.mp4": drip(2, content),
        "/endless.mp4": drip(60, bytes(200_000)),
        "/told": lambda handler: handler.answer(204),
    }
    with serve(routes) as running:  # type: ignore[arg-type]
        yield running


@pytest.mark.timeout(SECONDS + ALL_TIME + 600)
def test_every_acknowledged_job_ends_rightly_and_nothing_stays(
    stack: RunningStack, server: Server, total: Callable[[str], None]
) -> None:
    names = Names(Config.of_stage("local"), ACCOUNT, "aws")
    with ThreadPoolExecutor(2) as makers:
        made = list(
            makers.map(
                lambda _: account.make(stack.endpoint_url, stack.home_region, stack.local.regions),
                range(ORGANIZATIONS),
            )
        )
    regions = {
        number: stack.local.regions[number % len(stack.local.regions)] for number in range(ORGANIZATIONS)
    }
    for number, owner in enumerate(made):
        with Client(stack.url, owner["api_key"]) as client:
            client.send(call.set_pool(regions[number], CAPACITY))
    wanted = wishes(SEED, jobs=JOBS, customers=ORGANIZATIONS, seconds=SECONDS, regions=regions)
    witness = Witness(stack, names, server)
    killer = Killer(stack, random.Random(SEED))
    began = time.monotonic()
    customers = [
        Customer(
            stack.url,
            owner["api_key"],
            [wish for wish in wanted if wish.customer == number],
            {
                "slow": server.url("/clip.mp4"),
                "endless": server.url("/endless.mp4"),
                "told": server.url("/told"),
                "out": f"s3://{stack.media_bucket(regions[number])}/{owner['organization_id']}/",
            },
            began,
        )
        for number, owner in enumerate(made)
    ]
    for customer in customers:
        customer.start()
    try:
        _haunt(killer, began)
        assert all(customer.join(ALL_TIME) for customer in customers), "a customer waits for ever"
        found, rounds = _settle(witness)
    finally:
        witness.close()
    state = witness.look()
    orders = {name: order for customer in customers for name, order in customer.orders.items()}
    found += wrong_ends(state, wanted, orders, killer)
    found += (fault for customer in customers for fault in customer.faults)
    found += _until_none(witness)
    latency = grant_latency(state)
    ends: dict[str, int] = {}
    for job in state.jobs.values():
        end = job.failure.code if job.failure else str(job.status)
        ends[end] = ends.get(end, 0) + 1
    total(
        f"soak, seed {SEED}: {len(orders)} jobs of {ORGANIZATIONS} organizations in"
        f" {time.monotonic() - began:.0f} s\n"
        f"  ends: {dict(sorted(ends.items()))}\n"
        f"  killed and restarted: {dict(sorted(killer.kills.items()))}\n"
        f"  rounds with the clock turned forward: {rounds}; messages parked: {dict(witness.parked())}\n"
        f"  grants: {len(latency.waits)}, waited with a slot free p50 {latency.percentile(0.5)} ms,"
        f" p99 {latency.percentile(0.99)} ms\n"
        f"  violations: {len(found)}"
    )
    assert not found, "\n".join(found)


def _haunt(killer: Killer, began: float) -> None:
    """Kill and restart at random moments for as long as there are orders."""
    moments = sorted(
        [(killer.dice.uniform(1, SECONDS), killer.kill) for _ in range(KILLS)]
        + [(killer.dice.uniform(SECONDS / 5, SECONDS), killer.restart) for _ in range(RESTARTS)]
        + [(killer.dice.uniform(SECONDS / 5, SECONDS), killer.crash) for _ in range(CRASHES)],
        key=lambda moment: moment[0],
    )
    for at, do in moments:
        time.sleep(max(0.0, began + at - time.monotonic()))
        do()


def _settle(witness: Witness) -> tuple[list[str], int]:
    """What is still broken when nothing more heals, and how many rounds the clock was turned forward."""
    began, rounds = time.monotonic(), 0
    while True:
        state = witness.look()
        unfinished = [
            f"{job.id} is {job.status}" for job in state.jobs.values() if not job.status.is_terminal
        ]
        broken = [*always(state), *at_rest(state), *unfinished]
        waited = time.monotonic() - began
        if not broken or waited > ALL_TIME:
            return broken, rounds
        if waited > OWN_TIME:
            rounds += 1
            witness.turn_clock(state)
        time.sleep(max(3.0, min(10.0, len(state.jobs) / 50)))


def _until_none(witness: Witness) -> list[str]:
    """The leaks that are still there after a few seconds, which a dying process may take."""
    for _ in range(10):
        found = list(witness.leaks())
        if not found:
            break
        time.sleep(0.5)
    return found
