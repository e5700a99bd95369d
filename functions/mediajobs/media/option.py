"""The ffmpeg options that a caller's own command may use: where each may stand, and what its value may be.

An option that is not here is refused. No value here can name a file, a URL, a device or a library.
"""
# ruff: noqa: SIM905 -- long lists of names read better as words

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Flag, auto

from mediajobs.media import filtergraph


class Place(Flag):
    """Where an option may stand."""

    #: Before the `-i` it belongs to.
    INPUT = auto()
    #: Before the output it belongs to.
    OUTPUT = auto()
    #: Anywhere; it is for the whole command.
    GLOBAL = auto()


#: Raises ValueError, saying what is allowed, unless the value is.
Check = Callable[[str], object]


@dataclass(frozen=True)
class Option:
    """An allowed option; without a check it takes no value."""

    place: Place
    check: Check | None = None


def _pattern(pattern: str, rule: str) -> Check:
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> None:
        if len(value) > 512 or not compiled.fullmatch(value):
            raise ValueError(f"{value[:60]!r} is not {rule}")

    return check


def _one_of(names: str, rule: str) -> Check:
    allowed = frozenset(names.split())

    def check(value: str) -> None:
        if value not in allowed:
            raise ValueError(f"{rule} {value[:40]!r} is not allowed")

    return check


def _settings(names: str) -> Check:
    """`name=value:name=value`, as encoders' own parameter lists are written."""
    allowed = frozenset(names.split())
    pair = re.compile(r"([a-z0-9-]+)(?:=[A-Za-z0-9_.,()+-]+)?", re.ASCII)

    def check(value: str) -> None:
        for item in value.split(":"):
            match = pair.fullmatch(item)
            if match is None:
                raise ValueError(f"{item[:60]!r} is not a setting of the form name=value")
            if match.group(1) not in allowed:
                raise ValueError(f"the setting {match.group(1)!r} is not allowed")

    return check


def _bitstream_filters(value: str) -> None:
    for item in value.split(","):
        name, _, options = item.partition("=")
        if name not in _BITSTREAM_FILTERS:
            raise ValueError(f"bitstream filter {name[:40]!r} is not allowed")
        if options and not re.fullmatch(
            r"[a-z_]+=[a-z0-9_.|+-]+(/\d+)?(:[a-z_]+=[a-z0-9_.|+-]+(/\d+)?)*", options
        ):
            raise ValueError(f"the options of bitstream filter {name!r} must be written as name=value")


_BITSTREAM_FILTERS = frozenset(
    """
    aac_adtstoasc av1_metadata dca_core dump_extra eac3_core extract_extradata filter_units h264_metadata
    h264_mp4toannexb h264_redundant_pps hevc_metadata hevc_mp4toannexb mov2textsub mpeg2_metadata
    mpeg4_unpack_bframes null opus_metadata pcm_rechunk prores_metadata remove_extra text2movsub
    truehd_core vp9_metadata vp9_superframe vp9_superframe_split
    """.split()
)

#: Containers an output may have, by ffmpeg's name. None of them writes a second file or opens a connection.
MUXERS = """
    3g2 3gp ac3 adts aiff apng asf ass avi avif caf crc dirac dnxhd eac3 f32le f64le flac flv framecrc
    framehash framemd5 gif h264 hash hevc image2 ipod ismv ivf latm m4v matroska md5 mjpeg mov mp2 mp3 mp4
    mpeg mpeg2video mpegts mxf null nut obu oga ogg ogv opus rawvideo s16le s24le s32le srt streamhash
    truehd u8 vob w64 wav webm webp webvtt wv yuv4mpegpipe
"""
#: Formats an input may be forced to.
DEMUXERS = """
    aac ac3 aiff alaw amr asf av1 avi caf dts eac3 f32be f32le f64le flac flv gif h264 hevc ivf lavfi m4v
    matroska mjpeg mov mp3 mp4 mpeg mpegts mpegvideo mulaw mxf nut obu ogg rawvideo s16be s16le s24be
    s24le s32be s32le s8 srt truehd u16le u8 vc1 w64 wav webm webvtt wv yuv4mpegpipe
"""
#: The container that a file name's extension stands for, where `-f` does not say it.
EXTENSIONS: Mapping[str, str] = {
    "3g2": "3g2", "3gp": "3gp", "aac": "adts", "ac3": "ac3", "aif": "aiff", "aiff": "aiff",
    "apng": "apng", "ass": "ass", "asf": "asf", "avi": "avi", "avif": "avif", "bmp": "image2",
    "caf": "caf", "eac3": "eac3", "flac": "flac", "flv": "flv", "gif": "gif", "h264": "h264",
    "hevc": "hevc", "ivf": "ivf", "jpeg": "image2", "jpg": "image2", "m4a": "ipod", "m4v": "mp4",
    "mka": "matroska", "mkv": "matroska", "mov": "mov", "mp2": "mp2", "mp3": "mp3", "mp4": "mp4",
    "mpeg": "mpeg", "mpg": "mpeg", "mxf": "mxf", "nut": "nut", "oga": "oga", "ogg": "ogg", "ogv": "ogv",
    "opus": "opus", "png": "image2", "srt": "srt", "tif": "image2", "tiff": "image2", "ts": "mpegts",
    "vtt": "webvtt", "w64": "w64", "wav": "wav", "webm": "webm", "webp": "webp", "wma": "asf",
    "wmv": "asf", "wv": "wv", "y4m": "yuv4mpegpipe",
}  # fmt: skip

