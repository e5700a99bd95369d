"""What is ordered by a submitted body: a job's spec, given whole or by a template."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.spec import JobSpec, parse, validated
from mediajobs.store import template as templates
from mediajobs.template import NAME, Template, blame, fill
from mediajobs.tools.credential import Reopen
from mediajobs.tools.tool import Model

#: What a caller may say of a job that a template makes.
_OWN = ("region", "priority", "deadline_seconds", "tags", "user_data", "bundle_id", "bundle", "notify")


@dataclass(frozen=True)
class Order:
    """What a job is to be, and what it comes from."""

    spec: JobSpec
    template_id: str | None = None
    resubmitted_from: str | None = None
    reopen: Reopen | None = None
    #: The template, and what the caller has said beside it.
    template: Template | None = None
    own: dict[str, Any] | None = None
    #: The fields of the job that a caller has just written: only there `{name}` is a named secret.
    written: Collection[str] = ("tasks", "notify")

    def blamed(self, error: InvalidRequest) -> InvalidRequest:
        """An error of the job in terms of what the caller has sent."""
        return error if self.template is None else blame(self.template, error, self.own or {})


class _ByTemplate(Model):
    """A job by a template; the rest is checked with the job that is made of it."""

    template: str = Field(max_length=72, pattern=rf"^{NAME}(@[1-9][0-9]{{0,5}})?$")
    parameters: dict[str, Any] = Field(default_factory=dict)
    region: Any = None
    priority: Any = None
    deadline_seconds: Any = None
    tags: Any = None
    user_data: Any = None
    bundle_id: Any = None
    bundle: Any = None
    notify: Any = None


def ordered(organization: str, body: Any) -> Order:
    """The order of a submitted body. Raises InvalidRequest."""
    if not isinstance(body, dict) or "template" not in body:
        return Order(parse(body))
    wanted = validated(_ByTemplate, body)
    found, template = template_of(organization, wanted.template)
    own = {name: body[name] for name in _OWN if name in body}
    job = fill(template, wanted.parameters)
    if own.keys() & {"bundle", "bundle_id"}:
        job = {name: value for name, value in job.items() if name not in ("bundle", "bundle_id")}
    try:
        spec = parse({**job, **own})
    except InvalidRequest as error:
        raise blame(template, error, own) from None
    return Order(spec, template_id=found.id, template=template, own=own)


def template_of(organization: str, reference: str) -> tuple[templates.Version, Template]:
    """The version that `name` (the last one) or `name@version` names. Raises InvalidRequest."""
    found = _find(organization, reference)
    return found, validated(Template, found.content)


def _find(organization: str, reference: str) -> templates.Version:
    """The version that `name` (the last one) or `name@version` names, if it can be used."""
    name, _, number = reference.partition("@")
    head = templates.head(organization, name)
    wanted = int(number) if number else head.version if head else 0
    if head is not None and wanted > head.withdrawn:
        found = templates.version(organization, name, wanted)
        if found is not None:
            return found
    raise InvalidRequest(
        "The template is not known",
        fields=[FieldError("/template", "there is no such template, or it was deleted")],
    )
