"""The pages of docs/ that are made from the code: the API's reference, and its limits and error codes.

`make docs` writes them; a test says when they are out of date.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from infra import synchronous
from mediajobs import (
    answer,
    backoff,
    callback,
    download,
    entity_tag,
    errors,
    event_pattern,
    header,
    job,
    named_secret,
    organization,
    page_token,
    parameter,
    payload,
    rate_limit,
    receiver,
    request,
    spec,
    trigger,
    webhook,
)
from mediajobs.api import get_pool, list_bundles, list_events, list_jobs, list_keys, list_templates
from mediajobs.errors import RequestError, ToolError
from mediajobs.event import VERSION
from mediajobs.listing import SORTED_CHARACTERS
from mediajobs.media import ffmpeg, probe
from mediajobs.openapi import document
from mediajobs.schema import PLACE
from mediajobs.store import listing, pool
from mediajobs.store import named_secret as named_secrets
from mediajobs.timestamp import DAY
from mediajobs.tools import credential
from mediajobs.transfer import http, meter, post
from mediajobs.worker import inspect

DOCS = Path(__file__).parents[1] / "docs"
_NOTE = "<!-- Made from the code by `make docs`. -->"

#: What a limit is of, and the limit: those that no schema of the reference shows.
LIMITS: Mapping[str, Mapping[str, str]] = {
    "Of a call": {
        "body of a job": f"{request.MAX_BODY_BYTES:,} bytes; of other calls as the reference says",
        "levels of a body": f"{request.MAX_DEPTH}",
        "a query parameter": f"{parameter.MAX_TEXT:,} characters",
        "an `Idempotency-Key`": f"1 to {header.MAX_IDEMPOTENCY_KEY} visible ASCII characters",
        "how long an `Idempotency-Key` is known": f"{job.RETENTION_DAYS} days",
        "`Prefer: wait=N`": f"{entity_tag.MAX_WAIT} seconds; more is as much as that",
        "a dry run's look at a place": f"{inspect.SECONDS} seconds, then it is left open",
        "reading logs, by key": f"{rate_limit.LOGS.a_minute} calls in any minute, "
        f"{rate_limit.LOGS.a_day:,} on a day (UTC)",
    },
    "Of a list": {
        "a page of jobs": f"{list_jobs.MAX_PAGE}",
        "a page of events": f"{list_events.MAX_PAGE}",
        "a page of keys": f"{list_keys.MAX_PAGE}",
        "a page of bundles": f"{list_bundles.MAX_PAGE}",
        "a page of templates": f"{list_templates.MAX_PAGE}",
        "bytes of a page": f"{payload.MAX_BYTES:,}; a larger one ends early, with a `next_token`",
        "jobs or bundles that a page reads when its filter passes many over": f"{listing.BUDGET:,}; then it "
        "ends early, with a `next_token`",
        "characters of a text that count for the order": f"{SORTED_CHARACTERS}",
        "how long a `next_token` can be used": f"{page_token.LIFE // DAY} day",
    },
    "Of a job": {
        "tasks": f"{spec.MAX_TASKS}",
        "tags": f"{spec.MAX_TAGS}",
        "a task": f"{spec.MAX_TASK_SECONDS} seconds in Lambda, elsewhere until the deadline; then it fails",
        "a job, from its submission or restart": f"{spec.MAX_JOB_SECONDS:,} seconds at most",
        "a job that has ended": f"is known for {job.RETENTION_DAYS} days",
        "a link to a file": f"works for {download.LINK_SECONDS} seconds",
        "a queue position": f"is counted up to {pool.MAX_POSITION:,}",
    },
    "Of an organization": {
        "organizations of a key": f"{organization.MAX_ORGANIZATIONS}",
        "a name of an organization or a user": f"1 to {organization.MAX_NAME} characters",
        "jobs that run at once in a region": f"{pool.MAX_CAPACITY:,} at most; its pool says how many",
        "a priority": f"0 to {pool.MAX_PRIORITY}; its pool may say less",
        "pending jobs of a pool": f"are counted up to {get_pool.MAX_COUNT:,}",
    },
    "Of triggers": {
        "triggers of an organization": f"{trigger.MAX_TRIGGERS}",
        "a pattern": f"{event_pattern.MAX_DEPTH} levels, {event_pattern.MAX_VALUES} entries of a list",
    },
    "Of secrets": {
        "secrets of an organization": f"{named_secrets.MAX_SECRETS}",
        "a value": f"{named_secret.MAX_BYTES:,} bytes as JSON",
    },
    "Of telling": {
        "receivers of a job": f"{receiver.MAX_RECEIVERS}",
        "webhooks of an organization": f"{webhook.MAX_WEBHOOKS}",
        "credentials of a receiver; of a webhook": f"{credential.MAX_BYTES:,} bytes as JSON; "
        f"{webhook.MAX_CREDENTIALS:,}",
        "one try": f"{post.CONNECT_SECONDS} seconds to connect, {post.SECONDS} seconds in all",
        "tries": f"{backoff.MAX_TRIES}, over about {sum(backoff.PAUSES) // backoff.HOUR} hours",
        "a message": f"{callback.MAX_BYTES:,} bytes; a longer one comes without the job",
        "what is kept of an answer": f"{post.MAX_ANSWER:,} bytes, for {job.RETENTION_DAYS} days",
    },
    "Of media": {
        "bytes that a task transfers": f"{meter.MAX_BYTES:,}",
        "redirects of an HTTP source": f"{http.MAX_REDIRECTS}",
        "duration": f"{probe.MAX_DURATION:,} seconds",
        "pixels of a picture": f"{ffmpeg.MAX_PIXELS:,}",
        "streams of a file": f"{ffmpeg.MAX_STREAMS}",
    },
}

#: Why a job fails although none of its tasks is to blame.
_JOB_CODES = {
    "DeadlineExceeded": ("the job did not end before its deadline", False),
    "ExecutionLost": ("what runs the job's tasks was lost again and again", True),
}

_BOUNDS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
}


def limits() -> str:
    """The page of limits and error codes."""
    lines = ["# Limits and error codes", "", _NOTE, ""]
    for title, rows in LIMITS.items():
        lines += [f"## {title}", "", "| what | limit |", "|---|---|"]
        lines += [f"| {what} | {limit} |" for what, limit in rows.items()] + [""]
    lines += ["## Of each field", "", "| field | limit |", "|---|---|"]
    for name, schema in document()["components"]["schemas"].items():
        for field, bounds in _bounds("", schema):
            lines.append(f"| `{name}`: `{field}` | {bounds} |")
    lines += [
        "",
        "## Refused requests",
        "",
        "A problem's `type` is `urn:mediajobs:problem:` and the code.",
        "",
        "| status | code | when |",
        "|---|---|---|",
    ]
    for refusal in sorted(_tree(RequestError), key=lambda each: each.status):
        lines.append(f"| {refusal.status} | `{refusal.code}` | {refusal.__doc__} |")
    lines += [
        "",
        "API Gateway itself answers a throttled call with a 429 and a head of more than 10 KB with a 431;",
        'those bodies are `{"message": …}`.',
        "",
        "## Failed tasks and jobs",
        "",
        "A retry policy may name a code; without one, only what a retry can help is tried again.",
        "",
        "| code | a retry can help | when |",
        "|---|---|---|",
    ]
    codes = {each.code: (str(each.__doc__), each.retryable) for each in _tree(ToolError)} | _JOB_CODES
    for code, (when, retryable) in sorted(codes.items()):
        lines.append(f"| `{code}` | {'yes' if retryable else 'no'} | {when} |")
    return "\n".join(lines) + "\n"


def reference() -> str:
    """The page of the API's calls."""
    described = document()
    lines = ["# The API", "", _NOTE, "", described["info"]["description"], ""]
    lines += ["The whole document is at `/openapi.json`, a page to try it at `/docs`.", ""]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            lines += [f"## `{method.upper()} {path}`", "", f"{operation['summary']}", ""]
            lines += list(_call(operation))
    return "\n".join(lines).rstrip() + "\n"


