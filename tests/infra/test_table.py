"""The deployed table is the one that the store was written for."""

from mediajobs import table
from tests.infra.template import Template


def test_the_table_has_the_described_keys_and_time_to_live(home: Template) -> None:
    (jobs,) = home.properties("AWS::DynamoDB::Table")
    assert jobs["KeySchema"] == [
        {"AttributeName": table.PARTITION_KEY, "KeyType": "HASH"},
        {"AttributeName": table.SORT_KEY, "KeyType": "RANGE"},
    ]
    assert jobs["TimeToLiveSpecification"] == {"AttributeName": table.TTL, "Enabled": True}


def test_every_index_has_the_described_keys_and_projects_only_what_is_listed(home: Template) -> None:
    (jobs,) = home.properties("AWS::DynamoDB::Table")
    types = {each["AttributeName"]: each["AttributeType"] for each in jobs["AttributeDefinitions"]}
    deployed = {each["IndexName"]: each for each in jobs["GlobalSecondaryIndexes"]}
    assert set(deployed) == {index.name for index in table.INDEXES}
    for index in table.INDEXES:
        made = deployed[index.name]
        assert [key["AttributeName"] for key in made["KeySchema"]] == [index.partition_key, index.sort_key]
        assert types[index.partition_key] == "S"
        assert types[index.sort_key] == index.sort_type
        assert made["Projection"].get("NonKeyAttributes", []) == list(index.projects)
        assert made["Projection"]["ProjectionType"] == ("INCLUDE" if index.projects else "KEYS_ONLY")


def test_the_table_is_encrypted_backed_up_and_cannot_be_deleted_by_mistake(home: Template) -> None:
    ((_, resource),) = home.of_type("AWS::DynamoDB::Table").items()
    jobs = resource["Properties"]
    assert jobs["SSESpecification"] == {"SSEEnabled": True}
    assert jobs["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert jobs["DeletionProtectionEnabled"] is True
    assert resource["DeletionPolicy"] == "Retain"
    assert jobs["BillingMode"] == "PAY_PER_REQUEST"
    assert jobs["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
