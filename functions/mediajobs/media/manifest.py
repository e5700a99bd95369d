"""HLS playlists and a DASH manifest over the same segments.

ffmpeg cuts the segments and says where they are; what it says of bit rates is a guess, and its playlists are
made for live streams. Here the figures are those of the segments as they lie on the disk.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

from mediajobs.errors import InvalidMedia

#: What ffmpeg is told to name its files.
MANIFEST, MASTER = "manifest.mpd", "master.m3u8"

_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_TAG = f"{{{_NAMESPACE}}}"
_DURATION = re.compile(r"#EXTINF:([\d.]+),")
_MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)"(?:,BYTERANGE="([\d@]+)")?')
_RANGE = re.compile(r"#EXT-X-BYTERANGE:((\d+)@\d+)")


@dataclass(frozen=True)
class Segment:
    """A piece of a track: seconds, bytes, its file, and which of its bytes (`length@offset`) if not all."""

    duration: float
    size: int
    uri: str
    byte_range: str | None = None


@dataclass(frozen=True)
class Track:
    """One rendition of the picture, or one of the sound."""

    id: str
    #: "video" or "audio".
    kind: str
    #: By RFC 6381, such as "avc1.64001f".
    codecs: str
    segments: Sequence[Segment]
    initialization: str
    initialization_range: str | None = None
    width: int = 0
    height: int = 0
    frame_rate: Fraction | None = None
    channels: int = 0
    language: str | None = None

    @property
    def playlist(self) -> str:
        """The file name of its HLS playlist."""
        return f"{self.kind}-{self.id}.m3u8"

    @property
    def peak_bit_rate(self) -> int:
        """Bits a second of its most costly segment; a last, very short one does not count."""
        whole = [segment for segment in self.segments if segment.duration >= 0.5] or self.segments
        return round(max(segment.size * 8 / segment.duration for segment in whole))

    @property
    def average_bit_rate(self) -> int:
        """Bits a second of all of it."""
        return round(sum(segment.size for segment in self.segments) * 8 / self.duration)

    @property
    def duration(self) -> float:
        """Seconds."""
        return sum(segment.duration for segment in self.segments)


def read(directory: Path) -> list[Track]:
    """What ffmpeg wrote into a directory. Raises InvalidMedia if there is nothing in one of the tracks."""
    tracks = []
    # ffmpeg wrote this file itself, and escaped what it took from the media.
    root = ElementTree.parse(directory / MANIFEST).getroot()  # noqa: S314 # nosec B314
    for adaptation in root.iter(f"{_TAG}AdaptationSet"):
        for representation in adaptation.iter(f"{_TAG}Representation"):
            values = {**adaptation.attrib, **representation.attrib}
            configuration = representation.find(f"{_TAG}AudioChannelConfiguration")
            segments, initialization = _read_segments(directory, f"media_{values['id']}.m3u8")
            if not segments:
                raise InvalidMedia(
                    f"nothing of track {values['id']} ({values['contentType']}) can be decoded"
                )
            rate = values.get("frameRate") or values.get("maxFrameRate")
            language = adaptation.attrib.get("lang", "und")
            tracks.append(
                Track(
                    id=values["id"],
                    kind=adaptation.attrib["contentType"],
                    codecs=values["codecs"] or _hevc(directory / initialization[0]),
                    segments=segments,
                    initialization=initialization[0],
                    initialization_range=initialization[1],
                    width=int(values.get("width", 0)),
                    height=int(values.get("height", 0)),
                    frame_rate=Fraction(rate) if rate else None,
                    channels=int(configuration.attrib["value"]) if configuration is not None else 0,
                    language=None if language == "und" else language,
                )
            )
    return tracks


def _read_segments(directory: Path, name: str) -> tuple[list[Segment], tuple[str, str | None]]:
    segments: list[Segment] = []
    initialization: tuple[str, str | None] = ("", None)
    duration, byte_range, size = 0.0, None, None
    path = directory / name
    # A track without a frame has none.
    for line in path.read_text().splitlines() if path.is_file() else ():
        if found := _DURATION.fullmatch(line):
            duration, byte_range, size = float(found[1]), None, None
        elif found := _RANGE.fullmatch(line):
            byte_range, size = found[1], int(found[2])
        elif found := _MAP.fullmatch(line):
            initialization = (found[1], found[2])
        elif line and not line.startswith("#") and duration > 0:
            size = (directory / line).stat().st_size if size is None else size
            segments.append(Segment(duration, size, line, byte_range))
    return segments, initialization


def media_playlist(track: Track) -> str:
    """The HLS playlist of one track."""
    initialization = f'#EXT-X-MAP:URI="{track.initialization}"'
    if track.initialization_range:
        initialization += f',BYTERANGE="{track.initialization_range}"'
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{round(max(segment.duration for segment in track.segments))}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        initialization,
    ]
    for segment in track.segments:
        lines.append(f"#EXTINF:{segment.duration:.6f},")
        if segment.byte_range:
            lines.append(f"#EXT-X-BYTERANGE:{segment.byte_range}")
        lines.append(segment.uri)
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def master_playlist(tracks: Sequence[Track]) -> str:
    """The HLS playlist of playlists: every picture, or every sound where there is no picture."""
    pictures = [track for track in tracks if track.kind == "video"]
    sounds = [track for track in tracks if track.kind == "audio"]
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    beside = sounds if pictures else []
    for number, track in enumerate(beside):
        name = track.language or "sound"
        attributes = [
            "TYPE=AUDIO",
            'GROUP-ID="sound"',
            f'NAME="{name if number == 0 else f"{name} {number + 1}"}"',
            *([f'LANGUAGE="{track.language}"'] if track.language else []),
            f"DEFAULT={'YES' if number == 0 else 'NO'}",
            "AUTOSELECT=YES",
            f'CHANNELS="{track.channels}"',
            f'URI="{track.playlist}"',
        ]
        lines.append(f"#EXT-X-MEDIA:{','.join(attributes)}")
    for track in pictures or sounds:
        codecs = dict.fromkeys([track.codecs, *(sound.codecs for sound in beside)])
        peak = track.peak_bit_rate + max((sound.peak_bit_rate for sound in beside), default=0)
        average = track.average_bit_rate + max((sound.average_bit_rate for sound in beside), default=0)
        attributes = [
            f"BANDWIDTH={peak}",
            f"AVERAGE-BANDWIDTH={average}",
            f'CODECS="{",".join(codecs)}"',
            *([f"RESOLUTION={track.width}x{track.height}"] if track.width else []),
            *([f"FRAME-RATE={float(track.frame_rate):.3f}"] if track.frame_rate else []),
            *(['AUDIO="sound"'] if beside else []),
        ]
        lines += [f"#EXT-X-STREAM-INF:{','.join(attributes)}", track.playlist]
    return "\n".join([*lines, ""])


def correct_manifest(directory: Path, tracks: Sequence[Track]) -> None:
    """Make ffmpeg's DASH manifest, with a set for every stream, into one that players choose from.

    The pictures of one codec come into one set, bit rates and codecs are the real ones, and a track in a
    single file is found through that file's own index.
    """
    ElementTree.register_namespace("", _NAMESPACE)
    path = directory / MANIFEST
    tree = ElementTree.parse(path)  # noqa: S314 - as above # nosec B314
    by_id = {track.id: track for track in tracks}
    for period in tree.iter(f"{_TAG}Period"):
        sets: dict[str, ElementTree.Element] = {}
        for adaptation in period.findall(f"{_TAG}AdaptationSet"):
            for name in ("frameRate", "maxFrameRate", "par"):
                adaptation.attrib.pop(name, None)
            for representation in adaptation.findall(f"{_TAG}Representation"):
                track = by_id[representation.attrib["id"]]
                _correct(representation, track, directory)
                family = track.codecs.partition(".")[0] if track.kind == "video" else track.id
                home = sets.setdefault(family, adaptation)
                if home is not adaptation:
                    home.append(representation)
                    period.remove(adaptation)
        for number, (family, home) in enumerate(sets.items()):
            home.set("id", str(number))
            pictures = [each for each in tracks if each.codecs.partition(".")[0] == family and each.width]
            if pictures:
                home.set("maxWidth", str(max(track.width for track in pictures)))
                home.set("maxHeight", str(max(track.height for track in pictures)))
    if any(track.initialization_range for track in tracks):
        tree.getroot().set("profiles", "urn:mpeg:dash:profile:isoff-on-demand:2011")
    tree.write(path, encoding="utf-8", xml_declaration=True)


def _correct(representation: ElementTree.Element, track: Track, directory: Path) -> None:
    representation.set("bandwidth", str(track.peak_bit_rate))
    representation.set("codecs", track.codecs)
    if track.frame_rate:
        representation.set("frameRate", f"{track.frame_rate.numerator}/{track.frame_rate.denominator}")
    listed = representation.find(f"{_TAG}SegmentList")
    if track.initialization_range and listed is not None:
        start, end = _index(directory / track.initialization)
        representation.remove(listed)
        based = ElementTree.SubElement(representation, f"{_TAG}SegmentBase", indexRange=f"{start}-{end - 1}")
        ElementTree.SubElement(based, f"{_TAG}Initialization", range=f"0-{start - 1}")


def _index(path: Path) -> tuple[int, int]:
    """Where the index of an MP4 file's segments begins and ends."""
    position = 0
    with path.open("rb") as file:
        while header := file.read(8):
            size, kind = int.from_bytes(header[:4]), header[4:]
            if kind == b"sidx":
                return position, position + size
            position += max(size, 8)
            file.seek(position)
    raise InvalidMedia("the segments have no index")


