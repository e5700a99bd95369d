"""Builds the console, `make console`, and keeps which API it was built for, so that a test can compare."""

import hashlib
import json
import sys
from typing import Any

from infra import site
from infra.asset import BUILD, ROOT
from infra.npm import NpmFailed, npm
from mediajobs.openapi import document

CONSOLE = ROOT / "console"
#: The digest of the API that the types of the console are made from.
TYPED_FROM = CONSOLE / "openapi.sha256"


def api_digest() -> str:
    """Of the API without its wording, which changes no type."""
    return hashlib.sha256(json.dumps(plain(document()), sort_keys=True).encode()).hexdigest()


def plain(part: Any) -> Any:
    """A part of the API's description without its words."""
    match part:
        case dict():
            # A property may bear such a name, too; then it is no text.
            return {
                name: plain(value)
                for name, value in part.items()
                if name not in {"description", "summary", "title"} or not isinstance(value, str)
            }
        case list():
            return [plain(each) for each in part]
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
    print(f"built {site.BUILT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
