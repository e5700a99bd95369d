"""media:thumbnails: still pictures of a video, single, zipped, or as a sheet with an index for players."""

from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mediajobs.media.amount import Percent, Side
from mediajobs.tools.tool import Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName

WORKER = Worker.MEDIA

#: Pictures of one task, at most.
MAX_PICTURES = 500

Moment = Annotated[float, Field(ge=0, le=86400)] | Percent


class Parameters(Model):
    """Takes pictures at `times`, `every_seconds`, or `count` of them evenly spread; by default one, from the
    middle. At most 500.

    `data.pictures` lists each one's `name` and `time_seconds`; of a sprite, `data.sheet` is the picture with
    all of them and `data.index` a WebVTT file that says which part of it belongs to which time.
    """

    input: FileName | None = Field(
        None, description="The workspace file to look at. Default: the job's most recent video."
    )
    times: tuple[Moment, ...] | None = Field(
        None,
        min_length=1,
        max_length=MAX_PICTURES,
        description="Seconds, or percent of the duration.",
        examples=[[1.5, "50%"]],
    )
    every_seconds: Annotated[float, Field(ge=0.1, le=86400)] | None = Field(
        None, description="From the begin, one picture in so many seconds."
    )
    count: Annotated[int, Field(ge=1, le=MAX_PICTURES)] | None = Field(
        None, description="So many pictures, each from the middle of its part of the video."
    )
    width: Side | None = Field(None, description="Pixels, or percent of the source's. Sides are made even.")
    height: Side | None = Field(
        None,
        description="The same. One side alone keeps the shape; neither keeps the size (sprite: width 160).",
    )
    mode: Literal["fit", "pad", "crop", "stretch"] = Field(
        "fit", description="How a picture gets another shape; as for media:transcode."
    )
    format: Literal["jpg", "png", "webp"] = "jpg"
    quality: int = Field(85, ge=1, le=100, description="Of jpg and webp.")
    delivery: Literal["files", "zip", "sprite"] = Field(
        "files",
        description="Each picture a file, one zip file of all, or one sheet of all with a WebVTT index.",
    )
    columns: int = Field(10, ge=1, le=50, description="Pictures in a row of a sprite.")
    name: FileName | None = Field(
        None,
        max_length=200,
        description="Begins the outputs' names: <name>-0001.jpg and so on (one picture: <name>.jpg), "
        "<name>.zip, <name>-sprite.jpg and <name>-sprite.vtt. Default: the input's name without its ending.",
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        given = [name for name in ("times", "every_seconds", "count") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} exclude each other")
        for time in self.times or ():
            if isinstance(time, str) and float(time.rstrip("%")) > 100:
                raise ValueError("times go to 100%")
        return self


def run(run: Run, parameters: Parameters) -> Result:
    """Find the moments, take the pictures, deliver them."""
    from mediajobs.media import thumbnail
    from mediajobs.media.moment import moments
    from mediajobs.media.probe import probe
    from mediajobs.media.rendition import Video
    from mediajobs.media.source import IMAGE, VIDEO, choose

    name = choose(run, parameters.input, (VIDEO, IMAGE) if parameters.input else (VIDEO,))
    source = probe(run, run.open(name))
    times = moments(
        source.duration,
        times=parameters.times,
        every=parameters.every_seconds,
        count=parameters.count,
        most=MAX_PICTURES,
    )
    small = parameters.delivery == "sprite" and parameters.width is None and parameters.height is None
    shape = Video(width=160 if small else parameters.width, height=parameters.height, mode=parameters.mode)
    order = thumbnail.Order(times, shape, parameters.format, parameters.quality)
    stem = parameters.name or PurePosixPath(name).stem[:150]
    match parameters.delivery:
        case "sprite":
            files, data = thumbnail.sprite(run, name, source, order, stem, columns=parameters.columns)
        case "zip":
            files, data = thumbnail.zipped(run, name, source, order, stem)
        case _:
            files, data = thumbnail.single(run, name, source, order, stem)
    run.progress(1)
    return Result(
        files=files,
        usage=Usage(
            seconds_in=source.duration or 0,
            bytes_in=source.size,
            bytes_out=sum(file.size for file in files),
        ),
        data={"input": name, **data},
    )
