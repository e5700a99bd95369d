"""Resubmitting: a new job from what another one was asked, with a patch to it."""

from collections.abc import Iterator
from typing import Any

from mediajobs import secret
from mediajobs.api_key import Principal
from mediajobs.errors import InvalidParameters, NotFound
from mediajobs.merge_patch import merge
from mediajobs.order import Order
from mediajobs.receiver import DIGEST
from mediajobs.spec import parse
from mediajobs.store import job as jobs
from mediajobs.store.job import Detail
from mediajobs.store.pack import unpack
from mediajobs.submission import Submission, make, prepared, quoting, said_of
from mediajobs.tools.credential import Reopen
from mediajobs.transfer.url import origin


def resubmit(
    caller: Principal, job_id: str, patch: dict[str, Any] | None, idempotency_key: str | None
) -> Detail:
    """Make a new job from the spec of a job in any status. Raises NotFound, InvalidRequest, Conflict."""

    def submission() -> Submission:
        old = jobs.detail(caller.organization, job_id)
        if old is None:
            raise NotFound("There is no such job")
        given = patch or {}
        asked = submitted(old)
        if "bundle" in given and "bundle_id" not in given:
            # The name takes the place of the id.
            del asked["bundle_id"]
        order = Order(
            parse(merge(asked, given)),
            template_id=None if "tasks" in given else old.job.template_id,
            resubmitted_from=job_id,
            reopen=_reopen(old),
            written=given.keys(),
        )
        # A patched job is no longer what the vendor's client has asked for.
        return quoting(prepared(caller, order), None if given else said_of(old))

    return make(caller, submission, ["resubmit", job_id, patch], idempotency_key)


def submitted(detail: Detail) -> dict[str, Any]:
    """The body that asks for this job again; credentials are sealed."""
    job = detail.job
    kept = ("tool", "parameters", "retry", "timeout_seconds", "executor")
    tasks = unpack(detail.spec["tasks"])
    return {
        "tasks": [{name: task[name] for name in kept if name in task} for task in tasks],
        "region": job.region,
        "priority": job.priority,
        "deadline_seconds": detail.spec["deadline_seconds"],
        "tags": list(job.tags),
        "user_data": job.user_data,
        "bundle_id": job.bundle_id,
        "notify": receivers_of(detail),
    }


def receivers_of(detail: Detail) -> list[dict[str, Any]]:
    """Who is told of the job, as its spec holds it."""
    receivers: list[dict[str, Any]] = unpack(detail.spec["notify"]) if "notify" in detail.spec else []
    return receivers


def _reopen(old: Detail) -> Reopen:
    """Opens the credentials of a job for what they were given for, and for nothing else: whoever may resubmit
    it could otherwise have them sent to a server of theirs."""
    organization, job_id = old.job.organization, old.job.id
    origins = dict(_sealed([unpack(old.spec["tasks"]), receivers_of(old)]))

    def reopen(reference: str, url: str) -> dict[str, str]:
        try:
            is_same = reference in origins and origin(url) == origins[reference]
        except InvalidParameters as error:
            raise ValueError(str(error)) from None
        if not is_same:
            place = origins.get(reference)
            rule = f"only for {place}" if place else "of the job that is resubmitted"
            raise ValueError(f"credentials: sealed ones can be kept {rule}; give them anew")
        return secret.unseal(organization, job_id, jobs.credentials(organization, job_id)[reference])

    return reopen


def _sealed(value: Any) -> Iterator[tuple[str, str]]:
    """The references to sealed credentials in stored tasks, and the origin of the URL beside each."""
    if isinstance(value, list):
        for part in value:
            yield from _sealed(part)
    if isinstance(value, dict):
        credentials = value.get("credentials")
        if isinstance(credentials, dict) and "sealed" in credentials and isinstance(value.get("url"), str):
            yield credentials["sealed"], origin(value["url"].removeprefix(DIGEST))
        for part in value.values():
            yield from _sealed(part)
