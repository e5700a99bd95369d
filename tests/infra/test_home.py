"""What wakes the reactions, and what happens to what they fail to handle."""

import json
from typing import Any

from mediajobs.arrival import MAX_TRIES
from mediajobs.store import delivery
from mediajobs.timestamp import SECOND
from mediajobs.transfer import post
from tests.infra.template import Template, listed, text


def mappings(home: Template) -> dict[str, dict[str, Any]]:
    """Event source mappings by the function they wake."""
    functions = home.of_type("AWS::Lambda::Function")
    return {
        functions[each["FunctionName"]["Ref"]]["Properties"]["FunctionName"]: each
        for each in home.properties("AWS::Lambda::EventSourceMapping")
    }


def rules(home: Template) -> dict[str, dict[str, Any]]:
    return {each["Name"]: each for each in home.properties("AWS::Events::Rule")}


def dead_letter_queues(home: Template) -> dict[str, dict[str, Any]]:
    return {
        name: each["Properties"]
        for name, each in home.of_type("AWS::SQS::Queue").items()
        if "-failed" in each["Properties"]["QueueName"]
    }


def test_only_inserted_events_are_announced(home: Template) -> None:
    announce = mappings(home)["mediajobs-test-reactions-announce"]
    assert announce["EventSourceArn"]["Fn::GetAtt"][1] == "StreamArn"
    (pattern,) = announce["FilterCriteria"]["Filters"]
    assert json.loads(pattern["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "EVENT#"}]}}},
    }


def test_a_bad_event_does_not_hold_up_the_others(home: Template) -> None:
    announce = mappings(home)["mediajobs-test-reactions-announce"]
    assert announce["BisectBatchOnFunctionError"] is True
    assert announce["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert announce["MaximumRetryAttempts"] == 5
    destination = announce["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
    assert destination in dead_letter_queues(home)


def test_pools_are_dispatched_in_order_from_a_queue_of_groups(home: Template) -> None:
    queues = home.of_type("AWS::SQS::Queue")
    (dispatch,) = [
        each["Properties"]
        for each in queues.values()
        if each["Properties"]["QueueName"] == "mediajobs-test-dispatch.fifo"
    ]
    assert dispatch["FifoQueue"] is True
    assert dispatch["ContentBasedDeduplication"] is False
    assert dispatch["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in dead_letter_queues(home)
    mapping = mappings(home)["mediajobs-test-reactions-dispatch"]
    assert mapping["BatchSize"] == 10
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    timeout = home.functions()["reactions.dispatch"]["Timeout"]
    assert dispatch["VisibilityTimeout"] >= 6 * timeout


def test_drive_is_woken_by_the_changes_that_start_or_stop_an_execution(home: Template) -> None:
    rule = rules(home)["mediajobs-test-drive"]
    assert rule["EventPattern"] == {
        "source": ["mediajobs"],
        "detail-type": ["Job Status Changed"],
        "detail": {"status": ["Running", "Cancelled", "Failed"]},
    }
    assert "EventBusName" in rule


def test_each_try_to_deliver_is_an_invocation_of_its_own(home: Template) -> None:
    mapping = mappings(home)["mediajobs-test-reactions-notify"]
    assert mapping["BatchSize"] == 1
    assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 50
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    (queue,) = [
        each["Properties"]
        for each in home.of_type("AWS::SQS::Queue").values()
        if each["Properties"]["QueueName"] == "mediajobs-test-notify"
    ]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in dead_letter_queues(home)
    timeout = home.functions()["reactions.notify"]["Timeout"]
    assert queue["VisibilityTimeout"] >= 6 * timeout
    # A try gives up by itself, and its lease is longer than the function can live.
    assert timeout > post.SECONDS
    assert timeout * SECOND < delivery.LEASE


def test_mails_are_only_sent_from_the_sender(home: Template) -> None:
    statements = [
        statement
        for module in home.functions()
        for statement in home.statements(module)
        if "ses:SendEmail" in listed(statement["Action"])
    ]
    (statement,) = statements
    assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": "jobs@example.com"}}


def test_events_from_outside_wake_the_triggers_and_our_own_do_not(home: Template) -> None:
    uploads, arrivals = (
        rules(home)[f"mediajobs-test-{name}"]["EventPattern"] for name in ("uploads", "arrivals")
    )
    assert uploads["source"] == ["aws.s3"]
    assert uploads["account"] == [{"Ref": "AWS::AccountId"}]
    assert arrivals["source"] == [{"anything-but": ["mediajobs", "aws.s3"]}]
    assert arrivals["detail"] == {"organization_id": [{"exists": True}]}
    queues = home.of_type("AWS::SQS::Queue")
    for name in ("uploads", "arrivals"):
        rule = rules(home)[f"mediajobs-test-{name}"]
        assert "EventBusName" in rule
        (target,) = rule["Targets"]
        queue = queues[target["Arn"]["Fn::GetAtt"][0]]["Properties"]
        assert queue["QueueName"] == "mediajobs-test-trigger"
        assert queue["RedrivePolicy"]["maxReceiveCount"] > MAX_TRIES
    mapping = mappings(home)["mediajobs-test-reactions-submit-on-event"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["VisibilityTimeout"] >= 6 * home.functions()["reactions.submit_on_event"]["Timeout"]


def test_the_sweeper_comes_every_minute(home: Template) -> None:
    rule = rules(home)["mediajobs-test-sweep"]
    assert rule["ScheduleExpression"] == "rate(1 minute)"


def test_what_an_event_woken_function_fails_to_handle_is_kept(home: Template) -> None:
    kept = dead_letter_queues(home)
    targets = [target for rule in rules(home).values() for target in rule["Targets"]]
    assert len(targets) == 4
    for target in targets:
        assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0] in kept
    retries = home.properties("AWS::Lambda::EventInvokeConfig")
    assert len(retries) == 2
    for each in retries:
        assert each["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0] in kept


def test_every_dead_letter_queue_has_an_alarm_that_tells_somebody(home: Template) -> None:
    (topic,) = home.of_type("AWS::SNS::Topic")
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in home.properties("AWS::CloudWatch::Alarm")
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        and alarm["Threshold"] == 0
        and alarm["ComparisonOperator"] == "GreaterThanThreshold"
        and alarm["AlarmActions"] == [{"Ref": topic}]
    }
    assert watched == set(dead_letter_queues(home))
    assert len(watched) == 6
    (subscription,) = home.properties("AWS::SNS::Subscription")
    assert subscription["Endpoint"] == "operator@example.com"


def test_no_queue_is_reached_without_tls(home: Template) -> None:
    closed = {
        queue["Ref"]
        for policy in home.properties("AWS::SQS::QueuePolicy")
        for queue in policy["Queues"]
        if any(
            statement["Effect"] == "Deny"
            and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in policy["PolicyDocument"]["Statement"]
        )
    }
    assert closed == set(home.of_type("AWS::SQS::Queue"))


def test_the_key_of_the_credentials_rotates_and_has_the_known_alias(home: Template) -> None:
    (key,) = home.properties("AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    (alias,) = home.properties("AWS::KMS::Alias")
    assert text(alias["AliasName"]) == "alias/mediajobs-test"
