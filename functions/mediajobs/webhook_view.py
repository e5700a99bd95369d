"""Webhooks and deliveries as our API shows them."""

from mediajobs import answer
from mediajobs.store.delivery import Delivery, State
from mediajobs.store.webhook import Webhook
from mediajobs.timestamp import to_text


def webhook(row: Webhook) -> answer.Webhook:
    """A webhook; its credentials can be kept by sending them as they show."""
    return {
        "id": row.id,
        "url": row.url,
        "events": sorted(row.events),
        "enabled": row.enabled,
        "disabled_because": row.disabled_because,
        "description": row.description,
        "format": row.format,
        "credentials": {"sealed": "0"} if row.has_credentials else None,
        "previous_secret_until": _time(row.previous_until),
        "created": to_text(row.created),
        "created_by": row.created_by,
        "updated": to_text(row.updated),
    }


def made_webhook(row: Webhook, secret: str) -> answer.MadeWebhook:
    """A webhook with its new secret: the only time that it is shown."""
    return {**webhook(row), "secret": secret}


def delivery(row: Delivery) -> answer.Delivery:
    """A delivery, and what came of its last try."""
    return {
        "id": row.id,
        "message_id": row.message_id,
        "type": row.kind,
        "job_id": row.job_id,
        "webhook_id": row.webhook_id,
        "receiver": row.receiver,
        "url": row.url,
        "status": row.state.value,
        "tries": row.tries,
        "created": to_text(row.created),
        "next_try": to_text(row.not_before or row.created) if row.state is State.PENDING else None,
        "last_try": _last_try(row),
    }


def _last_try(row: Delivery) -> answer.LastTry | None:
    if row.tried is None:
        return None
    return {
        "time": to_text(row.tried),
        "milliseconds": row.took or 0,
        "status": row.answered,
        "response": row.text,
        "error": row.error,
    }


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else to_text(milliseconds)
