"""Webhooks and deliveries, as our API answers them."""

from typing import Annotated, Literal

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Id, NextToken, Time


class Webhook(TypedDict):
    """A webhook, without its secrets."""

    id: Id
    url: Annotated[str, About("without what may be secret")]
    events: list[str]
    enabled: bool
    disabled_because: Annotated[str | None, About("why the service has disabled it itself")]
    description: str | None
    format: str
    credentials: Annotated[dict[str, str] | None, About("`sealed`, if it was given any")]
    previous_secret_until: Annotated[
        Time | None, About("until when messages are signed with the secret before the last rotation too")
    ]
    created: Time
    created_by: str
    updated: Time


class MadeWebhook(Webhook):
    """A webhook that has just been made or been given a new secret."""

    secret: Annotated[str, About("its signing secret, shown this once")]


class Webhooks(TypedDict):
    """The organization's webhooks, oldest first."""

    webhooks: list[Webhook]


class LastTry(TypedDict):
    """What came of the last try to deliver."""

    time: Time
    milliseconds: int
    status: Annotated[int | None, About("the HTTP status that was answered")]
    response: Annotated[str | None, About("how the answer begins, without secrets")]
    error: str | None


class Delivery(TypedDict):
    """A message to a receiver, and how far it is."""

    id: Id
    message_id: Annotated[str, About("the `webhook-id`: the same in every try")]
    type: Annotated[str, About("such as `job.success`")]
    job_id: Id | None
    webhook_id: Id | None
    receiver: Annotated[int | None, About("which of the job's own receivers it is for")]
    url: str
    status: Annotated[
        Literal["Pending", "Delivered", "Parked"], About("`Parked`: given up; only redelivering leads on")
    ]
    tries: int
    created: Time
    next_try: Annotated[Time | None, About("not before")]
    last_try: LastTry | None


class DeliveryPage(TypedDict):
    """A page of deliveries, the latest first."""

    deliveries: list[Delivery]
    next_token: NextToken
