"""Estimates of tasks: they follow what is known, and nothing is made up of what is not."""

from typing import Any

import pytest

from mediajobs.tools import catalog
from mediajobs.tools.estimate import Estimate

GB = 10**9


def estimate(name: str, known: dict[str, int | None], **parameters: Any) -> Estimate:
    tool = catalog.find(name)
    assert tool is not None
    return catalog.rule(tool)(tool.Parameters.model_validate(parameters), known, {})


def transcode(size: int | None = GB, cut: dict[str, float] | None = None, **video: Any) -> Estimate:
    rendition = {"name": "a", "container": "mp4", "video": {"codec": "h264", **video}, "audio": {}}
    return estimate("media:transcode", {"in.mp4": size}, renditions=[rendition], **(cut or {}))


def test_a_larger_slower_or_newer_picture_takes_longer() -> None:
    usual = transcode().seconds or 0
    assert usual > (transcode(height=360).seconds or 0) > (transcode(codec="copy").seconds or 0) > 0
    assert (transcode(codec="hevc").seconds or 0) > usual
    assert (transcode(speed="slow").seconds or 0) > usual


@pytest.mark.parametrize(
    "cut", [{"duration_seconds": 10}, {"start_seconds": 20, "end_seconds": 30}, {"max_duration_seconds": 10}]
)
def test_a_part_takes_as_long_as_it_is(cut: dict[str, float]) -> None:
    assert "of which 10.0 s are encoded" in transcode(cut=cut).basis


def test_a_transcode_tells_its_files_by_their_bit_rates() -> None:
    made = transcode(cut={"duration_seconds": 10}, bit_rate=800_000).files
    assert made == {"in-a.mp4": 10 * (800_000 + 128_000) // 8}
    assert transcode(size=None) == Estimate(None, "The size of the input is not known.", {"in-a.mp4": None})


def test_a_put_takes_as_long_as_what_it_stores_and_wants_all_sizes() -> None:
    destinations = [{"url": "https://a.example/"}, {"url": "https://b.example/"}]
    files: dict[str, int | None] = {"a.mp4": 50_000_000, "b.txt": 0, "c": None}
    chosen = estimate("storage:put", files, files=["a.mp4"], destinations=destinations)
    assert chosen.seconds == pytest.approx(2 * (1 + 2))
    assert estimate("storage:put", files, destinations=destinations).seconds is None
    assert estimate("storage:put", files, files=["*.m3u8"], destinations=destinations).seconds is None


def test_a_probe_looks_at_the_last_file_unless_told_otherwise() -> None:
    files: dict[str, int | None] = {"a.mp4": 800_000_000, "b.mp4": 0}
    assert estimate("media:probe", files).seconds == 1
    assert estimate("media:probe", files, input="a.mp4").seconds == 11
    assert estimate("media:probe", {}).seconds is None


def test_a_tool_without_a_rule_leaves_files_that_nobody_knows() -> None:
    assert estimate("ffmpeg:cmd", {}, arguments=["-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]) == (
        Estimate(None, "There is no rule for this tool.", None)
    )
