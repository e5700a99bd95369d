"""Every Lambda function: a role of its own, named actions, and logs that end."""

import inspect
import re
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk import aws_iam as iam

from infra.asset import MEDIA_MINOR, RUNTIME
from infra.config import Config
from infra.permission.grant import PLACE, Grant
from infra.stack import StageStack
from mediajobs.organization import Role
from mediajobs.routes import DIALECTS, ROUTES
from mediajobs.settings import Settings
from tests.infra.template import Template, listed, text

IN_HOME = {
    *(
        f"reactions.{name}"
        for name in ("announce", "dispatch", "drive", "notify", "submit_on_event", "sweep")
    ),
    "fallback",
}
#: What touches no job.
WITHOUT_JOBS = {
    *("api.list_tools", "api.get_tool", "api.get_openapi", "api.get_docs"),
    *("xvid.list_codecs", "xvid.get_codec", "worker.inspect", "fallback"),
}
IN_REGIONS = {"worker.storage", "worker.media", "worker.inspect", "reactions.offer", "reactions.settle"}


def test_every_handler_is_deployed_where_it_belongs(
    home: Template, api: Template, regions: dict[str, Template]
) -> None:
    assert set(home.functions()) == IN_HOME
    assert set(api.functions()) == {route.name for route in ROUTES}
    for region in regions.values():
        assert set(region.functions()) == IN_REGIONS


def test_a_function_is_named_after_its_stage_and_module(templates: list[Template]) -> None:
    for template in templates:
        for module, function in template.functions().items():
            assert function["FunctionName"] == "mediajobs-test-" + re.sub("[._]", "-", module)


def test_every_function_has_a_role_that_no_other_has(templates: list[Template]) -> None:
    for template in templates:
        roles = [function["Role"]["Fn::GetAtt"][0] for function in template.functions().values()]
        assert len(set(roles)) == len(roles)
        for policy in template.properties("AWS::IAM::Policy"):
            assert len(policy["Roles"]) == 1


def test_no_role_has_a_managed_policy_or_an_action_with_a_wildcard(templates: list[Template]) -> None:
    for template in templates:
        for role in template.properties("AWS::IAM::Role"):
            assert "ManagedPolicyArns" not in role
            assert "Policies" not in role
        for policy in template.properties("AWS::IAM::Policy"):
            for statement in policy["PolicyDocument"]["Statement"]:
                for action in listed(statement["Action"]):
                    assert re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action), action


def test_only_actions_without_resources_are_allowed_on_all_resources(templates: list[Template]) -> None:
    without_resources = re.compile(
        r"xray:\w+|dynamodb:ListStreams|states:SendTaskSuccess|logs:(\w+LogDeliver(y|ies)|(Put|Describe)ResourcePolic(y|ies)|DescribeLogGroups)"
    )
    for template in templates:
        for policy in template.properties("AWS::IAM::Policy"):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "*" in listed(statement["Resource"]):
                    for action in listed(statement["Action"]):
                        assert without_resources.fullmatch(action), action


def allowed(template: Template, module: str) -> dict[str, set[str]]:
    """Actions by resource, of one function."""
    found: dict[str, set[str]] = {}
    for statement in template.statements(module):
        for resource in listed(statement["Resource"]):
            found.setdefault(text(resource), set()).update(listed(statement["Action"]))
    return found


@pytest.mark.parametrize("module", ["api.get_job", "api.list_pools", "api.list_metrics"])
def test_an_endpoint_that_reads_cannot_write(api: Template, module: str) -> None:
    actions = set().union(*allowed(api, module).values())
    assert {each for each in actions if each.startswith("dynamodb:")} <= {
        "dynamodb:GetItem",
        "dynamodb:Query",
    }


def test_only_who_needs_it_opens_credentials(
    home: Template, api: Template, regions: dict[str, Template]
) -> None:
    for template in (home, api, *regions.values()):
        for module in template.functions():
            actions = set().union(*allowed(template, module).values())
            expected = {
                # Opens the secrets that a job names, to seal them for it.
                "api.submit_job": {"kms:Encrypt", "kms:Decrypt"},
                "reactions.submit_on_event": {"kms:Encrypt", "kms:Decrypt"},
                "api.put_secret": {"kms:Encrypt"},
                # Seals the credentials of one job for another: docs/decisions/0011.
                "api.resubmit_job": {"kms:Encrypt", "kms:Decrypt"},
                # A webhook's secrets: opened to be sealed again with what changes.
                "api.create_webhook": {"kms:Encrypt"},
                "api.put_webhook": {"kms:Encrypt", "kms:Decrypt"},
                "api.rotate_webhook": {"kms:Encrypt", "kms:Decrypt"},
                "reactions.notify": {"kms:Decrypt"},
                "worker.storage": {"kms:Decrypt"},
                "worker.inspect": {"kms:Decrypt"},
            }
            assert {each for each in actions if each.startswith("kms:")} == expected.get(module, set())


def test_a_vendor_s_endpoint_that_reads_opens_no_credentials(dialects: dict[str, Template]) -> None:
    for name, template in dialects.items():
        reading = {route.name for route in DIALECTS[name] if route.role in (None, Role.VIEW)}
        for module in reading & set(template.functions()):
            actions = set().union(*allowed(template, module).values())
            assert not {each for each in actions if each.startswith("kms:")}, module


