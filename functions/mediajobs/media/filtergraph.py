"""Which filters a caller's own filtergraph may use, and with which options.

The reading follows libavfilter's own rules for quotes and escapes, so that a name cannot be hidden in them. A
filter that can name a file, a device, a library or a socket is not allowed; where such a filter is too useful
to miss, only its harmless options are, and only by name.
"""
# ruff: noqa: SIM905 -- long lists of names read better as words

import re
from collections.abc import Iterator, Mapping

#: Filters whose every option is harmless.
FILTERS = frozenset(
    """
    acompressor acontrast acopy acrossfade acrossover acrusher adeclick adeclip adecorrelate adelay
    adenorm adynamicequalizer adynamicsmooth aecho aemphasis aeval aexciter afade afftdn aformat
    afreqshift afwtdn agate ainterleave alimiter allpass aloop amerge amix amultiply anequalizer anlmdn
    anull apad aphaser aphaseshift apulsator aresample areverse asetnsamples asetpts asetrate asettb
    asegment aselect ashowinfo asidedata asoftclip asplit astats asubboost asubcut asupercut atempo atilt
    atrim bandpass bandreject bass biquad channelmap channelsplit chorus compand compensationdelay concat
    crossfeed crystalizer dcshift deesser dialoguenhance drmeter dynaudnorm earwax ebur128 equalizer
    extrastereo flanger haas highpass highshelf join lowpass lowshelf mcompand pan replaygain rubberband
    sidechaincompress sidechaingate silencedetect silenceremove speechnorm stereotools stereowiden
    superequalizer surround tiltshelf treble tremolo vibrato virtualbass volume volumedetect aphasemeter
    avectorscope showcwt showfreqs showspectrum showspectrumpic showvolume showwaves showwavespic addroi
    alphaextract alphamerge amplify atadenoise avgblur backgroundkey bbox bilateral bitplanenoise
    blackdetect blackframe blend blockdetect blurdetect bm3d boxblur bwdif cas chromahold chromakey
    chromanr chromashift colorbalance colorchannelmixer colorcontrast colorcorrect colordetect colorhold
    colorize colorkey colorlevels colormatrix colorspace colortemperature convolution copy crop cropdetect
    dblur dctdnoiz deband deblock decimate dedot deflate deflicker dejudder delogo despill detelecine
    dilation displace doubleweave drawbox drawgrid edgedetect elbg entropy epx eq erosion estdif exposure
    extractplanes fade fftdnoiz field fieldmatch fieldorder fillborders format fps framepack framerate
    framestep freezedetect freezeframes gblur geq gradfun grayworld greyedge haldclut hflip histeq
    histogram hqdn3d hqx hstack hsvhold hsvkey hue huesaturation hysteresis identity idet il inflate
    interlace interleave kerndeint kirsch lagfun lenscorrection limiter loop lumakey lut lut2 lutrgb
    lutyuv maskedclamp maskedmax maskedmerge maskedmin maskedthreshold maskfun median mergeplanes
    mestimate midequalizer minterpolate mix monochrome morpho mpdecimate msad multiply negate nlmeans
    noformat noise normalize null nullsink anullsink oscilloscope overlay owdenoise pad palettegen
    perspective phase photosensitivity pixelize pixscope premultiply prewitt pseudocolor pullup random
    remap removegrain repeatfields reverse rgbashift roberts rotate sab scale scale2ref scdet scharr
    scroll segment select separatefields setdar setfield setparams setpts setrange setsar settb shear
    showinfo showpalette shuffleframes shufflepixels shuffleplanes sidedata signalstats siti smartblur
    sobel split stereo3d super2xsai swaprect swapuv tblend telecine thistogram threshold thumbnail tile
    tiltandshift tinterlace tlut2 tmedian tmix tonemap tpad transpose trim unpremultiply unsharp untile
    v360 vaguedenoiser varblur vectorscope vflip vfrdet vibrance vignette vstack w3fdif waveform weave xbr
    xfade xmedian xstack yadif yaepblur zoompan zscale
    """.split()
)

