"""What a job still owes, and the writes that pay it; the one that pays the last debt clears the date."""

from collections.abc import Iterator
from contextlib import suppress

from mediajobs.event import Event
from mediajobs.job import Job
from mediajobs.store.read import up_to
from mediajobs.store.write import Condition, ConditionFailed, Update, equals, write
from mediajobs.table import DUE, DUE_SHARDS, job_key

_NOTHING_DUE = {"due": None, "due_shard": None}


def due(at: int, limit: int) -> Iterator[tuple[str, str]]:
    """Organization and job id of what is owed by now, at most `limit` rows a shard; may lag."""
    for shard in range(DUE_SHARDS):
        for row in up_to(DUE, f"DUE#{shard}", at, limit):
            _, organization, _, job_id = row["pk"].split("#")
            yield organization, job_id


def mark_announced(first: Event, last: Event) -> Job | None:
    """The events from the first to the last are on the bus. If one before them is not known to be, nothing is
    noted, and the sweeper announces it and them; if the job has ended and owes nothing else, it is done.

    Returns the job as it is then to whoever notes it first, and None to any other."""
    key = (job_key(last.organization_id, last.job_id), "JOB")
    told = {"announced": last.sequence}
    follows = Condition(
        "#announced >= :before AND #announced < :last", {"before": first.sequence - 1, "last": last.sequence}
    )
    if last.status.is_terminal:
        owes_no_more = Condition(
            f"{follows.expression} AND #sequence = :last AND attribute_not_exists(#stops)"
            " AND attribute_not_exists(#held) AND attribute_not_exists(#litter)",
            follows.values,
        )
        with suppress(ConditionFailed):
            return Job.of(write(Update(key, {**told, **_NOTHING_DUE}, owes_no_more)))
    # Refused when they were announced before, after a gap, or when the job is gone.
    with suppress(ConditionFailed):
        return Job.of(write(Update(key, told, follows)))
    return None


def mark_stopped(job: Job, execution: str) -> None:
    """An execution is known to be stopped."""
    key = (job_key(job.organization, job.id), "JOB")
    try:
        row = write(
            Update(
                key,
                condition=Condition("contains(#stops, :execution)", {"execution": execution}),
                delete={"stops": frozenset({execution})},
            )
        )
    except ConditionFailed:
        return
    clear(Job.of(row))


def mark_removed(job: Job, places: frozenset[str]) -> None:
    """The files of those runs are known to be gone."""
    key = (job_key(job.organization, job.id), "JOB")
    try:
        row = write(Update(key, condition=Condition("attribute_exists(#litter)"), delete={"litter": places}))
    except ConditionFailed:
        return
    clear(Job.of(row))


def clear(job: Job) -> bool:
    """Take a job that has ended and owes nothing out of the due index; whether it owed nothing."""
    owes = job.stops or job.litter or job.held or job.announced < job.sequence
    if job.ended is None or owes or job.due is None:
        return False
    # What a job owes once it has ended comes only with another decision.
    undecided = equals(sequence=job.sequence)
    try:
        write(Update((job_key(job.organization, job.id), "JOB"), _NOTHING_DUE, undecided))
    except ConditionFailed:
        return False
    return True


def postpone(job: Job, due: int) -> None:
    """Look again at `due` (milliseconds), unless somebody has decided something in between."""
    try:
        write(
            Update(
                (job_key(job.organization, job.id), "JOB"),
                {"due": due},
                equals(sequence=job.sequence, due=job.due),
            )
        )
    except ConditionFailed:
        return


def drive_again(job: Job, due: int) -> Job | None:
    """Give a running job whose execution is gone a new one's name; None if it is not needed any more."""
    try:
        row = write(
            Update(
                (job_key(job.organization, job.id), "JOB"),
                {"drive": job.drive + 1, "due": due},
                equals(sequence=job.sequence, drive=job.drive, run=job.run),
            )
        )
    except ConditionFailed:
        return None
    return Job.of(row)
