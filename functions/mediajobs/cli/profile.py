"""Profiles: which deployments a user speaks to, and under which keys; a file that only its owner can read."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mediajobs.errors import MediajobsError


class ProfileMissing(MediajobsError):
    """There is nothing to say where the service is, or under which key."""


@dataclass(frozen=True)
class Profile:
    """A deployment, and a user's key to it."""

    url: str
    api_key: str
    #: Its id; a user of several names one.
    organization: str | None = None


@dataclass(frozen=True)
class Profiles:
    """The profiles by name, and the file that they stand in."""

    path: Path
    known: Mapping[str, Profile]

    @classmethod
    def of(cls, path: Path) -> "Profiles":
        """Those of a file; none if there is no such file. Raises ProfileMissing if it cannot be read."""
        try:
            rows = json.loads(path.read_text())
            return cls(path, {name: Profile(**row) for name, row in rows.items()})
        except FileNotFoundError:
            return cls(path, {})
        except (ValueError, TypeError, AttributeError):
            raise ProfileMissing(f"{path} cannot be read: delete it and log in again") from None

    def save(self, name: str, profile: Profile) -> "Profiles":
        """Keep a profile, for its owner's eyes only."""
        changed = {**self.known, name: profile}
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.touch(mode=0o600)
        self.path.chmod(0o600)
        self.path.write_text(json.dumps({key: asdict(each) for key, each in changed.items()}, indent=2))
        return Profiles(self.path, changed)

    def choose(self, name: str, *, url: str | None, api_key: str | None, organization: str | None) -> Profile:
        """The profile of that name; what is given beside it counts more. Raises ProfileMissing."""
        found = self.known.get(name)
        if found is None:
            if url is None or api_key is None:
                way = "`mediajobs login`, or set MEDIAJOBS_URL and MEDIAJOBS_API_KEY"
                raise ProfileMissing(f"there is no profile {name!r}: {way}")
            found = Profile(url, api_key)
        given = {"url": url, "api_key": api_key, "organization": organization}
        return replace(found, **{field: value for field, value in given.items() if value is not None})
