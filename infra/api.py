"""The HTTP API: one Lambda function for each endpoint."""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import App, CfnOutput
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.config import Config
from infra.function import Handler, Package
from infra.permission.dialect import dialects
from infra.permission.endpoint import endpoints, fallback
from infra.permission.grant import Needs
from infra.stack import StageStack, acknowledge
from mediajobs.routes import DIALECTS, ROUTES, Route

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
    """The API with its access log, its throttle and what answers where no route does."""

    def __init__(self, stack: StageStack, package: Package, values: Mapping[str, str]) -> None:
        super().__init__(stack, "Api")
        config = stack.config
        api = apigatewayv2.HttpApi(
            self, "Http", api_name=stack.names.prefix, create_default_stage=False, description="mediajobs"
        )
        logs = stack.log_group("AccessLog", stack.names.access_log)
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
        self.id = api.api_id
        finder = Handler(
            stack,
            package,
            "fallback",
            needs=fallback(stack.names),
            values=values,
            size=config.endpoint,
        )
        _route(api, finder, [apigatewayv2.HttpRouteKey.DEFAULT])
        CfnOutput(stack, "ApiId", value=api.api_id)
        CfnOutput(stack, "ApiUrl", value=api.api_endpoint)


class EndpointStack(StageStack):
    """The endpoints of our own API, or of a dialect's; a stack has room for no more than one of them."""

    def __init__(
        self, app: App, config: Config, dialect: str | None, *, api_id: str, values: Mapping[str, str]
    ) -> None:
        what = f"the dialect {dialect}" if dialect else "the endpoints of the API"
        super().__init__(app, dialect or "api", config, config.home_region, description=f"mediajobs: {what}")
        api = apigatewayv2.HttpApi.from_http_api_attributes(self, "Http", http_api_id=api_id)
        routes = DIALECTS[dialect] if dialect else ROUTES
        needs = dialects(self.names) if dialect else endpoints(self.names)
        _serve(self, api, routes, package=Package(self), values=values, needs=needs)


def _serve(
    stack: StageStack,
    api: apigatewayv2.IHttpApi,
    routes: Iterable[Route],
    *,
    package: Package,
    values: Mapping[str, str],
    needs: Mapping[str, Needs],
) -> None:
    """A function for each endpoint, and its routes."""
    of_endpoint = itertools.groupby(sorted(routes, key=lambda route: route.name), lambda route: route.name)
    for name, group in of_endpoint:
        same = list(group)
        handler = Handler(
            stack,
            package,
            name,
            entry=same[0].handler,
            needs=needs[name],
            values=values,
            size=stack.config.endpoint,
        )
        keys = [
            apigatewayv2.HttpRouteKey.with_(route.path, apigatewayv2.HttpMethod(route.method))
            for route in same
        ]
        _route(api, handler, keys)


def _route(api: apigatewayv2.IHttpApi, handler: Handler, keys: Sequence[apigatewayv2.HttpRouteKey]) -> None:
    integration = HttpLambdaIntegration("Integration", handler.function)
    for index, key in enumerate(keys):
        route = apigatewayv2.HttpRoute(
            handler, f"Route{index or ''}", http_api=api, route_key=key, integration=integration
        )
        acknowledge(
            route,
            "AwsSolutions-APIG4",
            "The handlers authenticate: an authorizer cannot answer in our or a dialect's own words.",
        )
