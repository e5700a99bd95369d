"""The headers that calls read and send, as the API's document describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Header:
    """A header: its name as it is read and sent, in lower case, its JSON Schema and what it means."""

    name: str
    schema: Mapping[str, Any]
    about: str


#: Visible ASCII, with spaces only inside: what every HTTP client and proxy leaves as it is.
VISIBLE = "^[!-~]([ -~]*[!-~])?$"
MAX_IDEMPOTENCY_KEY = 255

IDEMPOTENCY_KEY = Header(
    "idempotency-key",
    {"type": "string", "minLength": 1, "maxLength": MAX_IDEMPOTENCY_KEY, "pattern": VISIBLE},
    "for 31 days, the same key with the same body is done once and answered as at first; "
    "a restart that is done already, with the job as it is by now",
)
IF_NONE_MATCH = Header(
    "if-none-match",
    {"type": "string", "examples": ['"5d41402abc4b2a76b9719d911017c592"']},
    "the `ETag` of the state that the caller has; if it is still the present one, the answer is a 304",
)
PREFER = Header(
    "prefer",
    {"type": "string", "examples": ["wait=20"]},
    "`wait=N`: answer as soon as something has changed, or after N seconds, at most 25",
)

ETAG = Header("etag", {"type": "string"}, "names the state that is answered, for `If-None-Match`")
LINK = Header("link", {"type": "string"}, 'the next page, with `rel="next"`, if there is one')
LOCATION = Header("location", {"type": "string", "format": "uri-reference"}, "where the new thing is")
PREFERENCE_APPLIED = Header("preference-applied", {"type": "string"}, "how long the call was ready to wait")
RETRY_AFTER = Header(
    "retry-after", {"type": "integer", "minimum": 0}, "seconds after which the call may succeed"
)
RATE_LIMIT = Header("ratelimit", {"type": "string"}, "what is left of each limit (r), and for how long (t)")
RATE_LIMIT_POLICY = Header("ratelimit-policy", {"type": "string"}, "the limits of this call (q in w seconds)")
REQUEST_ID = Header("x-request-id", {"type": "string"}, "the name of this call in our logs")
WWW_AUTHENTICATE = Header("www-authenticate", {"type": "string"}, "how to authenticate")
