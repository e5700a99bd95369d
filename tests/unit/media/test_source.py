"""Which file of the job a tool takes."""

from pathlib import Path

import pytest

from mediajobs.errors import InvalidParameters, SourceNotFound
from mediajobs.media.source import IMAGE, MOVING, choose
from tests.tool_run import LocalRun


@pytest.fixture
def bench(tmp_path: Path) -> LocalRun:
    run = LocalRun(tmp_path / "bench")
    (tmp_path / "x").write_bytes(b"x")
    for name in ("first.mp4", "second.MKV", "notes.txt", "poster.jpg", "all.zip", "index.vtt"):
        run.add(tmp_path / "x", name)
    return run


def test_the_most_recent_media_file_is_taken(bench: LocalRun) -> None:
    assert choose(bench, None) == "second.MKV"
    assert choose(bench, None, (*MOVING, IMAGE)) == "poster.jpg"


def test_a_named_file_is_taken_whatever_it_is(bench: LocalRun) -> None:
    assert choose(bench, "notes.txt") == "notes.txt"


def test_a_file_of_unknown_kind_is_taken_where_there_is_no_other(bench: LocalRun, tmp_path: Path) -> None:
    bench.add(tmp_path / "x", "download")
    assert choose(bench, None) == "second.MKV"
    other = LocalRun(tmp_path / "other")
    other.add(tmp_path / "x", "notes.txt")
    other.add(tmp_path / "x", "download")
    assert choose(other, None) == "download"


def test_without_media_the_caller_is_told_so(bench: LocalRun, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameters, match="input: no earlier task left a media file"):
        choose(LocalRun(tmp_path / "empty"), None)
    with pytest.raises(SourceNotFound, match=r"'no\.mp4'"):
        choose(bench, "no.mp4")
