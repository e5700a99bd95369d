"""How an answer is written: as JSON or XML, for machines or people, with or without what is null."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.request import Request, Response

#: What XML 1.0 cannot hold.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What an element can be called; other keys come from clients.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@dataclass(frozen=True)
class Shape:
    """What a request asks its answer to look like."""

    is_xml: bool = False
    human: bool = False
    show_null: bool = False

    @classmethod
    def of(cls, request: Request) -> "Shape":
        """By `format`, else by the header Accept; `human` and `show_null`. Raises InvalidRequest."""
        given = request.query.get("format")
        if given not in (None, "json", "xml"):
            raise InvalidRequest("format", fields=[FieldError("/query/format", "json or xml")])
        return cls(
            is_xml=_prefers_xml(request.headers.get("accept", "")) if given is None else given == "xml",
            human=boolean(request.query, "human") or False,
            show_null=boolean(request.query, "show_null") or False,
        )

    @classmethod
    def of_refusal(cls, request: Request) -> "Shape":
        """The same for an error, whatever the request says."""
        try:
            return cls.of(request)
        except InvalidRequest:
            return cls()

    def text(self, value: Mapping[str, Any]) -> str:
        """JSON, or XML that says the same."""
        shown = value if self.show_null else _without_nulls(value)
        if not self.is_xml:
            separators = None if self.human else (",", ":")
            return json.dumps(
                shown, ensure_ascii=False, indent=2 if self.human else None, separators=separators
            )
        (name, only), *others = shown.items()
        root = (
            _element("response", shown) if others or not isinstance(only, Mapping) else _element(name, only)
        )
        if self.human:
            ElementTree.indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")

    def response(
        self, value: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response[str]:
        """An answer with that body."""
        kind = "application/xml" if self.is_xml else "application/json"
        # Text of a type that does not end in `json` is sent as it is.
        typed = {"content-type": f"{kind}; charset=utf-8", "vary": "accept", **(headers or {})}
        return Response(status, self.text(value), typed)


def boolean(query: Mapping[str, str], name: str) -> bool | None:
    """`true` or `false`; None if it is left out. Raises InvalidRequest."""
    given = query.get(name)
    if given is None:
        return None
    if given.lower() not in ("true", "false"):
        raise InvalidRequest(name, fields=[FieldError(f"/query/{name}", "true or false")])
    return given.lower() == "true"


def _prefers_xml(accept: str) -> bool:
    """Whether the media type with the highest quality that is one of ours is XML (RFC 9110, 12.5.1)."""
    best = (0.0, False)
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        weight = float(quality) if re.fullmatch(r"[01](\.\d{0,3})?", quality) else 0.0
        if kind in ("application/json", "*/*", "application/*", "application/xml", "text/xml"):
            best = max(best, (weight, kind.endswith("/xml")), key=lambda found: found[0])
    return best[1]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_nulls(part) for part in value]
    return value


def _element(name: str, value: Any) -> ElementTree.Element:
    """An element; the entries of a list are named by its singular."""
    is_plain = _NAME.fullmatch(name) is not None
    made = ElementTree.Element(name if is_plain else "entry")
    if not is_plain:
        made.set("name", _ILLEGAL.sub("", name))
    if isinstance(value, Mapping):
        made.extend(_element(key, part) for key, part in value.items())
    elif isinstance(value, list):
        made.extend(
            _element(name.removesuffix("s") if name.endswith("s") else "item", part) for part in value
        )
    elif value is None:
        made.set(_NIL, "true")
    else:
        made.text = json.dumps(value) if isinstance(value, bool | int | float) else _ILLEGAL.sub("", value)
    return made
