"""Files that try to read other files, to reach the network, or to take more than is theirs."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.clip import clip

CANARY = b"canary-7f3a-not-for-you"


@dataclass
class Listener:
    """A port of this machine that counts who comes."""

    port: int
    hits: int = 0


@contextmanager
def listen() -> Iterator[Listener]:
    """A listener on loopback."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    listener = Listener(server.getsockname()[1])
    stop = threading.Event()

    def accept() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            listener.hits += 1
            connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener
    finally:
        stop.set()
        thread.join()
        server.close()


def _playlist(*entries: str) -> bytes:
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2", "#EXT-X-MEDIA-SEQUENCE:0"]
    for entry in entries:
        lines += ["#EXTINF:2.0,", entry]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()


def _concat(*entries: str) -> bytes:
    return "\n".join(["ffconcat version 1.0", *(f"file {entry}" for entry in entries), ""]).encode()


def _sdp(port: int) -> bytes:
    lines = [
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        "s=x",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        f"m=video {port} RTP/AVP 96",
    ]
    return "\r\n".join([*lines, "a=rtpmap:96 H264/90000", ""]).encode()


def _dash(url: str) -> bytes:
    return f"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" minBufferTime="PT1S"
 profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4">
<Representation id="1" bandwidth="1000" codecs="avc1.42c00d"><BaseURL>{url}</BaseURL></Representation>
</AdaptationSet></Period></MPD>
""".encode()


def _svg(url: str) -> bytes:
    return (
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="64" height="64"><image xlink:href="{url}" width="64" height="64"/></svg>'
    ).encode()


Maker = Callable[[Path, int], bytes]

#: Each by the directory that holds the secrets and the listener's port: `clip.ts` and `secret.txt` there are
#: real media and the canary.
DISGUISED: dict[str, Maker] = {
    "hls of a local segment": lambda d, p: _playlist(f"{d}/clip.ts"),
    "hls of a sibling": lambda d, p: _playlist("clip.ts"),
    "hls of a file url": lambda d, p: _playlist(f"file://{d}/clip.ts"),
    "hls of two files in one": lambda d, p: _playlist(f"concat:{d}/clip.ts|{d}/secret.txt"),
    "hls of a url": lambda d, p: _playlist(f"http://127.0.0.1:{p}/x.ts"),
    "hls of a tcp url": lambda d, p: _playlist(f"tcp://127.0.0.1:{p}"),
    "hls of a crypto url": lambda d, p: _playlist(f"crypto+http://127.0.0.1:{p}/x"),
    "hls with a key from a url": lambda d, p: _playlist("clip.ts").replace(
        b"#EXTINF", f'#EXT-X-KEY:METHOD=AES-128,URI="http://127.0.0.1:{p}/k"\n#EXTINF'.encode(), 1
    ),
    "hls with a map from a file": lambda d, p: _playlist("clip.ts").replace(
        b"#EXTINF", f'#EXT-X-MAP:URI="file://{d}/secret.txt"\n#EXTINF'.encode(), 1
    ),
    "hls master of a url": lambda d, p: (
        f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:{p}/a.m3u8\n"
    ).encode(),
    "hls of the secret as text": lambda d, p: _playlist(f"subfile,,start,0,end,99,,:{d}/secret.txt"),
    "hls of data": lambda d, p: _playlist("data:video/mp2t;base64,R0dHRw=="),
    "ffconcat of a sibling": lambda d, p: _concat("clip.ts"),
    "ffconcat of a local file": lambda d, p: _concat(f"{d}/clip.ts"),
    "ffconcat of a url": lambda d, p: _concat(f"http://127.0.0.1:{p}/x.mp4"),
    "ffconcat of a parent": lambda d, p: _concat("../secrets/clip.ts"),
    "sdp": lambda d, p: _sdp(p),
    "dash of a url": lambda d, p: _dash(f"http://127.0.0.1:{p}/x.mp4"),
    "dash of a file": lambda d, p: _dash(f"file://{d}/clip.ts"),
    "svg of a url": lambda d, p: _svg(f"http://127.0.0.1:{p}/x.png"),
    "svg of a file": lambda d, p: _svg(f"file://{d}/still.png"),
    "list of urls": lambda d, p: f"http://127.0.0.1:{p}/x.mp4\n".encode(),
    "real media reference": lambda d, p: f"rtsptext\nrtsp://127.0.0.1:{p}/x\n".encode(),
    "asx": lambda d, p: (
        f'<asx version="3.0"><entry><ref href="http://127.0.0.1:{p}/x"/></entry></asx>'.encode()
    ),
    "ffmetadata": lambda d, p: b";FFMETADATA1\ntitle=x\n",
    "vapoursynth or avisynth": lambda d, p: f'AviSource("{d}/secret.txt")\n'.encode(),
    "a shell script": lambda d, p: f"#!/bin/sh\ncat {d}/secret.txt\n".encode(),
}

#: Broken media: it is refused, or something comes out, but in bounded time and room.
BROKEN: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "zeros": lambda: bytes(65536),
    "noise": lambda: bytes((n * 7919 + n // 251) % 256 for n in range(65536)),
    "an mp4 without its end": lambda: clip("clip.mp4").read_bytes()[:9000],
    "a ts without its end": lambda: clip("clip.ts").read_bytes()[:9000],
    "an mkv without its end": lambda: clip("tongues.mkv").read_bytes()[:9000],
    "an mp4 with a hole": lambda: _holed(clip("clip.mp4").read_bytes()),
    "an mp4 of endless boxes": lambda: (b"\x00\x00\x00\x08free" * 9000) + b"\xff\xff\xff\xffmoov",
    "a wav that lies about its length": lambda: clip("tone.wav").read_bytes()[:4] + b"\xff" * 4 + _wav_rest(),
    "a gif of 65535 by 65535": lambda: b"GIF89a\xff\xff\xff\xff\x80\x00\x00" + bytes(6) + b"!\xf9\x04",
}


def _holed(data: bytes) -> bytes:
    return data[:4000] + bytes(20000) + data[24000:]


def _wav_rest() -> bytes:
    return clip("tone.wav").read_bytes()[8:20000]
