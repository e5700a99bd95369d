"""Files of jobs: their ids, and the media in them as the vendor tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mediajobs.dialects.xvid import words


@dataclass(frozen=True, order=True)
class FileId:
    """A file by the task that makes it and its number among what the task makes; the id is known before the
    file is made."""

    job: str
    task: int
    number: int

    @property
    def text(self) -> str:
        """38 hexadecimal digits."""
        return f"{UUID(self.job).hex}{self.task:02x}{self.number:04x}"

    @classmethod
    def of(cls, text: str) -> "FileId | None":
        """The id written so."""
        if len(text) != 38 or not all(letter in "0123456789abcdef" for letter in text):
            return None
        return cls(str(UUID(text[:32])), int(text[32:34], 16), int(text[34:], 16))


def tracks(probe: Mapping[str, Any]) -> dict[str, list[dict[str, Any]] | None]:
    """The tracks of a file by what media:probe knows of it."""
    streams = probe.get("streams", ())
    return {
        "video_tracks": [_video(each) for each in streams if each["type"] == "video"] or None,
        "audio_tracks": [_audio(each) for each in streams if each["type"] == "audio"] or None,
    }


def _video(stream: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "video_codec": words.CODECS.get(stream["codec"], stream["codec"]),
        "video_bitrate": _kbit(stream["bit_rate"]),
        "width": stream["width"],
        "height": stream["height"],
        "framerate": stream["frame_rate"],
        "aspect_ratio": stream["sample_aspect_ratio"],
        "orientation": f"rotate-{stream['rotation']}",
    }


def _audio(stream: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "audio_codec": words.CODECS.get(stream["codec"], stream["codec"]),
        "audio_bitrate": _kbit(stream["bit_rate"]),
        "samplingrate": stream["sample_rate"],
        "nb_channels": stream["channels"],
    }


def _kbit(rate: int | None) -> int | None:
    return rate and round(rate / 1000)
