"""Links by which whoever has one can fetch a file of a job's workspace for a short time."""

from urllib.parse import quote, urlencode

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from mediajobs.aws import session
from mediajobs.settings import settings

#: Seconds for which a link works.
LINK_SECONDS = 900


def link(region: str, key: str, name: str) -> str:
    """A link to an object of the region's workspace; a browser saves it under the file's own name.

    Signed here without an S3 client, which would double the cold start of a read endpoint.
    """
    bucket = settings().workspace_bucket_of(region)
    if settings().endpoint_url is not None:
        place = f"{settings().endpoint_url}/{bucket}"
    else:
        place = f"https://{bucket}.s3.{region}.amazonaws.com"
    # RFC 8187: any name, in ASCII.
    disposition = f"attachment; filename*=UTF-8''{quote(name.rpartition('/')[2], safe='')}"
    query = urlencode({"response-content-disposition": disposition}, quote_via=quote)
    request = AWSRequest(method="GET", url=f"{place}/{quote(key)}?{query}")
    credentials = session().get_credentials().get_frozen_credentials()
    S3SigV4QueryAuth(credentials, "s3", region, expires=LINK_SECONDS).add_auth(request)
    return str(request.url)
