"""GET /docs: a page that shows the OpenAPI document and makes calls."""

from mediajobs import answer
from mediajobs.docs_page import page, policy
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response


@endpoint
def handler(_request: Request) -> Response[answer.Html]:
    """200 with the page; it loads nothing from other hosts."""
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy()}
    return Response(200, answer.Html(page()), headers)
