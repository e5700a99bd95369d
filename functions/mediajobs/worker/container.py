"""The media worker in a container, for one task: `python -m mediajobs.worker.container`.

It is the same worker under the same contract. Its exit code tells `settle` whether the job's row knows more.
"""

import http.client
import json
import sys
from urllib.parse import urlsplit

from mediajobs.errors import RunLost
from mediajobs.executor import SPOKEN
from mediajobs.log import bind
from mediajobs.settings import settings
from mediajobs.store import job as jobs
from mediajobs.store.run import RunHeld
from mediajobs.timestamp import MINUTE, now
from mediajobs.tools.tool import Worker
from mediajobs.worker.work import work

_METADATA_SECONDS = 5


def main() -> int:
    """Do the task that the environment names; 0 if it is done, SPOKEN if the row says what became of it."""
    task = settings().container_task
    bind(**{name: task[name] for name in ("organization", "job", "attempt", "task")})
    job = jobs.find(task["organization"], task["job"])
    if job is None:
        return SPOKEN
    try:
        # Nothing ends a container earlier; the worker does, at the task's own time or the deadline.
        work(task, Worker.MEDIA, max(0, job.deadline - now()) + MINUTE, settings().container_mb, _log())
    except (RunLost, RunHeld):
        return SPOKEN
    return 0


def _log() -> str:
    """Where this container's lines go, as ECS tells: region, group and stream."""
    place = urlsplit(settings().container_metadata)
    connection = http.client.HTTPConnection(place.netloc, timeout=_METADATA_SECONDS)
    try:
        connection.request("GET", place.path)
        options = json.loads(connection.getresponse().read())["LogOptions"]
    finally:
        connection.close()
    return "|".join(options[f"awslogs-{name}"] for name in ("region", "group", "stream"))


if __name__ == "__main__":
    sys.exit(main())
