"""Every name and ARN of a deployment, known beforehand, so that no stack waits for another."""

from dataclasses import dataclass

from infra.config import Config
from mediajobs import stage


@dataclass(frozen=True)
class Names:
    """The names of one deployment; the account and partition may be CDK tokens."""

    config: Config
    account: str
    partition: str

    @property
    def prefix(self) -> str:
        """What every name begins with."""
        return stage.prefix(self.config.stage)

    @property
    def table(self) -> str:
        return f"{self.prefix}-jobs"

    @property
    def bus(self) -> str:
        return self.prefix

    @property
    def state_machine(self) -> str:
        return self.prefix

    @property
    def secret_key_alias(self) -> str:
        """The key of the jobs' credentials; an alias, because a key's own id is not known in advance."""
        return f"alias/{self.prefix}"

    def function(self, module: str) -> str:
        """The function that runs a module under `mediajobs`, such as `api.submit_job`."""
        return stage.function(self.config.stage, module)

    @property
    def access_log(self) -> str:
        """The log group of the API's requests."""
        return f"/mediajobs/{self.config.stage}/access"

    def log_group(self, module: str) -> str:
        return f"/aws/lambda/{self.function(module)}"

    @property
    def outside_log_group(self) -> str:
        """Where the lines of the outside workers go, in the home region."""
        return f"/mediajobs/{self.config.stage}/outside"

    @property
    def cluster(self) -> str:
        return self.prefix

    @property
    def container(self) -> str:
        """The family of the task definitions of the media worker's container."""
        return f"{self.prefix}-worker"

    @property
    def container_log_group(self) -> str:
        """Where the lines of the containers go, in their own region."""
        return f"/mediajobs/{self.config.stage}/container"

    def convert_queue_arn(self, region: str) -> str:
        """Where MediaConvert's jobs of a region wait."""
        return self.arn("mediaconvert", region, f"queues/{self.prefix}")

    def bucket(self, purpose: str, region: str) -> str:
        """The workspace or media bucket of a region."""
        return f"{self.prefix}-{purpose}-{self.account}-{region}"

    def queue(self, purpose: str) -> str:
        return stage.queue(self.config.stage, purpose)

    def arn(self, service: str, region: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{resource}"

    @property
    def table_arn(self) -> str:
        return self.arn("dynamodb", self.config.home_region, f"table/{self.table}")

    def index_arn(self, index: str) -> str:
        return f"{self.table_arn}/index/{index}"

    @property
    def bus_arn(self) -> str:
        return self.arn("events", self.config.home_region, f"event-bus/{self.bus}")

    def queue_arn(self, purpose: str, region: str) -> str:
        return self.arn("sqs", region, self.queue(purpose))

    @property
    def secret_key_arn(self) -> str:
        """The alias's ARN: what a caller of KMS names, though not what a policy can name."""
        return self.arn("kms", self.config.home_region, self.secret_key_alias)

    def state_machine_arn(self, region: str) -> str:
        return self.arn("states", region, f"stateMachine:{self.state_machine}")

    def execution_arn(self, region: str) -> str:
        """All executions of a region's machine."""
        return self.arn("states", region, f"execution:{self.state_machine}:*")

    def function_arn(self, module: str, region: str) -> str:
        return self.arn("lambda", region, f"function:{self.function(module)}")

    def log_streams_arn(self, module: str, region: str) -> str:
        """All streams of a function's log group."""
        return self.arn("logs", region, f"log-group:{self.log_group(module)}:log-stream:*")

    def bucket_arn(self, purpose: str, region: str) -> str:
        return f"arn:{self.partition}:s3:::{self.bucket(purpose, region)}"
