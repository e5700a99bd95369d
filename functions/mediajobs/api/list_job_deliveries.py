"""GET /jobs/{id}/deliveries: what a job's own receivers were told, or could not be told."""

from mediajobs import answer
from mediajobs.delivery_page import Wanted, page
from mediajobs.endpoint import endpoint
from mediajobs.header import LINK
from mediajobs.lookup import found
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs
from mediajobs.table import job_key


@endpoint(query=Wanted, sends=(LINK,))
def handler(request: Request) -> Response[answer.DeliveryPage]:
    """200 with a page of deliveries, latest first; `next_token` and the Link header lead on."""
    job = found(request, jobs.find)
    return page(request, job_key(job.organization, job.id))
