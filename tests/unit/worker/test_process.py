"""The sandbox: what a program may do, what it cannot, and that nothing of it survives."""

import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from mediajobs.errors import FfmpegFailed, LimitExceeded, RunLost
from mediajobs.worker.process import MAX_LINE, Limits, execute


def never() -> None:
    """A hold that nobody takes away."""


DEFAULT = Limits()


def run(*arguments: str, directory: Path, limits: Limits = DEFAULT) -> list[str]:
    lines: list[str] = []
    execute(arguments, directory=directory, check=never, on_line=lines.append, limits=limits)
    return lines


def python(source: str, *, directory: Path, limits: Limits = DEFAULT) -> list[str]:
    return run(sys.executable, "-c", source, directory=directory, limits=limits)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(pid: int, *, within: float = 0.5) -> bool:
    deadline = time.monotonic() + within
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pid)


def test_output_and_error_lines_come_in_order_also_those_that_end_with_a_carriage_return(
    tmp_path: Path,
) -> None:
    lines = run("sh", "-c", r"printf 'one\rtwo\n'; printf 'three\n' >&2; printf last", directory=tmp_path)
    assert lines == ["one", "two", "three", "last"]


def test_a_program_sees_none_of_the_workers_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    names = {line.partition("=")[0] for line in run("env", directory=tmp_path)}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {"PATH", "HOME", "LANG"}


def test_a_program_reads_nothing_from_standard_input(tmp_path: Path) -> None:
    assert run("sh", "-c", "cat; echo end", directory=tmp_path) == ["end"]


def test_a_program_works_in_the_directory_of_its_run(tmp_path: Path) -> None:
    run("sh", "-c", "echo x > made", directory=tmp_path)
    assert (tmp_path / "made").read_text() == "x\n"


def test_a_failure_quotes_the_last_messages_without_paths_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed) as caught:
        run("sh", "-c", f"echo cannot read {tmp_path}/in.bin; echo frame= 7; exit 3", directory=tmp_path)
    assert str(caught.value) == "sh failed with code 3: cannot read in.bin"


def test_a_program_that_crashes_is_a_failure_that_names_the_signal(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed, match="SIGSEGV"):
        run("sh", "-c", "kill -SEGV $$", directory=tmp_path)


def test_an_unknown_program_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed, match="not found"):
        run("no-such-program", directory=tmp_path)


def test_a_file_that_grows_too_large_names_that_limit(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded, match="file over the limit of 1 MiB"):
        run("sh", "-c", "exec head -c 2000000 /dev/zero > out", directory=tmp_path, limits=Limits(2**20))
    assert (tmp_path / "out").stat().st_size <= 2**20


def test_too_much_memory_names_that_limit(tmp_path: Path) -> None:
    source = (
        "import ctypes, sys\ntry: bytearray(2**30)\nexcept MemoryError: sys.exit('Cannot allocate memory')"
    )
    with pytest.raises(LimitExceeded, match="memory than the limit of 512 MiB"):
        python(source, directory=tmp_path, limits=Limits(memory_bytes=2**29))


def test_too_much_processor_time_names_that_limit(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded, match="1 seconds of processor time"):
        python("while True: pass", directory=tmp_path, limits=Limits(cpu_seconds=1))


def test_no_core_is_dumped_and_few_files_can_be_open(tmp_path: Path) -> None:
    source = "import resource as r; print(r.getrlimit(r.RLIMIT_CORE), r.getrlimit(r.RLIMIT_NOFILE)[0])"
    assert python(source, directory=tmp_path) == ["(0, 0) 256"]


def test_an_endless_line_is_cut(tmp_path: Path) -> None:
    source = f"import sys; sys.stdout.write('x' * {50 * MAX_LINE}); print(); print('next')"
    first, second = python(source, directory=tmp_path)
    assert (len(first), second) == (MAX_LINE, "next")


def test_endless_messages_end_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediajobs.worker.process.MAX_OUTPUT", 2**20)
    with pytest.raises(LimitExceeded, match="more than 1 MiB of messages"):
        run("yes", "a message", directory=tmp_path)


def test_a_silent_program_is_ended_with_all_its_children_when_the_run_is_lost(tmp_path: Path) -> None:
    pids: list[int] = []
    began = time.monotonic()

    def check() -> None:
        if time.monotonic() - began > 0.5:
            raise RunLost("lost")

    script = "sleep 60 & echo $!; sleep 60 & echo $!; echo $$; wait"
    with pytest.raises(RunLost):
        execute(
            ["sh", "-c", script],
            directory=tmp_path,
            check=check,
            on_line=lambda line: pids.append(int(line)),
        )
    assert time.monotonic() - began < 1.5
    assert len(pids) == 3
    assert all(gone(pid) for pid in pids)


def test_a_program_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    pids: list[int] = []

    def check() -> None:
        if pids:
            raise RunLost("lost")

    script = "trap '' TERM; echo $$; while :; do sleep 0.1; done"
    began = time.monotonic()
    with pytest.raises(RunLost):
        execute(
            ["sh", "-c", script],
            directory=tmp_path,
            check=check,
            on_line=lambda line: pids.append(int(line)),
        )
    assert time.monotonic() - began < 1.5
    assert gone(pids[0])


def test_an_error_of_the_line_reader_ends_the_program_too(tmp_path: Path) -> None:
    pids: list[int] = []

    def refuse(line: str) -> None:
        pids.append(int(line))
        raise ValueError("cannot read this")

    with pytest.raises(ValueError, match="cannot read this"):
        execute(["sh", "-c", "echo $$; exec sleep 60"], directory=tmp_path, check=never, on_line=refuse)
    assert gone(pids[0])


def test_check_is_called_while_the_program_is_silent_and_while_it_talks(tmp_path: Path) -> None:
    for script in ("sleep 1", "for i in 1 2 3 4 5 6 7 8 9 10; do echo x; sleep 0.1; done"):
        calls: list[float] = []
        execute(
            ["sh", "-c", script],
            directory=tmp_path,
            check=lambda: calls.append(time.monotonic()),  # noqa: B023
            on_line=lambda line: None,
        )
        gaps = [later - earlier for earlier, later in pairwise(calls)]
        assert len(calls) >= 4
        assert max(gaps) < 0.8


def test_a_program_ends_with_the_worker_that_started_it(tmp_path: Path) -> None:
    source = (
        "import sys; from pathlib import Path; from mediajobs.worker.process import execute\n"
        f"execute(['sh', '-c', 'echo $$; exec sleep 60'], directory=Path({str(tmp_path)!r}),"
        " check=lambda: None, on_line=lambda line: print(line, flush=True))"
    )
    functions = Path(__file__).parents[3] / "functions"
    worker = subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, env={"PYTHONPATH": str(functions)}
    )
    assert worker.stdout is not None
    with worker.stdout:
        pid = int(worker.stdout.readline())
    assert alive(pid)
    worker.kill()
    worker.wait()
    assert gone(pid, within=1)


def test_programs_can_be_started_beside_other_threads(tmp_path: Path) -> None:
    stop = threading.Event()
    busy = [threading.Thread(target=stop.wait) for _ in range(8)]
    for thread in busy:
        thread.start()
    try:
        for _ in range(10):
            assert run("echo", "hello", directory=tmp_path) == ["hello"]
    finally:
        stop.set()
        for thread in busy:
            thread.join()


def test_nothing_stays_open_after_a_program(tmp_path: Path) -> None:
    run("true", directory=tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        run("true", directory=tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
