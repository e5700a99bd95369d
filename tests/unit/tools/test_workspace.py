"""Which names a workspace file may have."""

import pytest
from pydantic import TypeAdapter, ValidationError

from mediajobs.tools.workspace import FileName

NAME = TypeAdapter(FileName)


@pytest.mark.parametrize(
    "name", ["clip.mp4", "hls/master.m3u8", "ein schöner Film.mp4", "-x", "a..b", "映画.mp4"]
)
def test_usual_names_are_taken(name: str) -> None:
    assert NAME.validate_python(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/../b",
        "a/./b",
        "a\nb",
        "a\x00",
        "a\\b",
        "{in:a}",
        "a" * 256,
    ],
)
def test_names_that_could_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NAME.validate_python(name)
