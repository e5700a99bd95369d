"""Builds the console, `make console`, and keeps what it was built from, so that a test can compare."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from infra.asset import BUILD, ROOT
from infra.npm import NpmFailed, npm
from mediajobs.openapi import document

CONSOLE = ROOT / "console"
#: The digest of the files that are in dist/; the build writes it.
BUILT_FROM = CONSOLE / "dist" / ".sources"
#: The digest of the API that the types are of.
TYPED_FROM = CONSOLE / "src" / "api" / "schema.sha256"

#: As in vite.config.ts.
_SOURCES = (
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "public",
    "src",
)


def source_digest() -> str:
    """Of all that the console is built from, as vite.config.ts makes it."""
    files = {
        each.relative_to(CONSOLE).as_posix(): each
        for name in _SOURCES
        for each in (CONSOLE / name, *(CONSOLE / name).rglob("*"))
        if each.is_file()
    }
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def api_digest() -> str:
    """Of the API without its wording, which changes no type."""
    return hashlib.sha256(json.dumps(_plain(document()), sort_keys=True).encode()).hexdigest()


def _plain(part: Any) -> Any:
    match part:
        case dict():
            # A property may bear such a name, too; then it is no text.
            return {
                name: _plain(value)
                for name, value in part.items()
                if name not in {"description", "summary", "title"} or not isinstance(value, str)
            }
        case list():
            return [_plain(each) for each in part]
    return part


def main() -> int:
    """Install, make the types, and build; the exit code."""
    described = BUILD / "openapi.json"
    BUILD.mkdir(exist_ok=True)
    described.write_text(json.dumps(document()))
    try:
        npm("ci", directory=CONSOLE)
        npm("run", "types", "--", str(described), directory=CONSOLE)
        TYPED_FROM.write_text(f"{api_digest()}\n")
        npm("run", "build", directory=CONSOLE)
    except NpmFailed as error:
        print(error, file=sys.stderr)
        return 1
    print(f"built {Path(BUILT_FROM).parent.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
