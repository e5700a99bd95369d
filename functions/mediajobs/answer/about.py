"""What a field of an answer means, and the kinds that many of them have."""

from dataclasses import dataclass
from typing import Annotated, Any


@dataclass(frozen=True)
class About:
    """What a field means, and its format; only the document looks at it."""

    text: str = ""
    format: str | None = None

    def __get_pydantic_json_schema__(self, core: Any, schema_of: Any) -> dict[str, Any]:
        """The schema of the field's type with both in it."""
        added = {"description": self.text, "format": self.format}
        return {**schema_of(core), **{name: value for name, value in added.items() if value}}


Id = Annotated[str, About(format="uuid")]

Time = Annotated[str, About(format="date-time")]

NextToken = Annotated[str | None, About("where to go on; null at the end")]

#: An OpenAPI document.
Document = dict[str, Any]


class Html(str):
    """A page."""

    __slots__ = ()
