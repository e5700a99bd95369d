"""What media:probe answers."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from mediajobs.tools.media.probe import Parameters, run
from tests.clip import clip
from tests.tool_run import LocalRun


def test_the_answer_tells_the_most_recent_media_file_as_json(tmp_path: Path) -> None:
    bench = LocalRun(tmp_path)
    bench.add(clip("tone.wav"))
    bench.add(clip("clip.mp4"))
    result = run(bench, Parameters())
    assert json.loads(json.dumps(result.data)) == dict(result.data)
    assert result.data["name"] == "clip.mp4"
    assert [(stream["type"], stream["codec"]) for stream in result.data["streams"]] == [
        ("video", "h264"),
        ("audio", "aac"),
    ]
    assert result.usage.seconds_in == pytest.approx(2, abs=0.1)
    assert result.usage.bytes_in == clip("clip.mp4").stat().st_size
    assert not result.files


def test_a_named_file_is_probed(tmp_path: Path) -> None:
    bench = LocalRun(tmp_path)
    bench.add(clip("tone.wav"))
    bench.add(clip("clip.mp4"))
    assert run(bench, Parameters(input="tone.wav")).data["format"] == "wav"


def test_a_name_that_leaves_the_workspace_is_refused_at_submission() -> None:
    with pytest.raises(ValidationError):
        Parameters(input="../clip.mp4")
