"""The environment, read here and nowhere else."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from mediajobs.errors import MediajobsError


class SettingMissing(MediajobsError):
    """A variable that this function needs is not in its environment."""


@dataclass(frozen=True)
class Settings:
    """What a function knows of its deployment; each property names its variable in upper case."""

    environment: Mapping[str, str]

    def _get(self, name: str) -> str:
        try:
            return self.environment[name]
        except KeyError:
            raise SettingMissing(f"{name} is not set") from None

    @property
    def stage(self) -> str:
        """The deployment's name, such as `prod`."""
        return self._get("STAGE")

    @property
    def home_region(self) -> str:
        """The region of the table, the bus, the queues and the API."""
        return self._get("HOME_REGION")

    @property
    def region(self) -> str:
        """The region this function runs in; Lambda sets it."""
        return self._get("AWS_REGION")

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that jobs can run in."""
        return tuple(self._get("REGIONS").split(","))

    @property
    def default_region(self) -> str:
        """Where jobs run if neither they nor their organization name a region: the home region if it has
        workers, otherwise the first one that has."""
        return self.home_region if self.home_region in self.regions else self.regions[0]

    @property
    def has_organization_metrics(self) -> bool:
        """Whether some metrics are kept by organization; each of those is paid for."""
        return self.environment.get("ORGANIZATION_METRICS", "yes") == "yes"

    @property
    def table_name(self) -> str:
        """The jobs table, in the home region."""
        return self._get("TABLE_NAME")

    @property
    def event_bus_name(self) -> str:
        """The bus on which status changes are announced, in the home region."""
        return self._get("EVENT_BUS_NAME")

    @property
    def dispatch_queue_url(self) -> str:
        """The FIFO queue with one message group a pool, in the home region."""
        return self._get("DISPATCH_QUEUE_URL")

    @property
    def secret_key_arn(self) -> str:
        """The KMS key of the jobs' credentials, in the home region."""
        return self._get("SECRET_KEY_ARN")

    def workspace_bucket_of(self, region: str) -> str:
        """Where the tasks of a region's jobs pass files to each other."""
        return self._get("WORKSPACE_BUCKETS").replace("{region}", region)

    def media_bucket_of(self, region: str) -> str:
        """Where the organizations keep media in another region, as the API's functions know it."""
        return self._get("MEDIA_BUCKETS").replace("{region}", region)

    @property
    def endpoint_url(self) -> str | None:
        """Where AWS is, if it is not AWS: the emulator's address."""
        return self.environment.get("AWS_ENDPOINT_URL")

    @property
    def media_bucket(self) -> str:
        """Where the organizations keep media in this region, each under its own prefix."""
        return self._get("MEDIA_BUCKET")

    @property
    def allowed_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Networks that jobs may reach beside public addresses, as CIDRs; none unless set.

        It opens a platform team's own private network, on every port. Whoever may submit a job can then
        reach whatever listens there: never open loopback in Lambda, where its runtime API answers.
        """
        listed = self.environment.get("ALLOWED_NETWORKS", "")
        return tuple(ip_network(network.strip()) for network in listed.split(",") if network.strip())

    @property
    def notify_queue_url(self) -> str:
        """The queue with a message for each try to deliver, in the home region."""
        return self._get("NOTIFY_QUEUE_URL")

    @property
    def trigger_failed_queue_url(self) -> str:
        """The queue of the events that can make no job, in the home region."""
        return self._get("TRIGGER_FAILED_QUEUE_URL")

    @property
    def mail_sender(self) -> str | None:
        """Who mails are from; a deployment without one sends none."""
        return self.environment.get("MAIL_SENDER") or None

    @property
    def executors(self) -> frozenset[str]:
        """The executors that this deployment has beside Lambda."""
        return frozenset(filter(None, self.environment.get("EXECUTORS", "").split(",")))

    @property
    def outside_log_group(self) -> str:
        """Where the lines of the outside workers go, in the home region."""
        return self._get("OUTSIDE_LOG_GROUP")

    @property
    def convert_role_arn(self) -> str:
        """The role under which MediaConvert reads and writes the workspace of this region."""
        return self._get("CONVERT_ROLE_ARN")

    @property
    def convert_queue_arn(self) -> str:
        """Where MediaConvert's jobs of this region wait."""
        return self._get("CONVERT_QUEUE_ARN")

    @property
    def container_task(self) -> dict[str, Any]:
        """The task that a container is started for, as the state machine tells a worker."""
        task: dict[str, Any] = json.loads(self._get("TASK"))
        return task

    @property
    def container_mb(self) -> int:
        """The memory of a container."""
        return int(self._get("CONTAINER_MB"))

    @property
    def container_metadata(self) -> str:
        """Where a container learns about itself; ECS sets it."""
        return self._get("ECS_CONTAINER_METADATA_URI_V4")

    def state_machine_arn(self, region: str) -> str:
        """The state machine that runs the jobs of a region."""
        return self._get("STATE_MACHINE_ARN").replace("{region}", region)

    def inspector_arn(self, region: str) -> str:
        """The function that looks at what the jobs of a region name."""
        return self._get("INSPECTOR_ARN").replace("{region}", region)

    @property
    def worker_mb(self) -> dict[str, int]:
        """The memory of each worker."""
        return {
            "storage": int(self._get("STORAGE_WORKER_MB")),
            "media": int(self._get("MEDIA_WORKER_MB")),
        }

    @property
    def dialects(self) -> tuple[str, ...]:
        """The dialects that the deployment speaks."""
        return tuple(filter(None, self._get("DIALECTS").split(",")))

    def endpoint_function(self, name: str) -> str:
        """The function of a route by its name, such as `api.submit_job`."""
        return self._get("ENDPOINT_FUNCTION").replace("{name}", name.replace(".", "-").replace("_", "-"))

    @property
    def log_group_name(self) -> str:
        """This function's log group; Lambda sets it."""
        return self._get("AWS_LAMBDA_LOG_GROUP_NAME")

    @property
    def log_stream_name(self) -> str:
        """This execution environment's log stream; Lambda sets it."""
        return self._get("AWS_LAMBDA_LOG_STREAM_NAME")


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings(os.environ)


def adopt(environment: Mapping[str, str]) -> None:
    """Let this process know what another one is told, such as a deployed function."""
    os.environ.update(environment)