_CODECS = """
    copy libx264 libx264rgb libx265 libopenh264 libaom-av1 libsvtav1 librav1e libvpx libvpx-vp9 libvvenc
    libxvid libtheora mpeg1video mpeg2video mpeg4 mjpeg prores prores_aw prores_ks dnxhd cfhd ffv1 ffvhuff
    huffyuv utvideo magicyuv qtrle rawvideo v210 wrapped_avframe h263 flv wmv1 wmv2 gif apng png bmp tiff
    libwebp libwebp_anim libjxl jpeg2000 libopenjpeg ljpeg jpegls targa qoi zlib h264 hevc av1 libdav1d
    vp8 vp9 vvc aac ac3 eac3 alac flac libmp3lame libtwolame mp2 mp3 libopus opus libvorbis vorbis truehd
    dca wavpack wmav1 wmav2 tta libopencore_amrnb amrnb amrwb adpcm_ima_wav adpcm_ms pcm_alaw pcm_mulaw
    pcm_f32be pcm_f32le pcm_f64le pcm_s16be pcm_s16le pcm_s24be pcm_s24le pcm_s32be pcm_s32le pcm_s8
    pcm_u8 pcm_u16le mov_text srt subrip ass ssa webvtt text
"""

_X26X = """
    keyint min-keyint scenecut no-scenecut bframes b-adapt b-pyramid no-b-pyramid ref me subme merange
    trellis aq-mode aq-strength psy-rd psy-rdoq no-psy rc-lookahead lookahead-threads crf crf-max qp qpmin
    qpmax qcomp ipratio pbratio bitrate vbv-maxrate vbv-bufsize vbv-init nal-hrd hrd open-gop no-open-gop
    deblock no-deblock sao no-sao weightp weightb weightbp mixed-refs 8x8dct no-8x8dct cabac no-cabac
    partitions direct fast-pskip no-fast-pskip dct-decimate no-dct-decimate mbtree no-mbtree cutree
    no-cutree strong-intra-smoothing no-strong-intra-smoothing rect no-rect amp no-amp limit-refs
    limit-modes rd rdoq-level max-merge ctu min-cu-size tu-intra-depth tu-inter-depth early-skip
    no-early-skip level level-idc profile high-tier repeat-headers aud no-aud info no-info colorprim
    transfer colormatrix range videoformat chromaloc overscan sar hdr10 hdr10-opt hdr-opt master-display
    max-cll threads sliced-threads slices frame-threads wpp no-wpp pmode no-pmode lossless tune preset
    stitchable force-cfr interlaced tff bff pic-struct log-level
"""
_SVTAV1 = """
    preset tune keyint crf qp rc tbr mbr film-grain film-grain-denoise scd lookahead lp pin tile-rows
    tile-columns fast-decode enable-overlays enable-qm qm-min qm-max enable-tf aq-mode sharpness
    enable-variance-boost variance-boost-strength color-primaries transfer-characteristics
    matrix-coefficients color-range mastering-display content-light irefresh-type hierarchical-levels
    pred-struct
"""

_FLAG = None
_WORD = _pattern(r"[A-Za-z0-9_.+-]{1,64}", "a plain word or number")
_NUMBER = _pattern(r"[+-]?\d{1,18}(\.\d{1,9})?[kKMG]?i?", "a number")
_RATE = _pattern(r"\d{1,9}(\.\d{1,9})?([/:]\d{1,9})?|[a-z-]{1,16}", "a number or a ratio such as 30000/1001")
_TIME = _pattern(
    r"[+-]?(\d{1,4}:)?(\d{1,6}:)?\d{1,12}(\.\d{1,9})?(ms|us|s)?", "a time such as 1:02:03.5 or 62.5"
)
_SIZE = _pattern(r"\d{1,5}x\d{1,5}|[a-z0-9]{2,12}", "a size such as 1280x720")
_FLAGS = _pattern(r"[+-]?[A-Za-z0-9_]+([+-][A-Za-z0-9_]+)*", "a list of flags such as +faststart")
_LAYOUT = _pattern(r"[A-Za-z0-9_.()+]{1,64}", "a channel layout")
_MAP = _pattern(
    r"-?\d{1,3}(:[A-Za-z0-9:#]{1,32})?\??|\[[A-Za-z0-9_:#.+-]{1,64}\]",
    "a stream such as 0:v:0 or a filter's output such as [out]",
)
_MAP_METADATA = _pattern(r"-?\d{1,3}(:[a-z0-9:]{1,16})?", "an input's number, such as 0 or -1")
_METADATA = _pattern(r"[A-Za-z0-9_.-]{1,64}=[^\x00-\x1f\x7f]{0,400}", "of the form name=text")
_KEY_FRAMES = _pattern(
    r"expr:[A-Za-z0-9_(),.*+\- ]{1,200}|source(_no_drop)?|[0-9:.,+ ]{1,400}",
    "a list of times, source, or expr: and an expression",
)
_TIMECODE = _pattern(r"\d{2}:\d{2}:\d{2}[:;.]\d{2,3}", "a timecode such as 01:00:00:00")
_MUXER = _one_of(MUXERS, "format")
_DEMUXER = _one_of(DEMUXERS, "format")
_CODEC = _one_of(_CODECS, "codec")
_ANY = Place.INPUT | Place.OUTPUT


