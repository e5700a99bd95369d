"""A region more is one word in a stage's file: a stack more, and in the others nothing but longer lists."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.app import build
from infra.config import Config

NEW = "eu-north-1"
#: Each is one text about all regions: graphs, and whence the console shows files.
_TEXTS = ("DashboardBody", "ContentSecurityPolicy")


@pytest.fixture(scope="module")
def wider(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wider")
    more = config.model_dump(mode="json") | {"regions": [*config.regions, NEW]}
    build(Config.model_validate(more), directory).synth()
    return directory


def _templates(directory: Path) -> dict[str, Any]:
    """By their stack; a published version's name is a hash of all that its function is told."""
    return {
        path.name.removesuffix(".template.json"): json.loads(
            re.sub(r"(CurrentVersion\w{8})[0-9a-f]{32}", r"\1", path.read_text())
        )
        for path in directory.glob("*.template.json")
    }


def _without_it(value: Any) -> Any:
    match value:
        case dict():
            return {name: _without_it(part) for name, part in value.items() if name not in _TEXTS}
        case list():
            return [_without_it(part) for part in value if NEW not in json.dumps(part) or _is_nested(part)]
        case str():
            return value.replace(f",{NEW}", "")
    return value


def _is_nested(value: Any) -> bool:
    """Whether it is a statement or the like, of which only a part is about the region."""
    return isinstance(value, dict) and not any(name.startswith("Fn::") for name in value)


def test_a_region_more_is_a_stack_more_and_longer_lists(assembly: Path, wider: Path) -> None:
    before, after = _templates(assembly), _templates(wider)
    assert after.keys() - before.keys() == {f"mediajobs-test-{NEW}"}
    for stack, template in before.items():
        assert _without_it(after[stack]) == _without_it(template), stack
    assert NEW in json.dumps(after["mediajobs-test-home"])