#: Filters that make picture or sound from nothing.
SOURCES = frozenset(
    """
    aevalsrc anoisesrc anullsrc sine allrgb allyuv color colorchart colorspectrum gradients haldclutsrc
    mandelbrot mptestsrc nullsrc pal100bars pal75bars perlin rgbtestsrc sierpinski smptebars smptehdbars
    testsrc testsrc2 yuvtestsrc zoneplate
    """.split()
)

#: Filters that can also name a file: only these of their options, and only as `name=value`.
NAMED_OPTIONS: Mapping[str, frozenset[str]] = {
    "curves": frozenset("preset master m red r green g blue b all interp".split()),
    "loudnorm": frozenset(
        "I i LRA lra TP tp measured_I measured_i measured_LRA measured_lra measured_TP measured_tp "
        "measured_thresh offset linear dual_mono print_format".split()
    ),
    "paletteuse": frozenset("dither bayer_scale diff_mode new alpha_threshold".split()),
    "psnr": frozenset({"eof_action", "shortest", "repeatlast"}),
    "ssim": frozenset({"eof_action", "shortest", "repeatlast"}),
}

_NAME = re.compile(r"([a-z0-9_]+)(?:@[A-Za-z0-9_]+)?")
_LABEL = re.compile(r"\[[A-Za-z0-9_:#.+-]{1,64}\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_]+)\s*=")
#: `/option=file` makes ffmpeg read the value from a file.
_LOADED = re.compile(r"/\s*[A-Za-z0-9_]+\s*=")
_SPACE = " \n\t\r"


def check(graph: str) -> None:
    """Raise ValueError, naming the filter or option, unless all of a filtergraph is allowed."""
    filters = list(_filters(graph))
    if not filters:
        raise ValueError("the filtergraph is empty")
    for name, options in filters:
        if _LOADED.search(options):
            raise ValueError(f"filter {name!r}: an option whose value is read from a file is not allowed")
        if name in NAMED_OPTIONS:
            _check_named(name, options)
        elif name not in FILTERS and name not in SOURCES:
            raise ValueError(f"filter {name!r} is not allowed")


def _check_named(name: str, options: str) -> None:
    allowed = NAMED_OPTIONS[name]
    position = 0
    while position < len(options):
        key = _KEY.match(options, position)
        if key is None:
            raise ValueError(f"filter {name!r}: options must be written as name=value")
        if key.group(1) not in allowed:
            raise ValueError(f"filter {name!r}: option {key.group(1)!r} is not allowed")
        _, position = _token(options, key.end(), ":")
        position += 1


def _filters(graph: str) -> Iterator[tuple[str, str]]:
    """The name and the options of every filter, unescaped as libavfilter does it."""
    position = 0
    while True:
        position = _links(graph, position)
        if position >= len(graph):
            return
        token, position = _token(graph, position, "=,;[")
        name = _NAME.fullmatch(token)
        if name is None:
            raise ValueError(f"the filtergraph cannot be read at {token[:40]!r}")
        options = ""
        if graph[position : position + 1] == "=":
            options, position = _token(graph, position + 1, "[],;")
        yield name.group(1), options
        position = _links(graph, position)
        if position < len(graph):
            if graph[position] not in ",;":
                raise ValueError(f"the filtergraph cannot be read at {graph[position : position + 40]!r}")
            position += 1


def _links(graph: str, position: int) -> int:
    """The position after the link labels and the white space that stand here."""
    while True:
        while graph[position : position + 1] and graph[position] in _SPACE:
            position += 1
        if graph[position : position + 1] != "[":
            return position
        label = _LABEL.match(graph, position)
        if label is None:
            raise ValueError(f"the filtergraph has a bad label at {graph[position : position + 40]!r}")
        position = label.end()


def _token(text: str, position: int, ends: str) -> tuple[str, int]:
    """What stands up to an unquoted, unescaped end character, unescaped; and the position of that end."""
    out: list[str] = []
    while position < len(text) and text[position] in _SPACE:
        position += 1
    while position < len(text) and text[position] not in ends:
        character = text[position]
        position += 1
        if character == "\\" and position < len(text):
            out.append(text[position])
            position += 1
        elif character == "'":
            end = text.find("'", position)
            if end < 0:
                raise ValueError("the filtergraph has a quote that does not close")
            out.append(text[position:end])
            position = end + 1
        else:
            out.append(character)
    return "".join(out).rstrip(_SPACE), position
