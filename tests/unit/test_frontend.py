"""The console's types are those of the API, and the site knows all of its files."""

from pathlib import Path

import pytest

from infra import site
from infra.frontend import TYPED_FROM, api_digest, plain


def test_the_types_of_the_console_are_those_of_the_api() -> None:
    assert TYPED_FROM.read_text().strip() == api_digest(), "run `make console`"


def test_words_make_no_difference_to_types_and_names_do() -> None:
    described = {"title": "T", "properties": {"title": {"type": "string", "description": "Any"}}}
    assert plain(described) == {"properties": {"title": {"type": "string"}}}


@pytest.mark.parametrize(
    "path", [each for each in site.BUILT.rglob("*") if each.is_file()], ids=lambda each: each.name
)
def test_every_built_file_is_found_and_of_a_known_kind(path: Path) -> None:
    found = site.find(site.PATH + path.relative_to(site.BUILT).as_posix())
    if path.name.startswith("."):
        assert found is None
    else:
        assert found
        assert found.content_type != "application/octet-stream"
