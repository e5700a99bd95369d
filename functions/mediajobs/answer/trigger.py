"""Triggers, as our API answers them."""

from typing import Annotated, Any

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Id, Time


class Trigger(TypedDict):
    """A trigger: what it waits for, and the job that it makes."""

    id: Id
    name: str
    bucket: Annotated[str | None, About("the bucket whose new objects it waits for")]
    prefix: str
    suffix: str
    pattern: Annotated[dict[str, Any] | None, About("or of which events")]
    template: str
    parameters: Annotated[dict[str, Any], About("of the template")]
    enabled: bool
    description: str | None
    submits_as: Annotated[str, About("what its jobs have as `submitted_by`")]
    created: Time
    created_by: Annotated[str, About("the id of an API key")]
    updated: Time


class Triggers(TypedDict):
    """The organization's triggers, oldest first."""

    triggers: list[Trigger]
