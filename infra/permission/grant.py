"""What a permission consists of, and those that several handlers share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.name import Names
from mediajobs.organization import TEMPORARY

#: Told to every handler that touches jobs.
PLACE = ("STAGE", "HOME_REGION", "REGIONS", "TABLE_NAME")

GET, QUERY, BATCH_GET = "dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem"
DELETE = "dynamodb:DeleteItem"
#: A transaction is authorized by what its parts do; none only checks a condition.
PUT, UPDATE = "dynamodb:PutItem", "dynamodb:UpdateItem"
ENCRYPT, DECRYPT = "kms:Encrypt", "kms:Decrypt"
TRANSFER = ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload")
REMOVE = "s3:DeleteObject"


@dataclass(frozen=True)
class Grant:
    """These actions on these resources, and no others."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    #: As IAM writes them: operator, key, values.
    conditions: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    #: Why a resource is a wildcard, where one is.
    reason: str | None = None


#: CDK adds the same to whatever is traced; said here for its reason.
TRACE = Grant(
    ("xray:PutTraceSegments", "xray:PutTelemetryRecords"), ("*",), reason="A trace is not a resource."
)
#: Telling an execution that what it waits for is done.
TOLD = Grant(("states:SendTaskSuccess",), ("*",), reason="A task's token is not a resource.")


@dataclass(frozen=True)
class Needs:
    """All that a handler is given."""

    grants: tuple[Grant, ...] = ()
    variables: tuple[str, ...] = PLACE


def table(names: Names, *actions: str) -> Grant:
    """These actions on the jobs table."""
    return Grant(actions, (names.table_arn,))


def submission(names: Names, *variables: str) -> Needs:
    """What an endpoint needs that submits a job: it seals the job's credentials, and opens those it takes."""
    return Needs(
        (table(names, GET, QUERY, PUT), secret_key(names, ENCRYPT, DECRYPT)),
        (*PLACE, "SECRET_KEY_ARN", *variables, "ALLOWED_NETWORKS", "MAIL_SENDER", "EXECUTORS"),
    )


def files(names: Names, regions: tuple[str, ...], actions: tuple[str, ...]) -> tuple[Grant, Grant]:
    """These actions on the files of the jobs of those regions, and finding a run's files."""
    workspaces = tuple(names.bucket_arn("workspace", region) for region in regions)
    own = tuple(f"{workspace}/jobs/*" for workspace in workspaces)
    return (
        Grant(actions, own, reason="A job's files are under its own prefix."),
        Grant(("s3:ListBucket",), workspaces, {"StringLike": {"s3:prefix": "jobs/*"}}),
    )


def notify_queue(names: Names) -> Grant:
    """Waking deliveries."""
    return Grant(("sqs:SendMessage",), (names.queue_arn("notify", names.config.home_region),))


def secret_key(names: Names, *actions: str) -> Grant:
    """These actions with the key of the jobs' credentials."""
    return Grant(
        actions,
        (names.arn("kms", names.config.home_region, "key/*"),),
        {"ForAnyValue:StringEquals": {"kms:ResourceAliases": names.secret_key_alias}},
        reason="A policy cannot name a key by its alias; the condition does.",
    )


def temporary(names: Names, action: str) -> Grant:
    """An action on what the organizations keep for two days."""
    return Grant(
        (action,),
        (f"{names.bucket_arn('media', names.config.home_region)}/{TEMPORARY}*",),
        reason="An organization's media is under its own prefix.",
    )


def worker_logs(names: Names) -> Grant:
    """Reading what workers of any kind have logged."""
    return Grant(
        ("logs:GetLogEvents",),
        (
            *(
                names.log_streams_arn(f"worker.{worker}", region)
                for region in names.config.regions
                for worker in ("storage", "media")
            ),
            _outside_streams(names),
            *(
                names.log_streams_arn("reactions.convert", region)
                for region in names.config.regions
                if "mediaconvert" in names.config.executors
            ),
            *(
                names.arn("logs", region, f"log-group:{names.container_log_group}:log-stream:*")
                for region in names.config.regions
                if "fargate" in names.config.executors
            ),
        ),
        reason="Lambda names the streams of a log group.",
    )


def outside_log(names: Names, action: str) -> Grant:
    """An action on the log streams of the outside workers."""
    return Grant((action,), (_outside_streams(names),), reason="Each run has a stream of its own.")


def _outside_streams(names: Names) -> str:
    group = f"log-group:{names.outside_log_group}"
    return names.arn("logs", names.config.home_region, f"{group}:log-stream:*")
