"""The deployed routes are those of `mediajobs.routes`, no more and no fewer."""

from infra import permission
from infra.config import Config
from infra.name import Names
from mediajobs.routes import ROUTES
from tests.infra.template import Template


def test_every_route_reaches_the_function_of_its_endpoint_and_nothing_else_is_routed(home: Template) -> None:
    integrations = home.of_type("AWS::ApiGatewayV2::Integration")
    functions = home.of_type("AWS::Lambda::Function")
    deployed = set()
    for route in home.properties("AWS::ApiGatewayV2::Route"):
        _, integration = route["Target"]["Fn::Join"][1]
        function = integrations[integration["Ref"]]["Properties"]["IntegrationUri"]["Fn::GetAtt"][0]
        deployed.add((route["RouteKey"], functions[function]["Properties"]["Handler"]))
    assert deployed == {(f"{route.method} {route.path}", route.handler) for route in ROUTES}


def test_every_routed_function_may_be_called_by_the_api_alone(home: Template) -> None:
    callers = [
        each
        for each in home.properties("AWS::Lambda::Permission")
        if each["Principal"] == "apigateway.amazonaws.com"
    ]
    assert len(callers) == len(ROUTES)
    assert all("SourceArn" in each for each in callers)


def test_every_endpoint_has_its_permissions_written_down_and_no_other_has(config: Config) -> None:
    written = permission.endpoints(Names(config, "123456789012", "aws"))
    assert set(written) == {f"api.{route.endpoint}" for route in ROUTES}


def test_the_api_is_throttled_and_logs_no_header_and_no_query(home: Template, config: Config) -> None:
    (stage,) = home.properties("AWS::ApiGatewayV2::Stage")
    assert stage["StageName"] == "$default"
    assert stage["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": config.throttle.requests_per_second,
        "ThrottlingBurstLimit": config.throttle.burst,
    }
    assert "$context.status" in stage["AccessLogSettings"]["Format"]
    assert "header" not in stage["AccessLogSettings"]["Format"]
    assert "query" not in stage["AccessLogSettings"]["Format"]
