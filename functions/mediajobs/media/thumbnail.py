"""Takes still pictures of a video and delivers them one by one, zipped, or as a sheet with an index."""

import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from mediajobs.errors import FfmpegFailed, InvalidParameters
from mediajobs.media import ffmpeg
from mediajobs.media import filter as filters
from mediajobs.media.geometry import Frame, Impossible, Picture, Size, frame
from mediajobs.media.moment import Moment
from mediajobs.media.rendition import Video
from mediajobs.media.stream import Probe, VideoStream
from mediajobs.tools.tool import File, Run

#: Pictures that one ffmpeg takes, each with a decoder of its own.
_BATCH = 8
#: Seconds by which to go back where a file has sound, but no picture any more.
_STEPS_BACK = (0.0, 0.2, 1.0, 5.0, 30.0)
_PIXEL_FORMATS = {"jpg": "yuvj420p", "png": "rgb24", "webp": "yuv420p", "raw": "rgb24"}
#: The longest side of a sheet: what WebP can hold.
MAX_SHEET_SIDE = 16_383

Delivered = tuple[list[File], dict[str, Any]]


@dataclass(frozen=True)
class Order:
    """Which pictures, and how each is to be."""

    moments: Sequence[Moment]
    shape: Video
    format: str
    quality: int


def single(run: Run, name: str, source: Probe, order: Order, stem: str) -> Delivered:
    """Each picture a file of its own."""
    paths, size = _take(run, name, source, order, order.format)
    files = []
    for number, path in enumerate(paths, 1):
        alone = f"{stem}.{order.format}" if len(paths) == 1 else f"{stem}-{number:04d}.{order.format}"
        files.append(run.save(path, alone))
    return files, _told(order, size, [file.name for file in files])


def zipped(run: Run, name: str, source: Probe, order: Order, stem: str) -> Delivered:
    """All pictures in a zip file; they are compressed already."""
    paths, size = _take(run, name, source, order, order.format)
    inside = [
        f"{PurePosixPath(stem).name}-{number:04d}.{order.format}" for number in range(1, len(paths) + 1)
    ]
    target = run.directory / "pictures.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path, entry in zip(paths, inside, strict=True):
            run.check()
            archive.write(path, entry)
    return [run.save(target, f"{stem}.zip")], _told(order, size, inside)


