"""The vendor's calls about job templates: settings that a client keeps here and posts as jobs."""

from collections.abc import Mapping
from typing import Any

from mediajobs.dialects.xvid.dialect import DIALECT
from mediajobs.dialects.xvid.field import bad, wrapped
from mediajobs.dialects.xvid.library import Library
from mediajobs.dialects.xvid.page import Page
from mediajobs.dialects.xvid.place import shown as bare
from mediajobs.dialects.xvid.preset import number_of
from mediajobs.dialects.xvid.reply import reference
from mediajobs.dialects.xvid.shape import Shape
from mediajobs.errors import Conflict, NotFound
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.store import document
from mediajobs.store.document import Document
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import now

_KIND = "xvid-template"
_KEYS = frozenset({"name", "description", "created_at", "updated_at", "version", "id", "href"})


@DIALECT.endpoint
def list_templates(request: Request) -> Response[Any]:
    """Answer a page of templates."""
    page, library = Page.of(request, "/v1/jobs/templates/", _KEYS), Library.of(request)
    found = document.every(request.principal.organization, _KIND)
    return page.of_all("templates", [library.filled(_shown(each, request.origin)) for each in found])


@DIALECT.endpoint
def get_template(request: Request) -> Response[Any]:
    """Answer a template."""
    return _answer(request, _found(request))


@DIALECT.endpoint
def create_template(request: Request) -> Response[Any]:
    """Keep the `{"template": {name, description, job_settings}}` and answer it."""
    content = _made(request, {})
    return _answer(request, document.create(request.principal.organization, _KIND, content, at=now()))


@DIALECT.endpoint
def put_template(request: Request) -> Response[Any]:
    """Change a template: what is left out stays, null resets."""
    old = _found(request)
    try:
        changed = document.change(old, _made(request, old.content), at=now())
    except ConditionFailed:
        raise Conflict("The template has just been changed by another; send the request again") from None
    return _answer(request, changed)


def _found(request: Request) -> Document:
    number = number_of(request.parameters["id"])
    found = document.find(request.principal.organization, _KIND, number) if number else None
    if found is None:
        raise NotFound("There is no such template")
    return found


def _made(request: Request, old: Mapping[str, Any]) -> dict[str, Any]:
    given = wrapped(request, "template", MAX_BODY_BYTES)
    made = {name: given.get(name, old.get(name)) for name in ("name", "description", "job_settings")}
    settings = made["job_settings"]
    if not isinstance(made["name"], str) or not made["name"]:
        raise bad("/template/name", "a name is required")
    if not isinstance(settings, dict):
        raise bad("/template/job_settings", "an object is required")
    inputs = settings.get("input")
    if "unique_custom_key" in settings or (isinstance(inputs, dict) and "input_name" in inputs):
        raise bad("/template/job_settings", "a template has no input_name and no unique_custom_key")
    if bare(settings) != settings:
        raise bad("/template/job_settings", "a template takes no user, password or query in a URI")
    return made


def _answer(request: Request, template: Document) -> Response[Any]:
    shape, library = Shape.of(request), Library.of(request)
    return shape.response({"template": library.filled(_shown(template, request.origin))})


def _shown(template: Document, origin: str) -> dict[str, Any]:
    return {
        **template.content,
        "version": template.version,
        "user": reference(origin, "users", template.organization),
        "created_at": template.created,
        "updated_at": template.updated,
        **reference(origin, "jobs/templates", f"{template.number:024x}"),
    }
