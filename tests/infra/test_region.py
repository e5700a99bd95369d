"""A processing region has all it needs, under names that home knows without being told."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from infra.config import Config
from mediajobs.job import RETENTION_DAYS
from mediajobs.organization import TEMPORARY
from mediajobs.spec import MAX_JOB_SECONDS
from tests.infra.template import Template, text


def machine(template: Template) -> dict[str, Any]:
    (properties,) = template.properties("AWS::StepFunctions::StateMachine")
    return properties


def test_every_region_has_a_stack_of_its_own(regions: dict[str, Template], config: Config) -> None:
    assert list(regions) == list(config.regions)
    # What is watched once a region has its alarm in the home stack where that is there.
    eu, us = (
        [kind for each in template.resources.values() if (kind := each["Type"]) != "AWS::CloudWatch::Alarm"]
        for template in regions.values()
    )
    assert eu == us


def test_only_endpoints_wait_for_the_home_stack(
    home: Template, regions: dict[str, Template], api: Template, dialects: dict[str, Template]
) -> None:
    exported = [each["Value"] for each in home.content["Outputs"].values() if "Export" in each]
    assert home.content["Outputs"]["ApiId"]["Value"] in exported
    for template in regions.values():
        written = json.dumps(template.content)
        assert "Fn::ImportValue" not in written
        assert "Fn::GetStackOutput" not in written
    for template in (*regions.values(), api, *dialects.values()):
        assert not any("Export" in each for each in template.content.get("Outputs", {}).values())


def test_the_machine_calls_published_versions_that_a_deployment_keeps(regions: dict[str, Template]) -> None:
    for template in regions.values():
        versions = template.of_type("AWS::Lambda::Version")
        assert len(versions) == 4
        assert all(version["DeletionPolicy"] == "Retain" for version in versions.values())
        assert all(version["UpdateReplacePolicy"] == "Retain" for version in versions.values())
        called = [
            part["Ref"]
            for part in machine(template)["DefinitionString"]["Fn::Join"][1]
            if isinstance(part, dict)
        ]
        assert set(called) == set(versions)


def test_the_machine_is_standard_and_logs_errors_without_data(regions: dict[str, Template]) -> None:
    for template in regions.values():
        made = machine(template)
        assert made["StateMachineName"] == "mediajobs-test"
        assert made["StateMachineType"] == "STANDARD"
        assert made["LoggingConfiguration"]["Level"] == "ERROR"
        assert made["LoggingConfiguration"]["IncludeExecutionData"] is False
        assert made["TracingConfiguration"] == {"Enabled": True}


def test_buckets_are_private_encrypted_and_forget_unfinished_uploads(regions: dict[str, Template]) -> None:
    for region, template in regions.items():
        buckets = {text(each["BucketName"]): each for each in template.properties("AWS::S3::Bucket")}
        assert set(buckets) == {
            f"mediajobs-test-{purpose}-AWS::AccountId-{region}" for purpose in ("workspace", "media")
        }
        for bucket in buckets.values():
            assert all(bucket["PublicAccessBlockConfiguration"].values())
            assert bucket["BucketEncryption"]
            assert any(
                rule.get("AbortIncompleteMultipartUpload") == {"DaysAfterInitiation": 1}
                for rule in bucket["LifecycleConfiguration"]["Rules"]
            )
        assert len(template.of_type("AWS::S3::BucketPolicy")) == 2


def _whole_days_of_a_bucket(template: Template, purpose: str) -> list[int]:
    """After how many days a bucket forgets all that is in it."""
    return [
        rule["ExpirationInDays"]
        for bucket in template.properties("AWS::S3::Bucket")
        if f"-{purpose}-" in text(bucket["BucketName"])
        for rule in bucket["LifecycleConfiguration"]["Rules"]
        if "ExpirationInDays" in rule and "Prefix" not in rule
    ]


def test_only_the_workspace_forgets_its_files(regions: dict[str, Template]) -> None:
    for template in regions.values():
        assert len(_whole_days_of_a_bucket(template, "workspace")) == 1
        assert _whole_days_of_a_bucket(template, "media") == []


def test_any_page_may_read_by_a_link_to_the_workspace_and_none_may_change_it(
    regions: dict[str, Template],
) -> None:
    for template in regions.values():
        rules = {
            text(bucket["BucketName"]).split("-")[2]: bucket.get("CorsConfiguration", {}).get("CorsRules")
            for bucket in template.properties("AWS::S3::Bucket")
        }
        assert rules["media"] is None
        (rule,) = rules["workspace"]
        assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == (["*"], ["GET"])
        # A package in single files is read by ranges.
        assert rule["AllowedHeaders"] == ["Range"]


def test_what_is_temporary_in_a_media_bucket_goes_after_two_days(regions: dict[str, Template]) -> None:
    for template in regions.values():
        rules = [
            rule
            for bucket in template.properties("AWS::S3::Bucket")
            if "-media-" in text(bucket["BucketName"])
            for rule in bucket["LifecycleConfiguration"]["Rules"]
        ]
        assert [rule["ExpirationInDays"] for rule in rules if rule.get("Prefix") == TEMPORARY] == [2]


def test_a_job_that_is_restarted_on_its_last_day_keeps_its_files_to_the_end(
    regions: dict[str, Template],
) -> None:
    made = timedelta(0)
    first_end = made + timedelta(seconds=MAX_JOB_SECONDS)
    restarted = first_end + timedelta(days=RETENTION_DAYS)
    second_end = restarted + timedelta(seconds=MAX_JOB_SECONDS)
    last_seen = second_end + timedelta(days=RETENTION_DAYS)
    for template in regions.values():
        (days,) = _whole_days_of_a_bucket(template, "workspace")
        assert last_seen < timedelta(days=days) <= last_seen + timedelta(days=2)
        assert f"kept for {days} days" in Path("docs/client.md").read_text()


def test_data_outlives_its_stack(regions: dict[str, Template]) -> None:
    for template in regions.values():
        for kind in ("AWS::S3::Bucket", "AWS::Logs::LogGroup"):
            assert all(each["DeletionPolicy"] == "Retain" for each in template.of_type(kind).values())


def test_uploads_are_told_to_homes_bus_and_what_is_temporary_is_not(regions: dict[str, Template]) -> None:
    for region, template in regions.items():
        (bucket,) = [
            each for each in template.properties("AWS::S3::Bucket") if "-media-" in text(each["BucketName"])
        ]
        assert bucket["NotificationConfiguration"] == {
            "EventBridgeConfiguration": {"EventBridgeEnabled": True}
        }
        (rule,) = template.properties("AWS::Events::Rule")
        assert rule["EventPattern"]["source"] == ["aws.s3"]
        assert rule["EventPattern"]["detail"]["object"] == {
            "key": [{"anything-but": {"prefix": "temporary/"}}]
        }
        (target,) = rule["Targets"]
        assert text(target["Arn"]).endswith(":event-bus/mediajobs-test")
        assert ":eu-west-1:" in text(target["Arn"]), region
        assert "DeadLetterConfig" in target
