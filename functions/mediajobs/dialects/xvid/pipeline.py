"""Pipelines: where the files of jobs come from and go to; what is secret of that is sealed."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from mediajobs import secret
from mediajobs.dialects.xvid.field import bad, number
from mediajobs.dialects.xvid.place import Place
from mediajobs.dialects.xvid.preset import number_of
from mediajobs.dialects.xvid.reply import reference
from mediajobs.dialects.xvid.request import Pipeline
from mediajobs.identifier import new_id
from mediajobs.store import document
from mediajobs.store.document import Document

KIND = "xvid-pipeline"
_DIRECTORIES = ("input_download_dir", "image_download_dir", "output_upload_dir", "image_upload_dir")
_PINGS = ("error", "warning", "started", "finished")
_OPTIONS = {
    "download_options": ("auto_convert_input", "https_certificate_check"),
    "upload_options": ("s3_allow_read", "s3_reduced_redundancy"),
    "store_options": ("mode",),
}
#: What can be said of what we do not have, in the words for not having it.
_HARMLESS: Mapping[str, tuple[Any, ...]] = {
    "auto_convert_input": (None, "off", False),
    "https_certificate_check": (None, True, "true"),
    "s3_allow_read": (None,),
    "s3_reduced_redundancy": (None, False, "false"),
    "mode": (None, "temporary"),
    "default_object_timeout": (None, 0, "0"),
    "enable_backtrace_pings": (None, False, "false"),
}
KEYS = frozenset({"name", "description", "cancel_timeout", *_DIRECTORIES}) | {
    *("created_at", "updated_at", "version", "id", "href")
}


def find(organization: str, pipeline_id: str) -> Document | None:
    """A pipeline by its id."""
    number = number_of(pipeline_id)
    return document.find(organization, KIND, number) if number else None


def shown(pipeline: Document, origin: str) -> dict[str, Any]:
    """A pipeline as the vendor shows it, without its secrets."""
    known = pipeline.content
    places = known["places"]
    return {
        "name": known["name"],
        "description": known["description"],
        "default_object_timeout": None,
        "cancel_timeout": known["cancel_timeout"],
        **{name: places.get(name) for name in ("input_download_dir", "image_download_dir")},
        "download_options": known["options"]["download_options"],
        **{name: places.get(name) for name in ("output_upload_dir", "image_upload_dir")},
        "upload_options": known["options"]["upload_options"],
        "store_options": known["options"]["store_options"],
        "ping_urls": {name: places.get(f"ping_urls.{name}") for name in _PINGS},
        "version": pipeline.version,
        "user": reference(origin, "users", pipeline.organization),
        "created_at": pipeline.created,
        "updated_at": pipeline.updated,
        **reference(origin, "pipelines", f"{pipeline.number:024x}"),
    }


def made(organization: str, given: Mapping[str, Any], old: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is stored of a pipeline that a client sends, or of the changes that it sends: fields that are left
    out stay, null resets. A URL that comes back as it was shown keeps its secrets. Raises InvalidRequest."""
    if old is None and not isinstance(given.get("name"), str):
        raise bad("/pipeline/name", "a name is required")
    options = {
        group: {name: _option(given.get(group), old, group, name) for name in names}
        for group, names in _OPTIONS.items()
    }
    for name in ("default_object_timeout", "enable_backtrace_pings"):
        _check(given.get(name), name, f"/pipeline/{name}")
    vault = old["vault"] if old else new_id()
    places, sealed = dict(old["places"] if old else {}), dict(old["sealed"] if old else {})
    for name, uri in _uris(given):
        if uri is None or uri != places.get(name):
            places.pop(name, None)
            sealed.pop(name, None)
        if uri is not None and name not in places:
            place = _place(name, uri)
            places[name] = place.url
            if place.credentials:
                closed = secret.seal(organization, vault, dict(place.credentials), of="pipeline")
                sealed[name] = base64.b64encode(closed).decode()
    before = old or {"name": None, "description": None, "cancel_timeout": None}
    texts = {name: given.get(name, before[name]) for name in ("name", "description")}
    if not all(isinstance(text, str | None) for text in texts.values()) or not texts["name"]:
        raise bad("/pipeline/name", "name and description are texts, and there is a name")
    return {
        **texts,
        "cancel_timeout": _timeout(given.get("cancel_timeout", before["cancel_timeout"])),
        "options": options,
        "places": places,
        "sealed": sealed,
        "vault": vault,
    }


def opened(pipeline: Document) -> Pipeline:
    """A pipeline with its secrets in clear."""
    known = pipeline.content
    places = {}
    for name, url in known["places"].items():
        closed = known["sealed"].get(name)
        fields = (
            secret.unseal(pipeline.organization, known["vault"], base64.b64decode(closed), of="pipeline")
            if closed
            else {}
        )
        places[name] = Place(url, fields)
    return Pipeline(f"{pipeline.number:024x}", places, known["cancel_timeout"] or 0)


def _uris(given: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """The URIs that are sent, by the names of their fields."""
    found = [(name, given[name]) for name in _DIRECTORIES if name in given]
    pings = given.get("ping_urls", {})
    pings = dict.fromkeys(_PINGS) if pings is None else pings
    if not isinstance(pings, Mapping):
        raise bad("/pipeline/ping_urls", "an object")
    found += [(f"ping_urls.{name}", pings[name]) for name in _PINGS if name in pings]
    return [(name, uri or None) for name, uri in found]


def _place(name: str, uri: Any) -> Place:
    pointer = f"/pipeline/{name.replace('.', '/')}"
    try:
        place = Place.of(uri) if isinstance(uri, str) else None
    except ValueError as error:
        raise bad(pointer, str(error)) from None
    schemes = ("http", "https") if name.startswith("ping") else ("s3", "sftp", "https", "http", "ftp", "ftps")
    if place is None or place.url.partition(":")[0] not in schemes:
        raise bad(pointer, f"a URI of {', '.join(schemes)}")
    if len(json.dumps(dict(place.credentials))) > 4096:
        raise bad(pointer, "user, password and query take at most 4096 bytes")
    return place


def _option(given: Any, old: Mapping[str, Any] | None, group: str, name: str) -> Any:
    if isinstance(given, Mapping) and name in given:
        return _check(given[name], name, f"/pipeline/{group}/{name}")
    return old["options"][group][name] if old else None


def _check(value: Any, name: str, pointer: str) -> Any:
    if value not in _HARMLESS[name]:
        raise bad(pointer, "this is not supported")
    return value


def _timeout(value: Any) -> int | None:
    value = number(value)
    if value is not None and (not isinstance(value, int) or not 0 <= value <= 7 * 24 * 3600):
        raise bad("/pipeline/cancel_timeout", "seconds, from 0 to 604800")
    return value
