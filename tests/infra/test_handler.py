"""Every Lambda's module has its needs written down, so that a new one is not forgotten."""

from pathlib import Path

from infra.config import Config
from infra.name import Names
from infra.permission.endpoint import endpoints
from infra.permission.reaction import reactions
from infra.permission.region import handlers
from mediajobs.routes import ROUTES

PACKAGE = Path(__file__).parents[2] / "functions/mediajobs"
CONFIG = Config.of_stage("local")
NAMES = Names(CONFIG, "000000000000", "aws")


def test_every_endpoint_has_its_needs() -> None:
    assert set(endpoints(NAMES)) == {f"api.{route.endpoint}" for route in ROUTES}


def test_every_endpoint_has_a_route() -> None:
    files = {file.stem for file in (PACKAGE / "api").glob("*.py")} - {"__init__"}
    assert files == {route.endpoint for route in ROUTES}


def test_every_reaction_has_its_needs() -> None:
    files = {f"reactions.{file.stem}" for file in (PACKAGE / "reactions").glob("*.py")} - {
        "reactions.__init__"
    }
    region = handlers(NAMES, CONFIG.regions[0])
    assert files <= set(reactions(NAMES)) | set(region)
