"""An organization's webhooks: making, changing and trying them; their secrets are only stored encrypted."""

import json
from dataclasses import replace
from typing import Any, Self

from pydantic import Field, model_validator

from mediajobs import notification, secret, signature
from mediajobs.errors import Conflict, FieldError, InvalidRequest, NotFound
from mediajobs.identifier import is_id, new_id
from mediajobs.message import PING, Kind
from mediajobs.receiver import (
    DIGEST,
    MAIL,
    Format,
    HeaderName,
    HeaderValue,
    Sealed,
    check_headers,
    take_apart,
)
from mediajobs.settings import settings
from mediajobs.store import delivery as deliveries
from mediajobs.store import webhook as webhooks
from mediajobs.store.delivery import Delivery
from mediajobs.store.webhook import Webhook
from mediajobs.store.write import ConditionFailed
from mediajobs.table import webhook_key
from mediajobs.timestamp import now
from mediajobs.tools.tool import Model
from mediajobs.transfer.url import origin

MAX_WEBHOOKS = 20
#: Bytes of the credentials as JSON: with the signing secrets beside them, KMS takes no more.
MAX_CREDENTIALS = 3_800
#: Stands for a webhook's credentials where they are shown.
SEALED = "0"

_ENDS: list[Kind] = ["job.success", "job.failed", "job.cancelled"]


