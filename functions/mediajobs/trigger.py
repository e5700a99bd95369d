"""Triggers: which events make a job of which template, and how they fill its parameters.

In a parameter's text `${detail.object.key}` stands for a value of the event; a text that is nothing else
takes the value's own type. `$${` stands for a plain `${`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from mediajobs.errors import Conflict, FieldError, InvalidRequest, NotFound
from mediajobs.event_pattern import faults
from mediajobs.identifier import is_id, new_id
from mediajobs.order import template_of
from mediajobs.review import holds_secret
from mediajobs.settings import settings
from mediajobs.store import trigger as triggers
from mediajobs.store.trigger import Trigger
from mediajobs.store.write import ConditionFailed
from mediajobs.template import MAX_PARAMETERS, MAX_VALUE, NAME, ParameterName, Value
from mediajobs.timestamp import now
from mediajobs.tools.tool import Model

#: Of an organization: each event reads them all.
MAX_TRIGGERS = 50
_PLACE = re.compile(r"\$(?P<plain>\$)?\{(?:(?P<path>[^{}$]{1,256})\})?")

Mapped = Annotated[str, StringConstraints(max_length=MAX_VALUE)] | int | float | bool


class TriggerSpec(Model):
    """An event that makes a job, and the job that it makes."""

    name: str = Field(min_length=1, max_length=128)
    bucket: str | None = Field(
        None, max_length=63, description="a media bucket of the service: objects that are made in it"
    )
    prefix: str = Field("", max_length=1024, description="of their keys behind the organization's folder")
    suffix: str = Field("", max_length=1024, description="of their keys, such as `.mp4`")
    pattern: dict[str, Any] | None = Field(
        None,
        description="instead of a bucket: a pattern as EventBridge's rules have it, see docs/triggers.md",
    )
    template: str = Field(
        max_length=72,
        pattern=rf"^{NAME}(@[1-9][0-9]{{0,5}})?$",
        description="`name`, for the last version at the time of the event, or `name@version`",
    )
    parameters: dict[ParameterName, Mapped] = Field(
        default_factory=dict,
        max_length=MAX_PARAMETERS,
        description="of the template: values, and texts with `${path.into.the.event}`",
    )
    enabled: bool = True
    description: str | None = Field(None, max_length=1024)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.bucket is None) == (self.pattern is None):
            raise ValueError("either bucket or pattern")
        if self.bucket is None and (self.prefix or self.suffix):
            raise ValueError("prefix and suffix go with a bucket")
        return self


def create(organization: str, spec: TriggerSpec, *, by: str) -> Trigger:
    """A new trigger. Raises InvalidRequest, Conflict."""
    _check(organization, spec)
    if len(triggers.every(organization)) >= MAX_TRIGGERS:
        raise Conflict(f"An organization has at most {MAX_TRIGGERS} triggers")
    at = now()
    made = Trigger(
        organization=organization,
        id=new_id(at),
        content=spec.model_dump(mode="json", exclude_unset=True),
        created=at,
        created_by=by,
        updated=at,
    )
    triggers.create(made)
    return made


def find(organization: str, trigger_id: str) -> Trigger:
    """A trigger. Raises NotFound."""
    found = triggers.find(organization, trigger_id) if is_id(trigger_id) else None
    if found is None:
        raise NotFound("There is no such trigger")
    return found


def change(organization: str, trigger_id: str, spec: TriggerSpec) -> Trigger:
    """Give a trigger these properties. Raises NotFound, InvalidRequest."""
    find(organization, trigger_id)
    _check(organization, spec)
    content = spec.model_dump(mode="json", exclude_unset=True)
    while True:
        try:
            return triggers.change(find(organization, trigger_id), content, at=now())
        except ConditionFailed:
            continue


def mapped(parameters: Mapping[str, Mapped], event: Mapping[str, Any]) -> dict[str, Value]:
    """The template's parameters for an event. Raises InvalidRequest naming each that the event has no value
    for."""
    values: dict[str, Value] = {}
    bad = []
    for name, text in parameters.items():
        try:
            values[name] = _filled(text, event) if isinstance(text, str) else text
        except LookupError as error:
            bad.append(FieldError(f"/parameters/{name}", str(error.args[0])))
    if bad:
        raise InvalidRequest("The event does not fill the trigger's parameters", fields=bad)
    return values


def _filled(text: str, event: Mapping[str, Any]) -> Value:
    whole = _PLACE.fullmatch(text)
    if whole is not None and whole["path"] and not whole["plain"]:
        return _value(event, whole["path"])
    return _PLACE.sub(
        lambda match: match[0][1:] if match["plain"] else str(_value(event, match["path"])), text
    )


def _value(event: Any, path: str) -> Value:
    """What stands at a path; parts are names, or places in a list."""
    for part in path.split("."):
        try:
            event = event[int(part)] if isinstance(event, list) else event[part]
        except (LookupError, TypeError, ValueError):
            raise LookupError(f"the event has no {path}") from None
    if not isinstance(event, (str, int, float)):
        raise LookupError(f"the event has no text, number or boolean at {path}")
    return event


def _check(organization: str, spec: TriggerSpec) -> None:
    """Raises InvalidRequest for what no event could ever make good."""
    bad = list(faults(spec.pattern, "/pattern")) if spec.pattern is not None else []
    own = [settings().media_bucket_of(region) for region in settings().regions]
    if spec.bucket is not None and spec.bucket not in own:
        bad.append(FieldError("/bucket", f"one of: {', '.join(own)}"))
    for name, text in spec.parameters.items():
        if isinstance(text, str) and any(
            not match["plain"] and match["path"] is None for match in _PLACE.finditer(text)
        ):
            rule = "a path stands as ${detail.name}; write $${ for a plain ${"
            bad.append(FieldError(f"/parameters/{name}", rule))
        elif isinstance(text, str) and holds_secret(_PLACE.sub("", text)):
            rule = "a trigger must not hold credentials: name a secret, as in {ftp-password}"
            bad.append(FieldError(f"/parameters/{name}", rule))
    _, template = template_of(organization, spec.template)
    for name in spec.parameters.keys() - template.parameters.keys():
        bad.append(FieldError(f"/parameters/{name}", "the template has no such parameter"))
    for name, parameter in template.parameters.items():
        if parameter.default is None and name not in spec.parameters:
            bad.append(FieldError(f"/parameters/{name}", "required: the template has no default for it"))
    if bad:
        raise InvalidRequest("The trigger breaks a rule", fields=bad)
