"""The tools there are, found by their files and imported one at a time."""

import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from mediajobs import answer
from mediajobs.tools.check import Check
from mediajobs.tools.estimate import Estimate, Files, nothing_known
from mediajobs.tools.refusal import Refusal
from mediajobs.tools.tool import Model, Result, Run, Worker

_NAME = re.compile(r"[a-z]+:[a-z_]+")


class Tool(Protocol):
    """What a tool's module offers; see `mediajobs.tools.tool`."""

    WORKER: Worker
    Parameters: type[Model]

    def run(self, run: Run, parameters: Model) -> Result:
        """Do the task."""


def names() -> Iterator[str]:
    """Every tool's name, in order."""
    for file in sorted(Path(__file__).parent.glob("*/*.py")):
        if file.stem != "__init__":
            yield f"{file.parent.name}:{file.stem}"


def find(name: str) -> Tool | None:
    """The tool of that name."""
    if not _NAME.fullmatch(name):
        return None
    family, _, verb = name.partition(":")
    if not (Path(__file__).parent / family / f"{verb}.py").is_file():
        return None
    return cast(Tool, import_module(f"mediajobs.tools.{family}.{verb}"))


def inspects(tool: Tool, parameters: Model) -> Iterable[Check]:
    """The places outside that a task of the tool would reach; see `mediajobs.tools.check`."""
    own = getattr(tool, "inspects", None)
    return () if own is None else cast(Iterable[Check], own(parameters))


def rule(tool: Tool) -> Callable[[Any, Files, Files], Estimate]:
    """How to estimate a task of the tool; see `mediajobs.tools.estimate`."""
    return cast(Callable[[Any, Files, Files], Estimate], getattr(tool, "estimate", nothing_known))


def executor(tool: Tool, parameters: Model) -> str | None:
    """The executor that a task's parameters ask for, if they do."""
    asks: Callable[[Model], str | None] | None = getattr(tool, "executor", None)
    return asks and asks(parameters)


def conversion(
    tool: Tool,
    parameters: Model,
    source: str,
    *,
    place: Callable[[str], str],
    target: Callable[[str], str],
) -> tuple[dict[str, Any], list[str], Iterable[Refusal]]:
    """What MediaConvert is told for a task: its settings, the names of the files that it makes, and the
    parameters that it cannot honour, in which case the settings are of no worth."""
    tells: Any = getattr(tool, "conversion", None)
    if tells is None:
        return {}, [], [Refusal("", "MediaConvert does not know this tool")]
    told: tuple[dict[str, Any], list[str], Iterable[Refusal]] = tells(
        parameters, source, place=place, target=target
    )
    return told


def input_name(tool: Tool, parameters: Model) -> str | None:
    """The first file that a task brings into its job, if the tool's module has an `input_name` to tell it."""
    tells: Callable[[Model], str] | None = getattr(tool, "input_name", None)
    return tells and tells(parameters)


def describe(name: str) -> answer.Tool:
    """A tool as its users see it; raises LookupError."""
    tool = find(name)
    if tool is None:
        raise LookupError(name)
    return {
        "name": name,
        "description": " ".join((tool.__doc__ or "").split()),
        "worker": tool.WORKER.value,
        "parameters": tool.Parameters.model_json_schema(),
    }
