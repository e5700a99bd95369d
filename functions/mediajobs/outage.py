"""When a part of AWS is away: telling that from a refusal, and waiting until it is back."""

import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from mediajobs.log import logger
from mediajobs.store.read import Unprocessed
from mediajobs.store.write import Contended

T = TypeVar("T")

#: Refusals that say nothing of the request; AWS's client has tried several times by then.
_AWAY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
#: Seconds between two tries: the first one, and at most.
_FIRST, _LONGEST = 1.0, 20.0


def is_outage(error: BaseException) -> bool:
    """Whether the same call may succeed later, as nothing was wrong with it."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or error.response["Error"]["Code"] in _AWAY
    return isinstance(error, BotoCoreError | Contended | Unprocessed) and not isinstance(
        error, ParamValidationError
    )


def outlast(call: Callable[[], T], check: Callable[[], None]) -> T:
    """Make a call again and again while what it needs is away. `check` is called before each further try, and
    raises when it is time to give up. The call may have taken effect each time."""
    pause = _FIRST
    while True:
        try:
            return call()
        except (BotoCoreError, ClientError, Contended) as error:
            if not is_outage(error):
                raise
            check()
            logger.warning("a call is made again, as something is away", reason=str(error))
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST)