def sprite(run: Run, name: str, source: Probe, order: Order, stem: str, *, columns: int) -> Delivered:
    """All pictures on one sheet, and a WebVTT file that says which part of it belongs to which time."""
    columns = min(columns, len(order.moments))
    rows = -(-len(order.moments) // columns)
    width, height = _framed(source, order.shape)[1].size
    sheet_size = width * columns, height * rows
    if max(sheet_size) > MAX_SHEET_SIDE or sheet_size[0] * sheet_size[1] > ffmpeg.MAX_PIXELS:
        raise InvalidParameters(
            f"delivery: a sheet of {columns} x {rows} pictures is {sheet_size[0]} x {sheet_size[1]} pixels; "
            "that is too large, so take fewer or smaller pictures"
        )
    paths, size = _take(run, name, source, order, "raw")
    _join(run, paths, run.directory / "all.raw")
    whole = ffmpeg.Input(
        "all.raw", ("-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{width}x{height}")
    )
    tiles = f"tile=layout={columns}x{rows},format={_PIXEL_FORMATS[order.format]}"
    target = ffmpeg.Output(f"sheet.{order.format}", ("-vf", tiles, *_encoder(order.format, order.quality)))
    ffmpeg.run_ffmpeg(run, ffmpeg.command([whole], [target]), None, start=0.9, span=0.09)
    sheet = run.save(run.directory / target.name, f"{stem}-sprite.{order.format}")
    index = run.directory / "sheet.vtt"
    index.write_text(_index(order.moments, PurePosixPath(sheet.name).name, size, columns), encoding="utf-8")
    listed = run.save(index, f"{stem}-sprite.vtt")
    places = {"sheet": sheet.name, "index": listed.name, "columns": columns, "rows": rows}
    return [sheet, listed], {**places, **_told(order, size, [])}


def _take(run: Run, name: str, source: Probe, order: Order, format_name: str) -> tuple[list[Path], Size]:
    """One local file a moment, in order, and the size of each."""
    picture, framed = _framed(source, order.shape)
    chain = filters.chain(
        framed,
        _shown(picture)[0],
        field_order=picture.field_order if picture.interlaced else None,
        rotate=0,
        rate=None,
    )
    steps = ",".join([*chain.filters, f"format={_PIXEL_FORMATS[format_name]}"])
    options = ("-map_metadata", "-1", "-vf", steps, *_encoder(format_name, order.quality))
    read = ffmpeg.place(run, name)
    made: list[Path] = []
    done = 0.0
    for first in range(0, len(order.moments), _BATCH):
        missing = {
            run.directory / f"t{first + number:04d}.{format_name}": moment.time
            for number, moment in enumerate(order.moments[first : first + _BATCH])
        }
        made += missing
        for back in _STEPS_BACK:
            times = {path: max(0.0, time - back) for path, time in missing.items()}
            ffmpeg.run_ffmpeg(run, _shots(read, picture, times, options), None, start=done, span=0)
            missing = {path: time for path, time in missing.items() if not _there(path)}
            if not missing:
                break
        else:
            raise FfmpegFailed(f"no picture can be decoded at {min(missing.values()):.2f} seconds")
        done = 0.9 * len(made) / len(order.moments)
        run.progress(done)
    return made, framed.size


def _shots(
    read: ffmpeg.Input, picture: VideoStream, times: Mapping[Path, float], options: Sequence[str]
) -> list[str]:
    """The command that takes one picture for each path; where there is none any more, it makes no file."""
    inputs = [replace(read, options=("-ss", f"{time:.6f}") if time else ()) for time in times.values()]
    outputs = [
        ffmpeg.Output(path.name, ("-map", f"{number}:{picture.index}", *options))
        for number, path in enumerate(times)
    ]
    return ffmpeg.command(inputs, outputs)


def _there(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _framed(source: Probe, shape: Video) -> tuple[VideoStream, Frame]:
    picture = source.video
    if picture is None:
        raise InvalidParameters("input: the file has no picture")
    try:
        return picture, frame(_shown(picture)[1], shape)
    except Impossible as error:
        raise InvalidParameters(str(error)) from None


def _shown(picture: VideoStream) -> tuple[Size, Picture]:
    shown = Picture(picture.width, picture.height, picture.sample_aspect_ratio).turned(picture.rotation)
    return (shown.width, shown.height), shown


def _encoder(format_name: str, quality: int) -> tuple[str, ...]:
    one = ("-frames:v", "1", "-f", "image2", "-update", "1")
    match format_name:
        case "jpg":
            # 2 is the best and 31 the worst.
            return ("-c:v", "mjpeg", "-q:v", str(round(31 - quality * 0.29)), *one)
        case "webp":
            return ("-c:v", "libwebp", "-quality", str(quality), *one)
        case "png":
            return ("-c:v", "png", *one)
    return ("-frames:v", "1", "-f", "rawvideo")


def _join(run: Run, paths: Sequence[Path], target: Path) -> None:
    with target.open("wb") as joined:
        for path in paths:
            run.check()
            with path.open("rb") as part:
                shutil.copyfileobj(part, joined)
            path.unlink()


def _index(moments: Sequence[Moment], sheet: str, size: Size, columns: int) -> str:
    width, height = size
    cues = ["WEBVTT\n"]
    for number, moment in enumerate(moments):
        row, column = divmod(number, columns)
        place = f"{column * width},{row * height},{width},{height}"
        cues.append(f"{_clock(moment.start)} --> {_clock(moment.end)}\n{quote(sheet)}#xywh={place}\n")
    return "\n".join(cues)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _told(order: Order, size: Size, names: Sequence[str]) -> dict[str, Any]:
    pictures: list[dict[str, Any]] = [{"time_seconds": round(moment.time, 3)} for moment in order.moments]
    for told, name in zip(pictures, names, strict=False):
        told["name"] = name
    return {"width": size[0], "height": size[1], "pictures": pictures}
