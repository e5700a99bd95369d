"""Tiny real media, made by ffmpeg when a test first asks for them."""

import atexit
import shutil
import struct
import subprocess
import tempfile
import zlib
from functools import cache
from pathlib import Path

import imageio_ffmpeg

PICTURE = "-f lavfi -i testsrc2=size=128x72:rate=25:duration=2"
TONE = "-f lavfi -i sine=frequency=440:duration=2"
#: Left half red, right half blue; the top quarter green.
FLAG = (
    "-f lavfi -i color=red:size=64x72:rate=25:duration=2 "
    "-f lavfi -i color=blue:size=64x72:rate=25:duration=2 "
    "-f lavfi -i color=lime:size=128x18:rate=25:duration=2 -filter_complex [0][1]hstack[f];[f][2]overlay"
)
H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
MUTE_X265 = "-x265-params log-level=error"

#: How each is made; `{name}` is another one.
_RECIPES = {
    "clip.mp4": f"{PICTURE} {TONE} {H264} -c:a aac",
    "flag.mp4": f"{FLAG} {H264} -crf 10",
    "tall.mp4": f"-f lavfi -i testsrc2=size=72x128:rate=25:duration=1 {H264}",
    "silent.mp4": f"{PICTURE} {H264}",
    "ntsc.mp4": f"-f lavfi -i testsrc2=size=128x72:rate=30000/1001:duration=1 {H264}",
    "film.mov": f"-f lavfi -i testsrc2=size=128x72:rate=24000/1001:duration=1 {H264}",
    "turned.mp4": "-display_rotation -90 -i {flag.mp4} -c copy",
    "wide.mp4": f"{PICTURE} -vf setsar=4/3 {H264}",
    "fields.mp4": f"{PICTURE} -vf setfield=tff -flags +ilme+ildct {H264} -x264opts tff=1",
    "uneven.mp4": f"{PICTURE} -vf select='lt(n,10)+not(mod(n,3))' -fps_mode vfr {H264}",
    "tongues.mkv": (
        f"{PICTURE} {TONE} {TONE} -map 0 -map 1 -map 2 "
        f"-metadata:s:a:0 language=eng -metadata:s:a:1 language=deu "
        f"-disposition:a:1 default -disposition:a:0 0 -c:v libx265 {MUTE_X265} -preset ultrafast -c:a ac3"
    ),
    "clip.webm": f"{PICTURE} {TONE} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus",
    "clip.ts": f"{PICTURE} {TONE} -c:v mpeg2video -c:a mp2",
    "av1.mp4": f"{PICTURE} -c:v libsvtav1 -preset 12",
    "bare.264": f"{PICTURE} {H264} -f h264",
    "tone.mp3": TONE,
    "tone.wav": TONE,
    "tone.flac": TONE,
    "tone.ogg": f"{TONE} -c:a libvorbis",
    "tone.m4a": f"{TONE} -c:a aac",
    "surround.wav": f"{TONE} -ac 6",
    "cover.mp3": f"{TONE} -i {{still.jpg}} -map 0 -map 1 -c:v copy -disposition:v attached_pic",
    "words.mkv": (
        "-i {clip.mp4} -i {words.srt} -map 0 -map 1 -c copy -c:s srt "
        "-metadata:s:s:0 language=fra -disposition:s:0 forced"
    ),
    "still.png": f"{PICTURE} -frames:v 1 -update 1",
    "still.jpg": f"{PICTURE} -frames:v 1 -update 1",
    "still.webp": f"{PICTURE} -frames:v 1",
    "logo.png": "-f lavfi -i color=white:size=32x16 -frames:v 1 -update 1",
    "quiet.mp4": f"{PICTURE} {TONE} -af volume=-20dB,tremolo=f=1:d=0.5 {H264} -c:a aac",
    "peaky.wav": "-f lavfi -i aevalsrc=0.1*sin(2764*t)+0.8*sin(6283*t)*lt(mod(t\\,2)\\,0.01):d=6",
    "hiss.wav": "-f lavfi -i aevalsrc=0.3*sin(2764*t)*lt(t\\,2)+0.01*(2*random(0)-1):d=5",
    "hush.wav": "-f lavfi -i anullsrc=duration=2",
    "grain.mp4": f"{PICTURE} -vf noise=alls=10:allf=t {H264} -crf 5",
    "events.mp4": (
        "-f lavfi -i color=black:size=128x72:rate=25:duration=2 "
        "-f lavfi -i testsrc2=size=128x72:rate=25:duration=2 "
        "-f lavfi -i color=red:size=128x72:rate=25:duration=2 "
        "-f lavfi -i aevalsrc=0.2*sin(2764*t)*(1-between(t\\,1\\,3.5)):d=6 "
        f"-filter_complex [0][1][2]concat=n=3 {H264} -c:a aac"
    ),
    "wide.mkv": (
        "-f lavfi -i testsrc2=size=1280x720:rate=30000/1001:duration=5 "
        "-f lavfi -i sine=frequency=440:duration=5 -f lavfi -i sine=frequency=880:duration=5 "
        "-map 0 -map 1 -map 2 -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu "
        f"{H264} -g 300 -c:a aac"
    ),
    # Each of its four seconds is of a brighter grey: 0, 60, 120, 180.
    "seconds.mp4": (
        "-f lavfi -i color=black:size=128x72:rate=25:duration=4 "
        "-vf format=gray,geq=lum=floor(T)*60,format=yuvj420p -c:v libx264 -preset ultrafast -crf 8"
    ),
    "minute.mp4": (
        f"-f lavfi -i testsrc2=size=640x360:rate=25:duration=60 -f lavfi -i sine=duration=60 {H264} -c:a aac"
    ),
    "ten-minutes.mp4": f"-f lavfi -i testsrc2=size=320x180:rate=10:duration=600 {H264}",
    "long.mp4": f"-f lavfi -i testsrc2=size=320x180:rate=25:duration=60 {H264}",
}
_TEXTS = {"words.srt": "1\n00:00:00,000 --> 00:00:01,000\nhello\n"}


@cache
def clip(name: str) -> Path:
    """The path of a clip of `_RECIPES`; read only."""
    path = _directory() / name
    if name == "bomb.png":
        path.write_bytes(_bomb())
        return path
    if name in _TEXTS:
        path.write_text(_TEXTS[name])
        return path
    arguments = [
        str(clip(part[1:-1])) if part.startswith("{") and part.endswith("}") else part
        for part in _RECIPES[name].split()
    ]
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments, str(path)],
        check=True,
        capture_output=True,
    )
    return path


def pixel(path: Path, x: int, y: int, *, at: float = 0) -> tuple[int, int, int]:
    """Red, green and blue of one point of a picture or of a frame, as shown."""
    raw = subprocess.run(
        [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-ss", str(at), "-i", str(path)),
            *("-frames:v", "1", "-vf", f"format=rgb24,crop=1:1:{x}:{y}:exact=1", "-f", "rawvideo", "-"),
        ],
        check=True,
        capture_output=True,
    ).stdout
    red, green, blue = raw
    return red, green, blue


@cache
def _directory() -> Path:
    path = Path(tempfile.mkdtemp(prefix="mediajobs-clips-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def _bomb() -> bytes:
    """A PNG of a few kilobytes and 256 million pixels."""
    side = 16000

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes((1 + side // 8) * side), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
