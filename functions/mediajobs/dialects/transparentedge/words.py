"""TransparentEdge's words as tables, with ours beside them."""

from collections.abc import Mapping

from mediajobs.job import Status

#: The words of a filter → our statuses; its older clients say PENDING for QUEUED.
STATUSES: Mapping[str, frozenset[Status]] = {
    "QUEUED": frozenset({Status.PENDING}),
    "PENDING": frozenset({Status.PENDING}),
    "DOWNLOADING": frozenset({Status.RUNNING}),
    "TRANSCODING": frozenset({Status.RUNNING}),
    "UPLOADING": frozenset({Status.RUNNING}),
    "FINISHED": frozenset({Status.SUCCESS}),
    "ERROR": frozenset({Status.FAILED, Status.CANCELLED}),
}
#: What a running job does, by the tool of its present task.
_PHASES = {"storage:get": "DOWNLOADING", "storage:put": "UPLOADING"}

# Of profiles: those of the vendor's that can be made here, and a few of ours beside them.
VIDEO_FORMATS = {"mp4": "mp4", "mpegts": "ts", "mov": "mov", "webm": "webm"}
VIDEO_CODECS = {
    "h264": "h264",
    "libx264": "h264",
    "webm": "vp9",
    "hevc": "hevc",
    "vp9": "vp9",
    "av1": "av1",
    "copy": "copy",
}
AUDIO_CODECS = {
    "libfdk_aac": "aac",
    "aac": "aac",
    "mp3": "mp3",
    "ac3": "ac3",
    "opus": "opus",
    "copy": "copy",
}
ASPECTS = ("16:9", "9:16", "4:3")
H264_PRESETS = {
    "ultrafast": "fastest",
    "superfast": "fastest",
    "veryfast": "fast",
    "faster": "fast",
    "fast": "medium",
    "medium": "medium",
    "slow": "slow",
    "slower": "slow",
    "veryslow": "slow",
}

#: The kind of document (`store.document`) that a profile is.
PROFILES = "transparentedge-profile"
#: Jobs carry the names of their profiles as tags, by which a list can filter.
PROFILE_TAG = "profile:"


def status(of_job: Status, tool: str) -> str:
    """A job's status, given the tool of its present task."""
    if of_job is Status.RUNNING:
        return _PHASES.get(tool, "TRANSCODING")
    return next(word for word, ours in STATUSES.items() if of_job in ours)


def priority(theirs: int | None) -> int | None:
    """5 to 10 on our scale to 100; 5, like none, is the usual one."""
    return None if theirs in (None, 5) else theirs * 10
