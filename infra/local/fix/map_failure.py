"""A Map goes on with its other items after one has failed; Step Functions stops there."""

import threading
from contextvars import ContextVar
from typing import Any

from ministack.services import stepfunctions

#: Set when an item of the innermost Map has failed.
_failed: ContextVar[threading.Event | None] = ContextVar("map_failed", default=None)


def install() -> None:
    """Let no further item start."""
    run_items = stepfunctions._run_map_items
    run_branches = stepfunctions._run_parallel_branches
    run_states = stepfunctions._run_sub_machine

    def run_items_until_one_fails(state: dict[str, Any], *arguments: Any) -> Any:
        processor = state.get("Iterator") or state.get("ItemProcessor") or {}
        distributed = (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
        return _with(None if distributed else threading.Event(), run_items, state, *arguments)

    def run_branches_apart(*arguments: Any) -> Any:
        return _with(None, run_branches, *arguments)

    def run_states_unless_failed(*arguments: Any) -> Any:
        failed = _failed.get()
        if failed is None:
            return run_states(*arguments)
        if failed.is_set():
            raise stepfunctions._ExecutionError("States.Runtime", "another item of the Map has failed")
        try:
            return run_states(*arguments)
        except stepfunctions._ExecutionError:
            failed.set()
            raise

    stepfunctions._run_map_items = run_items_until_one_fails
    stepfunctions._run_parallel_branches = run_branches_apart
    stepfunctions._run_sub_machine = run_states_unless_failed


def _with(failed: threading.Event | None, run: Any, *arguments: Any) -> Any:
    token = _failed.set(failed)
    try:
        return run(*arguments)
    finally:
        _failed.reset(token)
