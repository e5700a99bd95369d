"""Submitting a job: check all of it, then write all of it or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from mediajobs import secret
from mediajobs.api_key import Principal
from mediajobs.errors import Conflict, FieldError, InvalidRequest, RequestError
from mediajobs.executor import Executor
from mediajobs.idempotency import job_of, replay_of
from mediajobs.identifier import new_id
from mediajobs.job import Job, Status
from mediajobs.named_secret import resolver
from mediajobs.order import Order, ordered
from mediajobs.organization import Role
from mediajobs.receiver import MAIL
from mediajobs.said import Said as Said  # noqa: PLC0414 -- for those who submit
from mediajobs.said import said_of as said_of  # noqa: PLC0414
from mediajobs.secret_name import Resolve
from mediajobs.settings import settings
from mediajobs.spec import JobSpec, check
from mediajobs.store import bundle, organization, pool
from mediajobs.store import job as jobs
from mediajobs.store.job import Detail
from mediajobs.store.pack import pack
from mediajobs.store.write import ConditionFailed, Contended
from mediajobs.timestamp import SECOND, now
from mediajobs.tools.credential import Reopen, Seal


@dataclass(frozen=True)
class Submission:
    """A body that breaks no rule, as the job that it asks for; nothing of it is stored."""

    spec: JobSpec
    job: Job
    #: As the SPEC row holds it.
    stored: dict[str, Any]
    #: What the references in the stored parameters stand for, in clear.
    secrets: Sequence[dict[str, str]]

    def sealed(self) -> dict[str, bytes]:
        """The secrets by their references, for this job alone."""
        return {
            str(index): secret.seal(self.job.organization, self.job.id, fields)
            for index, fields in enumerate(self.secrets)
        }


def submit(caller: Principal, body: Any, idempotency_key: str | None, said: Said | None = None) -> Detail:
    """Make a job of a submitted body, and answer it as it begins; a repeated Idempotency-Key answers the job
    it made then, as it began. Raises InvalidRequest."""
    return make(caller, lambda: quoting(prepare(caller, body), said), body, idempotency_key)


def quoting(submission: Submission, said: Said | None) -> Submission:
    """The submission with what the vendor's client has sent."""
    if said is None:
        return submission
    return replace(
        submission,
        job=replace(submission.job, labels=tuple(said.labels)),
        stored={**submission.stored, "said": pack(asdict(said))},
    )


def make(
    caller: Principal, submission: Callable[[], Submission], asked: Any, idempotency_key: str | None
) -> Detail:
    """Make the job of a submission. `asked` (JSON) is what a repeated Idempotency-Key has to come with again;
    then it does not matter whether the job could still be made. Raises RequestError."""
    replay = replay_of(caller.organization, asked, idempotency_key)
    try:
        made = submission()
    except RequestError:
        first_id = None if replay is None else job_of(caller.organization, replay)
        if first_id is None:
            raise
        return _first_answer(caller.organization, first_id)
    job, stored = made.job, made.stored
    try:
        jobs.submit(job, stored, made.sealed(), replay=replay)
    except Contended:
        raise Conflict("A request of this Idempotency-Key is being answered; send this one again") from None
    except ConditionFailed:
        if replay is None:
            # The id is random: the row that stands there is this one, of a sending whose answer was lost.
            return Detail(job, stored, {})
        first_id = job_of(caller.organization, replay)
        if first_id is None:
            raise Conflict("The Idempotency-Key has just expired; send the request again") from None
        return _first_answer(caller.organization, first_id)
    return Detail(job, stored, {})


def prepare(caller: Principal, body: Any) -> Submission:
    """The job that a body asks for, all of it checked. Raises InvalidRequest."""
    order = ordered(caller.organization, body)
    try:
        return prepared(caller, order)
    except InvalidRequest as error:
        raise order.blamed(error) from None


def prepared(caller: Principal, order: Order) -> Submission:
    """The job of an order, all of it checked. Raises InvalidRequest."""
    spec = order.spec
    region, priority = _place(caller, spec)
    bundle_id = _bundle_id(caller.organization, spec)
    at = now()
    secrets: list[dict[str, str]] = []
    resolve = resolver(caller.organization)
    tasks = check(
        spec,
        _collector(secrets),
        order.reopen,
        resolve if "tasks" in order.written else None,
        executors={Executor.LAMBDA, *settings().executors},
    )
    receivers = _receivers(
        spec, _collector(secrets), order.reopen, resolve if "notify" in order.written else None
    )
    job = Job(
        organization=caller.organization,
        id=new_id(at),
        region=region,
        status=Status.PENDING,
        attempt=1,
        priority=priority,
        tools=",".join(dict.fromkeys(task.tool for task in tasks)),
        task_count=len(tasks),
        sequence=1,
        announced=0,
        deadline=at + spec.deadline_seconds * SECOND,
        submitted_by=caller.key_id,
        tags=tuple(spec.tags),
        user_data=spec.user_data,
        bundle_id=bundle_id,
        template_id=order.template_id,
        input_name=next((task.input_name for task in tasks if task.input_name), None),
        tells=frozenset(status for receiver in receivers for status in receiver["on"]),
    )
    stored = {
        "deadline_seconds": spec.deadline_seconds,
        "resubmitted_from": order.resubmitted_from,
        "tasks": pack([task.to_row() for task in tasks]),
        **({"notify": pack(receivers)} if receivers else {}),
    }
    return Submission(spec, job, stored, secrets)


