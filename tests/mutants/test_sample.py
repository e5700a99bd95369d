"""The mutants in short: some of those that were killed, by chance, are killed again by the same test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_HERE = Path(__file__).parent
#: `MUTANTS_SEED` draws others.
_SEED = os.environ.get("MUTANTS_SEED", "0")


def test_some_mutants_are_killed_by_the_tests_that_killed_them() -> None:
    command = [sys.executable, "-m", "tests.mutants", "--known", "--again", "--sample", "10", "--seed", _SEED]
    done = subprocess.run(
        command, cwd=_HERE.parents[1], capture_output=True, text=True, timeout=500, check=False
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
