"""What the endpoints of our own API may do, and the function that finds the endpoint that is meant."""

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
    outside_log,
    secret_key,
    submission,
    table,
    worker_logs,
)
from mediajobs.table import BY_BUNDLE, BY_STATUS, BY_SUBMITTED, PENDING


def endpoints(names: Names) -> dict[str, Needs]:
    """The needs of the modules under `mediajobs.api`, by `api.<endpoint>`."""
    return {
        "api.submit_job": Needs(
            (
                table(names, GET, QUERY, PUT),
                Grant((QUERY,), (names.index_arn(PENDING.name),)),
                secret_key(names, ENCRYPT, DECRYPT),
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
                table(names, GET, PUT),
                Grant(
                    (QUERY,),
                    tuple(names.index_arn(index.name) for index in (BY_SUBMITTED, BY_STATUS, BY_BUNDLE)),
                ),
            )
        ),
        "api.list_events": Needs((table(names, GET, QUERY),)),
        "api.get_job": Needs(
            (
                table(names, GET, QUERY),
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
        "api.cancel_job": Needs((table(names, GET, QUERY, PUT, UPDATE),)),
        "api.restart_job": Needs((table(names, GET, QUERY, PUT, UPDATE),)),
        "api.get_metrics": Needs((table(names, GET),)),
        "api.list_metrics": Needs((table(names, GET, QUERY),)),
        # It opens a job's credentials to seal them again for the new job.
        "api.resubmit_job": submission(names),
        "api.get_task_logs": Needs((table(names, GET, QUERY, UPDATE), worker_logs(names))),
        "api.create_bundle": Needs((table(names, GET, PUT, UPDATE),)),
        # As with the jobs, the first page token makes its key.
        "api.list_bundles": Needs((table(names, GET, QUERY, PUT),)),
        "api.get_bundle": Needs((table(names, GET), Grant((QUERY,), (names.index_arn(BY_BUNDLE.name),)))),
        "api.put_template": Needs((table(names, GET, PUT, UPDATE),)),
        "api.list_templates": Needs((table(names, GET, QUERY, PUT),)),
        "api.get_template": Needs((table(names, GET),)),
        "api.delete_template": Needs((table(names, GET, UPDATE),)),
        "api.create_trigger": Needs((table(names, GET, QUERY, PUT),), (*PLACE, "MEDIA_BUCKETS")),
        "api.list_triggers": Needs((table(names, GET, QUERY),)),
        "api.get_trigger": Needs((table(names, GET),)),
        "api.put_trigger": Needs((table(names, GET, UPDATE),), (*PLACE, "MEDIA_BUCKETS")),
        "api.delete_trigger": Needs((table(names, GET, DELETE),)),
        "api.put_secret": Needs(
            (table(names, GET, QUERY, UPDATE), secret_key(names, ENCRYPT)),
            (*PLACE, "SECRET_KEY_ARN"),
        ),
        "api.list_secrets": Needs((table(names, GET, QUERY),)),
        "api.delete_secret": Needs((table(names, GET, DELETE),)),
        "api.create_webhook": Needs(
            (table(names, GET, QUERY, PUT), secret_key(names, ENCRYPT)),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS"),
        ),
        "api.list_webhooks": Needs((table(names, GET, QUERY),)),
        "api.get_webhook": Needs((table(names, GET),)),
        # They open a webhook's secrets to seal them again with what changes.
        "api.put_webhook": Needs(
            (table(names, GET, UPDATE), secret_key(names, ENCRYPT, DECRYPT)),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS"),
        ),
        "api.rotate_webhook": Needs(
            (table(names, GET, UPDATE), secret_key(names, ENCRYPT, DECRYPT)),
            (*PLACE, "SECRET_KEY_ARN"),
        ),
        "api.delete_webhook": Needs((table(names, GET, DELETE),)),
        "api.ping_webhook": Needs(
            (table(names, GET, PUT), notify_queue(names)), (*PLACE, "NOTIFY_QUEUE_URL")
        ),
        "api.redeliver": Needs(
            (table(names, GET, UPDATE), notify_queue(names)), (*PLACE, "NOTIFY_QUEUE_URL")
        ),
        "api.list_deliveries": Needs((table(names, GET, QUERY, PUT),)),
        "api.list_job_deliveries": Needs((table(names, GET, QUERY, PUT),)),
        # It takes up what a dead worker has left, and tells executions of results that were not told.
        "api.take_work": Needs(
            (
                table(names, GET, QUERY, PUT, UPDATE, DELETE),
                Grant((QUERY,), (names.index_arn(PENDING.name),)),
                TOLD,
                outside_log(names, "logs:CreateLogStream"),
            ),
            (*PLACE, "OUTSIDE_LOG_GROUP"),
        ),
        "api.keep_work": Needs(
            (table(names, GET, UPDATE), outside_log(names, "logs:PutLogEvents")),
        ),
        # What its links may load and leave.
        "api.link_work": Needs(
            (
                table(names, GET, QUERY),
                files(names, names.config.regions, ("s3:GetObject", "s3:PutObject"))[0],
            ),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
        "api.finish_work": Needs(
            (table(names, GET, PUT, UPDATE, DELETE), TOLD, files(names, names.config.regions, ())[1]),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
        "api.fail_work": Needs(
            (table(names, GET, PUT, UPDATE), *files(names, names.config.regions, (REMOVE,))),
            (*PLACE, "WORKSPACE_BUCKETS"),
        ),
        "api.list_pools": Needs((table(names, GET),)),
        "api.get_pool": Needs((table(names, GET), Grant((QUERY,), (names.index_arn(PENDING.name),)))),
        "api.put_pool": Needs((table(names, GET, PUT, UPDATE),)),
        "api.create_organization": Needs((table(names, GET, PUT, UPDATE),)),
        "api.list_organizations": Needs((table(names, GET),)),
        "api.get_organization": Needs((table(names, GET),)),
        "api.put_organization": Needs((table(names, GET, UPDATE),)),
        "api.join_organization": Needs((table(names, GET, PUT, UPDATE),)),
        "api.create_key": Needs((table(names, GET, PUT, UPDATE),)),
        "api.list_keys": Needs((table(names, GET, QUERY, PUT),)),
        "api.rotate_key": Needs((table(names, GET, PUT, UPDATE),)),
        "api.revoke_key": Needs((table(names, GET, UPDATE),)),
        "api.list_tools": Needs(variables=("STAGE",)),
        "api.get_tool": Needs(variables=("STAGE",)),
        "api.get_openapi": Needs(variables=("STAGE",)),
        "api.get_docs": Needs(variables=("STAGE",)),
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
