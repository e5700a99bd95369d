"""An HTTP API without CORS forbids every OPTIONS (AWS: no such route), and shows a handler's crash to the
client as a 502 (AWS: a bare 500)."""

from typing import Any

from ministack.services import apigateway, lambda_svc

_CRASHED = {
    "statusCode": 500,
    "headers": {"Content-Type": "application/json"},
    "body": '{"message":"Internal Server Error"}',
}


def install() -> None:
    """Answer as AWS does."""
    preflight = apigateway._cors_preflight_response
    shape = lambda_svc.lambda_execute_result_to_api_proxy_response

    def preflight_with_cors(configuration: dict[str, Any], origin: str) -> Any:
        return preflight(configuration, origin) if configuration else apigateway._http_api_not_found()

    def shape_without_details(result: dict[str, Any]) -> Any:
        crashed = result.get("error") and not result.get("throttle")
        return (dict(_CRASHED), None) if crashed else shape(result)

    apigateway._cors_preflight_response = preflight_with_cors
    lambda_svc.lambda_execute_result_to_api_proxy_response = shape_without_details
