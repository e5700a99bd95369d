"""The console as a site: its files and their headers, from the front door and in AWS alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: What `make console` builds; it comes with the project, so that nobody else needs Node.
BUILT = Path(__file__).parents[1] / "console" / "dist"
#: The path of its first page.
PATH = "/console/"
INDEX = "index.html"
#: The folder of the files whose names change with their content.
ASSETS = "assets/"

FOREVER = "public, max-age=31536000, immutable"
#: A browser asks whether it has changed; so that nobody has to empty a cache after a deployment.
FRESH = "no-cache"

HTTPS_ONLY = "Strict-Transport-Security"
HTTPS_ONLY_SECONDS = 2 * 365 * 24 * 3600

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class File:
    """A file of the site, and two of its headers."""

    path: Path
    content_type: str
    cache_control: str


def find(target: str, built: Path = BUILT) -> File | None:
    """The file that a request's path (without its query) is about; None if the site has none of that name.

    The name is looked up among those that there are, so no path leads out of the site.
    """
    name = target.removeprefix(PATH) or INDEX
    path = {each.relative_to(built).as_posix(): each for each in _files(built)}.get(name)
    if path is None:
        return None
    cache = FOREVER if name.startswith(ASSETS) else FRESH
    return File(path, _TYPES.get(path.suffix, "application/octet-stream"), cache)


def _files(built: Path) -> Iterable[Path]:
    return (each for each in built.rglob("*") if each.is_file() and not each.name.startswith("."))


def headers(storage: Iterable[str]) -> dict[str, str]:
    """What goes with every file of the site. `storage` is the origins that links to jobs' files lead to,
    such as `https://bucket.s3.eu-west-1.amazonaws.com`."""
    links = " ".join(storage)
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": f"'self' data: {links}",
        # What a script feeds to a player, segment by segment, bears a blob: URL.
        "media-src": f"'self' blob: {links}",
        "connect-src": f"'self' {links}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}".rstrip() for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        # The front door leaves it out: it would tell the browser so of every port of localhost.
        HTTPS_ONLY: f"max-age={HTTPS_ONLY_SECONDS}; includeSubDomains",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
