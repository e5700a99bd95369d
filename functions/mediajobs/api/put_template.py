"""PUT /templates/{name}: keep a job's spec with placeholders, as the next version of that name."""

from mediajobs import answer, representation
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.review import review
from mediajobs.store import template as templates
from mediajobs.template import Template, is_name
from mediajobs.timestamp import now

BODY = Body(
    Template,
    MAX_BODY_BYTES,
    example={
        "description": "Looks at a file",
        "parameters": {"source": {"type": "string"}},
        "job": {
            "tasks": [
                {"tool": "storage:get", "parameters": {"sources": [{"url": "${source}", "name": "in"}]}},
                {"tool": "media:probe", "parameters": {"input": "in"}},
            ]
        },
    },
)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.TemplateVersion]:
    """200 with the new version, or with the last one if it is the same."""
    name = request.parameters["template"]
    if not is_name(name):
        rule = "1 to 64 letters, digits, dots, underscores and hyphens, the first a letter or digit"
        raise InvalidRequest("The name breaks a rule", fields=[FieldError("/path/template", rule)])
    wanted = BODY.read(request)
    review(wanted)
    caller = request.principal
    content = wanted.model_dump(mode="json", exclude_unset=True)
    made = templates.put(caller.organization, name, content, at=now(), by=caller.key_id)
    return Response(200, representation.template(made, is_live=True))
