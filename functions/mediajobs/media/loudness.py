"""How loud sound is, by EBU R128: measured, and read from what ffmpeg's meter says."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mediajobs.media import ffmpeg
from mediajobs.tools.tool import Run

#: The filter that measures; it changes nothing, and a `Meter` reads its summary.
FILTER = "ebur128=peak=true:framelog=quiet"

#: What the meter shows for silence.
_SILENCE = -70.0
_SUMMARY = re.compile(r"\[Parsed_ebur128_\d+\] Summary:")
_FIGURE = re.compile(r"\s+(I|LRA|Peak):\s+(-?[\d.]+|-?inf|-?nan) (?:LUFS|LU|dBFS)")


@dataclass(frozen=True)
class Loudness:
    """A measurement; what silence does not have is none."""

    #: Integrated loudness, LUFS.
    integrated_lufs: float | None
    #: Loudness range, LU.
    range_lu: float | None
    #: Largest true peak of a channel, dBTP.
    true_peak_dbtp: float | None

    def json(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return asdict(self)


class Meter:
    """Reads the summary of one `FILTER` from ffmpeg's messages."""

    def __init__(self) -> None:
        self._figures: dict[str, float] = {}
        self._open = False

    def read(self, line: str) -> None:
        """Take one message."""
        if _SUMMARY.fullmatch(line):
            self._open = True
        elif not line.startswith(" "):
            self._open = False
        elif self._open and (figure := _FIGURE.fullmatch(line)):
            self._figures[figure[1]] = float(figure[2])

    @property
    def loudness(self) -> Loudness:
        """What was measured; silence where nothing was."""
        integrated = self._figures.get("I", _SILENCE)
        # Also true for nan.
        if not integrated > _SILENCE:
            return Loudness(None, None, None)
        peak = self._figures.get("Peak", -math.inf)
        return Loudness(integrated, self._figures.get("LRA"), peak if peak > -math.inf else None)


@dataclass(frozen=True)
class Target:
    """What sound is to be brought to; a range of none is left as it is."""

    integrated_lufs: float
    true_peak_dbtp: float
    range_lu: float | None = None

    def correction(self, measured: Loudness, sample_rate: int) -> tuple[str, str] | None:
        """The filters that bring measured sound to this, and how; none for silence.

        `linear` is one gain for all of it; `limited` the same with the peaks above the limit held down;
        `dynamic` a gain that moves with the sound, which a narrower range needs.
        """
        if measured.integrated_lufs is None:
            return None
        gain = self.integrated_lufs - measured.integrated_lufs
        if self.range_lu is not None and (measured.range_lu or 0) > self.range_lu:
            # loudnorm works at 192 kHz.
            return (
                f"loudnorm=I={self.integrated_lufs}:TP={self.true_peak_dbtp}:LRA={self.range_lu}"
                f",aresample={sample_rate}",
                "dynamic",
            )
        if (measured.true_peak_dbtp or 0) + gain <= self.true_peak_dbtp:
            return f"volume={gain:.2f}dB", "linear"
        # Peaks between samples are seen only at a higher rate; going back may raise them a little.
        limit = 10 ** ((self.true_peak_dbtp - 0.3) / 20)
        return (
            f"volume={gain:.2f}dB,aresample=192000"
            f",alimiter=limit={limit:.4f}:attack=5:release=50:level=false,aresample={sample_rate}",
            "limited",
        )


def measure(
    run: Run,
    source: ffmpeg.Input,
    stream: int,
    duration: float | None,
    *,
    behind: Sequence[str] = (),
    on_line: Callable[[str], None] | None = None,
    start: float,
    span: float,
) -> Loudness:
    """Measure one stream of a file, by its index, as it is behind some filters.

    Progress goes from `start` to `start + span`; `on_line` gets what the filters say.
    """
    meter = Meter()

    def read(line: str) -> None:
        meter.read(line)
        if on_line is not None:
            on_line(line)

    nothing = ffmpeg.Output("-", ("-map", "[out]", "-f", "null"))
    filters = f"[0:{stream}]{','.join([*behind, FILTER])}[out]"
    arguments = ffmpeg.command([source], [nothing], filters=filters)
    ffmpeg.run_ffmpeg(run, arguments, duration, start=start, span=span, on_line=read)
    return meter.loudness
