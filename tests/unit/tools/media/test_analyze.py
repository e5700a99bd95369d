"""media:analyze on clips whose silence, black and stillness are known."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mediajobs.errors import InvalidMedia
from mediajobs.tools.media import analyze
from mediajobs.tools.media.analyze import Parameters
from mediajobs.tools.tool import Result
from tests.clip import clip
from tests.tool_run import LocalRun


def analysed(tmp_path: Path, name: str, **parameters: Any) -> tuple[LocalRun, Result]:
    run = LocalRun(tmp_path)
    run.add(clip(name))
    return run, analyze.run(run, Parameters.model_validate(parameters))


def only(intervals: list[dict[str, float]]) -> tuple[float, float]:
    (interval,) = intervals
    assert interval["duration"] == pytest.approx(interval["end"] - interval["start"], abs=0.002)
    return interval["start"], interval["end"]


def test_one_reading_finds_loudness_silence_black_and_freezes(tmp_path: Path) -> None:
    run, result = analysed(
        tmp_path,
        "events.mp4",
        silence={"duration_seconds": 1},
        black={"duration_seconds": 1},
        freeze={"duration_seconds": 1},
    )
    data = result.data
    assert only(data["silence"]) == pytest.approx((1, 3.5), abs=0.1)
    assert only(data["black"]) == pytest.approx((0, 2), abs=0.05)
    first, last = data["freeze"]
    assert (first["start"], first["end"]) == pytest.approx((0, 2), abs=0.05)
    # It lasts to the end of the file, which ffmpeg does not say.
    assert (last["start"], last["end"]) == pytest.approx((4, 6), abs=0.1)
    assert data["loudness"]["integrated_lufs"] == pytest.approx(-18, abs=1)
    assert data["loudness"]["true_peak_dbtp"] == pytest.approx(-14, abs=1)
    assert data["duration_seconds"] == pytest.approx(6, abs=0.1)
    assert data["truncated"] == []
    assert run.text.count("ffmpeg -nostdin") == 1
    assert result.usage.seconds_in == pytest.approx(6, abs=0.1)
    assert result.files == ()


def test_what_is_shorter_than_asked_for_is_not_told(tmp_path: Path) -> None:
    _, result = analysed(
        tmp_path, "events.mp4", silence={"duration_seconds": 3}, black={"duration_seconds": 2.5}
    )
    assert result.data["silence"] == []
    assert result.data["black"] == []
    assert "freeze" not in result.data


def test_the_threshold_decides_what_is_silence(tmp_path: Path) -> None:
    _, result = analysed(tmp_path, "hiss.wav", silence={"threshold_db": -60, "duration_seconds": 1})
    assert result.data["silence"] == []
    _, result = analysed(tmp_path / "b", "hiss.wav", silence={"threshold_db": -30, "duration_seconds": 1})
    assert only(result.data["silence"]) == pytest.approx((2, 5), abs=0.1)
    assert result.data["black"] is None


def test_silence_has_no_loudness_and_lasts_to_the_end(tmp_path: Path) -> None:
    _, result = analysed(tmp_path, "hush.wav", silence={"duration_seconds": 1})
    assert result.data["loudness"] == {"integrated_lufs": None, "range_lu": None, "true_peak_dbtp": None}
    assert only(result.data["silence"]) == pytest.approx((0, 2), abs=0.05)


def test_what_there_is_no_stream_for_is_null(tmp_path: Path) -> None:
    _, result = analysed(tmp_path, "silent.mp4")
    assert result.data["loudness"] is None
    assert result.data["silence"] is None
    assert result.data["black"] == []


def test_a_file_without_any_stream_to_analyse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia, match="no stream"):
        analysed(tmp_path, "silent.mp4", black=None)


def test_a_great_many_intervals_are_cut_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyze, "MAX_INTERVALS", 1)
    _, result = analysed(tmp_path, "events.mp4", freeze={"duration_seconds": 1}, black=None, silence=None)
    assert len(result.data["freeze"]) == 1
    assert result.data["truncated"] == ["freeze"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"loudness": False, "silence": None, "black": None},
        {"silence": {"threshold_db": 3}},
        {"black": {"duration_seconds": 0}},
        {"freeze": {"unknown": 1}},
    ],
    ids=str,
)
def test_parameters_that_make_no_sense_are_refused_at_submission(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Parameters.model_validate(parameters)


def test_the_answer_can_be_had_as_a_file_as_well(tmp_path: Path) -> None:
    run, result = analysed(tmp_path, "hiss.wav", report="about/hiss.json")
    (file,) = result.files
    assert file.name == "about/hiss.json"
    assert json.loads(run.stored(file.name).read_text()) == result.data
    assert result.usage.bytes_out == file.size
