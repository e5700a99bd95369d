"""Dolby.io's words as tables: its APIs, kinds of outputs, codecs, amounts, and what of ours they are."""

from collections.abc import Mapping

#: As the vendor's page shows it.
API_VERSION = "v1.1.1"
#: The words for a job's status, by what a client may write.
STATUSES: Mapping[str, str] = {
    status.lower(): status for status in ("Pending", "Running", "Success", "Cancelled", "Failed")
}
#: What can be asked of `/media/<api>`.
APIS = frozenset(
    {
        *("transcode", "enhance", "analyze", "analyze/speech", "analyze/music", "diagnose"),
        *("master", "master/preview"),
    }
)
#: The API that would have done a job of another dialect, by its first tool that is one of these.
PATHS: Mapping[str, str] = {
    "media:transcode": "/media/transcode",
    "media:package": "/media/transcode",
    "media:thumbnails": "/media/transcode",
    "media:enhance": "/media/enhance",
    "media:analyze": "/media/analyze",
    "media:probe": "/media/analyze",
}

#: Kinds of outputs that are files with picture and sound, or with sound only, and the codecs they begin with.
PICTURES: Mapping[str, tuple[str, str]] = {
    "mp4": ("h264", "aac"),
    "mov": ("h264", "aac"),
    "mkv": ("h264", "aac"),
    "ts": ("h264", "aac"),
    "webm": ("vp9", "opus"),
}
SOUNDS: Mapping[str, str] = {"m4a": "aac", "mp3": "mp3", "ogg": "opus", "flac": "flac", "wav": "pcm"}
IMAGES: Mapping[str, str] = {"jpg": "jpg", "jpeg": "jpg", "png": "png", "webp": "webp"}
STREAMS = frozenset({"hls", "dash"})

VIDEO_CODECS: Mapping[str, str] = {
    "h264": "h264",
    "avc": "h264",
    "h265": "hevc",
    "hevc": "hevc",
    "vp9": "vp9",
    "av1": "av1",
    "copy": "copy",
}
AUDIO_CODECS: Mapping[str, str] = {
    "aac_lc": "aac",
    "aac": "aac",
    "mp3": "mp3",
    "opus": "opus",
    "ac3": "ac3",
    "flac": "flac",
    "pcm": "pcm",
    "copy": "copy",
}
#: How much an enhancement does.
AMOUNTS: Mapping[str, str] = {
    "auto": "medium",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "max": "high",
}
#: What media:enhance can write.
ENHANCED = frozenset(
    {"mp4", "m4v", "mov", "mkv", "ts", "webm", "m4a", "mp3", "wav", "flac", "ogg", "opus"},
)

#: Loudness in LUFS, and the lowest frequency in Hz, where the request names none.
ENHANCED_LOUDNESS = -18
MASTERED_LOUDNESS = -14
HIGH_PASS_HZ = 80
