"""Tools, as our API answers them."""

from typing import Annotated, Any, Literal

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About


class Tool(TypedDict):
    """A tool that a task can run."""

    name: Annotated[str, About("`family:verb`")]
    description: str
    worker: Literal["storage", "media"]
    parameters: Annotated[dict[str, Any], About("the JSON Schema of its parameters")]


class Tools(TypedDict):
    """The tools there are."""

    tools: list[Tool]
