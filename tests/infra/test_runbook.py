"""Whoever is woken by an alarm finds a page that says what to do."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.infra.executor import region_with
from tests.infra.template import Template

PAGES = Path("docs/runbook")
_PARTS = ["What it means", "How to look", "What to do", "How to undo it"]
_LINK = re.compile(r"docs/runbook/([a-z-]+)\.md$")


@pytest.fixture(scope="module")
def alarms(templates: list[Template], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    everywhere = region_with(tmp_path_factory.mktemp("executors"), "fargate", "mediaconvert", "outside")
    return [
        alarm
        for template in (*templates, everywhere)
        for alarm in template.properties("AWS::CloudWatch::Alarm")
    ]


def test_every_alarm_has_a_page_and_every_page_an_alarm(alarms: list[dict[str, Any]]) -> None:
    linked = {found[1] for alarm in alarms if (found := _LINK.search(alarm["AlarmDescription"]))}
    assert all(_LINK.search(alarm["AlarmDescription"]) for alarm in alarms)
    assert linked == {page.stem for page in PAGES.glob("*.md")}


def test_every_alarm_tells_somebody_and_says_what_it_means(alarms: list[dict[str, Any]]) -> None:
    for alarm in alarms:
        assert alarm["AlarmActions"], alarm["AlarmName"]
        assert len(alarm["AlarmDescription"].partition(" What to do:")[0]) > 30, alarm["AlarmName"]


def test_no_alarm_needs_metric_math_which_local_mode_has_not(alarms: list[dict[str, Any]]) -> None:
    assert [alarm["AlarmName"] for alarm in alarms if "Metrics" in alarm] == []


def test_no_two_alarms_or_topics_of_a_region_have_one_name(
    home: Template, regions: dict[str, Template]
) -> None:
    for kind, name in (("AWS::CloudWatch::Alarm", "AlarmName"), ("AWS::SNS::Topic", "TopicName")):
        names = [
            properties[name]
            for template in (home, regions["eu-west-1"])
            for properties in template.properties(kind)
        ]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_says_what_it_means_how_to_look_what_to_do_and_how_to_undo_it(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == _PARTS
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (page.parent / target).exists(), target


def test_the_dashboard_shows_every_dead_letter_queue_and_every_region(home: Template) -> None:
    (dashboard,) = home.properties("AWS::CloudWatch::Dashboard")
    body = str(dashboard["DashboardBody"])
    queues = [
        queue["QueueName"] for queue in home.properties("AWS::SQS::Queue") if "-failed" in queue["QueueName"]
    ]
    assert len(queues) >= 5
    for shown in (*queues, "eu-west-1", "us-east-1", "QueueTime", "Healed", "Cost", "5xx", "Throttles"):
        assert shown in body
