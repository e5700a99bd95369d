"""What Dolby.io's callbacks are told."""

import json

from mediajobs.dialects.dolby.callback import callback
from mediajobs.store import job as jobs
from tests.world import World


def test_a_callback_carries_the_job_as_its_api_shows_it_and_its_id_in_a_header(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    acme.settle_down()
    detail = jobs.detail(acme.organization, job_id)
    assert detail is not None
    *_, last = jobs.events(acme.organization, job_id, 0)
    told = callback(detail, last)
    assert told.headers["x-job-id"] == job_id
    answer = acme.vendor("dolby", "GET", f"/media/enhance?job_id={job_id}").body
    assert json.loads(told.body) == {"job_id": job_id, **answer}


def test_a_callback_tells_the_status_that_the_job_had_then(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    acme.settle_down()
    *_, ended = jobs.events(acme.organization, job_id, 0)
    acme.call("POST", f"/jobs/{job_id}/restart")
    detail = jobs.detail(acme.organization, job_id)
    assert detail is not None
    assert json.loads(callback(detail, ended).body)["status"] == "Success"
    assert detail.job.status == "Pending"
