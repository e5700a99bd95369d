"""Who called what of AWS while a handler was at work, to be held against what the handler may do."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any

from infra.config import Config
from infra.name import Names
from infra.permission.grant import Needs
from mediajobs import aws
from mediajobs.routes import Route
from tests.moto_account import ACCOUNT, OTHER_REGION, REGION

NAMES = Names(
    Config(
        stage="test",
        home_region=REGION,
        regions=(REGION, OTHER_REGION),
        mail_sender="mediajobs@example.com",
    ),
    ACCOUNT,
    "aws",
)

#: S3 operations that have another action's name.
_S3 = {
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
}

Use = tuple[str, str, str]


def uses(service: str, operation: str, given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The actions that IAM checks for a call, each with the resource."""
    match service:
        case "dynamodb" if operation == "TransactWriteItems":
            for item in given["TransactItems"]:
                ((verb, _),) = item.items()
                yield f"dynamodb:{verb}Item", NAMES.table_arn
        case "dynamodb":
            index = given.get("IndexName")
            yield f"dynamodb:{operation}", NAMES.index_arn(index) if index else NAMES.table_arn
        case "events":
            yield f"events:{operation}", NAMES.bus_arn
        case "sqs":
            queue = given["QueueUrl"].rpartition("/")[2]
            yield f"sqs:{operation}", NAMES.queue_arn(queue, REGION)
        case "stepfunctions":
            # A task's token is not a resource.
            yield f"states:{operation}", given.get("stateMachineArn") or given.get("executionArn", "*")
        case "logs" if "logStreamName" in given and operation != "GetLogEvents":
            group, stream = given["logGroupName"], given["logStreamName"]
            place = f"log-group:{group}:log-stream:{stream}"
            yield f"logs:{operation}", NAMES.arn("logs", REGION, place)
        case "lambda":
            yield "lambda:InvokeFunction", given["FunctionName"]
        case "kms":
            yield f"kms:{operation}", NAMES.arn("kms", REGION, "key/of-the-credentials")
        case "sesv2":
            identity = given.get("EmailIdentity") or given["FromEmailAddress"]
            yield f"ses:{operation}", NAMES.arn("ses", REGION, f"identity/{identity}")
        case "logs":
            yield f"logs:{operation}", NAMES.log_streams_arn("worker.media", REGION).replace("*", "stream")
        case "s3":
            bucket = NAMES.bucket_arn(given["Bucket"], REGION)
            action = _S3.get(operation, operation)
            yield f"s3:{action}", bucket if action == "ListBucket" else f"{bucket}/{_key(given)}"
        case _:
            raise AssertionError(f"{service} is not known here")


def _key(given: dict[str, Any]) -> str:
    return str(given.get("Key") or given["Delete"]["Objects"][0]["Key"])


class Ledger:
    """Who called what, while a handler was at work."""

    def __init__(self) -> None:
        self.used: set[Use] = set()
        self._at_work: list[str] = []

    def note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if self._at_work:
            service = model.service_model.service_name
            for action, resource in uses(service, model.name, params):
                self.used.add((self._at_work[-1], action, resource))

    def watched(self, call: Callable[..., Any], module: Callable[..., str]) -> Callable[..., Any]:
        def watch(*given: Any, **named: Any) -> Any:
            self._at_work.append(module(*given, **named))
            try:
                return call(*given, **named)
            finally:
                self._at_work.pop()

        return watch

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note the calls of whatever is watched."""
        events = aws.session().get_component("event_emitter")
        events.register("before-parameter-build", self.note)
        # Clients take their session's hooks over when they are made.
        for cached in (aws.client, aws.media_client, aws.function_client):
            cached.cache_clear()
        yield
        events.unregister("before-parameter-build", self.note)
        for cached in (aws.client, aws.media_client):
            cached.cache_clear()

    def forbidden(self, permitted: Mapping[str, Needs]) -> set[Use]:
        """What was called and is not permitted."""
        return {
            use
            for use in self.used
            if not any(
                use[1] in grant.actions and any(fnmatchcase(use[2], pattern) for pattern in grant.resources)
                for grant in permitted[use[0]].grants
            )
        }

    @property
    def actions(self) -> set[tuple[str, str]]:
        """Who used which action, whatever the resource."""
        return {use[:2] for use in self.used}


def granted(permitted: Mapping[str, Needs]) -> set[tuple[str, str]]:
    """Who may use which action."""
    return {
        (module, action)
        for module, needs in permitted.items()
        for grant in needs.grants
        for action in grant.actions
    }


def meant(routes: Iterable[Route], method: str, path: str) -> str:
    """The name of the route of a request: of several, that with the fewest parameters."""
    segments = path.partition("?")[0].rstrip("/").split("/")[1:]
    found = [
        (len(parameters), route.name)
        for route in routes
        if route.method == method and (parameters := route.match(segments)) is not None
    ]
    return min(found)[1]
