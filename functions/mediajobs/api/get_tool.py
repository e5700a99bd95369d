"""GET /tools/{name}: one tool."""

from mediajobs import answer
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.tools import catalog


@endpoint
def handler(request: Request) -> Response[answer.Tool]:
    """200 with the tool and the JSON Schema of its parameters."""
    name = request.parameters["name"]
    if catalog.find(name) is None:
        raise NotFound("There is no such tool; GET /tools lists them")
    return Response(200, catalog.describe(name))
