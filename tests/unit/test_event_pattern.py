"""Patterns of events match as EventBridge's rules do, as far as they go."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from mediajobs.event_pattern import faults, matches

EVENT: Any = {
    "source": "shop",
    "detail-type": "Film Delivered",
    "detail": {
        "title": "Nosferatu",
        "minutes": 94,
        "restored": True,
        "rating": None,
        "countries": ["DE", "AT"],
        "files": [{"name": "a.mp4", "bytes": 10}, {"name": "b.srt", "bytes": 1}],
    },
}

FITS: list[dict[str, Any]] = [
    {"source": ["shop"]},
    {"source": ["other", "shop"], "detail-type": ["Film Delivered"]},
    {"detail": {"title": [{"prefix": "Nos"}]}},
    {"detail": {"title": [{"suffix": "tu"}]}},
    {"detail": {"title": [{"equals-ignore-case": "NOSFERATU"}]}},
    {"detail": {"title": [{"anything-but": "Faust"}]}},
    {"detail": {"title": [{"anything-but": ["Faust", "M"]}]}},
    {"detail": {"title": [{"anything-but": {"prefix": "F"}}]}},
    {"detail": {"minutes": [94]}},
    {"detail": {"minutes": [{"numeric": [">", 90, "<=", 94]}]}},
    {"detail": {"restored": [True]}},
    {"detail": {"rating": [None]}},
    {"detail": {"rating": [{"exists": True}]}},
    {"detail": {"sequel": [{"exists": False}]}},
    {"detail": {"countries": ["AT"]}},
    {"detail": {"title": [{"prefix": "F"}, "Nosferatu"]}},
]
FITS_NOT: list[dict[str, Any]] = [
    {"source": ["sho"]},
    {"source": ["shop"], "detail-type": ["Film"]},
    {"detail": {"title": ["nosferatu"]}},
    {"detail": {"title": [{"prefix": "nos"}]}},
    {"detail": {"title": [{"anything-but": ["Faust", "Nosferatu"]}]}},
    {"detail": {"title": [{"anything-but": {"prefix": "Nos"}}]}},
    {"detail": {"minutes": ["94"]}},
    {"detail": {"minutes": [{"numeric": ["<", 94]}]}},
    {"detail": {"restored": [False]}},
    {"detail": {"sequel": [{"exists": True}]}},
    {"detail": {"title": [{"exists": False}]}},
    {"detail": {"countries": ["FR"]}},
    {"nothing": {"deep": ["x"]}},
    {"nothing": ["x"]},
]


@pytest.mark.parametrize("pattern", FITS, ids=json.dumps)
def test_a_pattern_fits(pattern: dict[str, Any]) -> None:
    assert list(faults(pattern, "")) == []
    assert matches(pattern, EVENT)


@pytest.mark.parametrize("pattern", FITS_NOT, ids=json.dumps)
def test_a_pattern_does_not_fit(pattern: dict[str, Any]) -> None:
    assert list(faults(pattern, "")) == []
    assert not matches(pattern, EVENT)


#: What moto's own matcher knows.
_KNOWN = [
    each
    for each in FITS + FITS_NOT
    if not any(word in json.dumps(each) for word in ("suffix", "ignore-case", "anything-but", "null"))
]


@pytest.mark.parametrize("pattern", _KNOWN, ids=json.dumps)
def test_another_matcher_says_the_same(pattern: dict[str, Any]) -> None:
    assert EventPattern.load(json.dumps(pattern)).matches_event(EVENT) is matches(pattern, EVENT)


def test_a_field_of_one_of_several_objects_fits() -> None:
    assert matches({"detail": {"files": {"name": [{"suffix": ".srt"}]}}}, EVENT)
    assert not matches({"detail": {"files": {"name": [{"suffix": ".wav"}]}}}, EVENT)


def test_true_is_not_one() -> None:
    assert not matches({"detail": {"restored": [1]}}, EVENT)


@pytest.mark.parametrize(
    ("pattern", "pointer"),
    [
        ({}, ""),
        ([], ""),
        ({"source": "shop"}, "/source"),
        ({"source": []}, "/source"),
        ({"source": [["shop"]]}, "/source/0"),
        ({"source": [{"wildcard": "s*"}]}, "/source/0"),
        ({"$or": [{"source": ["shop"]}]}, "/$or/0"),
        ({"detail": {"a/b": [{"exists": "yes"}]}}, "/detail/a~1b/0"),
        ({"detail": {"n": [{"numeric": [">"]}]}}, "/detail/n/0"),
        ({"detail": {"n": [{"numeric": [1, ">"]}]}}, "/detail/n/0"),
        ({"detail": {"n": [{"anything-but": {"exists": True}}]}}, "/detail/n/0"),
        ({"detail": {"n": [{"prefix": "a", "suffix": "b"}]}}, "/detail/n/0"),
    ],
)
def test_what_is_no_pattern_is_refused_where_it_stands(pattern: Any, pointer: str) -> None:
    assert [fault.pointer for fault in faults(pattern, "")] == [pointer]
