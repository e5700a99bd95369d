"""Tables that people read."""

from infra.meter import report
from infra.meter.target import Target, number


def test_figures_stand_right_and_words_left() -> None:
    assert report.table(("what", "units"), [("write", "5"), ("read all", "12.5")]) == (
        "| what     | units |\n| -------- | ----: |\n| write    |     5 |\n| read all |  12.5 |"
    )


def test_a_figure_is_as_exact_as_it_needs_to_be() -> None:
    assert [number(value) for value in (None, 4, 4.0, 0.75, 12.54, 1234.5, 20000)] == [
        "-",
        "4",
        "4",
        "0.75",
        "12.5",
        "1,234",
        "20,000",
    ]


def test_a_target_is_met_up_to_its_limit_and_says_when_nothing_was_measured() -> None:
    marks = [Target("units", 60, measured).mark for measured in (59, 60, 60.5, None)]
    assert marks == ["met", "met", "MISSED", "not measured"]
    text = report.targets([Target("units", 60, 60.5)])
    assert "| units |      60 |     60.5 | MISSED |" in text
