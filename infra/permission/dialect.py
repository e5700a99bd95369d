"""What the vendors' endpoints may do."""

from infra.name import Names
from infra.permission.grant import (
    BATCH_GET,
    DECRYPT,
    DELETE,
    ENCRYPT,
    GET,
    PLACE,
    PUT,
    QUERY,
    UPDATE,
    Grant,
    Needs,
    secret_key,
    submission,
    table,
    temporary,
    worker_logs,
)
from mediajobs.table import BY_STATUS, BY_SUBMITTED


def dialects(names: Names) -> dict[str, Needs]:
    """The needs of the vendors' endpoints, by `<dialect>.<endpoint>`."""
    queried = Grant((QUERY,), tuple(names.index_arn(index.name) for index in (BY_SUBMITTED, BY_STATUS)))
    # What the vendors' download links and pictures may show.
    shown = Grant(
        ("s3:GetObject",),
        tuple(f"{names.bucket_arn('workspace', region)}/jobs/*" for region in names.config.regions),
        reason="A job's files are under its own prefix.",
    )
    return {
        "castlabs.get_root": Needs((table(names, GET),)),
        "castlabs.submit_job": submission(names),
        "castlabs.list_jobs": Needs((table(names, GET, BATCH_GET), queried)),
        "castlabs.get_job": Needs((table(names, GET, QUERY),)),
        "castlabs.get_metrics": Needs((table(names, GET),)),
        "castlabs.restart_job": Needs((table(names, GET, QUERY, PUT, UPDATE),)),
        "castlabs.resubmit_job": submission(names),
        "castlabs.get_task_logs": Needs((table(names, GET, QUERY, UPDATE), worker_logs(names))),
        "castlabs.create_bundle": Needs((table(names, GET, PUT, UPDATE),)),
        "castlabs.list_bundles": Needs((table(names, GET, QUERY),)),
        "castlabs.get_bundle": Needs((table(names, GET),)),
        # As with the page tokens, the first access token makes its key.
        "dolby.create_token": Needs((table(names, GET, PUT),)),
        "dolby.list_jobs": Needs((table(names, GET, PUT, BATCH_GET), queried)),
        "dolby.cancel_job": Needs((table(names, GET, PUT, UPDATE),)),
        "dolby.submit_job": submission(names, "MEDIA_BUCKETS"),
        "dolby.get_job": Needs((table(names, GET, QUERY),)),
        "dolby.create_input": Needs(
            (table(names, GET), temporary(names, "s3:PutObject")), (*PLACE, "MEDIA_BUCKETS")
        ),
        **dict.fromkeys(
            ("dolby.create_output", "dolby.get_output"),
            Needs(
                (
                    table(names, GET),
                    temporary(names, "s3:GetObject"),
                    # Without it S3 says that a missing object is forbidden.
                    Grant(("s3:ListBucket",), (names.bucket_arn("media", names.config.home_region),)),
                ),
                (*PLACE, "MEDIA_BUCKETS"),
            ),
        ),
        "dolby.create_webhook": Needs(
            (table(names, GET, QUERY, PUT), secret_key(names, ENCRYPT)),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS"),
        ),
        "dolby.get_webhook": Needs((table(names, GET, QUERY),)),
        "dolby.put_webhook": Needs(
            (table(names, GET, QUERY, UPDATE), secret_key(names, ENCRYPT, DECRYPT)),
            (*PLACE, "SECRET_KEY_ARN", "ALLOWED_NETWORKS"),
        ),
        "dolby.delete_webhook": Needs((table(names, GET, QUERY, DELETE),)),
        # As with the page tokens, the first access token makes its key.
        "xvid.create_token": Needs((table(names, GET, PUT),)),
        **dict.fromkeys(
            ("xvid.list_jobs", "xvid.list_files"),
            Needs((table(names, GET, QUERY, BATCH_GET), queried, shown), (*PLACE, "WORKSPACE_BUCKETS")),
        ),
        **dict.fromkeys(
            ("xvid.get_job", "xvid.get_file", "xvid.get_download"),
            Needs((table(names, GET, QUERY), shown), (*PLACE, "WORKSPACE_BUCKETS")),
        ),
        # It opens a pipeline's credentials to seal them again for the job.
        "xvid.submit_job": submission(names),
        "xvid.create_pipeline": Needs(
            (table(names, GET, PUT, UPDATE), secret_key(names, ENCRYPT)),
            (*PLACE, "SECRET_KEY_ARN"),
        ),
        "xvid.put_pipeline": Needs(
            (table(names, GET, UPDATE), secret_key(names, ENCRYPT)), (*PLACE, "SECRET_KEY_ARN")
        ),
        "xvid.create_preset": Needs((table(names, GET, PUT, UPDATE),)),
        "xvid.create_template": Needs((table(names, GET, PUT, UPDATE),)),
        "xvid.put_template": Needs((table(names, GET, UPDATE),)),
        **dict.fromkeys(
            ("xvid.list_pipelines", "xvid.list_presets", "xvid.list_templates"),
            Needs((table(names, GET, QUERY),)),
        ),
        **dict.fromkeys(
            (
                "xvid.get_pipeline",
                "xvid.get_preset",
                "xvid.get_template",
                "xvid.get_user",
                "xvid.get_application",
            ),
            Needs((table(names, GET),)),
        ),
        "transparentedge.create_token": Needs((table(names, GET, PUT),)),
        "transparentedge.list_orders": Needs((table(names, GET, BATCH_GET), queried)),
        "transparentedge.submit_order": submission(names),
        "transparentedge.requeue_order": Needs((table(names, GET, QUERY, PUT, UPDATE),)),
        "transparentedge.create_profile": Needs((table(names, GET, PUT, UPDATE),)),
        **dict.fromkeys(
            ("transparentedge.put_profile", "transparentedge.delete_profile"),
            Needs((table(names, GET, UPDATE),)),
        ),
        **dict.fromkeys(
            (
                "transparentedge.get_order",
                "transparentedge.get_consumed_minutes",
                "transparentedge.list_profiles",
            ),
            Needs((table(names, GET, QUERY),)),
        ),
        **dict.fromkeys(
            (
                "transparentedge.get_allowed_values",
                "transparentedge.get_profile",
                "transparentedge.get_schema",
            ),
            Needs((table(names, GET),)),
        ),
        "xvid.list_codecs": Needs(variables=("STAGE",)),
        "xvid.get_codec": Needs(variables=("STAGE",)),
    }
