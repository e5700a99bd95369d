"""Bit rates as vendors write them: in kilobits a second."""

from typing import Any

#: Beyond this, no number is reckoned with: what is so large is refused as it is.
LARGEST = 2**53


def bits(kilobits: Any) -> Any:
    """Bits a second; what is no number stays, to be refused by the tool."""
    is_number = isinstance(kilobits, int | float) and not isinstance(kilobits, bool)
    return round(kilobits * 1000) if is_number and abs(kilobits) <= LARGEST else kilobits
