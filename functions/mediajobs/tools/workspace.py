"""How tasks name the files that they pass to each other."""

import mimetypes
from pathlib import PurePath
from typing import Annotated

from pydantic import AfterValidator, Field

#: What a playlist or manifest is called on the web; Python's table lacks them.
_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".m4s": "video/iso.segment",
    ".vtt": "text/vtt",
    ".mkv": "video/x-matroska",
    ".ts": "video/mp2t",
}


def _plain(name: str) -> str:
    if not name.isprintable() or any(character in "\\{}" for character in name):
        raise ValueError("a file name has no control characters, backslashes or braces")
    if any(part in {"", ".", ".."} for part in name.split("/")):
        raise ValueError("a file name has no empty part, and neither . nor .. as one")
    return name


#: A file of the job's workspace, such as `clip.mp4` or `hls/master.m3u8`.
FileName = Annotated[str, Field(min_length=1, max_length=255, examples=["clip.mp4"]), AfterValidator(_plain)]


def type_of(name: str) -> str:
    """The media type that a file's name stands for."""
    known = _TYPES.get(PurePath(name).suffix.lower()) or mimetypes.guess_type(name)[0]
    return known or "application/octet-stream"
