"""How an organization is set up, as calls: templates, triggers, secrets, webhooks, users and their keys."""

from collections.abc import Mapping
from typing import Any

from mediajobs import answer
from mediajobs.client.call import Call, path_of


def templates(next_token: str | None = None) -> Call[answer.TemplatePage]:
    return Call("GET", "/templates", {"next_token": next_token})


def template(name: str, version: int = 0) -> Call[answer.TemplateVersion]:
    """A version; 0 is the last one."""
    return Call("GET", path_of("/templates", name), {"version": version or None})


def put_template(name: str, body: Mapping[str, Any]) -> Call[answer.TemplateVersion]:
    """The next version, or the last one if it is the same."""
    return Call("PUT", path_of("/templates", name), body=dict(body))


def delete_template(name: str) -> Call[None]:
    return Call("DELETE", path_of("/templates", name))


def triggers() -> Call[answer.Triggers]:
    return Call("GET", "/triggers")


def trigger(trigger_id: str) -> Call[answer.Trigger]:
    return Call("GET", path_of("/triggers", trigger_id))


def create_trigger(body: Mapping[str, Any]) -> Call[answer.Trigger]:
    return Call("POST", "/triggers", body=dict(body))


def put_trigger(trigger_id: str, body: Mapping[str, Any]) -> Call[answer.Trigger]:
    """What is left out takes its default."""
    return Call("PUT", path_of("/triggers", trigger_id), body=dict(body))


def delete_trigger(trigger_id: str) -> Call[None]:
    return Call("DELETE", path_of("/triggers", trigger_id))


def secrets() -> Call[answer.NamedSecrets]:
    """Without their values, which nothing shows."""
    return Call("GET", "/secrets")


def put_secret(name: str, value: str) -> Call[answer.NamedSecret]:
    return Call("PUT", path_of("/secrets", name), body={"value": value})


def delete_secret(name: str) -> Call[None]:
    return Call("DELETE", path_of("/secrets", name))


def webhooks() -> Call[answer.Webhooks]:
    return Call("GET", "/webhooks")


def webhook(webhook_id: str) -> Call[answer.Webhook]:
    return Call("GET", path_of("/webhooks", webhook_id))


def create_webhook(body: Mapping[str, Any]) -> Call[answer.MadeWebhook]:
    """The answer has the signing secret, this once."""
    return Call("POST", "/webhooks", body=dict(body))


def put_webhook(webhook_id: str, body: Mapping[str, Any]) -> Call[answer.Webhook]:
    """What is left out takes its default; the signing secret stays."""
    return Call("PUT", path_of("/webhooks", webhook_id), body=dict(body))


def delete_webhook(webhook_id: str) -> Call[None]:
    return Call("DELETE", path_of("/webhooks", webhook_id))


def rotate_webhook(webhook_id: str, overlap_seconds: int | None = None) -> Call[answer.MadeWebhook]:
    """A new signing secret; the one before is valid for a day, or for so long."""
    return Call("POST", path_of("/webhooks", webhook_id, "rotate"), body=_overlap(overlap_seconds))


def ping_webhook(webhook_id: str) -> Call[answer.Delivery]:
    return Call("POST", path_of("/webhooks", webhook_id, "ping"))


def deliveries(webhook_id: str, next_token: str | None = None) -> Call[answer.DeliveryPage]:
    return Call("GET", path_of("/webhooks", webhook_id, "deliveries"), {"next_token": next_token})


def redeliver(webhook_id: str, delivery_id: str) -> Call[answer.Delivery]:
    return Call("POST", path_of("/webhooks", webhook_id, "deliveries", delivery_id, "redeliver"))


def keys(next_token: str | None = None) -> Call[answer.KeyPage]:
    """Those that were revoked too."""
    return Call("GET", "/keys", {"next_token": next_token})


def create_key(body: Mapping[str, Any]) -> Call[answer.MadeKey]:
    """The answer has the key, this once."""
    return Call("POST", "/keys", body=dict(body))


def rotate_key(key_id: str, overlap_seconds: int | None = None) -> Call[answer.MadeKey]:
    """A new key; the one before is valid for a day, or for so long."""
    return Call("POST", path_of("/keys", key_id, "rotate"), body=_overlap(overlap_seconds))


def revoke_key(key_id: str) -> Call[None]:
    return Call("DELETE", path_of("/keys", key_id))


def organization(organization_id: str) -> Call[answer.Organization]:
    return Call("GET", path_of("/organizations", organization_id))


def create_organization(name: str, admin_user: str) -> Call[answer.MadeOrganization]:
    """The answer has its first ADMIN key, this once."""
    return Call("POST", "/organizations", body={"name": name, "admin_user": admin_user})


def put_organization(organization_id: str, default_region: str | None) -> Call[answer.Organization]:
    return Call("PUT", path_of("/organizations", organization_id), body={"default_region": default_region})


def join(invitation: str) -> Call[answer.Organization]:
    """A role in one more organization, for an invitation of one of its ADMINs."""
    return Call("POST", "/organizations/join", body={"invitation": invitation})


def _overlap(seconds: int | None) -> dict[str, int]:
    return {} if seconds is None else {"overlap_seconds": seconds}
