"""Where a job runs: the region it names, its organization's, or the deployment's."""

import pytest

from mediajobs.bootstrap import bootstrap
from mediajobs.settings import Settings
from mediajobs.tools.tool import Result, Worker
from tests.moto_account import OTHER_REGION, REGION
from tests.world import World, tool


def _made(acme: World, **more: object) -> str:
    return str(acme.job(acme.submit("test:nothing", **more))["region"])


@pytest.fixture(autouse=True)
def _tool(acme: World) -> None:
    acme.tools["test:nothing"] = tool(lambda _run, _parameters: Result(), Worker.STORAGE)


@pytest.mark.parametrize("prefix", ["", "aws:"])
def test_a_region_is_named_with_or_without_its_cloud(acme: World, prefix: str) -> None:
    assert _made(acme, region=f"{prefix}{OTHER_REGION}") == OTHER_REGION
    assert _made(acme, region=f"{prefix}{REGION}") == REGION


@pytest.mark.parametrize("prefix", ["", "aws:"])
def test_a_job_without_a_region_runs_in_its_organizations(acme: World, prefix: str) -> None:
    assert _made(acme) == REGION
    path = f"/organizations/{acme.organization}"
    answer = acme.call("PUT", path, {"default_region": f"{prefix}{OTHER_REGION}"})
    assert (answer.status, answer.body["default_region"]) == (200, OTHER_REGION)
    assert acme.call("GET", path).body["default_region"] == OTHER_REGION
    assert _made(acme) == OTHER_REGION
    assert _made(acme, region=REGION) == REGION
    assert acme.call("PUT", path, {"default_region": None}).body["default_region"] is None
    assert _made(acme) == REGION


def test_a_default_without_a_pool_is_refused_and_nothing_changes(acme: World) -> None:
    other = bootstrap("Other", 1, [REGION])
    path = f"/organizations/{other.organization_id}"
    for region in (OTHER_REGION, "eu-north-1", "elsewhere"):
        answer = acme.call("PUT", path, {"default_region": region}, key=other.api_key)
        assert answer.status == 422
        assert [(error["pointer"], error["detail"]) for error in answer.body["errors"]] == [
            ("/default_region", f"no pool there; the regions with one are: {REGION}")
        ]
    assert acme.call("GET", path, key=other.api_key).body["default_region"] is None


@pytest.mark.parametrize("role", ["VIEW", "SUBMIT", "CONFIG"])
def test_only_an_admin_of_the_organization_sets_its_default(acme: World, role: str) -> None:
    path = f"/organizations/{acme.organization}"
    answer = acme.call("PUT", path, {"default_region": OTHER_REGION}, key=acme.key_of(role))
    assert answer.status == 403
    assert acme.call("GET", path).body["default_region"] is None


def test_an_admin_elsewhere_is_none_here(acme: World) -> None:
    other = bootstrap("Other", 1, [REGION, OTHER_REGION])
    invitation = acme.call("POST", "/keys", {"user": "jo", "role": "CONFIG", "invitation": True})
    acme.call("POST", "/organizations/join", {"invitation": invitation.body["api_key"]}, key=other.api_key)
    path = f"/organizations/{acme.organization}"
    assert acme.call("PUT", path, {"default_region": OTHER_REGION}, key=other.api_key).status == 403


def test_a_home_without_workers_leaves_jobs_to_the_first_region() -> None:
    regions = {"HOME_REGION": "eu-west-1", "REGIONS": "us-east-1,ap-south-1"}
    assert Settings(regions).default_region == "us-east-1"
    assert Settings({**regions, "HOME_REGION": "ap-south-1"}).default_region == "ap-south-1"


def test_a_job_of_each_region_runs_on_that_regions_machine(acme: World) -> None:
    ids = {region: acme.submit("test:nothing", region=region) for region in (REGION, OTHER_REGION)}
    while acme.deliver():
        pass
    for region, job_id in ids.items():
        (name,) = acme.executions(region)
        assert name.startswith(job_id)
        assert acme.run(name, region)
    acme.settle_down()
    assert {acme.job(job_id)["status"] for job_id in ids.values()} == {"Success"}
