"""The vendor's calls about pipelines."""

from typing import Any

from mediajobs.dialects.xvid import pipeline
from mediajobs.dialects.xvid.dialect import DIALECT
from mediajobs.dialects.xvid.field import wrapped
from mediajobs.dialects.xvid.library import Library, one
from mediajobs.dialects.xvid.page import Page
from mediajobs.dialects.xvid.shape import Shape
from mediajobs.errors import Conflict, NotFound
from mediajobs.request import Request, Response
from mediajobs.store import document
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import now

_MAX_BYTES = 32 * 1024


@DIALECT.endpoint
def list_pipelines(request: Request) -> Response[Any]:
    """Answer a page of pipelines."""
    page, library = Page.of(request, "/v1/pipelines/", pipeline.KEYS), Library.of(request)
    found = document.every(request.principal.organization, pipeline.KIND)
    return page.of_all("pipelines", [library.filled(pipeline.shown(each, request.origin)) for each in found])


@DIALECT.endpoint
def get_pipeline(request: Request) -> Response[Any]:
    """Answer a pipeline."""
    return one(request, "pipeline")


@DIALECT.endpoint
def create_pipeline(request: Request) -> Response[Any]:
    """Make a pipeline of `{"pipeline": {…}}` and answer it."""
    shape, library = Shape.of(request), Library.of(request)
    organization = request.principal.organization
    content = pipeline.made(organization, wrapped(request, "pipeline", _MAX_BYTES), None)
    made = document.create(organization, pipeline.KIND, content, at=now())
    return shape.response({"pipeline": library.filled(pipeline.shown(made, request.origin))})


@DIALECT.endpoint
def put_pipeline(request: Request) -> Response[Any]:
    """Change a pipeline by `{"pipeline": {…}}`: what is left out stays, null resets."""
    shape, library = Shape.of(request), Library.of(request)
    organization = request.principal.organization
    old = pipeline.find(organization, request.parameters["id"])
    if old is None:
        raise NotFound("There is no such pipeline")
    try:
        changed = document.change(
            old, pipeline.made(organization, wrapped(request, "pipeline", _MAX_BYTES), old.content), at=now()
        )
    except ConditionFailed:
        raise Conflict("The pipeline has just been changed by another; send the request again") from None
    return shape.response({"pipeline": library.filled(pipeline.shown(changed, request.origin))})
