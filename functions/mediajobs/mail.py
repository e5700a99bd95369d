"""Mails about jobs, by SES: to recipients that the account has verified, and to nobody else."""

from collections.abc import Iterator
from html import escape
from string import Template

from botocore.exceptions import ClientError

from mediajobs.aws import client
from mediajobs.errors import MediajobsError
from mediajobs.event import Event
from mediajobs.settings import settings
from mediajobs.store.job import Detail
from mediajobs.store.pack import unpack
from mediajobs.timestamp import to_text

_SUBJECT = Template("Job $name: $status")
_TEXT = Template("""\
Job $id
Status: $status
$lines

This mail was sent because the job names your address. The job's JSON: GET /jobs/$id
""")
_HTML = Template("""\
<!doctype html>
<html><body style="font-family: sans-serif">
<h2>Job $name: $status</h2>
<table cellpadding="4">
<tr><th align="left">Job</th><td><code>$id</code></td></tr>
$rows
</table>
<p style="color: #666">This mail was sent because the job names your address.</p>
</body></html>
""")


class MailRefused(MediajobsError):
    """SES does not take the mail; the message is its own code, or says who is not verified."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        #: Whether it makes no sense to try again.
        self.is_final = is_final


def send(recipient: str, detail: Detail, event: Event) -> str:
    """Mail a job's change of status; the mail's id. Raises MailRefused."""
    sender = settings().mail_sender
    if sender is None:
        raise MailRefused("this deployment sends no mail", is_final=True)
    ses = client("sesv2", settings().home_region)
    subject, text, html = written(detail, event)
    try:
        if not any(_is_verified(identity) for identity in (recipient, recipient.rpartition("@")[2])):
            raise MailRefused("the recipient is not verified in SES", is_final=True)
        answer = ses.send_email(
            FromEmailAddress=sender,
            Destination={"ToAddresses": [recipient]},
            Content={
                "Simple": {
                    "Subject": {"Data": subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": text, "Charset": "UTF-8"},
                        "Html": {"Data": html, "Charset": "UTF-8"},
                    },
                }
            },
        )
    except ClientError as error:
        raise MailRefused(error.response["Error"]["Code"]) from None
    return str(answer["MessageId"])


def written(detail: Detail, event: Event) -> tuple[str, str, str]:
    """The subject, the text and the HTML of a mail."""
    job = detail.job
    name = " ".join((job.input_name or job.id).split())[:100]
    facts = list(_facts(detail, event))
    common = {"id": job.id, "status": event.status.value}
    return (
        _SUBJECT.substitute(common, name=name),
        _TEXT.substitute(common, lines="\n".join(f"{title}: {value}" for title, value in facts)),
        _HTML.substitute(
            common,
            name=escape(name),
            rows="\n".join(
                f'<tr><th align="left">{title}</th><td>{escape(value)}</td></tr>' for title, value in facts
            ),
        ),
    )


def _facts(detail: Detail, event: Event) -> Iterator[tuple[str, str]]:
    job = detail.job
    if event.reason:
        yield "Reason", event.reason
    if job.input_name:
        yield "Input", job.input_name
    yield "Tasks", ", ".join(task["tool"] for task in unpack(detail.spec["tasks"]))
    yield "Region", job.region
    yield "Submitted", to_text(job.submitted)
    yield "Time", to_text(event.at)
    if job.tags:
        yield "Tags", ", ".join(job.tags)
    if job.user_data:
        yield "User data", job.user_data


def _is_verified(identity: str) -> bool:
    ses = client("sesv2", settings().home_region)
    try:
        answer = ses.get_email_identity(EmailIdentity=identity)
    except ses.exceptions.NotFoundException:
        return False
    return bool(answer["VerifiedForSendingStatus"])
