"""A task of the Video Toolkit as a task of ours."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from mediajobs.dialects.castlabs.words import PARALLEL, UNSUPPORTED_STORAGE, UNSUPPORTED_TS
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.media.option import OPTIONS
from mediajobs.secret_name import NAME, Resolve
from mediajobs.tools import catalog
from mediajobs.transfer.url import file_name, inside

#: `s3://KEY:SECRET@BUCKET/PATH`; a secret may have any characters, slashes too.
_S3 = re.compile(
    r"s3://(?P<key>[^:/@]+):(?P<secret>.+?)@(?P<place>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?)", re.S
)
#: One secret of the organization that is both, `KEY:SECRET`.
_NAMED = re.compile(rf"s3://\{{(?P<name>{NAME})\}}@(?P<place>.+)", re.S)
#: What the vendor fills in from earlier tasks. Secrets of the organization stand in locations, as with us.
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
#: ffmpeg's options that only say what it says, and whether they take a value.
_QUIET = {"loglevel": True, "v": True, "stats": False, "nostats": False}

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Job:
    """What is said for all of its tasks."""

    role_arn: Any
    resolve: Resolve


def translate(task: Any, job: Job) -> Any:
    """The task as `POST /jobs` takes it. What is no task is handed on as it is, for the check of our own
    words to say what is wrong. Raises InvalidRequest, with pointers into the task."""
    if not isinstance(task, dict) or not isinstance(task.get("tool"), str):
        return task
    if task.get("version") is not None:
        raise _unsupported("/version", "a tool has one version here")
    tool = task["tool"].removesuffix(PARALLEL)
    parameters = _merged(tool, task.get("parameters"))
    make = _TOOLS.get(tool)
    if make is None or _OWN.get(tool, "") in parameters:
        if catalog.find(tool) is None:
            raise _unsupported("/tool", f"there is no tool {tool!r} here")
        return {"tool": tool, "parameters": parameters}
    name, made = make(parameters, job)
    return {"tool": name, "parameters": made}


def _merged(tool: str, parameters: Any) -> dict[str, Any]:
    """Parameters are an object, or a list of objects that are one together; ffmpeg's may be its arguments."""
    if parameters is None:
        return {}
    parts = parameters if isinstance(parameters, list) else [parameters]
    if tool == "ffmpeg:cmd" and parts and all(isinstance(part, str) for part in parts):
        return {"arguments": parts}
    if not all(isinstance(part, dict) for part in parts):
        raise _bad("/parameters", "an object, or a list of objects")
    return {name: value for part in parts for name, value in part.items()}


def _get(parameters: Parameters, job: Job) -> tuple[str, dict[str, Any]]:
    place, access = _place(parameters, job)
    files = _texts(parameters, "files")
    for name in files:
        if any(character in name for character in "*?"):
            raise _unsupported("/parameters/files", f"{name!r}: files are loaded by their whole names")
    folder = _base(parameters)
    if not files or (len(files) == 1 and file_name(place) == files[0] and not place.startswith("s3://")):
        # The location is a whole URL.
        sources = [{"url": place, "name": _below(folder, file_name(place))}]
    else:
        base = _folder(place)
        sources = [
            {"url": inside(base, name.lstrip("/")), "name": _below(folder, _file(name))} for name in files
        ]
    return "storage:get", {"sources": [source | access for source in sources]}


def _put(parameters: Parameters, job: Job) -> tuple[str, dict[str, Any]]:
    if parameters.get("overwrite") is False:
        raise _unsupported("/parameters/overwrite", "files are replaced, so say true or nothing")
    place, access = _place(parameters, job)
    folder = _base(parameters)
    made: dict[str, Any] = {"destinations": [{"url": _folder(place)} | access]}
    if files := _texts(parameters, "files"):
        made["files"] = list(map(_file, files))
    return "storage:put", made | ({"folder": folder} if folder else {})


def _command(parameters: Parameters, _job: Job) -> tuple[str, dict[str, Any]]:
    arguments, read, written = _placed(_texts(parameters, "arguments"))
    if not parameters.get("ignore_decoding_errors"):
        arguments.append("-xerror")
    return "ffmpeg:cmd", {"inputs": read, "outputs": written, "arguments": arguments}


def _loudness(parameters: Parameters, _job: Job) -> tuple[str, dict[str, Any]]:
    if parameters.get("output") is not None:
        raise _unsupported("/parameters/output", "media:enhance measures and normalizes")
    if parameters.get("audio_selector") not in (None, "0:a", "0:a:0", "a:0"):
        raise _unsupported("/parameters/audio_selector", "the file's first sound is measured")
    name = parameters.get("input_file")
    if not isinstance(name, str):
        raise _bad("/parameters/input_file", "a file's name")
    return "media:analyze", {"input": _file(name), "loudness": True, "silence": None, "black": None}


