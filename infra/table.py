"""The jobs table, from its description in `mediajobs.table`."""

from aws_cdk import aws_dynamodb as dynamodb

from infra.stack import StageStack
from mediajobs import table as described

_TYPES = {"S": dynamodb.AttributeType.STRING, "N": dynamodb.AttributeType.NUMBER}


def jobs_table(stack: StageStack) -> dynamodb.Table:
    """The table with its indexes, its stream of new rows, and its backups."""
    table = dynamodb.Table(
        stack,
        "Jobs",
        table_name=stack.names.table,
        partition_key=_key(described.PARTITION_KEY),
        sort_key=_key(described.SORT_KEY),
        time_to_live_attribute=described.TTL,
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        stream=dynamodb.StreamViewType.NEW_IMAGE,
        encryption=dynamodb.TableEncryption.AWS_MANAGED,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        deletion_protection=not stack.config.disposable,
        removal_policy=stack.removal,
    )
    for index in described.INDEXES:
        table.add_global_secondary_index(
            index_name=index.name,
            partition_key=_key(index.partition_key),
            sort_key=_key(index.sort_key, index.sort_type),
            projection_type=dynamodb.ProjectionType.INCLUDE
            if index.projects
            else dynamodb.ProjectionType.KEYS_ONLY,
            non_key_attributes=list(index.projects) or None,
        )
    return table


def _key(name: str, kind: str = "S") -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=_TYPES[kind])