def test_only_a_submission_calls_the_inspectors_and_only_the_fallback_calls_endpoints(
    templates: list[Template], config: Config
) -> None:
    def function(region: str, name: str) -> str:
        return f"arn:AWS::Partition:lambda:{region}:AWS::AccountId:function:mediajobs-test-{name}"

    expected = {
        "api.submit_job": {function(region, "worker-inspect") for region in config.regions},
        "fallback": {function(config.home_region, f"{part}-*") for part in ("api", *config.dialects)},
    }
    for template in templates:
        for module in template.functions():
            called = {
                resource
                for resource, actions in allowed(template, module).items()
                if "lambda:InvokeFunction" in actions
            }
            assert called == expected.get(module, set())


def test_the_inspector_changes_nothing_and_answers_before_who_asks_gives_up(
    api: Template, regions: dict[str, Template]
) -> None:
    for template in regions.values():
        actions = set().union(*allowed(template, "worker.inspect").values())
        assert not {each for each in actions if re.match("dynamodb:|s3:(Put|Delete)", each)}
        inspector = template.functions()["worker.inspect"]
        assert inspector["Timeout"] < api.functions()["api.submit_job"]["Timeout"] - 5


def test_the_key_of_the_credentials_is_allowed_by_its_alias_only(regions: dict[str, Template]) -> None:
    (statement,) = [
        each
        for each in regions["us-east-1"].statements("worker.storage")
        if "kms:Decrypt" in listed(each["Action"])
    ]
    assert statement["Condition"] == {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/mediajobs-test"}
    }
    assert text(statement["Resource"]) == "arn:AWS::Partition:kms:eu-west-1:AWS::AccountId:key/*"


def test_a_foreign_role_is_assumed_only_with_an_external_id(regions: dict[str, Template]) -> None:
    (statement,) = [
        each
        for each in regions["eu-west-1"].statements("worker.storage")
        if "sts:AssumeRole" in listed(each["Action"])
    ]
    assert statement["Condition"]["Null"] == {"sts:ExternalId": "false"}
    assert statement["Condition"]["StringNotEquals"] == {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}


def test_drive_and_sweep_reach_the_machines_of_every_region(home: Template, config: Config) -> None:
    for module, on_executions in (
        ("reactions.drive", {"states:StopExecution"}),
        ("reactions.sweep", {"states:StopExecution", "states:DescribeExecution"}),
    ):
        by_resource = allowed(home, module)
        for region in config.regions:
            place = f"arn:AWS::Partition:states:{region}:AWS::AccountId"
            assert by_resource[f"{place}:stateMachine:mediajobs-test"] == {"states:StartExecution"}
            assert by_resource[f"{place}:execution:mediajobs-test:*"] == on_executions


def test_workers_reach_the_files_of_their_own_region_only(regions: dict[str, Template]) -> None:
    for region, template in regions.items():
        for module in ("worker.storage", "worker.media"):
            buckets = [resource for resource in allowed(template, module) if ":s3:::" in resource]
            assert buckets
            assert all(f"-{region}" in resource for resource in buckets)


def test_every_variable_is_one_that_the_settings_know(templates: list[Template]) -> None:
    known = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', inspect.getsource(Settings)))
    assert "TABLE_NAME" in known
    for template in templates:
        for function in template.functions().values():
            assert set(function["Environment"]["Variables"]) <= known


def test_every_handler_that_touches_jobs_is_told_where_they_are(templates: list[Template]) -> None:
    for template in templates:
        for module, function in template.functions().items():
            if module not in WITHOUT_JOBS:
                assert set(PLACE) <= set(function["Environment"]["Variables"])


def test_the_state_machine_is_named_with_a_place_for_the_region(home: Template) -> None:
    variable = home.functions()["reactions.drive"]["Environment"]["Variables"]["STATE_MACHINE_ARN"]
    assert text(variable) == "arn:AWS::Partition:states:{region}:AWS::AccountId:stateMachine:mediajobs-test"


def test_every_log_group_forgets_after_sixty_days(templates: list[Template]) -> None:
    for template in templates:
        groups = template.properties("AWS::Logs::LogGroup")
        assert all(group["RetentionInDays"] == 60 for group in groups)
        names = {group["LogGroupName"] for group in groups}
        for function in template.functions().values():
            assert f"/aws/lambda/{function['FunctionName']}" in names
            assert "LogGroup" in function["LoggingConfig"]


def test_every_function_is_traced_and_runs_on_the_version_its_byte_code_is_for(
    templates: list[Template],
) -> None:
    for template in templates:
        for module, function in template.functions().items():
            assert function["TracingConfig"] == {"Mode": "Active"}
            assert function["Architectures"] == ["arm64"]
            expected = f"python3.{MEDIA_MINOR}" if module == "worker.media" else RUNTIME
            assert function["Runtime"] == expected


def test_workers_get_the_time_and_space_of_a_task(regions: dict[str, Template]) -> None:
    for template in regions.values():
        for module in ("worker.storage", "worker.media"):
            function: dict[str, Any] = template.functions()[module]
            assert function["Timeout"] == 900
            assert function["EphemeralStorage"] == {"Size": 10_240}


def test_a_wildcard_without_a_reason_is_refused(config: Config) -> None:
    stack = StageStack(App(), "probe", config, "eu-west-1", description="a probe")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    with pytest.raises(ValueError, match="nothing says why"):
        stack.allow(role, Grant(("s3:GetObject",), ("arn:aws:s3:::bucket/*",)))
