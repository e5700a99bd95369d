"""The vendor's calls about presets and codecs; the system's are open to all."""

from typing import Any

from mediajobs.dialects.xvid import preset, words
from mediajobs.dialects.xvid.dialect import DIALECT, known
from mediajobs.dialects.xvid.field import wrapped
from mediajobs.dialects.xvid.library import Library, one
from mediajobs.dialects.xvid.page import Page, refused
from mediajobs.dialects.xvid.shape import Shape
from mediajobs.errors import Unauthenticated
from mediajobs.request import Request, Response
from mediajobs.store import document
from mediajobs.timestamp import now

_MAX_BYTES = 32 * 1024


@DIALECT.endpoint
def list_presets(request: Request) -> Response[Any]:
    """Answer a page of presets: to nobody in particular those of the system."""
    request, kind = known(request) or request, request.query.get("type")
    if kind not in (None, "system", "custom"):
        raise refused("type", "system or custom")
    if kind == "custom" and request.caller is None:
        raise Unauthenticated("Custom presets need an access token")
    page, library = Page.of(request, "/v1/presets/", preset.KEYS), Library.of(request)
    found = preset.every(library.organization, kind, request.origin)
    return page.of_all("presets", [library.filled(each) for each in found])


@DIALECT.endpoint
def get_preset(request: Request) -> Response[Any]:
    """Answer a preset."""
    return one(known(request) or request, "preset")


@DIALECT.endpoint
def create_preset(request: Request) -> Response[Any]:
    """Make a preset of `{"preset": {…}}` and answer it."""
    # It brings pydantic, which reading does not need.
    from mediajobs.media.rendition import Rendition
    from mediajobs.spec import validated

    shape, library = Shape.of(request), Library.of(request)
    content = preset.made(wrapped(request, "preset", _MAX_BYTES))
    validated(Rendition, content["rendition"])
    made = document.create(request.principal.organization, preset.KIND, content, at=now())
    return shape.response({"preset": library.filled(preset.shown(made, request.origin))})


@DIALECT.endpoint
def list_codecs(request: Request) -> Response[Any]:
    """Answer a page of the codecs that presets can name."""
    page = Page.of(request, "/v1/codecs/", preset.CODEC_KEYS)
    found = [preset.codec(codec_id, request.origin) for codec_id in words.CODEC_IDS]
    return page.of_all("codecs", [each for each in found if each])


@DIALECT.endpoint
def get_codec(request: Request) -> Response[Any]:
    """Answer a codec."""
    return one(request, "codec")
