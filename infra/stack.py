"""What the stacks of a deployment have in common: place, names, tags, and how long things are kept."""

import platform

from aws_cdk import (
    Acknowledgment,
    App,
    DefaultStackSynthesizer,
    Environment,
    RemovalPolicy,
    Stack,
    Tags,
    Token,
    Validations,
)
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import IConstruct

from infra.asset import Architecture
from infra.config import Config
from infra.name import Names
from infra.permission.grant import Grant
from mediajobs import stage

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


class StageStack(Stack):
    """A stack of one stage in one region, named `mediajobs-<stage>-<part>`."""

    def __init__(self, app: App, part: str, config: Config, region: str, *, description: str) -> None:
        super().__init__(
            app,
            f"{stage.prefix(config.stage)}-{part}",
            description=description,
            env=Environment(account=config.account, region=region),
            termination_protection=not config.disposable,
            synthesizer=DefaultStackSynthesizer(),
        )
        self.config = config
        self.names = Names(config, self.account, self.partition)
        self.removal = RemovalPolicy.DESTROY if config.disposable else RemovalPolicy.RETAIN
        Tags.of(self).add("project", "mediajobs")
        Tags.of(self).add("stage", config.stage)

    @property
    def architecture(self) -> Architecture:
        """The functions' processor: this machine's in local mode."""
        if not self.config.local:
            return self.config.architecture
        return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"

    def log_group(self, id_: str, name: str) -> logs.LogGroup:
        """A log group that forgets after the configured time."""
        return logs.LogGroup(
            self,
            id_,
            log_group_name=name,
            retention=_RETENTION[self.config.log_retention_days],
            removal_policy=self.removal,
        )

    def allow(self, role: iam.Role, grant: Grant) -> None:
        """Give a role these actions; ValueError for a wildcard without a reason."""
        role.add_to_policy(
            iam.PolicyStatement(
                actions=list(grant.actions), resources=list(grant.resources), conditions=grant.conditions
            )
        )
        for resource in grant.resources:
            if "*" in resource:
                if grant.reason is None:
                    raise ValueError(f"{resource} is a wildcard, and nothing says why")
                acknowledge(role, f"AwsSolutions-IAM5[Resource::{self.as_read(resource)}]", grant.reason)

    def as_read(self, resource: str) -> str:
        """An ARN as cdk-nag writes it, without CDK's tokens."""
        for token, name in ((self.partition, "AWS::Partition"), (self.account, "AWS::AccountId")):
            if Token.is_unresolved(token):
                resource = resource.replace(token, f"<{name}>")
        return resource


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept a finding of cdk-nag on a construct and all below it."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))
