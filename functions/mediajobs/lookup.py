"""Finding the job that a path names, in the caller's organization only."""

from collections.abc import Callable
from typing import TypeVar

from mediajobs.errors import NotFound
from mediajobs.identifier import is_id
from mediajobs.request import Request

T = TypeVar("T")


def found(request: Request, find: Callable[[str, str], T | None]) -> T:
    """What `find` knows of the job `{id}`. A foreign id is answered like an unknown one: NotFound."""
    job_id = request.parameters["id"]
    thing = find(request.principal.organization, job_id) if is_id(job_id) else None
    if thing is None:
        raise NotFound("There is no such job")
    return thing
