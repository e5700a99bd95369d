"""A task's TimeoutSeconds and HeartbeatSeconds may be JSONata expressions; they are taken as numbers."""

from typing import Any

from ministack.services import stepfunctions

_FIELDS = ("TimeoutSeconds", "HeartbeatSeconds")


def install() -> None:
    """Evaluate them before the task."""
    execute = stepfunctions._execute_task

    def execute_evaluated(state: dict[str, Any], raw: Any, execution: Any, context: Any) -> Any:
        given = {
            field: stepfunctions._jsonata_state_field(state, field, "number", raw, context)
            for field in _FIELDS
            if isinstance(state.get(field), str)
        }
        return execute({**state, **given}, raw, execution, context)

    stepfunctions._execute_task = execute_evaluated
