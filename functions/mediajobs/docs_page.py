"""The documentation page: Swagger UI as Powertools ships it, inside the page, and what the page may do."""

import base64
import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "aws_lambda_powertools.event_handler.openapi.swagger_ui"
_START = 'SwaggerUIBundle({url: "openapi.json", dom_id: "#ui", deepLinking: true, validatorUrl: null});'
_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>mediajobs</title>
<style>{style}</style>
<div id="ui"></div>
<script>{bundle}</script>
<script>{start}</script>
</html>
"""


@cache
def page() -> str:
    """The page, whole: it loads nothing but the document."""
    return _PAGE.format(style=_style(), bundle=_bundle(), start=_START)


@cache
def policy() -> str:
    """Its Content-Security-Policy: these very scripts and styles, and calls to this API alone."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(_bundle())} {_hash(_START)}",
            f"style-src {_hash(_style())}",
            "img-src data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _bundle() -> str:
    # Inside a page these two would change where the script ends; escaped, the program is the same.
    script = _file("swagger-ui-bundle.min.js")
    return script.replace("<!--", "\\x3C!--").replace("<script", "\\x3Cscript")


@cache
def _style() -> str:
    return _file("swagger-ui.min.css")


def _file(name: str) -> str:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise LookupError(_PACKAGE)
    return (Path(spec.origin).parent / name).read_text()
