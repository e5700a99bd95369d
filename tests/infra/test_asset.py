"""What is shipped: byte-code that Lambda uses as it is, nothing it does not need, and how much it weighs."""

import importlib.util
import json
import marshal
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from infra import asset
from mediajobs.routes import ROUTES

MEGABYTE = 1_000_000


def weight(*paths: Path) -> int:
    """Bytes unzipped, without the byte-code."""
    return sum(
        each.stat().st_size
        for path in paths
        for each in path.rglob("*")
        if each.is_file() and each.suffix != ".pyc"
    )


def total(*paths: Path) -> int:
    return sum(each.stat().st_size for path in paths for each in path.rglob("*") if each.is_file())


@pytest.fixture(scope="module")
def code() -> asset.Asset:
    return asset.code()


@pytest.fixture(scope="module")
def dependencies() -> asset.Asset:
    return asset.layer("dependencies", "arm64")


def check_byte_code(directory: Path) -> None:
    """Every module has byte-code that the runtime takes without looking at the source."""
    sources = list(directory.rglob("*.py"))
    assert sources
    for source in sources:
        cached = Path(importlib.util.cache_from_source(str(source)))
        content = cached.read_bytes()
        assert content[:4] == importlib.util.MAGIC_NUMBER
        flags = int.from_bytes(content[4:8], "little")
        assert flags == 0b01, f"{cached} is not unchecked-hash"
        assert content[8:16] == importlib.util.source_hash(source.read_bytes())


def test_the_code_has_valid_byte_code_for_the_runtime(code: asset.Asset) -> None:
    check_byte_code(code.path)


def test_the_dependencies_have_valid_byte_code_for_the_runtime(dependencies: asset.Asset) -> None:
    check_byte_code(dependencies.path)


def test_a_traceback_names_the_file_where_it_is_deployed(code: asset.Asset) -> None:
    cached = Path(importlib.util.cache_from_source(str(code.path / "mediajobs" / "table.py")))
    assert marshal.loads(cached.read_bytes()[16:]).co_filename == "/var/task/mediajobs/table.py"


def test_the_code_is_the_package_without_what_only_administrators_run(code: asset.Asset) -> None:
    assert {each.name for each in code.path.iterdir()} == {"mediajobs"}
    assert (code.path / "mediajobs" / "routes.py").is_file()
    assert not (code.path / "mediajobs" / "cli").exists()


def test_the_same_sources_give_the_same_asset(code: asset.Asset) -> None:
    assert asset.code() == code


def test_code_and_dependencies_stay_within_their_budget(code: asset.Asset, dependencies: asset.Asset) -> None:
    assert weight(code.path, dependencies.path) <= 25 * MEGABYTE


def test_no_worker_is_over_the_limit_of_lambda(code: asset.Asset, dependencies: asset.Asset) -> None:
    storage = asset.layer("storage", "arm64").path
    assert total(code.path, dependencies.path, storage) < 250 * MEGABYTE
    media = asset.layer("media", "arm64", asset.MEDIA_MINOR).path
    theirs = asset.layer("dependencies", "arm64", asset.MEDIA_MINOR).path
    assert total(code.path, theirs, media) < 250 * MEGABYTE


def test_the_layers_are_for_lambdas_processor(dependencies: asset.Asset) -> None:
    for layer in (dependencies, asset.layer("storage", "arm64")):
        compiled = list(layer.path.rglob("*.so"))
        assert compiled
        for each in compiled:
            # e_machine of the ELF header: 0xB7 is AArch64.
            assert int.from_bytes(each.read_bytes()[18:20], "little") == 0xB7, each


def test_ffmpeg_comes_in_the_media_layer_and_can_be_started() -> None:
    layer = asset.layer("media", "arm64", asset.MEDIA_MINOR).path
    (ffmpeg,) = (layer / "python" / "imageio_ffmpeg" / "binaries").glob("ffmpeg-linux-aarch64-*")
    assert ffmpeg.stat().st_mode & 0o111


def test_botocore_knows_only_the_services_that_are_used(dependencies: asset.Asset) -> None:
    packages = dependencies.path / "python"
    data = packages / "botocore" / "data"
    assert {each.name for each in data.iterdir() if each.is_dir()} == set(asset.SERVICES)
    for name in ("endpoints.json", "partitions.json", "sdk-default-configuration.json"):
        assert (data / name).is_file() or (data / f"{name}.gz").is_file()
    assert not (packages / "boto3").exists()
    assert not (packages / "s3transfer").exists()


def test_an_empty_layer_has_no_packages() -> None:
    files = [each for each in asset.empty_layer("media").path.rglob("*") if each.is_file()]
    assert [each.name for each in files] == ["README"]


def test_only_the_assets_that_were_used_last_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(asset, "BUILD", tmp_path)

    def make(name: str, version: int) -> Path:
        """The asset, used in the hour after the last one."""
        path = asset._kept(name, [bytes([version])], lambda target: (target / "file").touch()).path
        hour = len(made) * 3600
        made.append(path)
        os.utime(path, (hour, hour))
        return path

    made: list[Path] = []
    another = make("layer-media", 0)
    for version in range(asset.KEPT):
        make("layer", version)
    used = make("layer", 0)
    newest = make("layer", asset.KEPT)
    kept = set(tmp_path.iterdir())
    assert {another, used, newest} <= kept
    assert len(kept) == asset.KEPT + 1
    assert all((path / "file").is_file() for path in kept)


def test_a_python_that_lambda_does_not_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asset, "MINOR", 10)
    with pytest.raises(asset.RuntimeUnknown, match=r"3\.14"):
        asset.code()


def test_every_endpoint_that_exists_is_in_the_code(code: asset.Asset) -> None:
    for route in ROUTES:
        source = Path("functions/mediajobs/api") / f"{route.endpoint}.py"
        shipped = code.path / "mediajobs" / "api" / f"{route.endpoint}.py"
        assert shipped.is_file() == (asset.ROOT / source).is_file()


CLIENTS = """
import json, sys
import botocore
from botocore.session import Session
found = {"from": botocore.__file__}
for service in sys.argv[1].split(","):
    for region in ("eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1"):
        client = Session().create_client(service, region, aws_access_key_id="-", aws_secret_access_key="-")
        found[f"{service} {region}"] = [client.meta.endpoint_url, sorted(client.meta.method_to_api_mapping)]
print(json.dumps(found))
"""


def test_the_trimmed_clients_know_the_same_endpoints_and_operations_as_the_whole_ones() -> None:
    machine: asset.Architecture = "arm64" if platform.machine() == "aarch64" else "x86_64"
    layer = asset.layer("dependencies", machine).path / "python"

    def clients(*where: str) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, *where, "-c", CLIENTS, ",".join(asset.SERVICES)],
            env={"PYTHONPATH": str(layer)},
            capture_output=True,
            check=True,
        )
        return dict(json.loads(done.stdout))

    # Isolated, it does not see the layer.
    trimmed, whole = clients("-S"), clients("-I")
    assert str(trimmed.pop("from")).startswith(str(layer))
    assert not str(whole.pop("from")).startswith(str(layer))
    assert trimmed == whole
