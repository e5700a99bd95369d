"""What jobs have consumed, as our API answers it."""

from typing import Annotated

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Id


class Figures(TypedDict):
    """What was consumed."""

    cus: Annotated[float, About("compute units: minutes of a worker with one GB of memory")]
    video_minutes_in: float
    video_minutes_out: float
    gb_in: Annotated[float, About("10^9 bytes")]
    gb_out: float
    cost_usd: Annotated[float, About("an estimate at list price")]


class Metrics(Figures):
    """What a job has consumed."""

    id: Id


class Month(Figures):
    """What was consumed in a month."""

    month: Annotated[str, About("UTC, such as 2026-11")]
    tag: str | None
    jobs: Annotated[int, About("attempts that ended in it")]
    succeeded: int
    failed: int
    cancelled: int


class Months(TypedDict):
    """Months in which anything was consumed."""

    months: list[Month]
