"""How tasks name the files that they pass to each other."""

from typing import Annotated

from pydantic import AfterValidator, Field


def _plain(name: str) -> str:
    if not name.isprintable() or any(character in "\\{}" for character in name):
        raise ValueError("a file name has no control characters, backslashes or braces")
    if any(part in {"", ".", ".."} for part in name.split("/")):
        raise ValueError("a file name has no empty part, and neither . nor .. as one")
    return name


#: A file of the job's workspace, such as `clip.mp4` or `hls/master.m3u8`.
FileName = Annotated[str, Field(min_length=1, max_length=255, examples=["clip.mp4"]), AfterValidator(_plain)]
