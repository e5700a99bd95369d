"""Organizations, and the roles by which their API keys may do things."""

from enum import StrEnum


class Role(StrEnum):
    """What a key may do; each role includes those before it."""

    VIEW = "VIEW"
    SUBMIT = "SUBMIT"
    CONFIG = "CONFIG"
    ADMIN = "ADMIN"

    def allows(self, needed: "Role") -> bool:
        """Whether this role includes the needed one."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
