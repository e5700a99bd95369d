"""The jobs table as data: keys, indexes and limits, read by the store, the stacks and the tests."""

import unicodedata
from dataclasses import dataclass

PARTITION_KEY = "pk"
SORT_KEY = "sk"
#: Seconds since the epoch, as DynamoDB's time to live wants them.
TTL = "ttl"

#: Shards of the due index: its writes spread over as many partitions.
DUE_SHARDS = 8
#: Those of the deliveries, apart from the jobs': a receiver that is away must not hold up jobs.
DELIVERY_SHARDS = 4

#: What a list shows and filters by; nothing here changes while a task runs.
LISTED = (
    "status",
    "attempt",
    "region",
    "priority",
    "tools",
    "started",
    "ended",
    "failure_code",
    "tags",
    "bundle_id",
    "template_id",
    "input_name",
    "user_data",
    "labels",
    "ttl",
)


@dataclass(frozen=True)
class Index:
    """A global secondary index; only rows that carry both keys are in it."""

    name: str
    partition_key: str
    sort_key: str
    #: "S" or "N".
    sort_type: str = "S"
    #: Attributes beside the keys.
    projects: tuple[str, ...] = ()


#: An organization's jobs by submission: a job's id is a UUID version 7, so it sorts by time.
BY_SUBMITTED = Index("by-submitted", "organization", "id", projects=LISTED)
#: The same, of one status.
BY_STATUS = Index("by-status", "organization_status", "id", projects=LISTED)
#: The jobs of a bundle by submission; a job without one is not in it.
BY_BUNDLE = Index("by-bundle", "organization_bundle", "id", projects=LISTED)
#: The pending jobs of a pool, in the order they should start.
PENDING = Index("pending", "pool", "rank")
#: Whatever is owed, by when (milliseconds since the epoch).
DUE = Index("due", "due_shard", "due", sort_type="N")

INDEXES = (BY_SUBMITTED, BY_STATUS, BY_BUNDLE, PENDING, DUE)


def job_key(organization: str, job_id: str) -> str:
    """The partition of a job: its rows are JOB, SPEC, SECRET, TASK#attempt#index, EVENT#sequence, and
    WORK#attempt#index while a task waits for an outside worker."""
    return f"ORG#{organization}#JOB#{job_id}"


def pool_key(organization: str, region: str) -> str:
    """The partition of a pool: its rows are POOL and EVENT#sequence."""
    return f"ORG#{organization}#POOL#{region}"


def webhook_key(organization: str, webhook_id: str) -> str:
    """The partition of a webhook's deliveries; its rows are DELIVERY#id."""
    return f"ORG#{organization}#WEBHOOK#{webhook_id}"


def idempotency_key(organization: str, digest: str) -> str:
    """The partition of one Idempotency-Key; its row is IDEMPOTENCY."""
    return f"ORG#{organization}#IDEMPOTENCY#{digest}"


def organization_key(organization: str) -> str:
    """The partition of an organization. Its rows are ORGANIZATION; for each of its keys KEYREF#id; BUNDLES,
    and for each of them BUNDLE#id, BUNDLENAME#name and BUNDLENUMBER#number; for each of its templates
    TEMPLATE#name and TEMPLATEVERSION#name#number; for each kind of documents DOCUMENTS#kind and
    DOCUMENT#kind#number; for each of its secrets SECRET#name; for each of its triggers TRIGGER#id."""
    return f"ORG#{organization}"


def organization_name_key(name: str) -> str:
    """The partition of an organization's name, in whatever case; its row is NAME."""
    return f"NAME#{unicodedata.normalize('NFC', name).casefold()}"


def api_key_key(key_id: str) -> str:
    """The partition of an API key, which is looked up before its organization is known; its row is KEY."""
    return f"KEY#{key_id}"


def usage_key(organization: str) -> str:
    """The partition of what an organization consumed; its rows are ALL#month and TAG#tag#month."""
    return f"ORG#{organization}#USAGE"


def limit_key(organization: str, key_id: str) -> str:
    """The partition of an API key's rate limits; its rows are LIMIT#name."""
    return f"ORG#{organization}#LIMIT#{key_id}"


#: The partition of what belongs to the deployment itself; its rows are SIGNING, ORGANIZATIONS, and
#: for each of those ORGANIZATION#number.
DEPLOYMENT_KEY = "DEPLOYMENT"
