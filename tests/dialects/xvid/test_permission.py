"""Least privilege of Xvid's endpoints, both ways."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from mediajobs import aws
from mediajobs.dialects.xvid import words
from mediajobs.store import account, signing
from mediajobs.worker import work
from tests.clip import clip
from tests.dialects.ledger import permitted, watching
from tests.ledger import Ledger, granted
from tests.moto_account import REGION
from tests.world import World

#: Signed into a link, for who has the link to call.
ELSEWHERE = {("xvid.get_download", "s3:GetObject")}


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with watching("xvid", account._cache.clear, signing.key.cache_clear) as made:
        yield made


def everything(world: World) -> None:
    """What brings every endpoint to all that it can do."""
    own = f"{world.organization}/clip.mp4"
    aws.media_client(REGION).put_object(Bucket="media", Key=own, Body=clip("clip.mp4").read_bytes())

    def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        answer = world.vendor("xvid", method, path, body, headers=sent)
        assert answer.status in (200, 302), answer.body
        return json.loads(answer.body) if answer.body else None

    form = {
        "grant_type": "client_credential",
        "client_id": world.key.split("_")[1],
        "client_secret": world.key,
    }
    kind = "application/x-www-form-urlencoded"
    call("POST", "/v1/oauth2/token", urlencode(form).encode(), content_type=kind)
    places = {"input_download_dir": "s3://media/", "image_download_dir": "https://u:p@x.invalid/"}
    pipeline = call("POST", "/v1/pipelines", {"pipeline": {"name": "P", **places}})["pipeline"]["id"]
    changed = {"pipeline": {"output_upload_dir": "sftp://u:p@x.invalid/"}}
    call("PUT", f"/v1/pipelines/{pipeline}", changed)
    call("PUT", f"/v1/pipelines/{pipeline}", {"pipeline": {"output_upload_dir": None}})
    codec = {"codec": {"id": words.fixed_id("codec", "h264")}}
    target = {"container": "mp4", "vcodec": codec}
    preset = call("POST", "/v1/presets", {"preset": {"name": "p", "target_format": target}})["preset"]["id"]
    template = call("POST", "/v1/jobs/templates", {"template": {"name": "t", "job_settings": {}}})
    call("PUT", f"/v1/jobs/templates/{template['template']['id']}", {"template": {"description": "d"}})
    thumbnails = [{"thumbnail_names": "t", "thumbnail_preset": "thumbnails_small"}]
    output = {"output_name": "o", "preset": {"id": preset}, "thumbnails": thumbnails}
    job = {"pipeline_id": pipeline, "input": {"input_name": own}, "outputs": [output]}
    for _ in range(2):
        made = call("POST", "/v1/jobs", {"job": job}, idempotency_key="once")["job"]
    world.settle_down()
    logo = {"logo_image": "l.png", "logo_preset": "Logo15"}
    call("POST", "/v1/jobs", {"job": {**job, "outputs": [{**output, "logos": [logo]}]}})
    shown = "?expand_all=true&bin_data=true"
    for path in ("", "?status=SUCCESS", shown, "?sort=title"):
        call("GET", f"/v1/jobs{path}")
    for path in ("jobs/templates", "pipelines", "presets", "codecs"):
        call("GET", f"/v1/{path}{shown}")
    file = made["outputs"][0]["file"]["id"]
    call("GET", f"/v1/files{shown}")
    call("GET", f"/v1/files{shown}&job.id={made['id']}")
    call("GET", f"/v1/files/downloads?file_id={file}&redirect=true")
    call("GET", f"/v1/codecs/{codec['codec']['id']}")
    for path in (
        f"jobs/{made['id']}",
        f"jobs/templates/{template['template']['id']}",
        f"pipelines/{pipeline}",
        f"presets/{preset}",
        f"files/{file}",
        f"users/{world.organization}",
        f"applications/{made['application']['id']}",
    ):
        call("GET", f"/v1/{path}{shown}")


def test_all_that_is_called_is_permitted_and_all_that_is_permitted_is_called(
    acme: World, ledger: Ledger, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_ROOT", tmp_path / "work")
    everything(acme)
    assert ledger.forbidden(permitted("xvid")) == set()
    assert granted(permitted("xvid")) == ledger.actions | ELSEWHERE
