"""Tasks as a client writes them."""

from typing import Any


def get(*urls: str, **more: Any) -> dict[str, Any]:
    """Bring files into the job."""
    return {"tool": "storage:get", "parameters": {"sources": [{"url": url} for url in urls]}, **more}


def put(*urls: str, **parameters: Any) -> dict[str, Any]:
    """Bring the job's files to each of the URLs."""
    destinations = [{"url": url} for url in urls]
    return {"tool": "storage:put", "parameters": {"destinations": destinations, **parameters}}


def encode(*, seconds: float, slow: bool = False, **more: Any) -> dict[str, Any]:
    """Encode so much of a generated picture, a small one with haste or a large one with care."""
    size, preset = ("1280x720", "veryslow") if slow else ("128x72", "ultrafast")
    arguments = ["-f", "lavfi", "-i", f"testsrc2=duration={seconds}:size={size}:rate=25"]
    arguments += ["-c:v", "libx264", "-preset", preset, "{out:made.mp4}"]
    return {"tool": "ffmpeg:cmd", "parameters": {"outputs": ["made.mp4"], "arguments": arguments}, **more}


def endless(**more: Any) -> dict[str, Any]:
    """An encode that takes longer than any test."""
    return encode(seconds=3600, slow=True, **more)
