"""What each handler may do and which variables it is told, as data: one entry a module under `mediajobs`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.name import Names
from mediajobs.organization import TEMPORARY
from mediajobs.table import BY_BUNDLE, BY_STATUS, BY_SUBMITTED, DUE, PENDING

#: Told to every handler that touches jobs.
PLACE = ("STAGE", "HOME_REGION", "REGIONS", "TABLE_NAME")

GET, QUERY, BATCH_GET = "dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem"
#: A transaction is authorized by what its parts do; none only checks a condition.
PUT, UPDATE = "dynamodb:PutItem", "dynamodb:UpdateItem"
DELETE = "dynamodb:DeleteItem"
_EXECUTIONS = "An execution is named after its job, so all executions of these machines."
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
_TOLD = Grant(("states:SendTaskSuccess",), ("*",), reason="A task's token is not a resource.")


@dataclass(frozen=True)
class Needs:
    """All that a handler is given."""

    grants: tuple[Grant, ...] = ()
    variables: tuple[str, ...] = PLACE


def endpoints(names: Names) -> dict[str, Needs]:
    """The needs of the modules under `mediajobs.api`, by `api.<endpoint>`."""

    def table(*actions: str) -> Grant:
        return Grant(actions, (names.table_arn,))

    return {
        "api.submit_job": Needs(
            (
                table(GET, QUERY, PUT),
                Grant((QUERY,), (names.index_arn(PENDING.name),)),
                Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names)),
                Grant(
                    ("lambda:InvokeFunction",),
                    tuple(names.function_arn("worker.inspect", region) for region in names.config.regions),
                ),
            ),
            (
                *(*PLACE, "SECRET_KEY_ARN", "INSPECTOR_ARN", "STORAGE_WORKER_MB", "MEDIA_WORKER_MB"),
                *("ALLOWED_NETWORKS", "MAIL_SENDER", "EXECUTORS"),
            ),
        ),
        # The first page token makes the key that page tokens are signed with.
        "api.list_jobs": Needs(
            (
                table(GET, PUT),
                Grant(
                    (QUERY,),
                    tuple(names.index_arn(index.name) for index in (BY_SUBMITTED, BY_STATUS, BY_BUNDLE)),
                ),
            )
        ),
        "api.list_events": Needs((table(GET, QUERY),)),
        "api.get_job": Needs(
            (
                table(GET, QUERY),
                Grant((QUERY,), (names.index_arn(PENDING.name),)),
                # What its download links may fetch.
                Grant(
                    ("s3:GetObject",),
                    tuple(
                        f"{names.bucket_arn('workspace', region)}/jobs/*" for region in names.config.regions
                    ),
                    reason="A job's files are under its own prefix.",
                ),
            ),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
        "api.cancel_job": Needs((table(GET, QUERY, PUT, UPDATE),)),
        "api.restart_job": Needs((table(GET, QUERY, PUT, UPDATE),)),
        "api.get_metrics": Needs((table(GET),)),
        "api.list_metrics": Needs((table(GET, QUERY),)),
        # It opens a job's credentials to seal them again for the new job.
        "api.resubmit_job": Needs(
            (table(GET, QUERY, PUT), Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS", "MAIL_SENDER", "EXECUTORS"),
        ),
        "api.get_task_logs": Needs((table(GET, QUERY, UPDATE), _worker_logs(names))),
        "api.create_bundle": Needs((table(GET, PUT, UPDATE),)),
        # As with the jobs, the first page token makes its key.
        "api.list_bundles": Needs((table(GET, QUERY, PUT),)),
        "api.get_bundle": Needs((table(GET), Grant((QUERY,), (names.index_arn(BY_BUNDLE.name),)))),
        "api.put_template": Needs((table(GET, PUT, UPDATE),)),
        "api.list_templates": Needs((table(GET, QUERY, PUT),)),
        "api.get_template": Needs((table(GET),)),
        "api.delete_template": Needs((table(GET, UPDATE),)),
        "api.create_trigger": Needs((table(GET, QUERY, PUT),), (*PLACE, "MEDIA_BUCKETS")),
        "api.list_triggers": Needs((table(GET, QUERY),)),
        "api.get_trigger": Needs((table(GET),)),
        "api.put_trigger": Needs((table(GET, UPDATE),), (*PLACE, "MEDIA_BUCKETS")),
        "api.delete_trigger": Needs((table(GET, DELETE),)),
        "api.put_secret": Needs(
            (table(GET, QUERY, UPDATE), Grant(("kms:Encrypt",), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN"),
        ),
        "api.list_secrets": Needs((table(GET, QUERY),)),
        "api.delete_secret": Needs((table(GET, DELETE),)),
        "api.create_webhook": Needs(
            (table(GET, QUERY, PUT), Grant(("kms:Encrypt",), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS"),
        ),
        "api.list_webhooks": Needs((table(GET, QUERY),)),
        "api.get_webhook": Needs((table(GET),)),
        # They open a webhook's secrets to seal them again with what changes.
        "api.put_webhook": Needs(
            (table(GET, UPDATE), Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS"),
        ),
        "api.rotate_webhook": Needs(
            (table(GET, UPDATE), Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN"),
        ),
        "api.delete_webhook": Needs((table(GET, DELETE),)),
        "api.ping_webhook": Needs((table(GET, PUT), _notify_queue(names)), (*PLACE, "NOTIFY_QUEUE_URL")),
        "api.redeliver": Needs((table(GET, UPDATE), _notify_queue(names)), (*PLACE, "NOTIFY_QUEUE_URL")),
        "api.list_deliveries": Needs((table(GET, QUERY, PUT),)),
        "api.list_job_deliveries": Needs((table(GET, QUERY, PUT),)),
        # It takes up what a dead worker has left, and tells executions of results that were not told.
        "api.take_work": Needs(
            (
                table(GET, QUERY, PUT, UPDATE, DELETE),
                Grant((QUERY,), (names.index_arn(PENDING.name),)),
                _TOLD,
                Grant(("logs:CreateLogStream",), *_outside_log(names)),
            ),
            (*PLACE, "OUTSIDE_LOG_GROUP"),
        ),
        "api.keep_work": Needs(
            (table(GET, UPDATE), Grant(("logs:PutLogEvents",), *_outside_log(names))),
        ),
        # What its links may load and leave.
        "api.link_work": Needs(
            (table(GET, QUERY), _files(names, names.config.regions, ("s3:GetObject", "s3:PutObject"))[0]),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
        "api.finish_work": Needs(
            (table(GET, PUT, UPDATE, DELETE), _TOLD, _files(names, names.config.regions, ())[1]),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
        "api.fail_work": Needs(
            (table(GET, PUT, UPDATE), *_files(names, names.config.regions, (REMOVE,))),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
        "api.list_pools": Needs((table(GET),)),
        "api.get_pool": Needs((table(GET), Grant((QUERY,), (names.index_arn(PENDING.name),)))),
        "api.put_pool": Needs((table(GET, PUT, UPDATE),)),
        "api.create_organization": Needs((table(GET, PUT, UPDATE),)),
        "api.list_organizations": Needs((table(GET),)),
        "api.get_organization": Needs((table(GET),)),
        "api.put_organization": Needs((table(GET, UPDATE),)),
        "api.join_organization": Needs((table(GET, PUT, UPDATE),)),
        "api.create_key": Needs((table(GET, PUT, UPDATE),)),
        "api.list_keys": Needs((table(GET, QUERY, PUT),)),
        "api.rotate_key": Needs((table(GET, PUT, UPDATE),)),
        "api.revoke_key": Needs((table(GET, UPDATE),)),
        "api.list_tools": Needs(variables=("STAGE",)),
        "api.get_tool": Needs(variables=("STAGE",)),
        "api.get_openapi": Needs(variables=("STAGE",)),
        "api.get_docs": Needs(variables=("STAGE",)),
    }


def dialects(names: Names) -> dict[str, Needs]:
    """The needs of the vendors' endpoints, by `<dialect>.<endpoint>`."""

    def table(*actions: str) -> Grant:
        return Grant(actions, (names.table_arn,))

    queried = Grant((QUERY,), tuple(names.index_arn(index.name) for index in (BY_SUBMITTED, BY_STATUS)))
    # What the vendors' download links and pictures may show.
    shown = Grant(
        ("s3:GetObject",),
        tuple(f"{names.bucket_arn('workspace', region)}/jobs/*" for region in names.config.regions),
        reason="A job's files are under its own prefix.",
    )
    return {
        "castlabs.get_root": Needs((table(GET),)),
        "castlabs.submit_job": Needs(
            (table(GET, QUERY, PUT), Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS", "MAIL_SENDER", "EXECUTORS"),
        ),
        "castlabs.list_jobs": Needs((table(GET, BATCH_GET), queried)),
        "castlabs.get_job": Needs((table(GET, QUERY),)),
        "castlabs.get_metrics": Needs((table(GET),)),
        "castlabs.restart_job": Needs((table(GET, QUERY, PUT, UPDATE),)),
        "castlabs.resubmit_job": Needs(
            (table(GET, QUERY, PUT), Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS", "MAIL_SENDER", "EXECUTORS"),
        ),
        "castlabs.get_task_logs": Needs((table(GET, QUERY, UPDATE), _worker_logs(names))),
        "castlabs.create_bundle": Needs((table(GET, PUT, UPDATE),)),
        "castlabs.list_bundles": Needs((table(GET, QUERY),)),
        "castlabs.get_bundle": Needs((table(GET),)),
        # As with the page tokens, the first access token makes its key.
        "dolby.create_token": Needs((table(GET, PUT),)),
        "dolby.list_jobs": Needs((table(GET, PUT, BATCH_GET), queried)),
        "dolby.cancel_job": Needs((table(GET, PUT, UPDATE),)),
        "dolby.submit_job": Needs(
            (table(GET, QUERY, PUT), Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "MEDIA_BUCKETS", "ALLOWED_NETWORKS", "MAIL_SENDER", "EXECUTORS"),
        ),
        "dolby.get_job": Needs((table(GET, QUERY),)),
        "dolby.create_input": Needs(
            (table(GET), _temporary(names, "s3:PutObject")), (*PLACE, "MEDIA_BUCKETS")
        ),
        **dict.fromkeys(
            ("dolby.create_output", "dolby.get_output"),
            Needs(
                (
                    table(GET),
                    _temporary(names, "s3:GetObject"),
                    # Without it S3 says that a missing object is forbidden.
                    Grant(("s3:ListBucket",), (names.bucket_arn("media", names.config.home_region),)),
                ),
                (*PLACE, "MEDIA_BUCKETS"),
            ),
        ),
        "dolby.create_webhook": Needs(
            (table(GET, QUERY, PUT), Grant(("kms:Encrypt",), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS"),
        ),
        "dolby.get_webhook": Needs((table(GET, QUERY),)),
        "dolby.put_webhook": Needs(
            (table(GET, QUERY, UPDATE), Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS"),
        ),
        "dolby.delete_webhook": Needs((table(GET, QUERY, DELETE),)),
        # As with the page tokens, the first access token makes its key.
        "xvid.create_token": Needs((table(GET, PUT),)),
        **dict.fromkeys(
            ("xvid.list_jobs", "xvid.list_files"),
            Needs((table(GET, QUERY, BATCH_GET), queried, shown), (*PLACE, "WORKSPACE_BUCKETS")),
        ),
        **dict.fromkeys(
            ("xvid.get_job", "xvid.get_file", "xvid.get_download"),
            Needs((table(GET, QUERY), shown), (*PLACE, "WORKSPACE_BUCKETS")),
        ),
        # It opens a pipeline's credentials to seal them again for the job.
        "xvid.submit_job": Needs(
            (table(GET, QUERY, PUT), Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS", "MAIL_SENDER", "EXECUTORS"),
        ),
        "xvid.create_pipeline": Needs(
            (table(GET, PUT, UPDATE), Grant(("kms:Encrypt",), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN"),
        ),
        "xvid.put_pipeline": Needs(
            (table(GET, UPDATE), Grant(("kms:Encrypt",), *_secret_key(names))), (*PLACE, "SECRET_KEY_ARN")
        ),
        "xvid.create_preset": Needs((table(GET, PUT, UPDATE),)),
        "xvid.create_template": Needs((table(GET, PUT, UPDATE),)),
        "xvid.put_template": Needs((table(GET, UPDATE),)),
        **dict.fromkeys(
            ("xvid.list_pipelines", "xvid.list_presets", "xvid.list_templates"), Needs((table(GET, QUERY),))
        ),
        **dict.fromkeys(
            (
                "xvid.get_pipeline",
                "xvid.get_preset",
                "xvid.get_template",
                "xvid.get_user",
                "xvid.get_application",
            ),
            Needs((table(GET),)),
        ),
        "transparentedge.create_token": Needs((table(GET, PUT),)),
        "transparentedge.list_orders": Needs((table(GET, BATCH_GET), queried)),
        "transparentedge.submit_order": Needs(
            (table(GET, QUERY, PUT), Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names))),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS", "MAIL_SENDER", "EXECUTORS"),
        ),
        "transparentedge.requeue_order": Needs((table(GET, QUERY, PUT, UPDATE),)),
        "transparentedge.create_profile": Needs((table(GET, PUT, UPDATE),)),
        **dict.fromkeys(
            ("transparentedge.put_profile", "transparentedge.delete_profile"), Needs((table(GET, UPDATE),))
        ),
        **dict.fromkeys(
            (
                "transparentedge.get_order",
                "transparentedge.get_consumed_minutes",
                "transparentedge.list_profiles",
            ),
            Needs((table(GET, QUERY),)),
        ),
        **dict.fromkeys(
            (
                "transparentedge.get_allowed_values",
                "transparentedge.get_profile",
                "transparentedge.get_schema",
            ),
            Needs((table(GET),)),
        ),
        "xvid.list_codecs": Needs(variables=("STAGE",)),
        "xvid.get_codec": Needs(variables=("STAGE",)),
    }


def fallback(names: Names) -> Needs:
    """The needs of what hands a request on to the endpoint that is meant."""
    functions = tuple(
        f"{names.function_arn(part, names.config.home_region)}-*" for part in ("api", *names.config.dialects)
    )
    reason = "Every endpoint may be meant."
    return Needs(
        (Grant(("lambda:InvokeFunction",), functions, reason=reason),),
        ("STAGE", "HOME_REGION", "DIALECTS", "ENDPOINT_FUNCTION"),
    )


def home_reactions(names: Names) -> dict[str, Needs]:
    """The needs of the reactions that run in the home region."""
    home = names.config.home_region

    def table(*actions: str) -> Grant:
        return Grant(actions, (names.table_arn,))

    announce = (
        Grant(("events:PutEvents",), (names.bus_arn,)),
        Grant(("sqs:SendMessage",), (names.queue_arn("dispatch.fifo", home),)),
        _notify_queue(names),
    )
    mails = (
        Grant(
            ("ses:SendEmail",),
            (names.arn("ses", home, "identity/*"),),
            {"StringEquals": {"ses:FromAddress": names.config.mail_sender}},
            reason="In SES's sandbox the recipients are resources too; the sender is fixed.",
        ),
        Grant(
            ("ses:GetEmailIdentity",),
            (names.arn("ses", home, "identity/*"),),
            reason="It looks whether the recipient is verified, whoever that is.",
        ),
    )
    machines = tuple(names.state_machine_arn(region) for region in names.config.regions)
    executions = tuple(names.execution_arn(region) for region in names.config.regions)
    drive = (
        Grant(("states:StartExecution",), machines),
        Grant(("states:StopExecution",), executions, reason=_EXECUTIONS),
    )
    return {
        "reactions.announce": Needs(
            (table(GET, QUERY, PUT, UPDATE), *announce),
            (
                *(*PLACE, "EVENT_BUS_NAME", "DISPATCH_QUEUE_URL", "NOTIFY_QUEUE_URL"),
                "ORGANIZATION_METRICS",
            ),
        ),
        "reactions.notify": Needs(
            (
                table(GET, QUERY, UPDATE),
                _notify_queue(names),
                Grant(("kms:Decrypt",), *_secret_key(names)),
                *(mails if names.config.mail_sender else ()),
            ),
            (*PLACE, "NOTIFY_QUEUE_URL", "SECRET_KEY_ARN", "ALLOWED_NETWORKS", "MAIL_SENDER"),
        ),
        "reactions.dispatch": Needs(
            (table(GET, PUT, UPDATE), Grant((QUERY,), (names.index_arn(PENDING.name),)))
        ),
        # It looks at an upload whether a job has made it, and submits as the API does.
        "reactions.submit_on_event": Needs(
            (
                table(GET, QUERY, PUT),
                Grant(("kms:Encrypt", "kms:Decrypt"), *_secret_key(names)),
                Grant(("sqs:SendMessage",), (names.queue_arn("trigger-failed", home),)),
                Grant(
                    ("s3:GetObject",),
                    tuple(f"{names.bucket_arn('media', region)}/*" for region in names.config.regions),
                    reason="An organization's media is under its own prefix.",
                ),
                # Without it S3 says that a missing object is forbidden.
                Grant(
                    ("s3:ListBucket",),
                    tuple(names.bucket_arn("media", region) for region in names.config.regions),
                ),
            ),
            (
                *(*PLACE, "SECRET_KEY_ARN", "MEDIA_BUCKETS", "ALLOWED_NETWORKS", "MAIL_SENDER", "EXECUTORS"),
                "TRIGGER_FAILED_QUEUE_URL",
            ),
        ),
        "reactions.drive": Needs((table(GET, UPDATE), *drive), (*PLACE, "STATE_MACHINE_ARN")),
        "reactions.sweep": Needs(
            (
                table(GET, QUERY, PUT, UPDATE, DELETE),
                Grant((QUERY,), (names.index_arn(DUE.name), names.index_arn(PENDING.name))),
                _TOLD,
                *announce,
                *drive,
                Grant(("states:DescribeExecution",), executions, reason=_EXECUTIONS),
                *_files(names, names.config.regions, (REMOVE,)),
            ),
            (
                *(*PLACE, "EVENT_BUS_NAME", "DISPATCH_QUEUE_URL", "NOTIFY_QUEUE_URL", "STATE_MACHINE_ARN"),
                *("WORKSPACE_BUCKETS", "ORGANIZATION_METRICS"),
            ),
        ),
    }


def region_handlers(names: Names, region: str) -> dict[str, Needs]:
    """The needs of what runs in a processing region."""
    work = Grant((GET, QUERY, PUT, UPDATE), (names.table_arn,))
    media = names.bucket_arn("media", region)
    files = _files(names, (region,), (*TRANSFER, REMOVE))
    callers = (
        # Without it S3 says that a missing object is forbidden.
        Grant(("s3:ListBucket",), (media,)),
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
    )
    own = "An organization's media is under its own prefix."
    return {
        "worker.storage": Needs(
            (work, *files, Grant(TRANSFER, (f"{media}/*",), reason=own), *callers),
            (*PLACE, "SECRET_KEY_ARN", "WORKSPACE_BUCKETS", "MEDIA_BUCKET", "ALLOWED_NETWORKS"),
        ),
        # It knows no table and no workspace, and changes nothing.
        "worker.inspect": Needs(
            (Grant(("s3:GetObject",), (f"{media}/*",), reason=own), *callers),
            ("STAGE", "HOME_REGION", "SECRET_KEY_ARN", "MEDIA_BUCKET", "ALLOWED_NETWORKS"),
        ),
        "worker.media": Needs((work, *files), (*PLACE, "WORKSPACE_BUCKETS")),
        "worker.container": Needs((work, *files), (*PLACE, "WORKSPACE_BUCKETS")),
        "reactions.offer": Needs((Grant((GET, PUT), (names.table_arn,)),)),
        "reactions.settle": Needs(
            (Grant((GET, PUT, UPDATE), (names.table_arn,)), *_files(names, (region,), (REMOVE,))),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
    }


def machine(names: Names, region: str) -> tuple[Grant, ...]:
    """What the state machine of a region may do."""
    offers = ("reactions.offer",) if "outside" in names.config.executors else ()
    return (
        TRACE,
        Grant(
            ("lambda:InvokeFunction",),
            tuple(
                names.arn("lambda", region, f"function:{names.function(module)}:*")
                for module in ("worker.storage", "worker.media", "reactions.settle", *offers)
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


def containers(names: Names, region: str) -> tuple[Grant, ...]:
    """What the state machine of a region may do with containers."""
    cluster = {"ArnEquals": {"ecs:cluster": names.arn("ecs", region, f"cluster/{names.cluster}")}}
    family = names.arn("ecs", region, f"task-definition/{names.container}:*")
    tasks = names.arn("ecs", region, f"task/{names.cluster}/*")
    rule = names.arn("events", region, "rule/StepFunctionsGetEventsForECSTaskRule")
    return (
        Grant(("ecs:RunTask",), (family,), cluster, reason="Every deployment makes a revision."),
        Grant(("ecs:StopTask", "ecs:DescribeTasks"), (tasks,), reason="ECS names the tasks of the cluster."),
        # How Step Functions hears that a container has ended.
        Grant(("events:PutTargets", "events:PutRule", "events:DescribeRule"), (rule,)),
    )


def image(names: Names, region: str) -> tuple[Grant, ...]:
    """What is needed to start a container from an image of the account's own registry."""
    repositories = names.arn("ecr", region, "repository/*")
    return (
        Grant(("ecr:GetAuthorizationToken",), ("*",), reason="The token is for no one repository."),
        Grant(
            ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            (repositories,),
            reason="The image is configured, perhaps none of this registry.",
        ),
    )


def _files(names: Names, regions: tuple[str, ...], actions: tuple[str, ...]) -> tuple[Grant, Grant]:
    """These actions on the files of the jobs of those regions, and finding a run's files."""
    workspaces = tuple(names.bucket_arn("workspace", region) for region in regions)
    own = tuple(f"{workspace}/jobs/*" for workspace in workspaces)
    return (
        Grant(actions, own, reason="A job's files are under its own prefix."),
        Grant(("s3:ListBucket",), workspaces, {"StringLike": {"s3:prefix": "jobs/*"}}),
    )


def _notify_queue(names: Names) -> Grant:
    """Waking deliveries."""
    return Grant(("sqs:SendMessage",), (names.queue_arn("notify", names.config.home_region),))


def _secret_key(names: Names) -> tuple[tuple[str, ...], Mapping[str, Mapping[str, object]], str]:
    """The rest of a grant on the key of the jobs' credentials."""
    return (
        (names.arn("kms", names.config.home_region, "key/*"),),
        {"ForAnyValue:StringEquals": {"kms:ResourceAliases": names.secret_key_alias}},
        "A policy cannot name a key by its alias; the condition does.",
    )


def _temporary(names: Names, action: str) -> Grant:
    """An action on what the organizations keep for two days."""
    return Grant(
        (action,),
        (f"{names.bucket_arn('media', names.config.home_region)}/{TEMPORARY}*",),
        reason="An organization's media is under its own prefix.",
    )


def _worker_logs(names: Names) -> Grant:
    return Grant(
        ("logs:GetLogEvents",),
        (
            *(
                names.log_streams_arn(f"worker.{worker}", region)
                for region in names.config.regions
                for worker in ("storage", "media")
            ),
            *_outside_log(names)[0],
            *(
                names.arn("logs", region, f"log-group:{names.container_log_group}:log-stream:*")
                for region in names.config.regions
                if "fargate" in names.config.executors
            ),
        ),
        reason="Lambda names the streams of a log group.",
    )


def _outside_log(names: Names) -> tuple[tuple[str, ...], Mapping[str, Mapping[str, object]], str]:
    """The rest of a grant on the log streams of the outside workers."""
    group = names.arn("logs", names.config.home_region, f"log-group:{names.outside_log_group}")
    return (f"{group}:log-stream:*",), {}, "Each run has a stream of its own."
