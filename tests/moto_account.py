"""The AWS account of the tests, on moto: what a deployment makes there, and looks at it that are no calls."""

import json
import os
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.ses.models import ses_backends
from moto.stepfunctions.models import stepfunctions_backends

from mediajobs import aws, table
from mediajobs.settings import settings

REGION = "eu-central-1"
OTHER_REGION = "us-east-1"
ACCOUNT = "123456789012"

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/test",
    "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
    "STAGE": "test",
    "HOME_REGION": REGION,
    "REGIONS": f"{REGION},{OTHER_REGION}",
    "TABLE_NAME": "mediajobs-test-jobs",
    "EVENT_BUS_NAME": "mediajobs-test",
    "WORKSPACE_BUCKETS": "workspace",
    "MEDIA_BUCKET": "media",
    "MEDIA_BUCKETS": "media",
    "MAIL_SENDER": "mediajobs@example.com",
    "DIALECTS": "castlabs,dolby,transparentedge,xvid",
    "ENDPOINT_FUNCTION": "mediajobs-test-{name}",
    "STATE_MACHINE_ARN": f"arn:aws:states:{{region}}:{ACCOUNT}:stateMachine:mediajobs-test",
    "INSPECTOR_ARN": f"arn:aws:lambda:{{region}}:{ACCOUNT}:function:mediajobs-test-worker-inspect",
    "STORAGE_WORKER_MB": "1024",
    "MEDIA_WORKER_MB": "2048",
    "EXECUTORS": "fargate,mediaconvert,outside",
    "OUTSIDE_LOG_GROUP": "/mediajobs/test/outside",
    "CONVERT_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/convert",
    "CONVERT_QUEUE_ARN": f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}:queues/mediajobs-test",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}


def make() -> None:
    """The table, the dispatch queue, key, machines, buckets, and the bus with all of it going to a queue."""
    keys = {table.PARTITION_KEY: "S", table.SORT_KEY: "S"}
    for index in table.INDEXES:
        keys |= {index.partition_key: "S", index.sort_key: index.sort_type}
    aws.client("dynamodb", REGION).create_table(
        TableName=settings().table_name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in keys.items()],
        KeySchema=_schema(table.PARTITION_KEY, table.SORT_KEY),
        GlobalSecondaryIndexes=[
            {
                "IndexName": index.name,
                "KeySchema": _schema(index.partition_key, index.sort_key),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.projects)}
                if index.projects
                else {"ProjectionType": "KEYS_ONLY"},
            }
            for index in table.INDEXES
        ],
    )
    queues = aws.client("sqs", REGION)
    dispatch = queues.create_queue(QueueName="dispatch.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    queues.create_queue(QueueName="bus")
    os.environ["DISPATCH_QUEUE_URL"] = dispatch
    failed = queues.create_queue(QueueName="trigger-failed")["QueueUrl"]
    os.environ["TRIGGER_FAILED_QUEUE_URL"] = failed
    os.environ["NOTIFY_QUEUE_URL"] = queues.create_queue(QueueName="notify")["QueueUrl"]
    aws.client("sesv2", REGION).create_email_identity(EmailIdentity="example.com")
    # What DNS would do.
    ses = ses_backends[ACCOUNT][REGION]
    ses.email_identities["example.com"].verified_for_sending_status = True
    events = aws.client("events", REGION)
    events.create_event_bus(Name=settings().event_bus_name)
    events.put_rule(
        Name="all",
        EventBusName=settings().event_bus_name,
        EventPattern=json.dumps({"source": ["mediajobs"]}),
    )
    events.put_targets(
        Rule="all",
        EventBusName=settings().event_bus_name,
        Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:bus"}],
    )
    os.environ["SECRET_KEY_ARN"] = aws.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    for region in (REGION, OTHER_REGION):
        aws.client("stepfunctions", region).create_state_machine(
            name="mediajobs-test",
            definition='{"StartAt":"Pass","States":{"Pass":{"Type":"Pass","End":true}}}',
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/machine",
        )
    aws.client("logs", REGION).create_log_group(logGroupName=settings().outside_log_group)
    for bucket in ("workspace", "media"):
        aws.media_client(REGION).create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def table_rows() -> list[dict[str, Any]]:
    """Every row, straight from moto, so that no AWS call is made by looking."""
    stored = dynamodb_backends[ACCOUNT][REGION].tables[settings().table_name]
    return [item.to_json()["Attributes"] for item in stored.all_items()]


def end_execution(arn: str, status: str) -> None:
    """Let a running execution end."""
    backend = stepfunctions_backends[ACCOUNT][arn.split(":")[3]]
    execution = backend.describe_execution(arn)
    if execution.status == "RUNNING":
        execution.status = status
