"""The pages made from the code are those in docs/."""

import re
from pathlib import Path

import pytest

from infra.manual import DOCS, PAGES, limits

PACKAGE = Path(__file__).parents[2] / "functions/mediajobs"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_what_make_docs_would_write(name: str) -> None:
    assert (DOCS / name).read_text() == PAGES[name](), "run `make docs`"


def test_every_code_that_the_source_names_is_in_the_table() -> None:
    source = "\n".join(file.read_text() for file in PACKAGE.rglob("*.py"))
    named = {*re.findall(r'Failure\("(\w+)"', source), *re.findall(r'^    code = "(\w+)"', source, re.M)}
    assert len(named) > 5
    assert all(f"| `{code}` |" in limits() for code in named)
