"""The built console: made of the sources that are here, and of nothing from elsewhere."""

import hashlib
import json
import re
from pathlib import Path

CONSOLE = Path(__file__).parents[2] / "console"
#: As `vite.config.ts` has them.
SOURCES = (
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "public",
    "src",
)


def digest() -> str:
    """What the build writes down of its sources."""
    found = hashlib.sha256()
    files = [each for name in SOURCES for each in (CONSOLE / name, *(CONSOLE / name).rglob("*"))]
    for name in sorted(each.relative_to(CONSOLE).as_posix() for each in files if each.is_file()):
        content = hashlib.sha256((CONSOLE / name).read_bytes()).hexdigest()
        found.update(f"{name}\0{content}\n".encode())
    return found.hexdigest()


def built(pattern: str) -> list[Path]:
    """Built files."""
    return sorted((CONSOLE / "dist").rglob(pattern))


def test_the_built_console_is_of_the_present_sources() -> None:
    assert (CONSOLE / "dist" / ".sources").read_text().strip() == digest(), "run `make console`"


def test_the_first_page_names_only_files_that_there_are() -> None:
    page = (CONSOLE / "dist" / "index.html").read_text()
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert named
    for each in named:
        assert (CONSOLE / "dist" / each.removeprefix("/console/")).is_file(), each
    # The page's policy allows neither.
    assert "<style" not in page
    assert re.search(r"<script(?![^>]* src=)", page) is None


def test_the_styles_load_nothing_from_other_hosts() -> None:
    for sheet in built("*.css"):
        for url in re.findall(r"url\(['\"]?([^'\")]+)", sheet.read_text()):
            assert url.startswith(("/console/assets/", "data:image/")), (sheet.name, url[:80])


def test_the_lock_file_names_no_registry_and_pins_every_package() -> None:
    lock = json.loads((CONSOLE / "package-lock.json").read_text())
    assert all("resolved" not in each for each in lock["packages"].values())
    assert all("integrity" in each for place, each in lock["packages"].items() if place)
    wanted = json.loads((CONSOLE / "package.json").read_text())
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version


def test_only_one_file_makes_calls_and_none_writes_html() -> None:
    sources = [path for path in (CONSOLE / "src").rglob("*.ts*") if path.name != "schema.d.ts"]
    text = {path.relative_to(CONSOLE / "src").as_posix(): path.read_text() for path in sources}
    assert [name for name, each in text.items() if re.search(r"\bfetch\(|XMLHttpRequest", each)] == [
        "api/client.ts"
    ]
    assert [name for name, each in text.items() if "dangerouslySetInnerHTML" in each] == []
    assert [name for name, each in text.items() if not each.startswith("/** ")] == []
