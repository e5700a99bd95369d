"""The emulator's own process: MiniStack, with our executor for Lambda and the fixes it needs."""

import argparse
import asyncio
import logging
import os
import resource
import signal
import sys
import threading
from pathlib import Path

#: Side listeners off, loopback only, and nothing that is written outside the state directory.
QUIET = {
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
    "MINISTACK_HOST": "localhost",
    # Docker is not looked for.
    "DOCKER_HOST": "unix:///nonexistent/docker.sock",
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--environments", type=int, required=True)
    parser.add_argument("--fixes", required=True)
    parser.add_argument("--record", type=Path, help="a file for every call, as infra.meter reads it")
    return parser.parse_args()


def _configure(arguments: argparse.Namespace) -> None:
    """Set what MiniStack reads when it is imported."""
    os.environ.update(QUIET, GATEWAY_PORT=str(arguments.port))
    # It can do without Docker, whose client is a third of the time it takes to start.
    sys.modules["docker"] = None  # type: ignore[assignment]
    if arguments.state:
        os.environ.update(
            PERSIST_STATE="1",
            STATE_DIR=str(arguments.state / "state"),
            S3_PERSIST="1",
            S3_DATA_DIR=str(arguments.state / "s3"),
        )


def _die_with_parent(pipe: int) -> None:
    """End as on a signal when the process that started us is gone."""
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


async def _serve(port: int, stopping: asyncio.Event) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.backlog = 1024
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.5
    config.loglevel = "WARNING"
    await serve(app, config, shutdown_trigger=stopping.wait)


async def _run(port: int, functions: "Functions") -> None:
    from infra.local.fix.journal import save_everything

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        # The handlers first: what is saved must not change any more.
        functions.close()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGUSR1, save_everything)
    await _serve(port, stopping)


if __name__ == "__main__":
    given = _arguments()
    _configure(given)
    from infra.local import fix, sandbox
    from infra.local.function import Functions, install

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    threading.Thread(target=_die_with_parent, args=(0,), daemon=True).start()
    sandbox.adopt_orphans()
    found = Functions(f"http://127.0.0.1:{given.port}", given.source, given.environments)
    install(found)
    fix.install(fix.Choice(given.fixes))
    if given.record:
        from infra.meter import haste, recorder

        haste.install()
        recorder.install(given.record)
    asyncio.run(_run(given.port, found))
    # Threads of running executions would hold the process.
    os._exit(0)
