"""Forms: what HTML's two encodings of a body hold."""

from email import policy
from email.parser import BytesParser
from urllib.parse import parse_qsl

from mediajobs.errors import MalformedRequest
from mediajobs.request import Request


def fields(request: Request) -> dict[str, str]:
    """The fields of an urlencoded or multipart body (RFC 7578); of one that is sent twice, the last. Raises
    MalformedRequest."""
    content_type = request.headers.get("content-type", "")
    try:
        if content_type.lower().startswith("multipart/form-data"):
            return _parts(content_type, request.body)
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=100)
        return dict(pairs)
    except ValueError:
        raise MalformedRequest("The body is not a form") from None


def _parts(content_type: str, body: bytes) -> dict[str, str]:
    head = f"content-type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    found = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            found[name] = payload.decode()
    return found
