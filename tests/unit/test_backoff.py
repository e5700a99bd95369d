"""How long a failed message waits for its next try."""

from hypothesis import given
from hypothesis import strategies as st

from mediajobs.backoff import HOUR, JITTER, MAX_TRIES, PAUSES, pause
from mediajobs.timestamp import SECOND

CHANCES = st.floats(0, 1)


@given(st.integers(1, MAX_TRIES - 1), CHANCES)
def test_a_pause_is_within_the_jitter_of_its_step(tries: int, chance: float) -> None:
    found = pause(tries, chance)
    assert found is not None
    step = PAUSES[tries - 1]
    assert step * (1 - JITTER) - 1 <= found <= step * (1 + JITTER) + 1
    assert found >= SECOND


@given(st.integers(1, MAX_TRIES - 2), CHANCES, CHANCES)
def test_pauses_grow_whatever_the_chance(tries: int, first: float, second: float) -> None:
    before, after = pause(tries, first), pause(tries + 1, second)
    assert before is not None
    assert after is not None
    assert before < after


@given(st.integers(MAX_TRIES, 1000), CHANCES)
def test_after_the_last_try_there_is_none(tries: int, chance: float) -> None:
    assert pause(tries, chance) is None


@given(st.lists(CHANCES, min_size=MAX_TRIES - 1, max_size=MAX_TRIES - 1))
def test_the_tries_spread_over_about_a_day(chances: list[float]) -> None:
    total = sum(pause(tries, chance) or 0 for tries, chance in enumerate(chances, start=1))
    assert 19 * HOUR < total < 30 * HOUR
