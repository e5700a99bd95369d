"""`python -m tests.mutants`: every mutant has to make a test fail. Goes on where it was broken off.

Each mutant meets the test that killed it last time, then the tests that enter its function, the quickest
first. What is known of the code as it is now is kept under build/mutants; the killers in killer.json.
"""

import argparse
import hashlib
import json
import random
import sys
import time
from pathlib import Path

from tests.mutants import trial
from tests.mutants.equal import EQUAL
from tests.mutants.mutant import ROOT, Mutant, every

HERE = Path(__file__).parent
KILLERS = HERE / "killer.json"
OUT = HERE.parents[1] / "build" / "mutants"
#: The tests that mutants meet: what needs neither a stack nor a real tool.
SUITES = (
    *(
        f"tests/unit/test_{name}.py"
        for name in (
            *("hold", "race", "life", "outside", "account", "notify", "announcement", "rate_limit"),
            *("document", "bundle", "template", "trigger", "webhook", "resubmit", "pool", "region"),
            *("container", "conversion", "execution", "history", "metrics", "outage", "restart", "secret"),
        )
    ),
    *("tests/faults/test_found.py", "tests/faults/test_table.py", "tests/faults/test_event.py"),
)
#: These take long; they are tried when all others are content.
LAST = ("tests/faults/test_interleaving.py", "tests/faults/test_crash.py")
#: Seconds beside what the tests take: longer is for ever, also on a busy machine.
PATIENCE = 300


def main() -> int:
    """0 if all are killed."""
    wanted = _arguments()
    OUT.mkdir(parents=True, exist_ok=True)
    mutants = [mutant for mutant in every() if wanted.only in mutant.name and mutant.name not in EQUAL]
    killers: dict[str, str] = json.loads(KILLERS.read_text()) if KILLERS.exists() else {}
    if wanted.known:
        mutants = [mutant for mutant in mutants if mutant.name in killers]
    if wanted.sample:
        mutants = random.Random(wanted.seed).sample(mutants, min(wanted.sample, len(mutants)))
    part, parts = map(int, wanted.shard.split("/"))
    mutants = mutants[part - 1 :: parts]
    begun = time.monotonic()
    verdicts: dict[Mutant, trial.Verdict] = {}

    def judge(trials: trial.Trials) -> None:
        ledger = {} if wanted.known else _ledger(trials, anew=wanted.record)
        for number, mutant in enumerate(mutants, 1):
            known = OUT / f"{_digest(mutant)}.verdict"
            if known.exists() and not wanted.again:
                verdict = trial.Verdict(**json.loads(known.read_text()))
            else:
                verdict = _try(trials, mutant, killers.get(mutant.name), ledger)
            if verdict.is_killed:
                known.write_text(json.dumps(vars(verdict)))
            verdicts[mutant] = verdict
            word = f"killed by {verdict.killer}" if verdict.is_killed else "SURVIVED"
            print(f"{number}/{len(mutants)} {verdict.seconds:.1f} s {_place(mutant)} {mutant.name}: {word}")
            sys.stdout.flush()

    suites = {killers[mutant.name] for mutant in mutants if mutant.name in killers}
    trial.collect(
        sorted(suites) if wanted.known else [*_there(SUITES), *(LAST if wanted.deep else ())], judge
    )
    survivors = [mutant for mutant, verdict in verdicts.items() if not verdict.is_killed]
    if not wanted.known:
        there = {mutant.name for mutant in every()}
        found = {name: killer for name, killer in killers.items() if name in there}
        found |= {mutant.name: verdict.killer for mutant, verdict in verdicts.items() if verdict.is_killed}
        KILLERS.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n")
    for mutant in survivors:
        print(f"SURVIVED {_place(mutant)} {mutant.name}")
    killed, took = len(verdicts) - len(survivors), time.monotonic() - begun
    print(f"{killed} of {len(verdicts)} mutants killed in {took:.0f} s; {len(EQUAL)} more are no different")
    return 1 if survivors else 0


def _try(trials: trial.Trials, mutant: Mutant, killer: str | None, ledger: trial.Ledger) -> trial.Verdict:
    """The verdict of the tests that can tell."""
    log = OUT / "last.log"
    function = f"{_module(mutant)}.{mutant.function}"
    entered = [
        (function not in each.get("call", ()), each["seconds"], test)
        for test, each in ledger.items()
        if any(function in each.get(phase, ()) for phase in ("setup", "call"))
    ]
    # A function that every test enters while it is set up is judged by those that mean it.
    chosen = [each for each in sorted(entered) if not each[0]] or sorted(entered)
    known = [killer] if killer in trials.tests else []
    late = [test for test in trials.tests if test.startswith(LAST)]
    tests = [*known, *(test for _, _, test in chosen), *late]
    seconds = PATIENCE + 5 * sum(each[1] for each in chosen) + 600 * len(late)
    return trials.run(mutant, tests, seconds, log)


def _ledger(trials: trial.Trials, *, anew: bool) -> trial.Ledger:
    """What each test enters and how long it takes; those that are not known yet are run."""
    target = OUT / "ledger.json"
    found: trial.Ledger = json.loads(target.read_text()) if target.exists() and not anew else {}
    new = [test for test in trials.tests if test not in found and not test.startswith(LAST)]
    if new:
        print(f"recording what {len(new)} tests enter", flush=True)
        found |= trials.record(new, OUT / "record.log")
        target.write_text(json.dumps(found))
    return {test: each for test, each in found.items() if test in trials.tests}


def _there(suites: tuple[str, ...]) -> list[str]:
    return [suite for suite in suites if Path(suite).exists()]


def _module(mutant: Mutant) -> str:
    return ".".join(mutant.path.relative_to(ROOT).with_suffix("").parts)


def _digest(mutant: Mutant) -> str:
    """Of the mutant's whole module: a verdict holds until that changes."""
    return hashlib.sha256(f"{mutant.name}\n{mutant.source()}".encode()).hexdigest()[:24]


def _place(mutant: Mutant) -> str:
    return f"{mutant.path.relative_to(Path.cwd())}:{mutant.line}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="mutants whose name has that part")
    parser.add_argument("--shard", default="1/1", help="every n-th mutant, as 2/8")
    parser.add_argument("--sample", type=int, default=0, help="so many, drawn by chance")
    parser.add_argument("--seed", type=int, default=0, help="of that chance")
    parser.add_argument("--again", action="store_true", help="also those whose verdict is known")
    parser.add_argument("--record", action="store_true", help="learn anew what each test enters")
    parser.add_argument("--deep", action="store_true", help="let survivors meet the slow suites too")
    parser.add_argument("--known", action="store_true", help="meet only the test that killed it last time")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
