"""One synthesis of a deployment with two regions, which all tests here look at."""

from pathlib import Path

import pytest

from infra.app import build
from infra.config import Config, Console
from tests.infra.template import Template


@pytest.fixture(scope="session")
def config() -> Config:
    return Config(
        stage="test",
        home_region="eu-west-1",
        regions=("eu-west-1", "us-east-1"),
        alarm_email="operator@example.com",
        mail_sender="jobs@example.com",
        dialects=Config.of_stage("prod").dialects,
        console=Console(),
    )


@pytest.fixture(scope="session")
def assembly(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("cdk")
    build(config, directory).synth()
    return directory


@pytest.fixture(scope="session")
def home(assembly: Path) -> Template:
    return Template(assembly / "mediajobs-test-home.template.json")


@pytest.fixture(scope="session")
def regions(assembly: Path, config: Config) -> dict[str, Template]:
    return {
        region: Template(assembly / f"mediajobs-test-{region}.template.json") for region in config.regions
    }


@pytest.fixture(scope="session")
def api(assembly: Path) -> Template:
    return Template(assembly / "mediajobs-test-api.template.json")


@pytest.fixture(scope="session")
def console(assembly: Path) -> Template:
    return Template(assembly / "mediajobs-test-console.template.json")


@pytest.fixture(scope="session")
def dialects(assembly: Path, config: Config) -> dict[str, Template]:
    return {name: Template(assembly / f"mediajobs-test-{name}.template.json") for name in config.dialects}


@pytest.fixture(scope="session")
def templates(
    home: Template,
    api: Template,
    regions: dict[str, Template],
    dialects: dict[str, Template],
) -> list[Template]:
    """Those with handlers of ours."""
    return [home, api, *regions.values(), *dialects.values()]
