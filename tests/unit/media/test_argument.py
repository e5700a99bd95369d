"""The policy for a caller's own ffmpeg arguments: what is let through, and that nothing else is."""

import itertools
import re
import subprocess

import imageio_ffmpeg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediajobs.media import filtergraph
from mediajobs.media.argument import Target, parse
from mediajobs.media.option import DEMUXERS, EXTENSIONS, MUXERS, OPTIONS

OUT = "{out:a.mp4}"


def ffmpeg(*arguments: str) -> str:
    """What ffmpeg says on both its streams."""
    done = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.stdout + done.stderr


def test_a_usual_command_is_read_into_its_inputs_and_outputs() -> None:
    command = parse(
        [
            "-y",
            "-ss",
            "1",
            "-i",
            "{in:my clip.mp4}",
            "-f",
            "lavfi",
            "-i",
            "sine=440:d=2",
            "-filter_complex",
            "[0:v]scale=640:-2,select='gt(scene\\,0.4)'[v]",
            "-map",
            "[v]",
            "-c:v",
            "libx264",
            "-x264-params",
            "keyint=50:scenecut=0",
            "{out:sub/small.mkv}",
            "-f",
            "null",
            "-",
        ]
    )
    first, second = command.inputs
    assert (first.target, first.name, first.options) == (Target.FILE, "my clip.mp4", ("-ss", "1"))
    assert (second.target, second.name, second.format) == (Target.SOURCE, "sine=440:d=2", "lavfi")
    assert command.options == ("-filter_complex", "[0:v]scale=640:-2,select='gt(scene\\,0.4)'[v]")
    video, nothing = command.outputs
    assert (video.name, video.format) == ("sub/small.mkv", "matroska")
    assert video.options == ("-map", "[v]", "-c:v", "libx264", "-x264-params", "keyint=50:scenecut=0")
    assert (nothing.target, nothing.format) == (Target.NOTHING, "null")


ALLOWED = [
    ["-i", "{in:a}", "-c", "copy", "-movflags", "+faststart", OUT],
    ["-i", "{in:a}", "-vf", "scale=-2:240,fps=30000/1001,format=yuv420p", "-crf", "23", OUT],
    ["-i", "{in:a}", "-vf", "sel\\ect='eq(n\\,0)'", "-frames:v", "1", "-q:v", "2", "{out:a.jpg}"],
    ["-i", "{in:a}", "-af", "loudnorm=I=-16:TP=-1.5:LRA=11", "-c:a:0", "aac", "-b:a", "128k", OUT],
    ["-i", "{in:a}", "-vf", "curves=preset=vintage", OUT],
    ["-i", "{in:a}", "-force_key_frames", "expr:gte(t,n_forced*2)", OUT],
    [
        "-i",
        "{in:a}",
        "-metadata:s:a:0",
        "language=eng",
        "-metadata",
        "comment=see https://example.org/x",
        OUT,
    ],
    ["-i", "{in:a}", "-map", "0:v:0", "-map", "-0:s?", "-disposition:a:0", "default", OUT],
    ["-i", "{in:a}", "-bsf:v", "h264_mp4toannexb", "-f", "mpegts", "{out:a.bin}"],
    ["-i", "{in:a}", "-bsf:v", "h264_metadata=sample_aspect_ratio=4/3:level=4.1", OUT],
    ["-f", "rawvideo", "-video_size", "64x48", "-pixel_format", "yuv420p", "-i", "{in:a}", OUT],
    ["-filter_complex", "testsrc2=d=1[v]", "-map", "[v]", OUT],
    ["-i", "{in:a}", "-c:v", "libx265", "-x265-params", "master-display=G(1,2)B(3,4):log-level=none", OUT],
    ["-i", "{in:a}", "-af", "ebur128=peak=true", "-f", "null", "-"],
    ["-i", "{in:a}", "-filter_complex", "[0:v]split=2[x][y];\n [x]hflip[x1];\n [x1][y]hstack", OUT],
]


