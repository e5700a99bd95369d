"""What outside workers are told."""

from typing import Annotated, Any

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Id, Time
from mediajobs.answer.job import File


class Work(TypedDict):
    """A task in a worker's hands, for as long as it is heard of."""

    work: Annotated[str, About("names it in the calls that follow")]
    job_id: Id
    task: Annotated[int, About("its index in the job")]
    tool: str
    parameters: dict[str, Any]
    files: Annotated[list[File], About("what the tasks before it have left")]
    seconds: Annotated[float, About("how long the tool may run from now on")]
    held_until: Time


class Lease(TypedDict):
    """How long a worker holds its task if it is not heard of again."""

    held_until: Time


class WorkLink(TypedDict):
    """Where to GET or PUT one file."""

    url: str
    method: str
    headers: Annotated[dict[str, str], About("to be sent with it")]
