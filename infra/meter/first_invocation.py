"""One cold start of a handler, as a program of its own: import it, give it one event, say how that went.

`python -P first_invocation.py HANDLER < EVENT`, with the function's code and layers on PYTHONPATH and its
variables in the environment. It prints JSON: the status answered and the modules loaded.
"""

import json
import sys
from importlib import import_module


class Context:
    """What a handler asks of its context."""

    function_name = "cold-start"
    function_version = "1"
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:cold-start"
    memory_limit_in_mb = 1024
    aws_request_id = "00000000-0000-4000-8000-000000000000"
    log_group_name = "/aws/lambda/cold-start"
    log_stream_name = "cold-start"

    def get_remaining_time_in_millis(self) -> int:
        """Enough."""
        return 29_000


def main() -> None:
    """Do what Lambda does with a new execution environment."""
    event = json.load(sys.stdin)
    module, _, name = sys.argv[1].rpartition(".")
    answer = getattr(import_module(module), name)(event, Context())
    print(json.dumps({"status": answer["statusCode"], "modules": len(sys.modules)}))


if __name__ == "__main__":
    main()
