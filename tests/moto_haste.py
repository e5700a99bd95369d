"""Lets moto and botocore answer as they do, in less time and memory: fault suites ask a million times."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import jsonpath_ng.ext
import moto.core.botocore_stubber
import moto.core.responses
import pytest
from botocore import useragent
from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict


@contextmanager
def haste() -> Iterator[None]:
    """Inside, nothing that is known is worked out anew, and nothing is remembered that nobody asks for."""
    with pytest.MonkeyPatch.context() as patch:
        # The parser of an event pattern, the operations of a service, and what a user agent may say.
        patch.setattr(jsonpath_ng.ext, "parse", cache(jsonpath_ng.ext.parse))  # type: ignore[attr-defined]
        for module, name in (
            (moto.core.responses, "method_names_from_class"),
            (useragent, "sanitize_user_agent_string_component"),
        ):
            patch.setattr(module, name, cache(getattr(module, name)))
        # An attribute of an answer is looked for under all the names that models may have for it.
        patch.setattr(AttributePicker, "__call__", _pick)
        # The size of an item is added up at each of its attributes.
        patch.setattr(LimitedSizeDict, "__setitem__", dict.__setitem__)
        # Each item that ever was is kept in a list.
        patch.setattr(Item, "__new__", lambda cls, *_, **__: object.__new__(cls), raising=False)
        yield


_PICK = AttributePicker.__call__


def _pick(self: AttributePicker, context: AttributePickerContext) -> Any:
    """DynamoDB's answers are plain dictionaries already."""
    service = context.service_model
    if type(context.obj) is dict and service is not None and service.service_name == "dynamodb":
        return context.obj.get(context.key)
    return _PICK(self, context)
