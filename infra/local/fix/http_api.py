"""An HTTP API without CORS forbids every OPTIONS (AWS: routed like any method), and shows a handler's crash
to the client as a 502 (AWS: a bare 500)."""

from typing import Any

from ministack.services import apigateway, lambda_svc

_CRASHED = {
    "statusCode": 500,
    "headers": {"Content-Type": "application/json"},
    "body": '{"message":"Internal Server Error"}',
}


class _Routed(str):
    """A method that is not taken for a preflight."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return other != "OPTIONS" and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other


def install() -> None:
    """Answer as AWS does."""
    handle = apigateway._handle_execute_in_scope
    shape = lambda_svc.lambda_execute_result_to_api_proxy_response

    async def handle_options(
        api_id: str, stage: str, path: str, method: str, *rest: Any, **named: Any
    ) -> Any:
        has_cors = (apigateway._apis.get(api_id) or {}).get("corsConfiguration")
        return await handle(api_id, stage, path, method if has_cors else _Routed(method), *rest, **named)

    def shape_without_details(result: dict[str, Any]) -> Any:
        crashed = result.get("error") and not result.get("throttle")
        return (dict(_CRASHED), None) if crashed else shape(result)

    apigateway._handle_execute_in_scope = handle_options
    lambda_svc.lambda_execute_result_to_api_proxy_response = shape_without_details
