"""GET /openapi.json: this API as an OpenAPI 3.1 document."""

from mediajobs import answer
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response


@endpoint
def handler(_request: Request) -> Response[answer.Document]:
    """200 with the document."""
    # Not at the top: the document imports every endpoint, this one too.
    from mediajobs.openapi import document

    return Response(200, document())
