"""Mutants before the tests: pytest collects once, and a fork of it runs the tests on each mutant.

A mutant differs in one function, whose code is put in the place of the real one, in memory: everybody who
holds the function has the mutant. No file is changed.
"""

import ast
import builtins
import importlib
import json
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from tests.mutants.mutant import ROOT, Mutant

#: By test: `seconds`, and under `setup` and `call` the functions that it enters.
Ledger = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Verdict:
    """What the tests said; `killer` is the one that failed."""

    is_killed: bool
    killer: str
    seconds: float


class Trials:
    """A plugin of pytest: in the place of the tests, `judge` is run, which may call `run` and `record`."""

    def __init__(self, judge: Callable[["Trials"], None]) -> None:
        self._judge = judge
        self._items: dict[str, pytest.Item] = {}
        self._test = self._phase = self._failed = ""
        self._seen: Ledger = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._items = {item.nodeid: item for item in session.items}
        self._judge(self)
        return True

    @property
    def tests(self) -> list[str]:
        """All tests that were collected."""
        return list(self._items)

    def run(self, mutant: Mutant, tests: Iterable[str], seconds: float, log: Path) -> Verdict:
        """The tests, one by one until one fails. If they take more than so many seconds, one has failed."""
        begun = time.monotonic()

        def child(tell: Callable[[Any], None]) -> None:
            _become(mutant)
            for test in tests:
                tell({"now": test})
                self._run(test)
                if self._failed:
                    tell({"failed": self._failed})
                    return
            tell({"passed": True})

        told = _in_child(child, seconds, log)
        if "passed" in told:
            return Verdict(False, "", time.monotonic() - begun)
        return Verdict(True, told.get("failed") or told.get("now", ""), time.monotonic() - begun)

    def record(self, tests: Iterable[str], log: Path) -> Ledger:
        """Run the tests on the code as it is; what they enter and how long they take. Those that fail are
        left out."""

        def child(tell: Callable[[Any], None]) -> None:
            builtins.__touch__ = self._touch  # type: ignore[attr-defined]
            for test in tests:
                self._failed = ""
                self._run(test)
                if self._failed:
                    del self._seen[test]
                tell(self._seen)

        return dict(_in_child(child, 7200, log))

    def _run(self, test: str) -> None:
        item = self._items[test]
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)

    def _touch(self, function: str) -> None:
        if self._test:
            self._seen[self._test].setdefault(self._phase, {})[function] = 1

    # --- what pytest tells, in the child ---------------------------------------------------------------

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._test, self._phase = nodeid, "setup"
        self._seen[nodeid] = {"seconds": 0.0}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        self._phase = "call"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seen[report.nodeid]["seconds"] += report.duration
        if report.failed:
            self._failed = report.nodeid
            print(report.longreprtext)
        if report.when == "call":
            self._phase = "teardown"


def collect(suites: Iterable[str], judge: Callable[[Trials], None]) -> None:
    """Have pytest collect those suites, and `judge` run them."""
    _instrument()
    options = ("-p", "no:cacheprovider", "--tb=short", "--capture=no")
    status = pytest.main([*options, *suites], plugins=[Trials(judge)])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(f"the tests could not be collected: {status}")


def _instrument() -> None:
    """Have every function of ours tell when it is entered; until somebody listens, that is nothing."""
    builtins.__touch__ = lambda _function: None  # type: ignore[attr-defined]
    builtins.__pruned__ = _pruned  # type: ignore[attr-defined]
    real = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> Any:
        path = Path(self.path)
        if not path.is_relative_to(ROOT):
            return real(self, name)
        tree = ast.parse(path.read_bytes())
        _mark(tree, "", ".".join(path.relative_to(ROOT).with_suffix("").parts))
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]


def _mark(node: ast.AST, outer: str, module: str) -> None:
    for child in ast.iter_child_nodes(node):
        inner = f"{outer}.{child.name}" if isinstance(child, (ast.FunctionDef, ast.ClassDef)) else outer
        _mark(child, inner, module)
        if isinstance(child, ast.FunctionDef):
            head = 1 if ast.get_docstring(child, clean=False) is not None else 0
            child.body.insert(head, ast.parse(f"__touch__({module + inner!r})").body[0])


def _become(mutant: Mutant) -> None:
    """Put the mutant's code in the place of the function's."""
    names = mutant.function.split(".")
    module = ".".join(["mediajobs", *mutant.path.relative_to(ROOT).with_suffix("").parts])
    found: Any = importlib.import_module(module)
    code = compile(mutant.source(), str(mutant.path), "exec", dont_inherit=True)
    for number, name in enumerate(names):
        code = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name)
        found = vars(found)[name]
        if not isinstance(found, type):
            assert number == len(names) - 1 or names[number + 1 :], mutant.name
            break
    for wrapping in ("fget", "__func__", "__wrapped__"):
        found = getattr(found, wrapping, None) or found
    found.__code__ = code


def _pruned(condition: Any) -> Any:
    """A condition without the values that it does not name any more: DynamoDB would refuse those."""
    used = {
        name: value
        for name, value in condition.values.items()
        if re.search(rf":{name}\b", condition.expression)
    }
    return type(condition)(condition.expression, used)


def _in_child(function: Callable[[Callable[[Any], None]], None], seconds: float, log: Path) -> dict[str, Any]:
    """What the function told last in a child process, which has so many seconds."""
    said = log.with_suffix(".json")
    said.write_text("{}")

    def tell(what: Any) -> None:
        said.write_text(json.dumps(what))

    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            file = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            os.dup2(file, 1)
            os.dup2(file, 2)
            function(tell)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(0)
    end = time.monotonic() + seconds
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.02)
    told: dict[str, Any] = json.loads(said.read_text())
    return told
