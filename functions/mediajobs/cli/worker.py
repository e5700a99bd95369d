"""`mediajobs worker`: takes tasks for `executor: outside` and works on them on this machine."""

import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from mediajobs import answer
from mediajobs.cli import context
from mediajobs.cli.context import Commands
from mediajobs.cli.outside_run import OutsideRun
from mediajobs.client import CallRefused, Client, ServiceAway
from mediajobs.client import call as calls
from mediajobs.client.call import Call
from mediajobs.errors import InvalidParameters, MediajobsError, RunLost, ToolCrashed, ToolError
from mediajobs.tools import catalog
from mediajobs.tools.tool import Result, Worker

commands = Commands()

#: Tries to hand a result in, and seconds between them.
_TRIES, _PAUSE = 8, 5.0
_REFUSED = "refused"


class NotAble(MediajobsError):
    """This machine cannot do what is asked of it."""


@commands.command("worker")
def serve(
    ctx: typer.Context,
    tool: Annotated[
        list[str] | None, typer.Option(help="take only tasks of this tool; may be given again")
    ] = None,
    poll: Annotated[float, typer.Option(min=0.1, help="seconds between two questions for work")] = 5.0,
    once: Annotated[bool, typer.Option(help="end after one task, or if none waits")] = False,
    directory: Annotated[Path | None, typer.Option(help="for the files of the task at work")] = None,
) -> None:
    """Work on tasks with `executor: outside`, one at a time, until it is interrupted.

    It needs a key of the role WORK and nothing of AWS; ffmpeg comes with the package imageio-ffmpeg.
    """
    asked = context.of(ctx)
    tools = _able(tool)
    # As Ctrl-C: the task in hand is given back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place = Path(tempfile.mkdtemp(prefix="mediajobs-", dir=directory))
    try:
        with asked.client() as client:
            while True:
                work = _next(client, tools)
                if work is not None:
                    asked.say_line({**work, "parameters": None, "files": None}, _line(work, "taken"))
                    ending = _do(client, work, place)
                    asked.say_line({"work": work["work"], "ending": ending}, _line(work, ending))
                if once:
                    return
                if work is None:
                    time.sleep(poll)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _able(wanted: Sequence[str] | None) -> list[str]:
    """The tools that this machine offers. Raises NotAble."""
    known = [
        name for name in catalog.names() if (found := catalog.find(name)) and found.WORKER is Worker.MEDIA
    ]
    if unknown := set(wanted or ()) - set(known):
        raise NotAble(f"no outside worker runs {min(unknown)}; there are {', '.join(known)}")
    if find_spec("imageio_ffmpeg") is None:
        raise NotAble("ffmpeg is missing: install the package imageio-ffmpeg")
    return list(wanted or known)


def _next(client: Client, tools: Sequence[str]) -> answer.Work | None:
    try:
        return client.send(calls.take_work(tools))
    except ServiceAway:
        return None


def _do(client: Client, work: answer.Work, place: Path) -> str:
    """Work on a task, and hand in what came of it; how it ended, in a word."""
    shutil.rmtree(place, ignore_errors=True)
    name = work["work"]
    with OutsideRun(client, work, place) as run:
        try:
            result = _run(run, work)
            run.beat()
            said: Call[None] = calls.finish_work(name, _body(result))
            ending = "done"
        except RunLost as lost:
            said, ending = calls.fail_work(name, None), f"lost: {lost}"
        except ToolError as error:
            said = calls.fail_work(name, error.code, str(error)[:1000], retryable=error.retryable)
            ending = f"failed: {error.code}: {error}"
        except KeyboardInterrupt:
            client.send(calls.fail_work(name, None))
            raise
        finally:
            run.ended.set()
        ending = _hand_in(client, said, ending)
        if ending.startswith(_REFUSED):
            _hand_in(client, calls.fail_work(name, "LimitExceeded", ending[:1000]), ending)
        return ending


def _run(run: OutsideRun, work: answer.Work) -> Result:
    """The tool's work; any error it did not foresee is a ToolCrashed."""
    tool = catalog.find(work["tool"])
    if tool is None:
        raise InvalidParameters(f"this worker does not know the tool {work['tool']}")
    try:
        result = tool.run(run, tool.Parameters.model_validate(work["parameters"]))
        run.check()
    except (ToolError, RunLost):
        raise
    except ValidationError:
        raise InvalidParameters(
            f"{work['tool']} refuses its parameters: is this worker of an old version?"
        ) from None
    except Exception as error:
        run.check()
        raise ToolCrashed(
            f"{work['tool']} met an error it did not foresee: {type(error).__name__}"
        ) from error
    return result


def _hand_in(client: Client, said: Call[None], ending: str) -> str:
    """Say how it ended, again and again if nobody answers; heartbeats still keep the task meanwhile."""
    for _ in range(_TRIES):
        try:
            client.send(said)
        except ServiceAway:
            time.sleep(_PAUSE)
        except CallRefused as error:
            if error.status < 500:
                return ending if ending.startswith("lost") else f"{_REFUSED}: {error}"
            time.sleep(_PAUSE)
        else:
            return ending
    return "lost: the service did not answer"


def _body(result: Result) -> dict[str, Any]:
    files = [{"name": file.name, "content_type": file.content_type} for file in result.files]
    return {"files": files, "usage": asdict(result.usage), "data": dict(result.data)}


def _line(work: answer.Work, ending: str) -> str:
    return f"{work['job_id']} task {work['task']} {work['tool']}: {ending}"