def _first_answer(organization: str, job_id: str) -> Detail:
    """The job that an Idempotency-Key has made, as it was answered then."""
    detail = jobs.detail(organization, job_id)
    if detail is None:
        raise Conflict("The job that the Idempotency-Key made has expired")
    job = detail.job
    begun = Job(
        **{
            name: getattr(job, name)
            for name in (
                *("organization", "id", "region", "priority", "tools", "task_count", "deadline"),
                *("submitted_by", "tags", "user_data", "bundle_id", "template_id", "input_name"),
            )
        },
        status=Status.PENDING,
        attempt=1,
        sequence=1,
        announced=0,
    )
    return replace(detail, job=begun, results={})


def _place(caller: Principal, spec: JobSpec) -> tuple[str, int]:
    """The region named, without its `aws:`, by default the organization's or else the deployment's; and
    the priority in its pool."""
    default = spec.region or organization.default_region(caller.organization) or settings().default_region
    region, known = default.removeprefix("aws:"), settings().regions
    if region in known and (found := pool.find(caller.organization, region)):
        return region, _priority(caller, spec, found)
    names = [each.region for each in pool.in_regions(caller.organization, known)]
    raise InvalidRequest(
        "The region cannot be used",
        fields=[
            FieldError("/region", f"no pool there; the regions with one are: {', '.join(names) or 'none'}")
        ],
    )


def _priority(caller: Principal, spec: JobSpec, place: pool.Pool) -> int:
    """The priority named, by default the usual one as far as the pool allows it."""
    highest = pool.MAX_PRIORITY if caller.role is Role.ADMIN else place.max_priority
    if "priority" not in spec.model_fields_set:
        return min(spec.priority, highest)
    if spec.priority > highest:
        rule = f"at most {highest}, which is this pool's limit for the role {caller.role}"
        raise InvalidRequest("The priority is too high", fields=[FieldError("/priority", rule)])
    return spec.priority


def _bundle_id(organization: str, spec: JobSpec) -> str | None:
    """The id of the bundle named by its id or by its name."""
    if spec.bundle is not None and spec.bundle_id is not None:
        rule = "bundle_id and bundle exclude each other"
        raise InvalidRequest("The bundle is named twice", fields=[FieldError("/bundle", rule)])
    if spec.bundle is not None:
        found, field = bundle.named(organization, spec.bundle), "/bundle"
    elif spec.bundle_id is not None:
        found, field = bundle.find(organization, spec.bundle_id), "/bundle_id"
    else:
        return None
    if found is None:
        rule = "there is no such bundle; POST /bundles makes one"
        raise InvalidRequest("The bundle is not known", fields=[FieldError(field, rule)])
    return found.id


def _receivers(
    spec: JobSpec, seal: Seal, reopen: Reopen | None, resolve: Resolve | None
) -> list[dict[str, Any]]:
    """Who is told, as the SPEC row holds it, as far as this deployment can reach them."""
    bad, rows = [], []
    for index, receiver in enumerate(spec.notify):
        pointer = f"/notify/{index}"
        if receiver.url.startswith(MAIL) and settings().mail_sender is None:
            bad.append(FieldError(f"{pointer}/url", "this deployment sends no mail"))
        elif not receiver.is_encrypted and not settings().allowed_networks:
            bad.append(FieldError(f"{pointer}/url", "https:// only"))
        else:
            try:
                rows.append(receiver.to_row(seal, reopen, resolve))
            except ValueError as error:
                bad.append(FieldError(pointer, str(error)))
    if bad:
        raise InvalidRequest("A receiver breaks a rule", fields=bad)
    return rows


def _collector(secrets: list[dict[str, str]]) -> Callable[[dict[str, str]], str]:
    def seal(fields: dict[str, str]) -> str:
        secrets.append(fields)
        return str(len(secrets) - 1)

    return seal
