"""One try to deliver: whom, what, and what comes of it."""

import base64
import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mediajobs import mail, secret, signature
from mediajobs.backoff import MAX_TRIES, pause
from mediajobs.callback import Callback, format_of, of_kind, of_ours
from mediajobs.errors import ToolError
from mediajobs.event import Event
from mediajobs.log import bind, logger
from mediajobs.mail import MailRefused
from mediajobs.message import PING
from mediajobs.notification import MAX_DELAY, wake
from mediajobs.receiver import DIGEST, MAIL
from mediajobs.settings import settings
from mediajobs.store import delivery as deliveries
from mediajobs.store import job as jobs
from mediajobs.store import webhook as webhooks
from mediajobs.store.delivery import GRACE, Delivery, Outcome, State
from mediajobs.store.job import Detail
from mediajobs.store.pack import unpack
from mediajobs.store.webhook import Webhook
from mediajobs.timestamp import SECOND, now, to_text
from mediajobs.transfer.address import Policy
from mediajobs.transfer.post import PORTS, Login, post

_GONE = 410


class Undeliverable(Exception):
    """There is nobody, or nothing, to tell any more."""


@dataclass(frozen=True)
class Receiver:
    """Whom a message goes to, its secrets in clear."""

    #: With `digest:` where it is asked for; without secrets.
    url: str
    format: str
    secrets: Mapping[str, str]
    #: What to sign with.
    keys: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The URL that is called: a secret."""
        url, query = self.url.removeprefix(DIGEST), self.secrets.get("query")
        return f"{url}?{query}" if query else url

    @property
    def login(self) -> Login | None:
        """Who we are there."""
        if "username" not in self.secrets:
            return None
        user, password = self.secrets["username"], self.secrets.get("password", "")
        return Login(user, password, is_digest=self.url.startswith(DIGEST))

    @property
    def headers(self) -> dict[str, str]:
        """What is sent along."""
        given: dict[str, str] = json.loads(self.secrets.get("headers", "{}"))
        return {name.lower(): value for name, value in given.items()}

    def without_secrets(self, text: str) -> str:
        """A text that may repeat what was sent, without what is secret in it."""
        login = self.login
        hidden = {*self.headers.values(), *self.keys, self.secrets.get("query", "")}
        if login is not None:
            pair = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
            hidden |= {login.username, login.password, pair}
        for each in sorted(hidden, key=len, reverse=True):
            if len(each) > 2:
                text = text.replace(each, "***")
        return re.sub(r"(?i)(digest\s+username=)[^\r\n]*", r"\1***", text)


def attempt(owner: str, sort: str) -> Delivery | None:
    """Try once to deliver what is owed, unless it is not owed, or not yet, or somebody else tries."""
    found = deliveries.find(owner, sort)
    if found is None or found.state is not State.PENDING or found.not_before > now():
        return None
    claimed = deliveries.claim(found, at=now())
    if claimed is None:
        return None
    bind(organization=claimed.organization, job=claimed.job_id, delivery=claimed.id)
    begun = now()
    hook = _webhook(claimed)
    try:
        if claimed.tries - claimed.tries_before > MAX_TRIES:
            raise Undeliverable("the tries ended without a word")
        outcome, is_final = _try(claimed, hook, begun)
    except Undeliverable as gone:
        outcome, is_final = Outcome(begun, 0, error=str(gone)), True
    logger.info(
        "tried to deliver",
        tries=claimed.tries,
        status=outcome.answered,
        error=outcome.error,
    )
    _conclude(claimed, outcome, is_final=is_final)
    if outcome.answered == _GONE and hook is not None:
        webhooks.disable(hook, "the receiver answered 410: gone", at=now())
    return claimed


def _try(delivery: Delivery, hook: Webhook | None, begun: int) -> tuple[Outcome, bool]:
    """What came of it, and whether that is final."""
    detail, event = _about(delivery)
    if delivery.url.startswith(MAIL):
        if detail is None or event is None:
            raise Undeliverable("the job has expired")
        try:
            text = mail.send(delivery.url.removeprefix(MAIL), detail, event)
        except MailRefused as refused:
            return Outcome(begun, now() - begun, error=str(refused)), refused.is_final
        return Outcome(begun, now() - begun, text=text), True
    receiver = _receiver(delivery, hook, detail)
    made = _message(delivery, receiver, detail, event)
    seconds = begun // SECOND
    headers = {
        **made.headers,
        **receiver.headers,
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(seconds),
    }
    if receiver.keys:
        headers["webhook-signature"] = signature.sign(delivery.message_id, seconds, made.body, receiver.keys)
    try:
        answer = post(
            receiver.target, made.body, headers, login=receiver.login, policy=_policy(receiver.target)
        )
    except ToolError as error:
        return Outcome(begun, now() - begun, error=receiver.without_secrets(f"{error.code}: {error}")), False
    is_taken = 200 <= answer.status < 300
    outcome = Outcome(
        begun,
        now() - begun,
        answered=answer.status,
        text=receiver.without_secrets(answer.text) or None,
        error=None if is_taken else f"the receiver answered {answer.status}",
    )
    return outcome, is_taken or answer.status == _GONE


def _conclude(delivery: Delivery, outcome: Outcome, *, is_final: bool) -> None:
    if is_final:
        (deliveries.delivered if outcome.error is None else deliveries.park)(delivery, outcome)
        return
    # Jitter is no secret.
    wait = pause(delivery.tries - delivery.tries_before, random.random())  # noqa: S311
    if wait is None:
        deliveries.park(delivery, outcome)
        return
    until = now() + wait
    delay = -(-wait // SECOND)
    is_near = delay <= MAX_DELAY
    look = until + GRACE if is_near else until
    if deliveries.postpone(delivery, outcome, until=until, look=look) and is_near:
        wake(delivery, delay)


def _about(delivery: Delivery) -> tuple[Detail | None, Event | None]:
    if delivery.job_id is None or delivery.sequence is None:
        return None, None
    event = next(jobs.events(delivery.organization, delivery.job_id, delivery.sequence - 1), None)
    return jobs.detail(delivery.organization, delivery.job_id), event


def _webhook(delivery: Delivery) -> Webhook | None:
    if delivery.webhook_id is None:
        return None
    return webhooks.find(delivery.organization, delivery.webhook_id)


def _receiver(delivery: Delivery, hook: Webhook | None, detail: Detail | None) -> Receiver:
    if delivery.webhook_id is not None:
        if hook is None or not (hook.enabled or delivery.kind == PING):
            raise Undeliverable("the webhook was deleted or disabled")
        secrets = secret.unseal(hook.organization, hook.id, hook.sealed, of="webhook")
        keys = [secrets["secret"]]
        if "previous" in secrets and (hook.previous_until or 0) > now():
            keys.append(secrets["previous"])
        return Receiver(hook.url, hook.format, secrets, tuple(keys))
    if detail is None or delivery.receiver is None or delivery.job_id is None:
        raise Undeliverable("the job has expired")
    row = unpack(detail.spec["notify"])[delivery.receiver]
    secrets = {}
    if "credentials" in row:
        sealed = jobs.credentials(delivery.organization, delivery.job_id)[row["credentials"]["sealed"]]
        secrets = secret.unseal(delivery.organization, delivery.job_id, sealed)
    keys = [secrets["secret"]] if "secret" in secrets else []
    return Receiver(row["url"], row["format"], secrets, tuple(keys))


def _message(delivery: Delivery, receiver: Receiver, detail: Detail | None, event: Event | None) -> Callback:
    if delivery.kind == PING:
        told = {"time": to_text(delivery.created), "webhook_id": delivery.webhook_id}
        return of_ours(PING, told, None)
    if event is None or detail is None:
        raise Undeliverable("the job has expired")
    if delivery.kind.startswith("task."):
        return of_kind(delivery.kind, detail, event)
    return format_of(receiver.format)(detail, event)


def _policy(url: str) -> Policy:
    """Public addresses under TLS; in clear only the networks that the deployment has opened."""
    ports: frozenset[int] = PORTS if url.startswith("https://") else frozenset()
    return Policy(settings().allowed_networks, ports)
