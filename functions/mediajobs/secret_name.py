"""Named secrets where they are used: `{name}` in a text stands for one, `{{` for a plain brace."""

import re
from collections.abc import Callable

NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_PLACE = re.compile(rf"\{{\{{|\{{(?P<name>{NAME})\}}")

#: A name → the secret. Raises ValueError if there is none.
Resolve = Callable[[str], str]


def is_name(text: str) -> bool:
    """Whether a secret may be called so."""
    return re.fullmatch(NAME, text) is not None


def filled(text: str, resolve: Resolve) -> str:
    """The text with its secrets in place; what stands in a secret names no other. Raises ValueError."""
    return _PLACE.sub(lambda match: resolve(match["name"]) if match["name"] else "{", text)


def refuse(name: str) -> str:
    """A `Resolve` for where no secret may stand."""
    raise ValueError(
        f"the secret {{{name}}} can stand in user, password and query of a URL, not in what is shown of it; "
        "write {{ for a plain {"
    )


def without_names(text: str) -> str:
    """What of a text is written out."""
    return filled(text, lambda _: "")
