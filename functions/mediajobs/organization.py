"""Organizations, and the roles by which their API keys may do things."""

import re
from enum import StrEnum

#: The number of the organization that runs the deployment: the first one. Only it makes others.
OPERATOR = 1
#: In so many organizations one key may have a role.
MAX_ORGANIZATIONS = 20
#: Longest name of an organization or a user, in characters.
MAX_NAME = 128
#: No controls, and no spaces but single ones inside.
NAME_PATTERN = "^[!-~\u00a1-\ud7ff]+( [!-~\u00a1-\ud7ff]+)*$"

#: What of a media bucket goes after two days, of all organizations.
TEMPORARY = "temporary/"


class Role(StrEnum):
    """What a key may do; each role includes those before it, but for WORK, which only ADMIN includes."""

    VIEW = "VIEW"
    SUBMIT = "SUBMIT"
    CONFIG = "CONFIG"
    ADMIN = "ADMIN"
    #: Of outside workers: they take tasks and bring results, and see nothing else.
    WORK = "WORK"

    def allows(self, needed: "Role") -> bool:
        """Whether this role includes the needed one."""
        if Role.WORK in (self, needed):
            return self in (needed, Role.ADMIN)
        order = list(Role)
        return order.index(self) >= order.index(needed)


def is_name(text: str) -> bool:
    """Whether an organization or a user can be called so."""
    return len(text) <= MAX_NAME and re.fullmatch(NAME_PATTERN, text) is not None


def own_folder(organization: str) -> str:
    """Where in the media bucket an organization keeps what it likes."""
    return f"{organization}/"


def temporary_folder(organization: str) -> str:
    """Where in the media bucket it keeps what may go after two days: a rule of the bucket removes it."""
    return f"{TEMPORARY}{organization}/"
