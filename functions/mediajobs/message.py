"""The types of message that webhooks are sent."""

from typing import Literal, get_args

OfJob = Literal["job.running", "job.success", "job.failed", "job.cancelled"]
OfTask = Literal["task.pending", "task.success", "task.failed"]
#: Those that a webhook can ask for.
Kind = Literal[OfJob, OfTask]
KINDS: tuple[str, ...] = get_args(Kind)

#: Tells of nothing.
PING: Literal["webhook.ping"] = "webhook.ping"
