"""Bodies that no client means to send: raw bytes, and JSON that has gone wrong in one place."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

#: Each is sent as it is, whatever the endpoint.
RAW: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "null": b"null",
    "a list": b"[]",
    "a list of lists": b"[[[]]]",
    "a text": b'"tasks"',
    "a number": b"0",
    "true": b"true",
    "NaN": b'{"priority": NaN}',
    "Infinity": b'{"priority": -Infinity}',
    "a number beyond floats": b'{"priority": 1e999}',
    "a number beyond what can be reckoned with": b'{"priority": 1e305}',
    "a number of 400 digits": b'{"priority": ' + b"9" * 400 + b"}",
    "a number of 5,000 digits": b'{"priority": ' + b"9" * 5000 + b"}",
    "a tiny number": b'{"priority": 1e-999}',
    "a number over 64 bits": b'{"priority": 18446744073709551616, "capacity": 18446744073709551616}',
    "the same name twice": b'{"tasks": [], "tasks": [{"tool": "media:probe"}], "name": "a", "name": "b"}',
    "a lone surrogate": b'{"name": "\\ud800", "user_data": "\\udfff", "tasks": []}',
    "a pair of surrogates in the wrong order": b'{"name": "\\udc00\\ud800"}',
    "a lone surrogate as a name": b'{"\\ud800": 1}',
    "NUL in a text": b'{"name": "a\\u0000b", "user": "\\u0000", "tags": ["\\u0000"]}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "UTF-7": b"+AHsAfQ-",
    "Latin-1": b'{"name": "\xe9"}',
    "overlong UTF-8": b'{"name": "\xc0\xaf"}',
    "a name that is empty": b'{"": {}}',
    "__proto__": b'{"__proto__": {"role": "ADMIN"}, "constructor": {"prototype": {}}}',
    "deep lists": b"[" * 100_000,
    "deep lists that end": b"[" * 5_000 + b"]" * 5_000,
    "deep objects": b'{"a":' * 50_000,
    "deep inside a task": b'{"tasks": [{"tool": "media:probe", "parameters": '
    + b'{"a":' * 40
    + b"1"
    + b"}" * 40
    + b"}]}",
    "very wide": b"[" + b"0," * 100_000 + b"0]",
    "very many names": json.dumps({f"n{number}": 0 for number in range(5_000)}).encode(),
    "a long name": json.dumps({"n" * 200_000: 0}).encode(),
    "too long": b'{"name": "' + b"x" * 300_000 + b'"}',
    "two values": b"{}{}",
    "a comment": b"/* */ {}",
    "single quotes": b"{'name': 'x'}",
    "a form": b"name=x&tasks=%5B%5D",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "multipart": b'--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\na\r\n--x--\r\n',
    "multipart without an end": b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00",
}
#: What a Content-Type may say of any of it.
CONTENT_TYPES = (
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "x" * 5000,
    "application/xml",
    "application/json; charset=utf-16",
    "",
    "//;;==",
    "текст",
)

_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            " ",
            "\x00",
            "\ud800",
            "x" * 5000,
            "../../etc/passwd",
            "${name}",
            "{named}",
            "#pk",
            ":pk",
            "ORG#",
            "https://",
            "https://[",
            "s3://",
            "sftp://u:p@h/",
            "%s%n",
            "a\r\nb: c",
            "media:probe",
            "9999-12-31T23:59:59Z",
            "0000-00-00T00:00:00Z",
            "-1",
            "1e305",
            "9" * 400,
            "1e999",
            "🎬",
        ]
    ),
)
_NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -1, 2**31, 2**53, 2**63, 10**30, 10**400, 1e305, 1e308, -0.0]),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a JSON value, its own first."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*path, name))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another one at a path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """The part at a path."""
    for name in path:
        value = value[name]
    return value


@st.composite
def mutated(draw: st.DrawFn, sample: Any) -> Any:
    """A sample in which one to three parts are something else, or are gone, or are there twice."""
    value = sample
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(value))))
        part = at(value, path)
        if isinstance(part, dict) and part and draw(st.booleans()):
            name = draw(st.sampled_from(sorted(part)))
            part = {key: each for key, each in part.items() if key != name}
            value = changed(
                value, path, part | draw(st.dictionaries(st.text(max_size=8), VALUES, max_size=1))
            )
        elif isinstance(part, list) and part and draw(st.booleans()):
            value = changed(value, path, part * draw(st.integers(0, 60)))
        else:
            value = changed(value, path, draw(VALUES))
    return value
