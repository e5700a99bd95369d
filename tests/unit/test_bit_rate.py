"""Bit rates in kilobits."""

from typing import Any

import pytest

from mediajobs.bit_rate import bits


def test_kilobits_are_a_thousand_bits_each() -> None:
    assert [bits(rate) for rate in (96, 0.5, -1)] == [96_000, 500, -1000]


@pytest.mark.parametrize("rate", [1e305, 10**400, float("inf"), True, "90%", None])
def test_what_cannot_be_reckoned_with_stays_to_be_refused(rate: Any) -> None:
    assert bits(rate) is rate
