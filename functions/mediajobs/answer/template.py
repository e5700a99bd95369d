"""Templates, as our API answers them."""

from typing import Annotated, Any

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, NextToken, Time


class TemplateHead(TypedDict):
    """A template's last version, without its job."""

    name: str
    version: Annotated[int, About("the last one")]
    description: str | None
    updated: Time
    updated_by: Annotated[str, About("the id of an API key")]


class TemplateVersion(TypedDict):
    """A version of a template."""

    id: Annotated[str, About("`name@version`, as its jobs have it")]
    name: str
    version: int
    description: str | None
    parameters: Annotated[dict[str, Any], About("what fills its placeholders, by name")]
    job: Annotated[dict[str, Any], About("the job with its placeholders")]
    created: Time
    created_by: Annotated[str, About("the id of an API key")]
    deleted: Annotated[bool, About("no job is made of it any more")]


class TemplatePage(TypedDict):
    """A page of templates."""

    templates: list[TemplateHead]
    next_token: NextToken
