"""GET /metrics: what the organization has consumed, month by month."""

from dataclasses import dataclass

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.parameter import Parameters, month, read, text
from mediajobs.request import Request, Response
from mediajobs.store import usage
from mediajobs.timestamp import now, to_text


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which months, and of which jobs."""

    first: str | None = month("the first month; this one if it is left out")
    last: str | None = month("the last month; this one if it is left out")
    tag: str | None = text("only jobs with this tag")


@endpoint(query=Wanted)
def handler(request: Request) -> Response[answer.Months]:
    """200 with the months from `first` to `last` in which anything was consumed."""
    wanted = read(Wanted, request.query)
    this_month = to_text(now())[:7]
    months = usage.months(
        request.principal.organization, wanted.first or this_month, wanted.last or this_month, wanted.tag
    )
    return Response(
        200,
        {
            "months": [
                {
                    "month": each.month,
                    "tag": wanted.tag,
                    "jobs": each.jobs,
                    "succeeded": each.succeeded,
                    "failed": each.failed,
                    "cancelled": each.cancelled,
                    **representation.figures(each.consumed, each.jobs),
                }
                for each in months
            ]
        },
    )