@pytest.mark.parametrize("arguments", ALLOWED, ids=" ".join)
def test_what_people_use_is_allowed(arguments: list[str]) -> None:
    assert parse(arguments)


def graph(text: str) -> list[str]:
    return ["-i", "{in:a}", "-vf", text, OUT]


def on_output(*options: str) -> list[str]:
    return ["-i", "{in:a}", *options, OUT]


def on_input(*options: str) -> list[str]:
    return [*options, "-i", "{in:a}", OUT]


FORBIDDEN = {
    # Files and URLs where ffmpeg expects a file.
    "path in": ["-i", "/etc/passwd", OUT],
    "relative path in": ["-i", "../in", OUT],
    "plain name in": ["-i", "clip.mp4", OUT],
    "dash in": ["-i", "-", OUT],
    "url in": ["-i", "http://127.0.0.1/x", OUT],
    "concat:": ["-i", "concat:{in:a}|/etc/passwd", OUT],
    "subfile:": ["-i", "subfile,,start,0,end,9,,:/etc/passwd", OUT],
    "data:": ["-i", "data:text/plain,x", OUT],
    "pipe:": ["-i", "pipe:0", OUT],
    "fd:": ["-i", "fd:0", OUT],
    "placeholder with more": ["-i", "file:{in:a}", OUT],
    "output as input": ["-i", "{out:a}", OUT],
    "input as output": ["-i", "{in:a}", "{in:b.mp4}"],
    "path out": ["-i", "{in:a}", "/tmp/x.mp4"],
    "name out": ["-i", "{in:a}", "x.mp4"],
    "url out": ["-i", "{in:a}", "-f", "mpegts", "tcp://127.0.0.1:1"],
    "stdout": ["-i", "{in:a}", "-f", "mp4", "-"],
    "pipe out": ["-i", "{in:a}", "-f", "mp4", "pipe:1"],
    "tee": ["-i", "{in:a}", "-f", "tee", "-map", "0", OUT],
    "double dash": ["-i", "{in:a}", "--", "-x.mp4"],
    # Formats that open other things.
    "hls out": on_output("-f", "hls"),
    "hls by extension": ["-i", "{in:a}", "{out:a.m3u8}"],
    "dash by extension": ["-i", "{in:a}", "{out:a.mpd}"],
    "no extension": ["-i", "{in:a}", "{out:a}"],
    "segment": on_output("-f", "segment"),
    "rtp": on_output("-f", "rtp"),
    "fifo": on_output("-f", "fifo"),
    "device out": on_output("-f", "pulse"),
    "hls in": on_input("-f", "hls"),
    "concat in": on_input("-f", "concat"),
    "image2 in": on_input("-f", "image2"),
    "device in": on_input("-f", "video4linux2"),
    "avisynth": on_input("-f", "avisynth"),
    "muxer as demuxer": on_input("-f", "null"),
    "lavfi out": on_output("-f", "lavfi"),
    "format with a specifier": on_output("-f:v", "mp4"),
    # Options that read or write files, open devices, or leave the hardening.
    "report": ["-report", *on_output()],
    "progress": ["-progress", "http://127.0.0.1/", *on_output()],
    "attach": on_output("-attach", "/etc/passwd"),
    "dump_attachment": on_input("-dump_attachment:t", "x"),
    "passlogfile": on_output("-pass", "1", "-passlogfile", "/tmp/x"),
    "vstats": on_output("-vstats_file", "/tmp/x"),
    "stats_enc": on_output("-stats_enc_post", "/tmp/x"),
    "sdp_file": on_output("-sdp_file", "/tmp/x"),
    "print_graphs": on_output("-print_graphs_file", "/tmp/x"),
    "fpre": on_output("-fpre", "/tmp/x"),
    "vpre": on_output("-vpre", "x"),
    "target": on_output("-target", "dvd"),
    "init_hw_device": on_output("-init_hw_device", "vulkan=x"),
    "hwaccel": on_input("-hwaccel", "auto"),
    "vaapi_device": on_input("-vaapi_device", "/dev/dri/card0"),
    "whitelist": on_input("-protocol_whitelist", "file,http"),
    "format whitelist": on_input("-format_whitelist", "hls"),
    "safe": on_input("-safe", "0"),
    "max_pixels": on_input("-max_pixels", "1000000000"),
    "use_absolute_path": on_input("-use_absolute_path", "1"),
    "enable_drefs": on_input("-enable_drefs", "1"),
    "http header": on_input("-headers", "x: y"),
    "loglevel": on_output("-loglevel", "quiet"),
    "movie by device": on_input("-sources", "pulse"),
    "option from a file": on_output("-/filter_complex", "/etc/passwd"),
    "vf from a file": on_output("-/vf", "x"),
    "filter_script": on_output("-filter_script:v", "x"),
    "filter_complex_script": on_output("-filter_complex_script", "x"),
    "encoder stats": on_output("-c:v", "libx264", "-stats", "x"),
    "x264 stats": on_output("-x264-params", "keyint=5:stats=/tmp/x"),
    "x264 qpfile": on_output("-x264-params", "qpfile=x"),
    "x264opts": on_output("-x264opts", "stats=x"),
    "x265 csv": on_output("-x265-params", "csv=/tmp/x"),
    "x265 path": on_output("-x265-params", "preset=/tmp/x"),
    "av1 stats": on_output("-svtav1-params", "stats=x"),
    "aom params": on_output("-aom-params", "film-grain-table=x"),
    "hardware codec": on_output("-c:v", "h264_v4l2m2m"),
    "unknown codec": on_output("-c:v", "/tmp/x"),
    "bsf": on_output("-bsf:v", "showinfo"),
    "bsf from a file": on_output("-bsf:v", "h264_metadata=/level=x"),
    "method": on_output("-method", "PUT"),
    "hls_key": on_output("-hls_key_info_file", "x"),
    "path as a value": on_output("-preset", "/tmp/x"),
    "url as a value": on_output("-tag:v", "http://x"),
    "metadata with a line end": on_output("-metadata", "a=b\nc"),
    "timecode path": on_output("-timecode", "/etc/passwd"),
    "key frames": on_output("-force_key_frames", "expr:/etc/passwd"),
    "map": on_output("-map", "/etc/passwd"),
    # Filters.
    "movie": graph("movie=/etc/passwd"),
    "amovie": on_output("-af", "amovie=x"),
    "movie after a chain": graph("scale=1:1,movie=x"),
    "movie in a second graph": graph("null;movie=x[a]"),
    "movie with an id": graph("movie@x=y"),
    "movie escaped": graph("mo\\vie=x"),
    "movie quoted": graph("'movie'=x"),
    "movie in halves": graph("'mo'vie=x"),
    "movie spaced": graph("null, \n movie =x"),
    "movie after an escaped quote": graph("scale=\\',movie=x"),
    "movie behind a quote that closes": graph("scale='a\\',movie=x,null=b"),
    "drawtext": graph("drawtext=textfile=/etc/passwd"),
    "drawtext plain": graph("drawtext=text=x"),
    "subtitles": graph("subtitles=x.srt"),
    "ass": graph("ass=x"),
    "lut3d": graph("lut3d=x.cube"),
    "sendcmd": graph("sendcmd=f=x"),
    "frei0r": graph("frei0r=x"),
    "zmq": graph("zmq"),
    "lv2": on_output("-af", "lv2=x"),
    "arnndn": on_output("-af", "arnndn=m=x"),
    "metadata file": graph("metadata=print:file=/tmp/x"),
    "vidstab": graph("vidstabdetect=result=/tmp/x"),
    "libvmaf": graph("libvmaf=log_path=x"),
    "opencl": graph("program_opencl=source=x"),
    "libplacebo": graph("libplacebo=custom_shader_path=x"),
    "curves psfile": graph("curves=psfile=/etc/passwd"),
    "curves plot": graph("curves=preset=vintage:plot=/tmp/x"),
    "curves plot by place": graph("curves=vintage:::::::/tmp/x"),
    "loudnorm stats": on_output("-af", "loudnorm=stats_file=/tmp/x"),
    "ssim stats": graph("ssim=f=/tmp/x"),
    "paletteuse": graph("paletteuse=debug_kdtree=/tmp/x"),
    "filter option from a file": graph("scale=/w=/etc/passwd"),
    "filter option from a file, later": graph("scale=w=1:/h=/etc/passwd"),
    "filter option from a file, spaced": graph("scale= /w =/etc/passwd"),
    "filter option from a file, escaped": graph("scale=\\/w=/etc/passwd"),
    "sws flags": graph("sws_flags=bicubic;movie=x"),
    "lavfi movie": ["-f", "lavfi", "-i", "movie=/etc/passwd", OUT],
    "lavfi file": ["-f", "lavfi", "-i", "{in:a}", OUT],
    "filter_complex movie": ["-filter_complex", "movie=x[v]", "-map", "[v]", OUT],
    "lavfi alias": ["-lavfi", "movie=x[v]", "-map", "[v]", OUT],
    "open quote": graph("scale='1"),
    "bad label": graph("[a b/c]null"),
    "empty graph": graph(" "),
    # Shape.
    "nothing": [],
    "no output": ["-i", "{in:a}"],
    "no input": [OUT],
    "value missing": ["-i", "{in:a}", OUT, "-c:v"],
    "options at the end": ["-i", "{in:a}", OUT, "-an"],
    "output option on an input": on_input("-crf", "20"),
    "input option on an output": on_output("-sseof", "-3"),
    "specifier on a flag": on_output("-an:0"),
    "two outputs of one name": ["-i", "{in:a}", OUT, OUT],
    "control character": on_output("-metadata", "a=\x00"),
    "surrogate": on_output("-metadata", "a=\ud800"),
    "empty": on_output("-metadata", ""),
    "null with a file": on_output("-f", "null"),
    "abbreviation": on_output("-metad", "a=b"),
    "upper case": on_output("-REPORT"),
    "full-width dash": ["\uff0dreport", *on_output()],
}  # fmt: skip


