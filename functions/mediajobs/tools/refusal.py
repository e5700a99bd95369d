"""What MediaConvert cannot do as a caller asks for it, parameter by parameter."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

#: Names of files: in a URL for MediaConvert, `$` and some others have a meaning.
NAME = re.compile(r"[A-Za-z0-9!_.*'()/-]+")
PLAIN = "MediaConvert takes names of letters, digits and !-_.*'()/ only"

#: How a rule begins that would take a look at the input.
UNSEEN = "MediaConvert is not told the source's"


@dataclass(frozen=True)
class Refusal:
    """A parameter, by its path in the tool's parameters, and the rule that it breaks."""

    path: str
    rule: str


@dataclass(frozen=True)
class Refusals:
    """A growing list of them; `within` is where its part of the parameters stands."""

    within: str = ""
    found: list[Refusal] = field(default_factory=list)

    def add(self, path: str, rule: str) -> None:
        """Note one."""
        self.found.append(Refusal(self.within + path, rule))

    def of(self, path: str) -> "Refusals":
        """The same list, for a part of the parameters."""
        return Refusals(f"{self.within}{path}/", self.found)

    def __iter__(self) -> Iterator[Refusal]:
        return iter(self.found)
