"""GET /tools: what a task can run."""

from mediajobs import answer
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.tools import catalog


@endpoint
def handler(_request: Request) -> Response[answer.Tools]:
    """200 with every tool and the JSON Schema of its parameters."""
    return Response(200, {"tools": [catalog.describe(name) for name in catalog.names()]})
