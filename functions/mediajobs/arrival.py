"""Events that arrive from outside: whose they are, what names them, and which triggers they match."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.event_pattern import matches
from mediajobs.identifier import is_id
from mediajobs.organization import own_folder
from mediajobs.settings import settings
from mediajobs.store import organization
from mediajobs.store import trigger as triggers
from mediajobs.store.trigger import Trigger

#: What we ourselves put on the bus; it makes no jobs.
OWN = "mediajobs"
#: Receives of an event until its failure is taken for lasting; after some more the queue itself gives it up.
MAX_TRIES = 5


@dataclass(frozen=True)
class Upload:
    """An object that was made in a media bucket, in an organization's own folder."""

    region: str
    bucket: str
    key: str
    #: The key behind the organization's folder.
    name: str


@dataclass(frozen=True)
class Arrival:
    """An event, as EventBridge hands it on, and the organization that it is for."""

    organization: str
    event: Mapping[str, Any]
    #: Follows from what happened: the same however often it is told.
    digest: str
    upload: Upload | None = None

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Arrival | None":
        """The arrival of an event; None if it is for nobody. Raises InvalidRequest if it should say for whom,
        and does not."""
        if event["source"] == OWN:
            return None
        if event["source"] == "aws.s3":
            return cls._of_upload(event)
        named = event["detail"].get("organization_id")
        if not isinstance(named, str) or not is_id(named) or organization.find(named) is None:
            raise InvalidRequest(
                "The event is for no organization",
                fields=[FieldError("/detail/organization_id", "the id of an organization")],
            )
        return cls(named, event, _digest(["event", event["id"]]))

    @classmethod
    def _of_upload(cls, event: Mapping[str, Any]) -> "Arrival | None":
        """The organization follows from the object's key, which only the organization itself can write to."""
        detail = event["detail"]
        bucket, key = detail["bucket"]["name"], detail["object"]["key"]
        regions = [each for each in settings().regions if settings().media_bucket_of(each) == bucket]
        folder, _, name = key.partition("/")
        if event["detail-type"] != "Object Created" or not regions or not is_id(folder) or not name:
            return None
        told = ("version-id", "etag", "sequencer")
        digest = _digest(["object", bucket, key, *(detail["object"].get(each) for each in told)])
        upload = Upload(regions[0], bucket, key, key.removeprefix(own_folder(folder)))
        return cls(folder, event, digest, upload)

    def triggers(self) -> Iterator[Trigger]:
        """The organization's triggers that are enabled and that the event matches."""
        for each in triggers.every(self.organization):
            if each.content.get("enabled", True) and self._is_for(each.content):
                yield each

    def _is_for(self, wanted: Mapping[str, Any]) -> bool:
        if wanted.get("bucket") is None:
            return matches(wanted["pattern"], self.event)
        return (
            self.upload is not None
            and self.upload.bucket == wanted["bucket"]
            and self.upload.name.startswith(wanted.get("prefix", ""))
            and self.upload.name.endswith(wanted.get("suffix", ""))
        )


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