def _call(operation: Mapping[str, Any]) -> Iterator[str]:
    yield operation["description"]
    yield ""
    parameters = [each for each in operation["parameters"] if each["in"] != "path"]
    if parameters:
        yield "| parameter | in | type | meaning |"
        yield "|---|---|---|---|"
        for each in parameters:
            yield f"| `{each['name']}` | {each['in']} | {_type(each['schema'])} | {each['description']} |"
        yield ""
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        name = content["schema"]["$ref"].removeprefix(PLACE)
        optional = "" if operation["requestBody"]["required"] else " (may be left out)"
        yield f"Body: `{name}`{optional}. {operation['requestBody']['description']}"
        yield ""
        yield from _fields(document()["components"]["schemas"][name])
        if "example" in content:
            yield "```json"
            yield json.dumps(content["example"], indent=2)
            yield "```"
            yield ""
    yield "| status | answer |"
    yield "|---|---|"
    for status, response in operation["responses"].items():
        kinds = [_type(each["schema"]) for each in response.get("content", {}).values()]
        yield f"| {status} | {response['description']}{': ' if kinds else ''}{', '.join(kinds)} |"
    yield ""


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for name, each in schema["properties"].items():
        needed = " (needed)" if name in schema.get("required", ()) else ""
        yield f"| `{name}`{needed} | {_type(each)} | {each.get('description', '')} |"
    yield ""


def _type(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"$ref": str(place)}:
            return f"`{place.removeprefix(PLACE)}`"
        case {"anyOf": list(kinds)}:
            return " or ".join(_type(each) for each in kinds)
        case {"enum": list(words)}:
            return " or ".join(f"`{word}`" for word in words)
        case {"type": "array", "items": dict(items)}:
            return f"array of {_type(items)}"
    return str(schema.get("format") or schema.get("type", "anything"))


def _bounds(path: str, schema: Any) -> Iterator[tuple[str, str]]:
    """Each field of a schema that has bounds, with them in words."""
    if not isinstance(schema, dict):
        return
    said = [text.format(f"{schema[name]:,}") for name, text in _BOUNDS.items() if name in schema]
    if said and path:
        yield path, ", ".join(said)
    for name, each in schema.get("properties", {}).items():
        yield from _bounds(f"{path}.{name}".lstrip("."), each)
    yield from _bounds(f"{path}[]", schema.get("items"))
    for each in schema.get("anyOf", ()):
        yield from _bounds(path, each)


def _tree(kind: type[Any]) -> Iterator[type[Any]]:
    """The classes of `mediajobs.errors` below one."""
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield each
        yield from _tree(each)


def event(detail_type: str) -> str:
    """The JSON Schema of the detail of an event on the bus."""
    schema = TypeAdapter(answer.ANNOUNCEMENTS[detail_type]).json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": detail_type}
    return json.dumps(head, indent=2) + "\n"


def _event_page(detail_type: str) -> str:
    return f"events/{detail_type.lower().replace(' ', '-')}.v{VERSION}.json"


PAGES: Mapping[str, Callable[[], str]] = {
    "api.md": reference,
    "limits.md": limits,
    **{_event_page(each): partial(event, each) for each in answer.ANNOUNCEMENTS},
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())
    synchronous.TARGET.write_text(synchronous.client())
