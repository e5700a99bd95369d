"""Links by which whoever has one can fetch a file, or leave one, for a short time."""

from urllib.parse import quote, urlencode

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from mediajobs.aws import session
from mediajobs.settings import settings

#: Seconds for which a link works.
LINK_SECONDS = 900


def link(
    region: str,
    key: str,
    name: str,
    *,
    seconds: int = LINK_SECONDS,
    is_shown: bool = False,
    door: str | None = None,
) -> str:
    """A link to an object of the region's workspace; a browser saves it under the file's own name, or shows
    it. `door` is as for `signed`."""
    # RFC 8187: any name, in ASCII.
    kind = "inline" if is_shown else "attachment"
    disposition = f"{kind}; filename*=UTF-8''{quote(name.rpartition('/')[2], safe='')}"
    query = urlencode({"response-content-disposition": disposition}, quote_via=quote)
    bucket = settings().workspace_bucket_of(region)
    return signed("GET", region, bucket, key, query=query, seconds=seconds, door=door)


def signed(
    method: str,
    region: str,
    bucket: str,
    key: str,
    *,
    query: str = "",
    seconds: int,
    door: str | None = None,
) -> str:
    """A link that lets its holder GET or PUT an object, with any headers. `door` is where the caller has come
    from: there an emulator's objects can be had by the caller's own scheme.

    Signed here without an S3 client, which would double the cold start of a read endpoint.
    """
    if settings().endpoint_url is not None:
        place = f"{door or settings().endpoint_url}/{bucket}"
    else:
        place = f"https://{bucket}.s3.{region}.amazonaws.com"
    request = AWSRequest(method=method, url=f"{place}/{quote(key)}{'?' if query else ''}{query}")
    credentials = session().get_credentials().get_frozen_credentials()
    S3SigV4QueryAuth(credentials, "s3", region, expires=seconds).add_auth(request)
    return str(request.url)
