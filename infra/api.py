"""The HTTP API: one Lambda function for each of the routes."""

import json
from collections.abc import Mapping

from aws_cdk import CfnOutput
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra import permission
from infra.function import Handler, Package
from infra.stack import StageStack, acknowledge
from mediajobs.routes import ROUTES

#: A line of the access log; without the headers, which hold keys, and the query, which may.
_ACCESS = json.dumps(
    {
        "request": "$context.requestId",
        "time": "$context.requestTime",
        "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "route": "$context.routeKey",
        "path": "$context.path",
        "status": "$context.status",
        "length": "$context.responseLength",
        "latency": "$context.responseLatency",
        "error": "$context.integrationErrorMessage",
    },
    separators=(",", ":"),
)


class Api(Construct):
    """Every route of `mediajobs.routes`, with access logs and a throttle."""

    def __init__(self, stack: StageStack, package: Package, values: Mapping[str, str]) -> None:
        super().__init__(stack, "Api")
        config = stack.config
        api = apigatewayv2.HttpApi(
            self, "Http", api_name=stack.names.prefix, create_default_stage=False, description="mediajobs"
        )
        logs = stack.log_group("AccessLog", f"/mediajobs/{config.stage}/access")
        apigatewayv2.CfnStage(
            self,
            "Stage",
            api_id=api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigatewayv2.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=config.throttle.requests_per_second,
                throttling_burst_limit=config.throttle.burst,
            ),
            access_log_settings=apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=logs.log_group_arn, format=_ACCESS
            ),
        )
        needs = permission.endpoints(stack.names)
        for route in ROUTES:
            module = f"api.{route.endpoint}"
            handler = Handler(
                stack, package, module, needs=needs[module], values=values, size=config.endpoint
            )
            added = api.add_routes(
                path=route.path,
                methods=[apigatewayv2.HttpMethod(route.method)],
                integration=HttpLambdaIntegration(f"{handler.node.id}Integration", handler.function),
            )
            for each in added:
                acknowledge(
                    each,
                    "AwsSolutions-APIG4",
                    "The handlers authenticate: an authorizer cannot answer in our or a dialect's own words.",
                )
        CfnOutput(stack, "ApiId", value=api.api_id)
        CfnOutput(stack, "ApiUrl", value=api.api_endpoint)
