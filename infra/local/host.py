"""The process that holds the local stack: the emulator, the deployment in it, and the front door.

It says on its standard output how far it is, a line a step, until the stack is up; then it is silent and
stays, until a signal ends it or nothing is left to hold.
"""

import asyncio
import fcntl
import json
import logging
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from infra.config import Config
from infra.local import account, interruption, mail
from infra.local.certificate import certify
from infra.local.deploy import DeploymentFailed, deploy
from infra.local.emulator import ACCOUNT, ROOT, Emulator, EmulatorFailed
from infra.local.options import FAILED, READY, Options, parsed
from infra.local.porter import Porter
from infra.local.synthesis import SynthesisFailed, synthesize
from infra.name import Names
from mediajobs import table

STAGE = "local"

logger = logging.getLogger("mediajobs.local")


class Host:
    """Starts the parts, writes local.json, and stops the parts."""

    def __init__(self, options: Options, report: IO[str], log: IO[bytes]) -> None:
        self._options = options
        self._report = report
        self._log = log
        self._config = Config.of_stage(STAGE)
        self._emulator: Emulator | None = None
        self._stopping = asyncio.Event()

    @property
    def _described(self) -> Path:
        return self._options.directory / "local.json"

    def _say(self, line: str) -> None:
        logger.info(line)
        # Whoever started us may have left.
        with suppress(BrokenPipeError):
            print(line, file=self._report, flush=True)

    async def run(self) -> int:
        """Hold the stack until it ends; the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)
        trusted = certify(self._options.directory / "tls") if self._options.tls else None
        porter = Porter(self._options.port, certificates=trusted.parent if trusted else None, log=self._log)
        await porter.start()
        try:
            emulator = await self._start(porter, trusted)
            self._say(READY)
            with suppress(BrokenPipeError):
                self._report.close()
            return await self._hold(emulator)
        except (EmulatorFailed, SynthesisFailed, DeploymentFailed) as error:
            self._say(f"{FAILED}{error}")
            return 1
        finally:
            self._described.unlink(missing_ok=True)
            await porter.close()
            if self._emulator:
                await asyncio.to_thread(self._emulator.stop)

    async def _start(self, porter: Porter, trusted: Path | None) -> Emulator:
        begin, started = time.monotonic(), time.time_ns() // 1_000_000
        state = self._options.data / "emulator" if self._options.data else None
        self._say("synthesizing the CDK app and starting the emulator")
        assembly, emulator = await asyncio.gather(
            asyncio.to_thread(
                synthesize, ROOT / "infra" / "app.py", {"stage": STAGE}, ROOT / ".mediajobs" / "assembly"
            ),
            asyncio.to_thread(self._start_emulator, state),
        )
        self._say(
            f"deploying into {', '.join(dict.fromkeys((self._config.home_region, *self._config.regions)))}"
        )
        endpoint_url = emulator.endpoint_url
        stacks = await asyncio.to_thread(deploy, assembly, endpoint_url, self._config.home_region)
        api_id = next(stack.outputs["ApiId"] for stack in stacks if "ApiId" in stack.outputs)
        porter.open(emulator.port, api_id)
        owner = await asyncio.to_thread(self._owner, emulator)
        names = Names(self._config, ACCOUNT, "aws")
        if self._config.mail_sender:
            await asyncio.to_thread(
                mail.verify, endpoint_url, self._config.home_region, self._config.mail_sender
            )
        if state is not None:
            await asyncio.to_thread(interruption.tell, endpoint_url, names, started)
            # From here on a hard kill loses nothing that the table has acknowledged.
            emulator.save()
        described = {
            "url": porter.url,
            "console_url": porter.console_url,
            **owner,
            "home_region": self._config.home_region,
            "regions": list(self._config.regions),
            "media_buckets": {region: names.bucket("media", region) for region in self._config.regions},
            "endpoint_url": endpoint_url,
            "pid": os.getpid(),
            "emulator_pid": emulator.process.pid,
            "data": str(self._options.data) if self._options.data else None,
            "ca_file": str(trusted) if trusted else None,
        }
        account.write_secret(self._described, json.dumps(described, indent=2) + "\n")
        self._say(f"up at {porter.url} after {time.monotonic() - begin:.1f} s")
        return emulator

    def _start_emulator(self, state: Path | None) -> Emulator:
        self._emulator = Emulator.start(
            state=state,
            environments=self._options.environments,
            fixes=self._options.fixes,
            record=self._options.record,
            scratch=self._options.directory / "scratch",
            output=self._log,
        )
        return self._emulator

    def _owner(self, emulator: Emulator) -> dict[str, str]:
        """The organization and its key: those in the data directory if the table knows them still."""
        kept = self._options.data / "owner.json" if self._options.data else None
        if kept and kept.exists():
            owner: dict[str, str] = json.loads(kept.read_text())
            if self._knows(emulator, owner["organization_id"]):
                return owner
        owner = account.make(emulator.endpoint_url, self._config.home_region, self._config.regions)
        if kept:
            account.write_secret(kept, json.dumps(owner, indent=2) + "\n")
        return owner

    def _knows(self, emulator: Emulator, organization: str) -> bool:
        names = Names(self._config, ACCOUNT, "aws")
        found = emulator.client("dynamodb", self._config.home_region).query(
            TableName=names.table,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": table.PARTITION_KEY},
            ExpressionAttributeValues={":pk": {"S": table.organization_key(organization)}},
        )
        return bool(found["Items"])

    async def _hold(self, emulator: Emulator) -> int:
        while not self._stopping.is_set():
            code = emulator.process.poll()
            if code is not None:
                logger.error("the emulator ended by itself with code %s", code)
                # The door goes on to say so, until `down`.
                await self._stopping.wait()
                return 1
            try:
                await asyncio.wait_for(self._stopping.wait(), 1)
            except TimeoutError:
                continue
        return 0


def _lock(directory: Path) -> IO[str]:
    """Hold a directory for this process's life. Raises BlockingIOError if another holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    lock = (directory / "lock").open("a")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


def main() -> int:
    """Run a host in this process."""
    options = parsed()
    report = os.fdopen(os.dup(1), "w")
    try:
        locks = [_lock(each) for each in (options.directory, options.data) if each]
    except BlockingIOError:
        print(f"{FAILED}another local stack uses this directory", file=report)
        return 1
    (options.directory / "local.pid").write_text(str(os.getpid()))
    log = (options.directory / "local.log").open("ab", buffering=0)
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    code = asyncio.run(_run(options, report, log))
    (options.directory / "local.pid").unlink(missing_ok=True)
    del locks
    return code


async def _run(options: Options, report: IO[str], log: IO[bytes]) -> int:
    return await Host(options, report, log).run()


if __name__ == "__main__":
    sys.exit(main())
