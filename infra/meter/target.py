"""The figures to reach, and whether they are reached."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A figure that is good when it is at most `limit`; `measured` is None where nothing was measured."""

    what: str
    limit: float
    measured: float | None
    unit: str = ""
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """None where nothing was measured."""
        return None if self.measured is None else self.measured <= self.limit

    @property
    def mark(self) -> str:
        """For people."""
        return {True: "met", False: "MISSED", None: "not measured"}[self.is_met]


def number(value: float | None) -> str:
    """A figure as people read it: whole if it is whole, else three significant digits at least."""
    if value is None:
        return "-"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
