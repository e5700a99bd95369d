"""Reviewing a template before it is kept: what can be known of its job while its placeholders are open."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr, ValidationError

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.secret_name import without_names
from mediajobs.spec import JobSpec
from mediajobs.template import (
    MAX_PLACEHOLDERS,
    Template,
    escape,
    filled,
    placeholders,
    without_placeholders,
)
from mediajobs.tools import catalog
from mediajobs.tools.credential import Credentials
from mediajobs.tools.tool import Model

_RULE = (
    "a template must not hold credentials: name a secret of the organization, as in {ftp-password}, or make"
    " them a parameter without a default and without an enum"
)
_SECRETS = tuple(
    name
    for name, field in Credentials.model_fields.items()
    if SecretStr in getattr(field.annotation, "__args__", ())
)


def review(template: Template) -> None:
    """Raise InvalidRequest naming each field that breaks a rule whatever the parameters will be."""
    bad = [*_parameters(template), *_placeholders(template), *_credentials(template)]
    if not bad:
        bad = list(_job(template))
    if bad:
        raise InvalidRequest("The template breaks a rule", fields=bad)


def _parameters(template: Template) -> Iterator[FieldError]:
    for name, parameter in template.parameters.items():
        pointer = f"/parameters/{name}"
        for index, value in enumerate(parameter.enum or ()):
            if rule := parameter.model_copy(update={"enum": None}).rule_broken_by(value):
                yield FieldError(f"{pointer}/enum/{index}", rule)
        if parameter.default is not None and (rule := parameter.rule_broken_by(parameter.default)):
            yield FieldError(f"{pointer}/default", rule)


def _placeholders(template: Template) -> Iterator[FieldError]:
    found = list(placeholders(template.job, "/job"))
    if len(found) > MAX_PLACEHOLDERS:
        yield FieldError("/job", f"at most {MAX_PLACEHOLDERS} placeholders")
    for pointer, name in found:
        if name is None:
            yield FieldError(pointer, "a placeholder is ${name}; write $${ for a plain ${")
        elif name not in template.parameters:
            yield FieldError(pointer, f"there is no parameter {name}; write $${{ for a plain ${{")


def _credentials(template: Template) -> Iterator[FieldError]:
    """Secrets in clear: in the job, or as a value of a parameter that fills one."""
    secret_names = set()
    for pointer, text in _secrets(template.job, "/job"):
        if without_names(without_placeholders(text)):
            yield FieldError(pointer, _RULE)
        secret_names |= {name for _, name in placeholders(text)}
    for name, parameter in template.parameters.items():
        for field, values in (("default", [parameter.default]), ("enum", parameter.enum or [])):
            has_any = any(value is not None for value in values)
            is_secret = has_any and name in secret_names
            if is_secret or any(any(_secrets_of_url(value)) for value in values if isinstance(value, str)):
                yield FieldError(f"/parameters/{name}/{field}", _RULE)


def _secrets(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """The texts of a job that are secrets, by their pointers."""
    if isinstance(value, list):
        for index, part in enumerate(value):
            if isinstance(part, str):
                for secret in _secrets_of_url(part):
                    yield f"{pointer}/{index}", secret
            yield from _secrets(part, f"{pointer}/{index}")
    if not isinstance(value, dict):
        return
    given = value.get("credentials")
    if isinstance(given, dict):
        for name in _SECRETS:
            if isinstance(given.get(name), str):
                yield f"{pointer}/credentials/{name}", given[name]
    for place, text in _sent_along(value):
        yield f"{pointer}/{place}", text
    for name, part in value.items():
        if isinstance(part, str):
            for secret in _secrets_of_url(part):
                yield f"{pointer}/{escape(name)}", secret
        yield from _secrets(part, f"{pointer}/{escape(name)}")


def holds_secret(text: str) -> bool:
    """Whether a text is a URL with a secret that is written out."""
    return any(without_names(without_placeholders(secret)) for secret in _secrets_of_url(text))


def _sent_along(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The secrets of a receiver beside its URL, by where they stand in it."""
    headers = value.get("headers")
    given = (
        {f"headers/{escape(name)}": text for name, text in headers.items()}
        if isinstance(headers, dict)
        else {}
    )
    for place, text in {**given, "secret": value.get("secret")}.items():
        if isinstance(text, str):
            yield place, text


def _secrets_of_url(text: str) -> Iterator[str]:
    """The password in a URL, and the values of its query; a URL may begin with a placeholder."""
    head, _, query = text.partition("?")
    scheme, is_url, rest = head.partition("://")
    if is_url:
        password = rest.partition("/")[0].rpartition("@")[0].partition(":")[2]
        if password:
            yield password
    if (is_url and scheme.startswith("http")) or (not is_url and head.startswith("${")) or scheme[:2] == "${":
        for pair in query.split("&") if query else ():
            _, has_value, value = pair.partition("=")
            yield value if has_value else pair


def _job(template: Template) -> Iterator[FieldError]:
    """What a job's model, and the tools', refuse where no placeholder stands."""
    yield from _refused(JobSpec, template.job, "/job")
    tasks = template.job.get("tasks")
    for index, task in enumerate(tasks if isinstance(tasks, list) else ()):
        name = task.get("tool") if isinstance(task, dict) else None
        if not isinstance(name, str) or any(placeholders(name)):
            continue
        tool = catalog.find(name)
        if tool is None:
            yield FieldError(f"/job/tasks/{index}/tool", "there is no such tool; GET /tools lists them")
        elif isinstance(parameters := task.get("parameters", {}), dict):
            yield from _refused(tool.Parameters, parameters, f"/job/tasks/{index}/parameters")


def _refused(model: type[Model], document: Any, prefix: str) -> Iterator[FieldError]:
    names = {name for _, name in placeholders(document)}
    plain = filled(document, {str(name): f"${{{name}}}" for name in names})
    try:
        model.model_validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False, include_context=False):
            if not _is_open(document, detail["loc"], detail["type"]):
                path = "".join(f"/{escape(part)}" for part in detail["loc"])
                yield FieldError(prefix + path, detail["msg"].removeprefix("Value error, "))


def _is_open(document: Any, path: tuple[int | str, ...], kind: str) -> bool:
    """Whether a placeholder may yet make good what is wrong at a path, which may have parts that are no
    fields but tell the variants of a type."""
    node, unknown = document, 0
    for part in path:
        try:
            node = node[part]
        except (LookupError, TypeError):
            unknown += 1
    if kind == "missing":
        return unknown > 1
    if kind == "extra_forbidden" and unknown == 0:
        return False
    return any(placeholders(node))
