"""What may differ between two deployments: one file a stage, `infra/stages/<stage>.json`."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mediajobs.routes import DIALECTS

STAGES = Path(__file__).parent / "stages"

_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]


class Frozen(BaseModel):
    """Read once, never changed, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Size(Frozen):
    """What one invocation of a Lambda function gets."""

    memory_mb: Annotated[int, Field(ge=128, le=10_240)]
    timeout_seconds: Annotated[int, Field(ge=1, le=900)]


class Network(Frozen):
    """Where the containers of a region are; from there they must reach S3, DynamoDB and CloudWatch Logs."""

    vpc_id: Annotated[str, Field(pattern=r"^vpc-[0-9a-f]+$")]
    subnets: Annotated[tuple[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")], ...], Field(min_length=1)]
    #: For subnets whose only way out is an internet gateway.
    public_ip: bool = False


class Fargate(Frozen):
    """The containers of media tasks."""

    #: One with boto3 and the Python that `infra.asset.MEDIA_MINOR` names, for the stage's architecture.
    image: Annotated[str, Field(min_length=1, max_length=512)]
    #: 1024 is one processor.
    cpu: Literal[1024, 2048, 4096, 8192, 16384] = 4096
    memory_mb: Annotated[int, Field(ge=2048, le=122_880, multiple_of=1024)] = 8192
    disk_gb: Annotated[int, Field(ge=21, le=200)] = 100
    #: One for each region.
    networks: Mapping[Region, Network]


class Console(Frozen):
    """The web page in front of the API."""

    #: A domain of your own; its record in DNS is yours to make.
    domain: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")] | None = None
    #: Its certificate, which CloudFront wants in us-east-1.
    certificate_arn: Annotated[str, Field(pattern=r"^arn:aws:acm:us-east-1:\d{12}:certificate/")] | None = (
        None
    )

    @model_validator(mode="after")
    def _domain_has_a_certificate(self) -> Self:
        if (self.domain is None) != (self.certificate_arn is None):
            raise ValueError("console: domain and certificate_arn go together")
        return self


class Throttle(Frozen):
    """How many requests the API takes before it answers 429."""

    requests_per_second: Annotated[int, Field(ge=1)] = 200
    burst: Annotated[int, Field(ge=1)] = 400


class Config(Frozen):
    """One deployment."""

    stage: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]
    #: Where the table, the bus and the API are.
    home_region: Region
    #: Where jobs can run; the home region is one of them only if it is named here.
    regions: Annotated[tuple[Region, ...], Field(min_length=1)]
    #: The account to deploy into; without it the one of the caller's credentials.
    account: Annotated[str, Field(pattern=r"^\d{12}$")] | None = None
    architecture: Literal["arm64", "x86_64"] = "arm64"
    #: Deleting the stack deletes its data; otherwise data is kept, and the stacks resist deletion.
    disposable: bool = False
    #: For the emulator: handlers run on this machine's interpreter and packages.
    local: bool = False
    log_retention_days: Literal[1, 3, 7, 14, 30, 60, 90, 180, 365] = 60
    #: Who is mailed when something ends in a dead-letter queue.
    alarm_email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    #: What the links to pages of docs/ in the alarms begin with, such as where this repository is shown.
    manual_url: Annotated[str, Field(pattern=r"^(https://\S+/)?$")] = ""
    #: A pending job that waits for longer than this is an alarm.
    pending_alarm_minutes: Annotated[int, Field(ge=10)] = 60
    #: Some metrics by organization, each of which CloudWatch charges for: not where there are thousands.
    organization_metrics: bool = True
    #: The vendors' APIs that are spoken beside our own, each a stack.
    dialects: tuple[str, ...] = ()
    #: Without it no console is deployed.
    console: Console | None = None
    #: Where tasks may run beside Lambda, see docs/executors.md; what is not named is not deployed.
    executors: tuple[Literal["fargate", "mediaconvert", "outside"], ...] = ("outside",)
    fargate: Fargate | None = None
    throttle: Throttle = Throttle()
    endpoint: Size = Size(memory_mb=1024, timeout_seconds=29)
    reaction: Size = Size(memory_mb=512, timeout_seconds=30)
    storage_worker: Size = Size(memory_mb=3008, timeout_seconds=900)
    media_worker: Size = Size(memory_mb=3008, timeout_seconds=900)
    #: Space for a task's files in /tmp.
    worker_disk_mb: Annotated[int, Field(ge=512, le=10_240)] = 10_240
    #: Who mails about jobs are from, an identity that SES has verified; without one no mail is sent.
    mail_sender: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    #: Networks that storage tasks and webhooks may reach beside public addresses, on every port.
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @model_validator(mode="after")
    def _regions_differ(self) -> Self:
        if len(set(self.regions)) < len(self.regions):
            raise ValueError("a region is named twice")
        return self

    @model_validator(mode="after")
    def _dialects_are_known_and_differ(self) -> Self:
        if unknown := set(self.dialects) - DIALECTS.keys():
            raise ValueError(f"no dialect is named {min(unknown)}; there are {', '.join(DIALECTS)}")
        if len(set(self.dialects)) < len(self.dialects):
            raise ValueError("a dialect is named twice")
        return self

    @model_validator(mode="after")
    def _fargate_is_whole(self) -> Self:
        networks = self.fargate.networks.keys() if self.fargate else ()
        if "fargate" in self.executors and (missing := set(self.regions) - set(networks)):
            raise ValueError(f"fargate: no network for {min(missing)}")
        return self

    @model_validator(mode="after")
    def _loopback_stays_closed(self) -> Self:
        # In Lambda the runtime's API answers there.
        opened = any(network.overlaps(loop) for network in self.allowed_networks for loop in _LOOPBACK)
        if opened and not self.local:
            raise ValueError("allowed_networks: loopback is opened in local mode only")
        return self

    @classmethod
    def of_stage(cls, stage: str) -> Config:
        """The configuration in the stage's file; FileNotFoundError if there is none."""
        return cls.model_validate_json((STAGES / f"{stage}.json").read_text())
