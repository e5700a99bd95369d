"""Which file of the job a tool works on."""

import mimetypes
from collections.abc import Mapping
from pathlib import PurePosixPath

from mediajobs.errors import InvalidParameters, SourceNotFound
from mediajobs.tools.tool import File, Run

#: Kinds of media; the first part of a content type.
VIDEO, AUDIO, IMAGE = "video", "audio", "image"
#: What has time.
MOVING = (VIDEO, AUDIO)

#: Endings that the platform's own table may not know.
_ENDINGS = {
    VIDEO: {
        "mkv",
        "webm",
        "ts",
        "mts",
        "m2ts",
        "mxf",
        "flv",
        "wmv",
        "asf",
        "m4v",
        "mpg",
        "mpeg",
        "vob",
        "ogv",
    },
    AUDIO: {"flac", "opus", "ogg", "oga", "m4a", "aac", "ac3", "wma", "w64", "caf", "mka"},
    IMAGE: {"webp", "bmp", "tif", "tiff"},
}
_UNKNOWN = "application/octet-stream"


def choose(run: Run, name: str | None, kinds: tuple[str, ...] = MOVING) -> str:
    """The named file, or else the most recent one of the job that is media of these kinds by its type or
    ending; a file of unknown type is taken where there is no other.

    Raises SourceNotFound for a name that the job does not have, InvalidParameters where nothing fits.
    """
    return chosen(run.files, name, kinds)


def chosen(files: Mapping[str, File], name: str | None, kinds: tuple[str, ...] = MOVING) -> str:
    """The same, of these files."""
    if name is not None:
        if name not in files:
            raise SourceNotFound(f"input: the job has no file {name!r}")
        return name
    recent = list(files.values())[::-1]
    for wanted in (kinds, (_UNKNOWN,)):
        for file in recent:
            if kind(file) in wanted:
                return file.name
    raise InvalidParameters("input: no earlier task left a media file; name one, or get one first")


def kind(file: File) -> str:
    """The first part of a media file's content type, or the whole of any other."""
    guessed = file.content_type
    if guessed == _UNKNOWN:
        guessed = mimetypes.guess_type(file.name)[0] or _UNKNOWN
    first = guessed.partition("/")[0]
    if first in (VIDEO, AUDIO, IMAGE):
        return first
    ending = PurePosixPath(file.name).suffix.lower().lstrip(".")
    return next((known for known, endings in _ENDINGS.items() if ending in endings), guessed)