class WebhookSpec(Model):
    """Who is told of an organization's jobs, and of what."""

    url: str = Field(
        max_length=2048,
        description="`https://…` or `digest:https://user:password@…`; user and password, and what follows"
        " `?`, are kept as credentials",
    )
    events: list[Kind] = Field(_ENDS, min_length=1, max_length=7, description="what it is told of")
    enabled: bool = True
    description: str | None = Field(None, max_length=1024)
    format: Format = Field("mediajobs", description="whose words the messages about jobs are in")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, max_length=20, description="sent along; kept as credentials"
    )
    credentials: Sealed | None = Field(
        None, description="what shows as sealed, to be kept with a URL of the same origin"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.url.startswith(MAIL):
            raise ValueError("a webhook's url is https://… or digest:https://user:password@…")
        known = take_apart(self.url)
        if self.credentials is not None and (known.secrets or self.headers):
            raise ValueError("credentials are kept, or given anew: not both")
        if self.url.startswith(DIGEST) and not self.credentials and "password" not in known.secrets:
            raise ValueError("digest: needs a user and a password in the URL")
        check_headers(self.headers)
        if len(json.dumps(self.secrets())) > MAX_CREDENTIALS:
            raise ValueError(f"credentials take at most {MAX_CREDENTIALS} bytes together")
        return self

    def secrets(self) -> dict[str, str]:
        """What is to be sealed, in clear."""
        found = dict(take_apart(self.url).secrets)
        if self.headers:
            headers = {name: value.get_secret_value() for name, value in self.headers.items()}
            found["headers"] = json.dumps(headers)
        return found


def create(organization: str, spec: WebhookSpec, *, by: str) -> tuple[Webhook, str]:
    """A new webhook and its signing secret, which is never shown again. Raises InvalidRequest, Conflict."""
    _check(spec)
    if spec.credentials is not None:
        raise _refused("/credentials", "there are none to keep yet")
    if len(webhooks.every(organization)) >= MAX_WEBHOOKS:
        raise Conflict(f"An organization has at most {MAX_WEBHOOKS} webhooks")
    at, key = now(), signature.new_secret()
    made = Webhook(
        organization=organization,
        id=new_id(at),
        created=at,
        created_by=by,
        updated=at,
        sealed=b"",
        **_properties(spec),
        has_credentials=bool(spec.secrets()),
    )
    made = replace(made, sealed=_seal(made, {**spec.secrets(), "secret": key}))
    webhooks.create(made)
    return made, key


def find(organization: str, webhook_id: str) -> Webhook:
    """A webhook. Raises NotFound."""
    found = webhooks.find(organization, webhook_id) if is_id(webhook_id) else None
    if found is None:
        raise NotFound("There is no such webhook")
    return found


def change(organization: str, webhook_id: str, spec: WebhookSpec) -> Webhook:
    """Give a webhook these properties; its signing secrets stay. Raises NotFound, InvalidRequest."""
    _check(spec)
    while True:
        old = find(organization, webhook_id)
        known = _unseal(old)
        keys = {name: text for name, text in known.items() if name in ("secret", "previous")}
        own = spec.secrets()
        if spec.credentials is not None:
            kept = {name: text for name, text in known.items() if name not in keys}
            if not kept or spec.credentials.sealed != SEALED:
                raise _refused("/credentials", "there are none to keep")
            url = take_apart(spec.url).url
            if origin(url.removeprefix(DIGEST)) != origin(old.url.removeprefix(DIGEST)):
                rule = f"kept only for {origin(old.url.removeprefix(DIGEST))}; give them anew"
                raise _refused("/credentials", rule)
            own = kept
        changes = {
            **_properties(spec),
            "disabled_because": None if spec.enabled else old.disabled_because,
            "has_credentials": bool(own),
            "sealed": _seal(old, {**own, **keys}),
        }
        try:
            return webhooks.change(old, at=now(), **changes)
        except ConditionFailed:
            continue


def rotate(organization: str, webhook_id: str, *, overlap: int) -> tuple[Webhook, str]:
    """A new signing secret; messages are signed with the one before it too for `overlap` milliseconds. Raises
    NotFound."""
    while True:
        old, at, key = find(organization, webhook_id), now(), signature.new_secret()
        known = _unseal(old)
        sealed = _seal(old, {**known, "secret": key, "previous": known["secret"]})
        try:
            return webhooks.change(old, at=at, previous_until=at + overlap, sealed=sealed), key
        except ConditionFailed:
            continue


def ping(organization: str, webhook_id: str) -> Delivery:
    """Owe the webhook a message that tells of nothing, also if it is disabled. Raises NotFound."""
    found, at = find(organization, webhook_id), now()
    name = new_id(at)
    made = Delivery(
        owner=webhook_key(organization, webhook_id),
        id=name,
        organization=organization,
        message_id=f"msg_{name}",
        kind=PING,
        webhook_id=webhook_id,
        url=found.url,
        created=at,
    )
    deliveries.create(made)
    notification.wake(made)
    return made


def redeliver(organization: str, webhook_id: str, delivery_id: str) -> Delivery:
    """Owe a delivery again, under the same message id. Raises NotFound, Conflict if it is still owed."""
    find(organization, webhook_id)
    owner = webhook_key(organization, webhook_id)
    found = deliveries.of_id(owner, delivery_id) if is_id(delivery_id) else None
    if found is None:
        raise NotFound("There is no such delivery")
    again = deliveries.ask_again(found, at=now())
    if again is None:
        raise Conflict("The delivery is still being tried")
    notification.wake(again)
    return again


def _check(spec: WebhookSpec) -> None:
    """Raises InvalidRequest if this deployment does not call such a URL."""
    if spec.url.removeprefix(DIGEST).startswith("http://") and not settings().allowed_networks:
        raise _refused("/url", "https:// only")


def _properties(spec: WebhookSpec) -> dict[str, Any]:
    return {
        "url": take_apart(spec.url).url,
        "events": frozenset(spec.events),
        "format": spec.format,
        "enabled": spec.enabled,
        "description": spec.description,
    }


def _seal(webhook: Webhook, fields: dict[str, str]) -> bytes:
    return secret.seal(webhook.organization, webhook.id, fields, of="webhook")


def _unseal(webhook: Webhook) -> dict[str, str]:
    return secret.unseal(webhook.organization, webhook.id, webhook.sealed, of="webhook")


def _refused(pointer: str, rule: str) -> InvalidRequest:
    return InvalidRequest("The webhook breaks a rule", fields=[FieldError(pointer, rule)])