def _each(names: str, place: Place, check: Check | None) -> dict[str, Option]:
    return {name: Option(place, check) for name in names.split()}


#: `-f` means a demuxer before `-i` and a muxer before an output.
FORMAT = {Place.INPUT: _DEMUXER, Place.OUTPUT: _MUXER}

OPTIONS: Mapping[str, Option] = {
    **_each("filter_complex lavfi", Place.GLOBAL, filtergraph.check),
    **_each("y hide_banner nostdin copyts start_at_zero ignore_unknown xerror", Place.GLOBAL, _FLAG),
    **_each("filter_threads filter_complex_threads", Place.GLOBAL, _NUMBER),
    **_each("t to ss", _ANY, _TIME),
    **_each("an vn sn dn bitexact", _ANY, _FLAG),
    **_each("c codec vcodec acodec scodec", _ANY, _CODEC),
    **_each("ar ac", _ANY, _NUMBER),
    **_each("ch_layout channel_layout", _ANY, _LAYOUT),
    **_each("pix_fmt sample_fmt", _ANY, _WORD),
    "r": Option(_ANY, _RATE),
    "s": Option(_ANY, _SIZE),
    **_each("threads thread_queue_size", _ANY, _NUMBER),
    **_each("flags flags2 fflags err_detect strict", _ANY, _FLAGS),
    **_each("sseof itsoffset", Place.INPUT, _TIME),
    **_each("stream_loop analyzeduration probesize itsscale", Place.INPUT, _NUMBER),
    **_each("accurate_seek noaccurate_seek autorotate noautorotate", Place.INPUT, _FLAG),
    **_each("framerate", Place.INPUT, _RATE),
    **_each("video_size", Place.INPUT, _SIZE),
    **_each("pixel_format sample_rate discard skip_frame", Place.INPUT, _WORD),
    **_each("filter vf af", Place.OUTPUT, filtergraph.check),
    **_each("bsf", Place.OUTPUT, _bitstream_filters),
    **_each("map", Place.OUTPUT, _MAP),
    **_each("map_metadata map_chapters", Place.OUTPUT, _MAP_METADATA),
    **_each("metadata", Place.OUTPUT, _METADATA),
    **_each("shortest copyinkf", Place.OUTPUT, _FLAG),
    **_each("force_key_frames", Place.OUTPUT, _KEY_FRAMES),
    **_each("timecode", Place.OUTPUT, _TIMECODE),
    **_each("aspect fpsmax enc_time_base", Place.OUTPUT, _RATE),
    **_each("disposition movflags sws_flags mpegts_flags avoid_negative_ts", Place.OUTPUT, _FLAGS),
    **_each("muxdelay muxpreload output_ts_offset", Place.OUTPUT, _TIME),
    **_each(
        """
        b ab maxrate minrate bufsize bt g keyint_min bf refs crf qp q qscale qmin qmax qdiff qcomp aq
        frames vframes aframes dframes sc_threshold global_quality compression_level cutoff frame_size
        frame_duration max_muxing_queue_size max_interleave_delta frag_duration min_frag_duration
        frag_size video_track_timescale id3v2_version write_xing write_id3v1 loop final_delay update
        quality lossless b_strategy me_range subq trellis rc-lookahead rc_lookahead aq-mode aq-strength
        deblock cpu-used row-mt tile-columns tile-rows tiles lag-in-frames auto-alt-ref arnr-maxframes
        arnr-strength sharpness static-thresh error-resilient noise-sensitivity speed b_qfactor i_qfactor
        mpegts_service_id mpegts_pmt_start_pid mpegts_start_pid pat_period sdt_period pcr_period muxrate
        packet_loss fec slices slicecrc coder context bits_per_raw_sample write_tmcd shortest_buf_duration
        """,
        Place.OUTPUT,
        _NUMBER,
    ),
    **_each(
        """
        preset tune profile level tag vtag atag deadline usage application vbr mapping_family aac_coder
        aac_pns aac_tns aac_ms joint_stereo color_primaries color_trc colorspace color_range
        chroma_sample_location field_order fps_mode nal-hrd pred rc vendor quant_mat alpha_bits brand hash
        weightp weightb motion-est me_method apply_cropping
        """,
        Place.OUTPUT,
        _WORD,
    ),
    **_each("x264-params x265-params", Place.OUTPUT, _settings(_X26X)),
    **_each("svtav1-params", Place.OUTPUT, _settings(_SVTAV1)),
}
