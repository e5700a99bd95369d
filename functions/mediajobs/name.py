"""What an organization or a user may be called, as models say it."""

from typing import Annotated

from pydantic import StringConstraints

from mediajobs.organization import MAX_NAME, NAME_PATTERN

Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME, pattern=NAME_PATTERN)]
