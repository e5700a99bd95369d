"""The mutants in short: some of those that were killed, by chance, are killed again by the same test."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.__main__ import KILLERS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
#: `MUTANTS_SEED` draws others.
_SEED = os.environ.get("MUTANTS_SEED", "0")


def test_some_mutants_are_killed_by_the_tests_that_killed_them() -> None:
    command = [sys.executable, "-m", "tests.mutants", "--known", "--again", "--sample", "10", "--seed", _SEED]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=500, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_what_is_known_to_kill_a_mutant_is_a_test_that_there_is() -> None:
    for killer in set(json.loads(KILLERS.read_text()).values()):
        path, _, test = killer.partition("::")
        assert f"def {test.partition('[')[0]}(" in (_ROOT / path).read_text(), killer
