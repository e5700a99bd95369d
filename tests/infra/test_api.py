"""The deployed routes are those of `mediajobs.routes`, no more and no fewer."""

import re
from pathlib import Path

from infra.app import build
from infra.config import Config
from infra.name import Names
from infra.permission.dialect import dialects
from infra.permission.endpoint import endpoints
from mediajobs.organization import Role
from mediajobs.routes import DIALECTS, ROUTES, Route, surface
from mediajobs.settings import Settings
from tests.infra.template import Template


def _deployed(template: Template) -> set[tuple[str, str]]:
    """The routes of a stack, with what each calls."""
    integrations = template.of_type("AWS::ApiGatewayV2::Integration")
    functions = template.of_type("AWS::Lambda::Function")
    found = set()
    for route in template.properties("AWS::ApiGatewayV2::Route"):
        _, integration = route["Target"]["Fn::Join"][1]
        function = integrations[integration["Ref"]]["Properties"]["IntegrationUri"]["Fn::GetAtt"][0]
        found.add((route["RouteKey"], functions[function]["Properties"]["Handler"]))
    return found


def _wanted(routes: tuple[Route, ...]) -> set[tuple[str, str]]:
    return {(f"{route.method} {route.path}", route.handler) for route in routes}


def test_every_route_reaches_the_function_of_its_endpoint_and_nothing_else_is_routed(
    home: Template, api: Template
) -> None:
    assert _deployed(api) == _wanted(ROUTES)
    assert _deployed(home) == {("$default", "mediajobs.fallback.handler")}


def test_each_dialect_that_is_switched_on_is_a_stack_with_its_routes(
    dialects: dict[str, Template], config: Config
) -> None:
    assert set(dialects) == set(config.dialects)
    for name, template in dialects.items():
        assert _deployed(template) == _wanted(DIALECTS[name])
        assert len(template.resources) < 400


def test_a_dialect_that_is_switched_off_leaves_nothing_behind(config: Config, tmp_path: Path) -> None:
    build(config.model_copy(update={"dialects": ()}), tmp_path).synth()
    stacks = {
        file.name.split(".")[0].removeprefix("mediajobs-test-") for file in tmp_path.glob("*.template.json")
    }
    assert not stacks & set(DIALECTS)


def test_every_name_that_the_fallback_asks_is_the_name_of_a_function(config: Config) -> None:
    names = Names(config, "123456789012", "aws")
    told = Settings({"ENDPOINT_FUNCTION": f"{names.prefix}-{{name}}"})
    for route in surface(config.dialects):
        assert told.endpoint_function(route.name) == names.function(route.name)


def test_the_routes_of_one_endpoint_need_the_same_role() -> None:
    roles: dict[str, set[Role | None]] = {}
    for route in surface(DIALECTS):
        roles.setdefault(route.name, set()).add(route.role)
    assert all(len(each) == 1 for each in roles.values())


def test_no_route_ends_in_a_slash_and_none_is_twice() -> None:
    keys = [(route.method, re.sub("{.*?}", "{}", route.path)) for route in surface(DIALECTS)]
    assert len(keys) == len(set(keys))
    assert not any(path.endswith("/") for _, path in keys)


def test_every_routed_function_may_be_called_by_the_api_alone(home: Template, api: Template) -> None:
    callers = [
        each
        for template in (home, api)
        for each in template.properties("AWS::Lambda::Permission")
        if each["Principal"] == "apigateway.amazonaws.com"
    ]
    assert len(callers) == len(ROUTES) + 1
    assert all("SourceArn" in each for each in callers)


def test_every_endpoint_has_its_permissions_written_down_and_no_other_has(config: Config) -> None:
    names = Names(config, "123456789012", "aws")
    assert set(endpoints(names)) == {route.name for route in ROUTES}
    spoken = {route.name for name in config.dialects for route in DIALECTS[name]}
    assert spoken <= set(dialects(names))


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