def _ts(parameters: Parameters, _job: Job) -> tuple[str, dict[str, Any]]:
    _refuse(parameters, UNSUPPORTED_TS)
    sources = parameters.get("input")
    source = sources[0] if isinstance(sources, list) and len(sources) == 1 else sources
    if not isinstance(source, str) or source.startswith("["):
        raise _unsupported("/parameters/input", "one file's name, without a stream selector")
    target = parameters.get("output")
    if not isinstance(target, str):
        raise _bad("/parameters/output", "a file's name")
    streams = ["-map", "0:v?", "-map", "0:a?", "-c", "copy", "-f", "mpegts"]
    arguments, read, written = _placed(["-i", source, *streams, target])
    return "ffmpeg:cmd", {"inputs": read, "outputs": written, "arguments": arguments}


_TOOLS: Mapping[str, Callable[[Parameters, Job], tuple[str, dict[str, Any]]]] = {
    "storage:get": _get,
    "storage:put": _put,
    "ffmpeg:cmd": _command,
    "ffmpeg:loudnorm_analyze": _loudness,
    "bento:mp42ts": _ts,
}
#: By what parameters in our own words are known.
_OWN = {"storage:get": "sources", "storage:put": "destinations", "ffmpeg:cmd": "inputs"}


def _place(parameters: Parameters, job: Job) -> tuple[str, dict[str, Any]]:
    """The location without keys to a bucket, and these, or the role to assume for it."""
    _refuse(parameters, UNSUPPORTED_STORAGE)
    location = parameters.get("location")
    if not isinstance(location, str) or "://" not in location:
        raise _bad("/parameters/location", "the URL of a place is needed")
    if location.startswith("gs://"):
        raise _unsupported("/parameters/location", "gs://")
    if named := _NAMED.fullmatch(location):
        try:
            # What stands in a secret names no other.
            key_id, _, key = job.resolve(named["name"]).replace("{", "{{").partition(":")
        except ValueError as error:
            raise _bad("/parameters/location", str(error)) from None
        keys = {"access_key_id": key_id, "secret_access_key": key}
        return f"s3://{named['place']}", {"credentials": keys}
    if found := _S3.fullmatch(location):
        keys = {
            "access_key_id": unquote(found["key"]),
            "secret_access_key": unquote(found["secret"]),
        }
        return f"s3://{found['place']}", {"credentials": keys}
    _split(location)
    own = parameters.get("role_arn")
    role = own if own is not None else job.role_arn if location.startswith("s3://") else None
    return location, {} if role is None else {"role_arn": role}


def _placed(arguments: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """ffmpeg's arguments with `{in:NAME}` and `{out:NAME}` for the paths, and the names."""
    made: list[str] = []
    read: dict[str, None] = {}
    written: dict[str, None] = {}
    rest = iter(arguments)
    is_made_by_filters = False
    for argument in rest:
        if argument == "-i":
            source = next(rest, "")
            name = _file(source)
            if not is_made_by_filters:
                read[name] = None
            made += ["-i", source if is_made_by_filters else f"{{in:{name}}}"]
            is_made_by_filters = False
        elif argument.startswith("-") and argument != "-":
            option = argument[1:].partition(":")[0]
            takes = _QUIET.get(option, option == "f" or (option in OPTIONS and bool(OPTIONS[option].check)))
            value = [next(rest, "")] if takes else []
            is_made_by_filters = value == ["lavfi"] if option == "f" else is_made_by_filters
            if option not in _QUIET:
                made += [argument, *value]
        elif argument in ("-", "/dev/null"):
            made.append("-")
        else:
            written[name := _file(argument)] = None
            made.append(f"{{out:{name}}}")
            is_made_by_filters = False
    return made, list(read), list(written)


def _texts(parameters: Parameters, name: str) -> list[str]:
    """A list of texts, also where there is only one. Raises InvalidRequest for placeholders in them."""
    value = parameters.get(name)
    texts = [value] if isinstance(value, str) else value or []
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _bad(f"/parameters/{name}", "a list of strings")
    for text in texts:
        if _PLACEHOLDER.search(text):
            raise _unsupported(f"/parameters/{name}", f"placeholders, as in {text[:80]!r}")
    return texts


def _file(path: str) -> str:
    """A path in the vendor's /job/ as the name of a file of the job."""
    name = str(PurePosixPath(path.removeprefix("/job/")))
    return "" if name == "." else name


def _base(parameters: Parameters) -> str:
    folder = parameters.get("base_dir") or ""
    if not isinstance(folder, str):
        raise _bad("/parameters/base_dir", "a string")
    return _file(folder)


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _folder(url: str) -> str:
    """The URL with a slash at the end of its path."""
    if url.startswith("s3://"):
        return url.rstrip("/") + "/"
    parts = _split(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/"))


def _split(url: str) -> SplitResult:
    """The URL's parts. Raises InvalidRequest, also where a slash in a password would end it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        rule = "not a valid URL; in user and password, anything unusual is percent-encoded"
        raise _bad("/parameters/location", rule) from None
    return parts


def _refuse(parameters: Parameters, names: Sequence[str]) -> None:
    for name in names:
        if parameters.get(name) is not None:
            raise _unsupported(f"/parameters/{name}", name)


def _unsupported(pointer: str, what: str) -> InvalidRequest:
    return _bad(pointer, f"unsupported: {what}")


def _bad(pointer: str, rule: str) -> InvalidRequest:
    return InvalidRequest("The job breaks a rule", fields=[FieldError(pointer, rule)])