def _hevc(path: Path) -> str:
    """The codecs string of HEVC (ISO/IEC 14496-15, annex E), which ffmpeg does not tell of copied streams."""
    with path.open("rb") as file:
        _, found, record = file.read(65536).partition(b"hvcC")
    if not found or len(record) < 13:
        raise InvalidMedia("the codec's profile is not known")
    space, tier, profile = record[1] >> 6, record[1] >> 5 & 1, record[1] & 31
    compatible = int(f"{int.from_bytes(record[2:6]):032b}"[::-1], 2)
    constraints = record[6:12].rstrip(b"\0")
    parts = [
        f"{['', 'A', 'B', 'C'][space]}{profile}",
        f"{compatible:X}",
        f"{'LH'[tier]}{record[12]}",
        *(f"{byte:X}" for byte in constraints),
    ]
    return ".".join(["hvc1", *parts])


def aligned(tracks: Sequence[Track]) -> bool:
    """Whether every rendition of the picture is cut at the same times, so that players can change over."""
    pictures = [track for track in tracks if track.kind == "video"]
    if not pictures:
        return True
    cuts = [segment.duration for segment in pictures[0].segments]
    return all(
        len(track.segments) == len(cuts)
        # The last is as long as what is left.
        and all(
            abs(segment.duration - cut) < 0.02
            for segment, cut in zip(track.segments[:-1], cuts[:-1], strict=True)
        )
        for track in pictures
    )
