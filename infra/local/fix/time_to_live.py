"""A table's time to live in a template is dropped."""

from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners


def install() -> None:
    """Set it when the table is made."""
    create = provisioners._ddb_create

    def create_with_time_to_live(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, Any]:
        made: tuple[str, Any] = create(logical_id, properties, stack)
        wanted = properties.get("TimeToLiveSpecification")
        if wanted and str(wanted.get("Enabled")).lower() == "true":
            setting = {"Enabled": True, "AttributeName": wanted["AttributeName"]}
            dynamodb._update_ttl({"TableName": made[0], "TimeToLiveSpecification": setting})
        return made

    provisioners._ddb_create = create_with_time_to_live
    for handlers in [value for value in vars(provisioners).values() if isinstance(value, dict)]:
        for handler in handlers.values():
            if isinstance(handler, dict) and handler.get("create") is create:
                handler["create"] = create_with_time_to_live
