"""PUT /secrets/{secret}: keep a secret that jobs can name."""

from mediajobs import answer, named_secret, secret_view
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.named_secret import Secret
from mediajobs.request import Request, Response
from mediajobs.secret_name import is_name

#: JSON may write a character in six.
BODY = Body(Secret, 32_768, example={"value": "the password of the server"})


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.NamedSecret]:
    """200 with the secret without its value; 409 if there are too many."""
    name = request.parameters["secret"]
    if not is_name(name):
        rule = "1 to 64 letters, digits, underscores and hyphens, the first a letter or digit"
        raise InvalidRequest("The name breaks a rule", fields=[FieldError("/path/name", rule)])
    wanted = BODY.read(request)
    caller = request.principal
    made = named_secret.put(caller.organization, name, wanted, by=caller.key_id)
    return Response(200, secret_view.named_secret(made))
