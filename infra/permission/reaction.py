"""What the reactions of the home region may do."""

from infra.name import Names
from infra.permission.grant import (
    DECRYPT,
    DELETE,
    ENCRYPT,
    GET,
    PLACE,
    PUT,
    QUERY,
    REMOVE,
    TOLD,
    UPDATE,
    Grant,
    Needs,
    files,
    notify_queue,
    secret_key,
    table,
)
from mediajobs.table import DUE, PENDING

_EXECUTIONS = "An execution is named after its job, so all executions of these machines."


def reactions(names: Names) -> dict[str, Needs]:
    """The needs of the reactions that run in the home region."""
    home = names.config.home_region

    pools = Grant(("sqs:SendMessage",), (names.queue_arn("dispatch.fifo", home),))
    announce = (
        Grant(("events:PutEvents",), (names.bus_arn,)),
        pools,
        notify_queue(names),
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
            (table(names, GET, QUERY, PUT, UPDATE), *announce),
            (
                *(*PLACE, "EVENT_BUS_NAME", "DISPATCH_QUEUE_URL", "NOTIFY_QUEUE_URL"),
                "ORGANIZATION_METRICS",
            ),
        ),
        "reactions.notify": Needs(
            (
                table(names, GET, QUERY, UPDATE),
                notify_queue(names),
                secret_key(names, DECRYPT),
                *(mails if names.config.mail_sender else ()),
            ),
            (*PLACE, "NOTIFY_QUEUE_URL", "SECRET_KEY_ARN", "ALLOWED_NETWORKS", "MAIL_SENDER"),
        ),
        "reactions.dispatch": Needs(
            (
                table(names, GET, PUT, UPDATE),
                Grant((QUERY,), (names.index_arn(PENDING.name),)),
                pools,
            )
        ),
        # It looks at an upload whether a job has made it, and submits as the API does.
        "reactions.submit_on_event": Needs(
            (
                table(names, GET, QUERY, PUT),
                secret_key(names, ENCRYPT, DECRYPT),
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
        "reactions.drive": Needs((table(names, GET, UPDATE), *drive), (*PLACE, "STATE_MACHINE_ARN")),
        "reactions.sweep": Needs(
            (
                table(names, GET, QUERY, PUT, UPDATE, DELETE),
                Grant((QUERY,), (names.index_arn(DUE.name), names.index_arn(PENDING.name))),
                TOLD,
                *announce,
                *drive,
                Grant(("states:DescribeExecution",), executions, reason=_EXECUTIONS),
                *files(names, names.config.regions, (REMOVE,)),
            ),
            (
                *(*PLACE, "EVENT_BUS_NAME", "DISPATCH_QUEUE_URL", "NOTIFY_QUEUE_URL", "STATE_MACHINE_ARN"),
                *("WORKSPACE_BUCKETS", "ORGANIZATION_METRICS"),
            ),
        ),
    }
