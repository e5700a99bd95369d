"""What an Xvid job can ask for, done by the real tools."""

import json
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from mediajobs import aws
from mediajobs.dialects.xvid.words import fixed_id
from mediajobs.worker import work
from tests.clip import clip
from tests.moto_account import REGION
from tests.world import World

SIZES = ("small", "medium")


def picture(path: Path) -> bytes:
    """A red square."""
    source = ["-f", "lavfi", "-i", "color=red:size=32x32", "-frames:v", "1", str(path)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source], check=True)
    return path.read_bytes()


def test_logos_settings_presets_of_ones_own_and_a_place_for_pictures(
    acme: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_ROOT", tmp_path / "work")
    own, bucket = acme.organization, aws.media_client(REGION)
    for key, content in {
        "in/film.mp4": clip("fields.mp4").read_bytes(),
        "logo/l.png": picture(tmp_path / "l.png"),
    }.items():
        bucket.put_object(Bucket="media", Key=f"{own}/{key}", Body=content)

    def post(kind: str, body: Any) -> Any:
        answer = acme.vendor("xvid", "POST", f"/v1/{kind}s", {kind: body})
        assert answer.status == 200, answer.body
        return json.loads(answer.body)[kind]

    places = {"input_download_dir": "in", "image_download_dir": "logo", "output_upload_dir": "out"}
    places["image_upload_dir"] = "pictures"
    urls = {name: f"s3://media/{own}/{folder}" for name, folder in places.items()}
    caps = {"max_width": 64, "max_height": 64, "max_bitrate": 500, "max_key_distance": 1}
    vcodec = {"codec": {"id": fixed_id("codec", "vp9")}, "caps": caps}
    preset = post("preset", {"name": "m", "target_format": {"container": "webm", "vcodec": vcodec}})
    names = [
        {"thumbnail_names": "t_{resolution}", "thumbnail_preset": f"thumbnails_{size}"} for size in SIZES
    ]
    video = {"rotate": 90, "width": "50%", "height": "50%", "framerate": 12.5}
    outputs = [
        {
            "output_name": "turned",
            "preset": {"id": fixed_id("preset", "h264-360p")},
            "logos": [{"logo_image": "l.png", "logo_preset": "Logo15"}],
            "thumbnails": names,
            "settings": {"video": video, "audio": None},
        },
        {"output_name": "film", "preset": {"id": preset["id"]}, "settings": {"max_duration": 1}},
    ]
    forced = {"start_time": 0.5, "force_interlaced": False, "force_aspect_ratio": "4:3"}
    job = post(
        "job",
        {
            "pipeline_id": post("pipeline", {"name": "P", **urls})["id"],
            "input": {"input_name": "film.mp4", **forced},
            "outputs": outputs,
        },
    )
    acme.settle_down()
    shown = json.loads(acme.vendor("xvid", "GET", f"/v1/jobs/{job['id']}?expand=file").body)["job"]
    assert (shown["status"], shown.get("error_msg")) == ("SUCCESS", None)
    turned, film = (output["file"] for output in shown["outputs"])
    (track,) = turned["video_tracks"]
    assert (track["width"], track["height"], track["framerate"]) == (48, 64, 12.5)
    # The rest of the input would be 1.5 s.
    assert (film["name"], 900 < film["duration"] < 1200) == ("film.webm", True)
    assert (film["video_tracks"][0]["video_codec"], film["video_tracks"][0]["width"]) == ("VP9", 64)
    listed = bucket.list_objects_v2(Bucket="media", Prefix=f"{own}/")["Contents"]
    stored = {entry["Key"].replace(f"{own}/", "").replace(job["id"], "ID") for entry in listed}
    assert {"out/ID/turned.mp4", "out/ID/film.webm", "pictures/ID/thumbnails_turned_mp4.zip"} <= stored
    assert {"pictures/ID/t_160x90-0001.jpg", "pictures/ID/t_320x180-0010.jpg"} <= stored
    assert not any(name.startswith("out/") and name.endswith("jpg") for name in stored)
