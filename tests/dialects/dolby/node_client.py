"""The packaged Node, and what the vendor's page and its client for Node need, installed once under build/."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from infra.asset import BUILD
from infra.npm import NODE, npm

SOURCE = Path(__file__).parent / "node"


def installed() -> Path:
    """The folder that holds our scripts beside `node_modules`."""
    lock = (SOURCE / "package-lock.json").read_bytes()
    place = BUILD / "node" / f"dolby-{hashlib.sha256(lock).hexdigest()[:12]}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (place / "done").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(SOURCE / name, place)
            npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", directory=place)
            (place / "done").touch()
    for script in SOURCE.glob("*.cjs"):
        shutil.copy(script, place)
    return place


def run(script: str, environment: dict[str, str], *options: str) -> str:
    """What a script in the folder prints; it may be one of ours by its name, or text."""
    place = installed()
    given = [script] if script.endswith(".cjs") else ["--eval", script]
    done = subprocess.run(
        [NODE, *options, *given],
        cwd=place,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
