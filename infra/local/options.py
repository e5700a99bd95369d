"""How a stack is started, and how its host reports: what the host and its starters agree on."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from infra.local.emulator import ENVIRONMENTS
from infra.local.fix import Choice

#: The host's last line before silence.
READY = "ready"
#: How the report of a failure begins; it may have more lines.
FAILED = "failed: "


@dataclass(frozen=True)
class Options:
    """How a stack is started."""

    #: Where local.json, the log and the lock are.
    directory: Path
    #: Where data is kept over a restart.
    data: Path | None
    port: int
    tls: bool
    fixes: Choice
    environments: int
    #: A file for every call that reaches the emulator, as `infra.meter` reads it.
    record: Path | None = None

    def arguments(self) -> list[str]:
        """The command line that says the same."""
        return [
            f"--directory={self.directory}",
            f"--port={self.port}",
            f"--environments={self.environments}",
            *([f"--data={self.data}"] if self.data else []),
            *([f"--record={self.record}"] if self.record else []),
            *(["--tls"] if self.tls else []),
            f"--fixes={self.fixes}",
        ]


def parsed() -> Options:
    """The options of this process's command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--fixes", type=Choice, default=Choice.ALL)
    parser.add_argument("--environments", type=int, default=ENVIRONMENTS)
    return Options(**vars(parser.parse_args()))
