"""media:enhance on real sound, judged by measuring what comes out."""

import re
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from pydantic import ValidationError

from mediajobs.errors import InvalidMedia
from mediajobs.tools.media import enhance
from mediajobs.tools.media.enhance import Parameters
from tests.clip import clip
from tests.tool_run import LocalRun


def ffmpeg(*arguments: str | Path) -> str:
    """What ffmpeg says on both its streams."""
    done = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def number(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    assert found is not None
    return float(found[1])


def loudness(path: Path) -> tuple[float, float]:
    """Integrated loudness and true peak, by a meter other than the tool's."""
    said = ffmpeg("-i", path, "-af", "loudnorm=print_format=json", "-f", "null", "-")
    integrated, peak = (number(rf'"input_{figure}" : "(\S+)"', said) for figure in ("i", "tp"))
    return integrated, peak


def level(path: Path, start: float, end: float) -> float:
    """The RMS level between two times, dB."""
    said = ffmpeg("-i", path, "-af", f"atrim={start}:{end},volumedetect", "-f", "null", "-")
    return number(r"mean_volume: (\S+) dB", said)


def picture_hash(path: Path) -> str:
    return ffmpeg("-loglevel", "error", "-i", path, "-map", "0:v", "-c", "copy", "-f", "streamhash", "-")


def enhanced(tmp_path: Path, name: str, **parameters: object) -> tuple[LocalRun, dict[str, Any], Path]:
    run = LocalRun(tmp_path)
    run.add(clip(name))
    result = enhance.run(run, Parameters.model_validate(parameters))
    (file,) = result.files
    return run, dict(result.data), run.stored(file.name)


def test_quiet_sound_comes_out_at_the_loudness_asked_for_and_the_picture_is_untouched(tmp_path: Path) -> None:
    run, data, output = enhanced(tmp_path, "quiet.mp4", loudness={"integrated_lufs": -16})
    integrated, peak = loudness(output)
    assert loudness(clip("quiet.mp4"))[0] < -35
    assert integrated == pytest.approx(-16, abs=0.5)
    assert peak < 0
    assert data["normalization"] == "linear"
    assert data["before"]["integrated_lufs"] == pytest.approx(loudness(clip("quiet.mp4"))[0], abs=0.3)
    assert data["after"]["integrated_lufs"] == pytest.approx(integrated, abs=0.3)
    assert output.name == "quiet-enhanced.mp4"
    assert picture_hash(output) == picture_hash(clip("quiet.mp4"))
    assert run.fractions == sorted(run.fractions)
    assert run.fractions[-1] == 1


def test_the_default_target_is_that_of_ebu_r128(tmp_path: Path) -> None:
    _, data, output = enhanced(tmp_path, "tone.flac", loudness={})
    assert loudness(output)[0] == pytest.approx(-23, abs=0.5)
    assert output.suffix == ".flac"
    assert data["after"]["integrated_lufs"] == pytest.approx(-23, abs=0.5)


def test_where_one_gain_would_pass_the_peak_the_peaks_are_held_down(tmp_path: Path) -> None:
    _, data, output = enhanced(tmp_path, "peaky.wav", loudness={"integrated_lufs": -14, "true_peak_dbtp": -3})
    integrated, peak = loudness(output)
    assert data["normalization"] == "limited"
    assert peak <= -2.9
    assert integrated > loudness(clip("peaky.wav"))[0] + 3
    assert "44100 Hz" in ffmpeg("-i", output, "-f", "null", "-")


def test_a_range_wider_than_asked_for_is_compressed(tmp_path: Path) -> None:
    _, data, _ = enhanced(tmp_path, "hiss.wav", loudness={"range_lu": 1}, output="even.wav")
    assert data["normalization"] == "dynamic"


def test_noise_is_reduced_and_the_wanted_sound_stays(tmp_path: Path) -> None:
    _, data, output = enhanced(tmp_path, "hiss.wav", noise={"level": "high"})
    assert level(output, 3, 5) < level(clip("hiss.wav"), 3, 5) - 10
    assert level(output, 0.5, 1.8) == pytest.approx(level(clip("hiss.wav"), 0.5, 1.8), abs=1)
    assert data["normalization"] == "none"


def test_more_reduction_leaves_less_noise(tmp_path: Path) -> None:
    _, _, little = enhanced(tmp_path / "a", "hiss.wav", noise={"reduction_db": 3})
    _, _, much = enhanced(tmp_path / "b", "hiss.wav", noise={"reduction_db": 30})
    assert level(much, 3, 5) < level(little, 3, 5) - 6


def test_noise_is_taken_away_before_loudness_is_set(tmp_path: Path) -> None:
    _, data, output = enhanced(
        tmp_path,
        "hiss.wav",
        noise={"level": "high"},
        high_pass_hz=80,
        dynamics="low",
        loudness={"integrated_lufs": -18},
    )
    assert loudness(output)[0] == pytest.approx(-18, abs=0.7)
    assert data["before"]["integrated_lufs"] == pytest.approx(loudness(clip("hiss.wav"))[0], abs=0.3)


def test_a_high_pass_takes_low_sound_away(tmp_path: Path) -> None:
    _, _, output = enhanced(tmp_path, "tone.wav", high_pass_hz=500)
    assert level(output, 0.2, 1.8) < level(clip("tone.wav"), 0.2, 1.8) - 3


def test_a_compressor_brings_loud_and_quiet_parts_together(tmp_path: Path) -> None:
    _, _, output = enhanced(tmp_path, "hiss.wav", dynamics="high", output="even.wav")
    before = level(clip("hiss.wav"), 0.5, 1.8) - level(clip("hiss.wav"), 3, 5)
    assert level(output, 0.5, 1.8) - level(output, 3, 5) < before - 5


def test_silence_is_left_as_it_is(tmp_path: Path) -> None:
    run, data, output = enhanced(tmp_path, "hush.wav", loudness={})
    assert data["normalization"] == "none"
    assert data["after"]["integrated_lufs"] is None
    assert level(output, 0, 2) < -90
    assert "the sound is silence" in run.text


def test_the_picture_is_denoised_where_that_is_asked(tmp_path: Path) -> None:
    def likeness(path: Path) -> float:
        graph = "[0:v][1:v]psnr"
        said = ffmpeg("-i", path, "-i", clip("silent.mp4"), "-filter_complex", graph, "-f", "null", "-")
        return number(r"PSNR .*average:(\S+)", said)

    _, data, output = enhanced(tmp_path, "grain.mp4", video_noise="high")
    assert likeness(output) > likeness(clip("grain.mp4")) + 1
    assert "after" not in data


def test_the_container_follows_the_outputs_name(tmp_path: Path) -> None:
    _, _, output = enhanced(tmp_path, "quiet.mp4", loudness={}, output="sound/only.mp3")
    said = ffmpeg("-i", output, "-f", "null", "-")
    assert "Input #0, mp3" in said
    assert "Video" not in said


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia, match="no sound"):
        enhanced(tmp_path, "silent.mp4", loudness={})


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"input": "a.mp4"},
        {"loudness": {"integrated_lufs": 0}},
        {"loudness": {"true_peak_dbtp": 1}},
        {"noise": {"level": "low", "reduction_db": 3}},
        {"loudness": {}, "output": "a.exe"},
        {"loudness": {}, "output": "../a.mp4"},
        {"loudness": {}, "filter": "x"},
    ],
    ids=str,
)
def test_parameters_that_make_no_sense_are_refused_at_submission(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Parameters.model_validate(parameters)
