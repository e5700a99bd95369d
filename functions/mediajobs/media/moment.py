"""The moments of a video at which pictures are taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from mediajobs.errors import InvalidParameters
from mediajobs.media.amount import is_percent


@dataclass(frozen=True)
class Moment:
    """When a picture is taken, and the time for which it stands; seconds."""

    time: float
    start: float
    end: float


def moments(
    duration: float | None,
    *,
    times: Sequence[float | str] | None,
    every: float | None,
    count: int | None,
    most: int,
) -> list[Moment]:
    """The wanted moments in order of time; without a wish, the middle. Raises InvalidParameters."""
    if duration is None:
        # A still picture has one moment.
        if every is not None or (count or 1) > 1 or len(times or "x") > 1:
            raise InvalidParameters("input: a still picture gives one picture, not several")
        return [Moment(0, 0, 0)]
    if count is not None:
        part = duration / count
        return [Moment((n + 0.5) * part, n * part, (n + 1) * part) for n in range(count)]
    if every is not None:
        number = int(duration / every) + 1
        wanted = [n * every for n in range(min(number, most + 1)) if n == 0 or n * every < duration]
        if len(wanted) > most:
            raise InvalidParameters(f"every_seconds: makes {number} pictures of this input; at most {most}")
    else:
        wanted = sorted(_time(n, time, duration) for n, time in enumerate(times or ("50%",)))
    starts = [0.0, *wanted[1:]]
    return [
        Moment(time, start, end)
        for time, start, end in zip(wanted, starts, [*starts[1:], duration], strict=True)
    ]


def _time(number: int, time: float | str, duration: float) -> float:
    if is_percent(time):
        return float(str(time).rstrip("%")) / 100 * duration
    if float(time) > duration:
        raise InvalidParameters(f"times/{number}: the input ends at {duration:.2f} seconds")
    return float(time)
