"""The front door's answers to requests for the console's files, as CloudFront gives them."""

from collections.abc import Mapping
from http import HTTPStatus

from infra import site


def asked(head: bytes) -> tuple[str, str] | None:
    """Method and path of a request to the console, from the request's head; None for any other request."""
    method, target, *_ = head.decode("latin-1").split(" ", 2)
    path, _, query = target.partition("?")
    is_signed = "X-Amz-Signature=" in query
    return (method, path) if f"{path}/".startswith(site.PATH) and not is_signed else None


def answer(method: str, path: str, *, storage: str) -> bytes:
    """The whole answer; `storage` is the origin that links to jobs' files lead to."""
    if path == site.PATH.rstrip("/"):
        return _written(HTTPStatus.MOVED_PERMANENTLY, {"Location": site.PATH})
    if method not in {"GET", "HEAD"}:
        return _written(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"})
    found = site.find(path)
    if found is None:
        return _written(HTTPStatus.NOT_FOUND, {})
    headers = {
        "Content-Type": found.content_type,
        "Cache-Control": found.cache_control,
        **site.headers([storage]),
    }
    del headers[site.HTTPS_ONLY]
    return _written(HTTPStatus.OK, headers, found.path.read_bytes(), is_whole=method == "GET")


def _written(
    status: HTTPStatus, headers: Mapping[str, str], content: bytes = b"", *, is_whole: bool = True
) -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(content)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + (content if is_whole else b"")