@pytest.mark.parametrize("arguments", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_a_trick_is_refused(arguments: list[str]) -> None:
    with pytest.raises(ValueError):
        parse(arguments)


def test_a_refusal_names_the_argument_and_the_rule() -> None:
    with pytest.raises(ValueError, match=r"arguments\[2\] '-vf': filter 'movie' is not allowed"):
        parse(graph("null,movie=x"))
    with pytest.raises(ValueError, match=r"arguments\[0\] '-report': this option is not allowed"):
        parse(["-report", *on_output()])
    with pytest.raises(ValueError, match=r"arguments\[1\] '/etc/passwd': files are written as \{in:NAME\}"):
        parse(["-i", "/etc/passwd", OUT])


def test_ffmpeg_agrees_which_options_take_a_value() -> None:
    """One that we read with a value and ffmpeg without would turn the value into a file name."""
    disagreed = []
    for name, option in OPTIONS.items():
        said = ffmpeg("-f", "lavfi", "-i", "color", f"-{name}")
        # ffmpeg asks codecs and formats last, and those options all take a value: one without is unknown.
        takes_value = "Missing argument" in said or "Unrecognized option" in said
        if takes_value != (option.check is not None):
            disagreed.append(name)
    assert disagreed == []


def test_no_allowed_filter_has_an_option_that_names_a_file() -> None:
    suspicious = []
    section: list[str] = []
    for line in ffmpeg("-h", "full").splitlines():
        if heading := re.fullmatch(r"(\S.*) AVOptions:", line):
            names = heading[1].split()[0].replace("(a)", "")
            section = [name for part in names.split("/") for name in (part, f"a{part}")]
        elif option := re.match(r"\s+-?(\S+)\s+<string>\s+\.\.F\S+\s+(.*)", line):
            tells_file = re.search(
                r"file|path|script|url|director", f"{option[1]} {option[2]}", re.IGNORECASE
            )
            allowed = filtergraph.FILTERS | filtergraph.SOURCES
            named = [name for name in section if option[1] in filtergraph.NAMED_OPTIONS.get(name, ())]
            if tells_file and (allowed.intersection(section) or named):
                suspicious.append((section[0], option[1]))
    assert suspicious == []


def test_every_allowed_name_is_known_to_ffmpeg() -> None:
    def known(listing: str) -> set[str]:
        rows = re.findall(r"^ [ A-Z.|]{1,8}? +(\S+)", ffmpeg(listing), re.MULTILINE)
        return {name for row in rows for name in row.split(",")}

    assert set(MUXERS.split()) <= known("-muxers")
    assert set(DEMUXERS.split()) <= known("-demuxers") | {"lavfi"}
    assert set(EXTENSIONS.values()) <= set(MUXERS.split())
    filters = filtergraph.FILTERS | filtergraph.SOURCES | set(filtergraph.NAMED_OPTIONS)
    assert filters <= known("-filters")


PIECES = st.sampled_from(
    [
        "/etc/passwd",
        "http://127.0.0.1/",
        "file:x",
        "concat:a|b",
        "../x",
        "movie=/etc/passwd",
        "scale=2:2",
        "null",
        "'",
        "\\",
        ",",
        ";",
        "=",
        ":",
        "[a]",
        "mo",
        "vie",
        "/w=",
        "@",
        "sine",
        "{in:a}",
        OUT,
        "-",
        "copy",
    ]
)
NAMES = st.sampled_from([*sorted(OPTIONS), "i", "f", "report", "attach", "progress", "/vf", "passlogfile"])
ARGUMENT = st.one_of(
    st.lists(PIECES, min_size=1, max_size=4).map("".join),
    st.builds(lambda name, spec: f"-{name}{spec}", NAMES, st.sampled_from(["", ":v", ":a:0"])),
    st.sampled_from(["mp4", "lavfi", "null", "1", "0:v", "libx264", "{in:a}", OUT]),
    st.text(min_size=1, max_size=6),
)


@settings(max_examples=600)
@given(st.lists(ARGUMENT, max_size=6), st.lists(ARGUMENT, max_size=6))
def test_no_accepted_list_has_a_path_a_url_or_a_name_outside_a_placeholder(
    before: list[str], after: list[str]
) -> None:
    arguments = [*before, "-i", "{in:a}", *after, OUT]
    try:
        command = parse(arguments)
    except ValueError:
        return
    for part in (*command.inputs, *command.outputs):
        if part.target is Target.SOURCE:
            filtergraph.check(part.name)
        else:
            assert part.name == "-" or f":{part.name}}}" in " ".join(arguments)
    options = [
        *command.options,
        *(each for part in (*command.inputs, *command.outputs) for each in part.options),
    ]
    values = [
        value
        for name, value in itertools.pairwise(options)
        if not name.startswith("-metadata") and not re.match(r"-(lavfi|filter|[va]f)", name)
    ]
    for value in values:
        assert not re.search(r"://|^[./~]|/etc|\.\./|\b(file|concat|http|pipe|data|subfile):", value), value


@settings(max_examples=600)
@given(st.lists(PIECES, min_size=1, max_size=8).map("".join))
def test_a_name_cannot_be_hidden_from_the_reader_of_filtergraphs(text: str) -> None:
    """Whatever is accepted still names no forbidden filter once every quote and escape is taken away."""
    try:
        filtergraph.check(text)
    except ValueError:
        return
    names = {name for name, _ in filtergraph._filters(text)}
    assert names <= filtergraph.FILTERS | filtergraph.SOURCES | set(filtergraph.NAMED_OPTIONS)
    for chain in re.split(r"[,;]", re.sub(r"\\.|'[^']*'", "", text)):
        assert not re.match(r"\s*(\[\w*\])*\s*movie", chain), text
