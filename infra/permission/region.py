"""What runs in a processing region may do: handlers, the state machine, containers."""

from infra.name import Names
from infra.permission.grant import (
    DECRYPT,
    GET,
    PLACE,
    PUT,
    QUERY,
    REMOVE,
    TRACE,
    TRANSFER,
    UPDATE,
    Grant,
    Needs,
    files,
    secret_key,
    table,
)


def handlers(names: Names, region: str) -> dict[str, Needs]:
    """The needs of what runs in a processing region."""
    work = table(names, GET, QUERY, PUT, UPDATE)
    media = names.bucket_arn("media", region)
    own_files = files(names, (region,), (*TRANSFER, REMOVE))
    callers = (
        # Without it S3 says that a missing object is forbidden.
        Grant(("s3:ListBucket",), (media,)),
        secret_key(names, DECRYPT),
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
            (work, *own_files, Grant(TRANSFER, (f"{media}/*",), reason=own), *callers),
            (*PLACE, "SECRET_KEY_ARN", "WORKSPACE_BUCKETS", "MEDIA_BUCKET", "ALLOWED_NETWORKS"),
        ),
        # It knows no table and no workspace, and changes nothing.
        "worker.inspect": Needs(
            (Grant(("s3:GetObject",), (f"{media}/*",), reason=own), *callers),
            ("STAGE", "HOME_REGION", "SECRET_KEY_ARN", "MEDIA_BUCKET", "ALLOWED_NETWORKS"),
        ),
        "worker.media": Needs((work, *own_files), (*PLACE, "WORKSPACE_BUCKETS")),
        "worker.container": Needs((work, *own_files), (*PLACE, "WORKSPACE_BUCKETS")),
        "reactions.offer": Needs((table(names, GET, PUT),)),
        "reactions.convert": Needs(
            (work, *files(names, (region,), (REMOVE,))),
            (*PLACE, "WORKSPACE_BUCKETS", "CONVERT_ROLE_ARN", "CONVERT_QUEUE_ARN"),
        ),
        "reactions.follow": Needs(
            (table(names, GET, PUT, UPDATE), *files(names, (region,), (REMOVE,))),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
        "reactions.settle": Needs(
            (table(names, GET, PUT, UPDATE), *files(names, (region,), (REMOVE,))),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
    }


def machine(names: Names, region: str) -> tuple[Grant, ...]:
    """What the state machine of a region may do."""
    own = {"outside": "reactions.offer", "mediaconvert": "reactions.convert"}
    others = tuple(own[executor] for executor in names.config.executors if executor in own)
    return (
        TRACE,
        Grant(
            ("lambda:InvokeFunction",),
            tuple(
                names.arn("lambda", region, f"function:{names.function(module)}:*")
                for module in ("worker.storage", "worker.media", "reactions.settle", *others)
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


def conversions(names: Names, region: str, role_arn: str) -> tuple[Grant, ...]:
    """What the state machine of a region may do with MediaConvert, which works under that role."""
    rule = names.arn("events", region, "rule/StepFunctionsGetEventsForMediaConvertJobRule")
    return (
        Grant(
            ("mediaconvert:CreateJob", "mediaconvert:GetJob", "mediaconvert:CancelJob"),
            ("*",),
            reason="MediaConvert checks Step Functions' calls against no narrower resource.",
        ),
        Grant(
            ("mediaconvert:TagResource",),
            (names.arn("mediaconvert", region, "jobs/*"),),
            reason="MediaConvert names the jobs.",
        ),
        Grant(
            ("iam:PassRole",),
            (role_arn,),
            {"StringEquals": {"iam:PassedToService": "mediaconvert.amazonaws.com"}},
        ),
        # How Step Functions hears that a job has ended.
        Grant(("events:PutTargets", "events:PutRule", "events:DescribeRule"), (rule,)),
    )


def conversion_role(names: Names, region: str) -> tuple[Grant, ...]:
    """What MediaConvert itself may do."""
    own = f"{names.bucket_arn('workspace', region)}/jobs/*"
    return (
        Grant(("s3:GetObject", "s3:PutObject"), (own,), reason="A job's files are under its own prefix."),
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
