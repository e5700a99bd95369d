"""A synthesis runs again only when something that it was made from has changed."""

import json
from pathlib import Path

import pytest

from infra.local import synthesis
from infra.local.synthesis import SynthesisFailed, synthesize

APP = """
import json, os, pathlib
from part import WORD
out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.mkdir()
(out / "word").write_text(WORD + os.environ["CDK_CONTEXT_JSON"])
runs = pathlib.Path("runs")
runs.write_text(str(int(runs.read_text()) + 1) if runs.exists() else "1")
"""


class Project:
    """A small project with an app that counts its runs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("functions", "infra/local"):
            (root / name).mkdir(parents=True)
        self.write("app.py", APP)
        self.write("functions/part.py", "WORD = 'one'")
        self.write("functions/other.py", "")

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)

    def synthesize(self, **context: str) -> str:
        return (synthesize(self.root / "app.py", context, self.root / "cache") / "word").read_text()

    @property
    def runs(self) -> int:
        return int((self.root / "runs").read_text())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.setattr(synthesis, "ROOT", tmp_path)
    # The app's process looks for the synthesis in this project.
    (tmp_path / "infra" / "local" / "synthesis.py").symlink_to(synthesis.__file__)
    (tmp_path / "infra" / "local" / "emulator.py").write_text(
        f"from pathlib import Path\nROOT = Path({str(tmp_path)!r})\n"
    )
    return made


def test_the_second_time_nothing_runs(project: Project) -> None:
    assert project.synthesize(stage="x") == 'one{"stage": "x"}'
    assert project.synthesize(stage="x") == 'one{"stage": "x"}'
    assert project.runs == 1


def test_a_change_of_an_imported_module_runs_it_again(project: Project) -> None:
    project.synthesize()
    # Of another length: Python takes a file of the same length and second for the same.
    project.write("functions/part.py", "WORD = 'another'")
    assert project.synthesize() == "another{}"


def test_a_change_of_a_module_that_is_not_imported_does_not(project: Project) -> None:
    project.synthesize()
    project.write("functions/other.py", "changed = True")
    project.synthesize()
    assert project.runs == 1


def test_a_new_file_runs_it_again(project: Project) -> None:
    project.synthesize()
    project.write("functions/new.py", "")
    project.synthesize()
    assert project.runs == 2


def test_a_change_of_the_lock_or_of_the_context_runs_it_again(project: Project) -> None:
    project.synthesize(stage="x")
    project.write("uv.lock", "changed")
    project.synthesize(stage="x")
    assert project.synthesize(stage="y") == json.dumps({"stage": "y"}).join(("one", ""))
    assert project.runs == 3


def test_an_app_that_fails_says_why_and_leaves_nothing_to_reuse(project: Project) -> None:
    project.write("functions/part.py", "raise ValueError('no such stage')")
    with pytest.raises(SynthesisFailed, match="no such stage"):
        project.synthesize()
    project.write("functions/part.py", "WORD = 'well'")
    assert project.synthesize() == "well{}"
