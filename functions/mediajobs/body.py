"""The body that a call takes: declared once, for the endpoint and for the API's document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mediajobs.request import Request
from mediajobs.spec import validated
from mediajobs.tools.tool import Model

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Body(Generic[M]):
    """A JSON body of one model; an optional one may be left out if the model has only defaults."""

    model: type[M]
    max_bytes: int = 4096
    is_optional: bool = False
    #: One that works, for the document.
    example: Mapping[str, Any] | None = None

    def read(self, request: Request) -> M:
        """The body of a request. Raises BodyTooLarge, MalformedRequest, InvalidRequest."""
        is_left_out = self.is_optional and not request.body
        return validated(self.model, {} if is_left_out else request.json(self.max_bytes))
