"""Why a request was refused, as our API answers it."""

from typing import Annotated, NotRequired

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About


class FieldProblem(TypedDict):
    """One bad field."""

    pointer: Annotated[
        str, About("an RFC 6901 pointer; of a query parameter or header, `/query/…`, `/headers/…`")
    ]
    detail: Annotated[str, About("the rule that it breaks")]


class Problem(TypedDict):
    """Why a request was refused (RFC 9457)."""

    type: Annotated[str, About("`urn:mediajobs:problem:` and the error's code")]
    title: str
    status: int
    detail: str
    request_id: str
    errors: NotRequired[list[FieldProblem]]
