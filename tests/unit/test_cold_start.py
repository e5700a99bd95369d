"""What the most frequent read loads: every module more is a slower cold start."""

import subprocess
import sys


def test_reading_a_job_loads_neither_pydantic_nor_the_types_of_answers() -> None:
    code = (
        "import sys, mediajobs.api.get_job;"
        "heavy = {'pydantic', 'mediajobs.answer', 'mediajobs.listing', 'mediajobs.store.template'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd="functions", capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
