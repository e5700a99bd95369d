"""What the Video Toolkit's clients send, as what `POST /jobs` takes."""

import re
from collections.abc import Callable
from typing import Any

from mediajobs.dialects.castlabs.task import Job, translate
from mediajobs.dialects.castlabs.words import number
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.secret_name import Resolve

#: The number of a bundle → its id.
Numbered = Callable[[int], str | None]

#: A bundle was once called a purchase order.
_BUNDLE_IDS = ("job_bundle_id", "purchase_order_id")
_BUNDLES = ("job_bundle", "purchase_order")
_SECRET = re.compile(r"pass|secret|key|token|credential|auth", re.I)
#: User and password of a URL, and what follows its path; a password may hold anything, and the name of a
#: secret is none.
_USER = re.compile(r"(?<=://)(?!\{[^{}@]+\}@)(?:[^/?#\s]*@|[^/?#\s:@]+:(?!\d+/)\S*@)")
_QUERY = re.compile(r"(?<=://)([^?#\s]*)[?#]\S*")


def job(body: Any, numbered: Numbered, resolve: Resolve) -> Any:
    """A submitted job in our words. Raises InvalidRequest naming each bad field."""
    if not isinstance(body, dict):
        return body
    bad: list[FieldError] = []
    tasks = body.get("tasks")
    if isinstance(tasks, list):
        made = []
        for index, task in enumerate(tasks):
            try:
                made.append(translate(task, Job(body.get("role_arn"), resolve)))
            except InvalidRequest as error:
                bad += [FieldError(f"/tasks/{index}{each.pointer}", each.detail) for each in error.fields]
        tasks = made
    if bad:
        raise InvalidRequest("The job breaks a rule", fields=bad)
    wanted = {
        "tasks": tasks,
        "region": body.get("region"),
        "tags": body.get("tags"),
        "notify": _receivers(body.get("notify")),
        **_bundle(body, numbered),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def shown(value: Any) -> Any:
    """A request without its secrets: users, passwords and queries of URLs, and whatever is called a key."""
    if isinstance(value, dict):
        return {
            name: "***" if _SECRET.search(name) and part is not None else shown(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [shown(part) for part in value]
    if isinstance(value, str) and "://" in value:
        return _QUERY.sub(r"\1", _USER.sub("", value))
    return value


def _receivers(notify: Any) -> Any:
    """One receiver or several: `https://…`, `digest:https://…`, `mailto:…` or a bare mail address."""
    if notify is None:
        return None
    return [
        {"url": _receiver(each), "format": "castlabs"}
        for each in (notify if isinstance(notify, list) else [notify])
    ]


def _receiver(url: Any) -> Any:
    is_address = isinstance(url, str) and "@" in url and "://" not in url and not url.startswith("mailto:")
    return f"mailto:{url}" if is_address else url


def _bundle(body: dict[str, Any], numbered: Numbered) -> dict[str, Any]:
    """The bundle by its number or our id, else by its name."""
    for field in _BUNDLE_IDS:
        wanted = body.get(field)
        if (asked := number(wanted)) is not None:
            if (found := numbered(asked)) is None:
                raise InvalidRequest(
                    "The bundle is not known", fields=[FieldError(f"/{field}", "there is no such bundle")]
                )
            return {"bundle_id": found}
        if wanted is not None:
            return {"bundle_id": wanted}
    return {"bundle": next((body[field] for field in _BUNDLES if body.get(field) is not None), None)}
