"""Reads a caller's own ffmpeg arguments and refuses whatever is not known to be harmless.

Files are written as `{in:NAME}` and `{out:NAME}`, and only where ffmpeg expects a file. Everything else must
be an option of `mediajobs.media.option` in a place where it may stand, with a value of the right form; so
nothing in an accepted list can name a file, a URL, a device or a library.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from mediajobs.media import filtergraph
from mediajobs.media.option import EXTENSIONS, FORMAT, OPTIONS, Option, Place

#: Inputs, and outputs, that one command may have.
FILES_AT_MOST = 16

_PLACEHOLDER = re.compile(r"\{(in|out):([^{}]{1,512})\}")
_OPTION = re.compile(r"-([A-Za-z0-9][A-Za-z0-9_-]*)((?::[A-Za-z0-9#]{1,16}){1,4})?", re.ASCII)
#: Options that the service sets itself; accepted, because everybody writes them, and left out.
_OWN = frozenset({"y", "hide_banner", "nostdin"})


class Target(Enum):
    """What an input or output is."""

    #: A file of the workspace.
    FILE = auto()
    #: Picture or sound made by filters; an input only.
    SOURCE = auto()
    #: Nothing is written; an output only.
    NOTHING = auto()


@dataclass(frozen=True)
class Part:
    """One input or output with the options that stand before it.

    `name` is a workspace file's name, or the filtergraph of a source. `format` is ffmpeg's name of the
    container where one is known: an output's always is.
    """

    target: Target
    name: str
    options: tuple[str, ...]
    format: str | None


@dataclass(frozen=True)
class Command:
    """An accepted argument list."""

    options: tuple[str, ...]
    inputs: tuple[Part, ...]
    outputs: tuple[Part, ...]

    @property
    def input_names(self) -> frozenset[str]:
        """The workspace files that are read."""
        return frozenset(part.name for part in self.inputs if part.target is Target.FILE)

    @property
    def output_names(self) -> frozenset[str]:
        """The workspace files that are written."""
        return frozenset(part.name for part in self.outputs if part.target is Target.FILE)


def parse(arguments: Sequence[str]) -> Command:
    """Read an argument list; raises ValueError that names the argument and the rule it breaks."""
    return _Reader(arguments).read()


@dataclass
class _Reader:
    arguments: Sequence[str]
    position: int = 0

    def read(self) -> Command:
        command = Command((), (), ())
        pending: list[tuple[int, str, Option, str | None]] = []
        while self.position < len(self.arguments):
            start = self.position
            argument = self._take()
            if argument == "-i":
                part = self._input(pending)
                command = replace(command, inputs=(*command.inputs, part))
                pending = []
            elif argument == "-" or not argument.startswith("-"):
                part = self._output(start, argument, pending)
                command = replace(command, outputs=(*command.outputs, part))
                pending = []
            else:
                name, option, value = self._option(start, argument)
                if option.place is Place.GLOBAL:
                    if name not in _OWN:
                        command = replace(command, options=(*command.options, *_written(argument, value)))
                else:
                    pending.append((start, argument, option, value))
        if pending:
            raise self._refused(pending[0][0], "options must stand before the input or output they are for")
        return self._whole(command)

    def _whole(self, command: Command) -> Command:
        if not command.inputs and not {"-filter_complex", "-lavfi"} & set(command.options):
            raise ValueError("there is no input: write -i {in:NAME}")
        if not command.outputs:
            raise ValueError("there is no output: write {out:NAME} as the last argument")
        if max(len(command.inputs), len(command.outputs)) > FILES_AT_MOST:
            raise ValueError(f"a command has at most {FILES_AT_MOST} inputs and {FILES_AT_MOST} outputs")
        written = [part.name for part in command.outputs if part.target is Target.FILE]
        if len(set(written)) < len(written):
            raise ValueError("two outputs have the same name")
        return command

    def _take(self) -> str:
        """The next argument; every argument passes here once."""
        argument = self.arguments[self.position]
        if not argument or re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", argument):
            raise self._refused(self.position, "is empty or has a control character")
        self.position += 1
        return argument

    def _option(self, start: int, argument: str) -> tuple[str, Option, str | None]:
        match = _OPTION.fullmatch(argument)
        name = match.group(1) if match else ""
        if match is None or (name not in OPTIONS and name != "f"):
            raise self._refused(start, "this option is not allowed")
        option = OPTIONS.get(name, Option(Place.INPUT | Place.OUTPUT, str))
        if match.group(2) and (name == "f" or option.check is None or option.place is Place.GLOBAL):
            raise self._refused(start, "this option takes no stream specifier")
        if option.check is None:
            return name, option, None
        if self.position == len(self.arguments):
            raise self._refused(start, "the value is missing")
        value = self._take()
        try:
            option.check(value)
        except ValueError as error:
            raise self._refused(start, str(error)) from None
        return name, option, value

    def _input(self, pending: list[tuple[int, str, Option, str | None]]) -> Part:
        start = self.position - 1
        if self.position == len(self.arguments):
            raise self._refused(start, "the input is missing")
        options, container = self._settled(pending, Place.INPUT)
        where = self.position
        argument = self._take()
        if container == "lavfi":
            try:
                filtergraph.check(argument)
            except ValueError as error:
                raise self._refused(where, str(error)) from None
            return Part(Target.SOURCE, argument, options, container)
        return Part(Target.FILE, self._name(where, argument, "in"), options, container)

    def _output(self, start: int, argument: str, pending: list[tuple[int, str, Option, str | None]]) -> Part:
        options, container = self._settled(pending, Place.OUTPUT)
        if argument == "-":
            if container != "null":
                raise self._refused(start, "only -f null may write to -")
            return Part(Target.NOTHING, argument, options, container)
        name = self._name(start, argument, "out")
        container = container or EXTENSIONS.get(name.rpartition(".")[2].lower())
        if container is None:
            raise self._refused(start, "the extension tells no allowed format: give one with -f")
        if container == "null":
            raise self._refused(start, "-f null writes no file: give - as the output")
        return Part(Target.FILE, name, options, container)

    def _settled(
        self, pending: list[tuple[int, str, Option, str | None]], place: Place
    ) -> tuple[tuple[str, ...], str | None]:
        """The options of one input or output, and the format that they name."""
        container = None
        options: list[str] = []
        for start, argument, option, value in pending:
            if place not in option.place:
                side = "an input" if place is Place.INPUT else "an output"
                raise self._refused(start, f"this option is not for {side}")
            if argument == "-f" and value is not None:
                try:
                    FORMAT[place](value)
                except ValueError as error:
                    raise self._refused(start, str(error)) from None
                container = value
            else:
                options += _written(argument, value)
        return tuple(options), container

    def _name(self, start: int, argument: str, side: str) -> str:
        match = _PLACEHOLDER.fullmatch(argument)
        if match is None:
            raise self._refused(start, f"files are written as {{{side}:NAME}}, and nothing else stands there")
        if match.group(1) != side:
            raise self._refused(start, f"{{{side}:NAME}} is expected here")
        return match.group(2)

    def _refused(self, position: int, rule: str) -> ValueError:
        return ValueError(f"arguments[{position}] {self.arguments[position][:80]!r}: {rule}")


def _written(argument: str, value: str | None) -> tuple[str, ...]:
    return (argument,) if value is None else (argument, value)
