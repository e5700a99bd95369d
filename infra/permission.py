"""What each handler may do and which variables it is told, as data: one entry a module under `mediajobs`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.name import Names
from mediajobs.table import DUE, PENDING

#: Told to every handler that touches jobs.
PLACE = ("STAGE", "HOME_REGION", "REGIONS", "TABLE_NAME")

READ = ("dynamodb:GetItem", "dynamodb:Query")
#: A transaction is authorized by what its parts do.
WRITE = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem")
EXECUTE = ("states:StartExecution",)
FOLLOW = ("states:DescribeExecution", "states:StopExecution")
OBJECT = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)


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


@dataclass(frozen=True)
class Needs:
    """All that a handler is given."""

    grants: tuple[Grant, ...] = ()
    variables: tuple[str, ...] = PLACE


def endpoints(names: Names) -> dict[str, Needs]:
    """The needs of the modules under `mediajobs.api`, by `api.<endpoint>`."""
    read = Grant(READ, (names.table_arn,))
    write = Grant(WRITE, (names.table_arn,))
    return {
        "api.submit_job": Needs(
            (write, Grant(("kms:Encrypt",), *_secret_key(names))), (*PLACE, "SECRET_KEY_ARN")
        ),
        "api.get_job": Needs((read,)),
        "api.cancel_job": Needs((write,)),
        "api.get_task_logs": Needs((read, _worker_logs(names))),
        "api.list_pools": Needs((read,)),
        "api.put_pool": Needs((write,)),
        "api.list_tools": Needs(variables=("STAGE",)),
        "api.get_tool": Needs(variables=("STAGE",)),
    }


def home_reactions(names: Names) -> dict[str, Needs]:
    """The needs of the reactions that run in the home region."""
    home = names.config.home_region
    change = Grant((*WRITE, "dynamodb:Query"), (names.table_arn,))
    announce = (
        Grant(("events:PutEvents",), (names.bus_arn,)),
        Grant(("sqs:SendMessage",), (names.queue_arn("dispatch.fifo", home),)),
    )
    machines = (
        Grant(EXECUTE, tuple(names.state_machine_arn(region) for region in names.config.regions)),
        Grant(
            FOLLOW,
            tuple(names.execution_arn(region) for region in names.config.regions),
            reason="An execution is named after its job, so all executions of these machines.",
        ),
    )
    return {
        "reactions.announce": Needs((change, *announce), (*PLACE, "EVENT_BUS_NAME", "DISPATCH_QUEUE_URL")),
        "reactions.dispatch": Needs((change, Grant(("dynamodb:Query",), (names.index_arn(PENDING.name),)))),
        "reactions.drive": Needs((change, *machines), (*PLACE, "STATE_MACHINE_ARN")),
        "reactions.sweep": Needs(
            (
                change,
                Grant(("dynamodb:Query",), (names.index_arn(DUE.name), names.index_arn(PENDING.name))),
                *announce,
                *machines,
            ),
            (*PLACE, "EVENT_BUS_NAME", "DISPATCH_QUEUE_URL", "STATE_MACHINE_ARN"),
        ),
    }


def region_handlers(names: Names, region: str) -> dict[str, Needs]:
    """The needs of what runs in a processing region."""
    change = Grant((*WRITE, "dynamodb:Query"), (names.table_arn,))
    workspace = _bucket(names, "workspace", region, "jobs/*", "A job's files are under its own prefix.")
    return {
        "worker.storage": Needs(
            (
                change,
                *workspace,
                *_bucket(names, "media", region, "*", "An organization's media is under its own prefix."),
                Grant(("kms:Decrypt",), *_secret_key(names)),
                Grant(
                    ("sts:AssumeRole",),
                    ("arn:*:iam::*:role/*",),
                    # A role outside says in its trust policy who may assume it, and by which external id;
                    # one of this account could be meant for anything, so none of them.
                    {
                        "StringNotEquals": {"aws:ResourceAccount": names.account},
                        "Null": {"sts:ExternalId": "false"},
                    },
                    reason="Users name the roles to their buckets, and those roles decide whom they trust.",
                ),
            ),
            (*PLACE, "SECRET_KEY_ARN", "WORKSPACE_BUCKET", "MEDIA_BUCKET", "ALLOWED_NETWORKS"),
        ),
        "worker.media": Needs((change, *workspace), (*PLACE, "WORKSPACE_BUCKET")),
        "reactions.settle": Needs((change,)),
    }


def machine(names: Names, region: str) -> tuple[Grant, ...]:
    """What the state machine of a region may do."""
    return (
        TRACE,
        Grant(
            ("lambda:InvokeFunction",),
            tuple(
                names.arn("lambda", region, f"function:{names.function(module)}:*")
                for module in ("worker.storage", "worker.media", "reactions.settle")
            ),
            reason="Executions that started before a deployment call the versions from before it.",
        ),
        Grant(
            (
                "logs:CreateLogDelivery",
                "logs:GetLogDelivery",
                "logs:UpdateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:DescribeLogGroups",
            ),
            ("*",),
            reason="Log delivery has no resources.",
        ),
    )


def _secret_key(names: Names) -> tuple[tuple[str, ...], Mapping[str, Mapping[str, object]], str]:
    """The rest of a grant on the key of the jobs' credentials."""
    return (
        (names.arn("kms", names.config.home_region, "key/*"),),
        {"ForAnyValue:StringEquals": {"kms:ResourceAliases": names.secret_key_alias}},
        "A policy cannot name a key by its alias; the condition does.",
    )


def _worker_logs(names: Names) -> Grant:
    return Grant(
        ("logs:GetLogEvents",),
        tuple(
            names.log_streams_arn(f"worker.{worker}", region)
            for region in names.config.regions
            for worker in ("storage", "media")
        ),
        reason="Lambda names the streams of a log group.",
    )


def _bucket(names: Names, purpose: str, region: str, keys: str, reason: str) -> tuple[Grant, ...]:
    bucket = names.bucket_arn(purpose, region)
    listing: dict[str, dict[str, object]] = {} if keys == "*" else {"StringLike": {"s3:prefix": keys}}
    return (
        Grant(OBJECT, (f"{bucket}/{keys}",), reason=reason),
        Grant(("s3:ListBucket",), (bucket,), listing),
    )
