"""What a deployment's configuration accepts."""

import pytest
from pydantic import ValidationError

from infra.config import Config


def config(**changes: object) -> Config:
    return Config.model_validate(
        {"stage": "x", "home_region": "eu-west-1", "regions": ["eu-west-1"], **changes}
    )


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="retention_days"):
        config(retention_days=60)


def test_a_region_is_named_once() -> None:
    with pytest.raises(ValidationError, match="named twice"):
        config(regions=["eu-west-1", "eu-west-1"])


def test_only_a_dialect_that_there_is_can_be_switched_on_and_only_once() -> None:
    assert config(dialects=["xvid", "dolby"]).dialects == ("xvid", "dolby")
    for dialects, said in ((["klingon"], "klingon"), (["dolby", "dolby"], "named twice")):
        with pytest.raises(ValidationError, match=said):
            config(dialects=dialects)


@pytest.mark.parametrize("stage", ["", "Prod", "a-b", "x" * 17])
def test_a_stage_that_cannot_be_part_of_every_name_is_refused(stage: str) -> None:
    with pytest.raises(ValidationError, match="stage"):
        config(stage=stage)


def test_jobs_can_run_outside_the_home_region_alone() -> None:
    assert config(regions=["us-east-1"]).home_region == "eu-west-1"


def test_data_is_kept_unless_the_stage_is_disposable() -> None:
    assert config().disposable is False
