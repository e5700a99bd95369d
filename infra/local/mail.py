"""Mails of the local stack: who may send and get them, and what was sent."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.request import urlopen

from infra.local.emulator import client


def verify(endpoint_url: str, region: str, sender: str) -> None:
    """Let SES know the sender's domain as verified, as its owner would: all addresses in it may be mailed."""
    ses = client(endpoint_url, "sesv2", region)
    with suppress(ses.exceptions.AlreadyExistsException):
        ses.create_email_identity(EmailIdentity=sender.rpartition("@")[2])


def sent(endpoint_url: str) -> Iterator[dict[str, Any]]:
    """The mails that the emulator has taken since its start, oldest first: Source, To, Subject, BodyText,
    BodyHtml and more."""
    with urlopen(f"{endpoint_url}/_ministack/ses/messages") as answer:  # noqa: S310 - the emulator's own
        by_account = json.load(answer)["messages"]
    for mails in by_account.values():
        yield from mails


def show(endpoint_url: str) -> str:
    """The same as a person reads them."""
    return "\n".join(
        f"To: {', '.join(each['To'])}\nSubject: {each['Subject']}\n\n{each['BodyText']}"
        for each in sent(endpoint_url)
    )
