"""The console's stack: who answers for which path, from where, and with which headers."""

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aws_cdk import App
from pydantic import ValidationError

from infra import site
from infra.app import inspect
from infra.config import Config, Console
from infra.console import ConsoleStack
from infra.npm import NODE
from mediajobs import download
from mediajobs.settings import settings
from tests.infra.template import Template, text
from tests.world import World


@pytest.fixture(scope="session")
def distribution(console: Template) -> dict[str, Any]:
    (found,) = console.properties("AWS::CloudFront::Distribution")
    config: dict[str, Any] = found["DistributionConfig"]
    return config


@pytest.fixture(scope="session")
def behaviors(distribution: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By the paths they are for, in CloudFront's order."""
    return {
        **{each["PathPattern"]: each for each in distribution["CacheBehaviors"]},
        "*": distribution["DefaultCacheBehavior"],
    }


def _origin(distribution: dict[str, Any], behavior: dict[str, Any]) -> dict[str, Any]:
    (found,) = (each for each in distribution["Origins"] if each["Id"] == behavior["TargetOriginId"])
    origin: dict[str, Any] = found
    return origin


def _headers(console: Template, behavior: dict[str, Any]) -> dict[str, str]:
    """What CloudFront adds to the answers of a behavior, as they are on the wire."""
    policy = console.resources[behavior["ResponseHeadersPolicyId"]["Ref"]]["Properties"]
    config = policy["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    transport = security["StrictTransportSecurity"]
    assert transport["IncludeSubdomains"] is True
    assert all(each["Override"] for each in (*security.values(), *config["CustomHeadersConfig"]["Items"]))
    return {
        **{each["Header"]: each["Value"] for each in config["CustomHeadersConfig"]["Items"]},
        "Content-Security-Policy": text(security["ContentSecurityPolicy"]["ContentSecurityPolicy"]),
        "X-Content-Type-Options": "nosniff" if "ContentTypeOptions" in security else "",
        "X-Frame-Options": security["FrameOptions"]["FrameOption"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        site.HTTPS_ONLY: f"max-age={transport['AccessControlMaxAgeSec']}; includeSubDomains",
    }


def test_every_path_but_the_consoles_is_the_apis(
    distribution: dict[str, Any], behaviors: dict[str, dict[str, Any]]
) -> None:
    assert list(behaviors) == ["/console/assets/*", "/console", "/console/*", "*"]
    api = behaviors["*"]
    assert set(api["AllowedMethods"]) == {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
    origin = _origin(distribution, api)
    assert ".execute-api.eu-west-1." in json.dumps(origin["DomainName"])
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]


def test_nothing_of_the_api_is_cached_and_a_key_never_goes_in_the_clear(
    behaviors: dict[str, dict[str, Any]],
) -> None:
    # AWS's own policies: CachingDisabled, and AllViewerExceptHostHeader.
    assert behaviors["*"]["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behaviors["*"]["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert behaviors["*"]["ViewerProtocolPolicy"] == "https-only"


def test_the_api_may_take_its_time(
    distribution: dict[str, Any], behaviors: dict[str, Any], config: Config
) -> None:
    origin = _origin(distribution, behaviors["*"])
    assert origin["CustomOriginConfig"]["OriginReadTimeout"] > config.endpoint.timeout_seconds


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/console", site.FRESH), ("/console/*", site.FRESH), ("/console/assets/*", site.FOREVER)],
)
def test_the_site_has_the_headers_that_it_has_at_the_front_door(
    console: Template, behaviors: dict[str, dict[str, Any]], config: Config, path: str, kept: str
) -> None:
    storage = [
        f"https://mediajobs-test-workspace-AWS::AccountId-{region}.s3.{region}.amazonaws.com"
        for region in config.regions
    ]
    headers = _headers(console, behaviors[path])
    assert headers == {**site.headers(storage), "Cache-Control": kept}


def test_the_policy_allows_the_links_to_files_that_the_api_gives(
    acme: World, console: Template, behaviors: dict[str, dict[str, Any]]
) -> None:
    policy = _headers(console, behaviors["/console/*"])["Content-Security-Policy"]
    link = urlsplit(download.link("eu-west-1", "key", "film.mp4"))
    there = settings().workspace_bucket_of("eu-west-1")
    here = "mediajobs-test-workspace-AWS::AccountId-eu-west-1"
    origin = f"{link.scheme}://{link.netloc}".replace(there, here)
    for directive in ("img-src", "media-src", "connect-src"):
        (allowed,) = (each for each in policy.split("; ") if each.startswith(directive))
        assert origin in allowed.split(" ")


def test_only_the_distribution_reads_the_bucket(console: Template) -> None:
    (bucket,) = console.properties("AWS::S3::Bucket")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    (policy,) = console.properties("AWS::S3::BucketPolicy")
    allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    readers = [each["Principal"] for each in allowed]
    assert readers == [{"Service": "cloudfront.amazonaws.com"}]
    assert "distribution/" in text(allowed[0]["Condition"]["StringEquals"]["AWS:SourceArn"])
    (control,) = console.properties("AWS::CloudFront::OriginAccessControl")
    assert control["OriginAccessControlConfig"]["SigningBehavior"] == "always"


@pytest.mark.parametrize(
    ("uri", "becomes"),
    [
        ("/console/", "/console/index.html"),
        ("/console/icon.svg", "/console/icon.svg"),
        ("/console/index.html", "/console/index.html"),
    ],
)
def test_the_sites_first_page_is_that_of_its_directory(console: Template, uri: str, becomes: str) -> None:
    assert _first_page(console, uri) == {"uri": becomes}


def test_without_the_slash_it_leads_to_the_one_with(console: Template) -> None:
    answer = _first_page(console, "/console")
    assert (answer["statusCode"], answer["headers"]["location"]["value"]) == (301, "/console/")


def _first_page(console: Template, uri: str) -> dict[str, Any]:
    """What CloudFront's function makes of a request."""
    (function,) = console.properties("AWS::CloudFront::Function")
    event = json.dumps({"request": {"uri": uri}})
    script = f"{function['FunctionCode']}\nconsole.log(JSON.stringify(handler({event})))"
    ran = subprocess.run([NODE, "--eval", script], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def test_old_files_stay_for_pages_that_are_open(console: Template) -> None:
    (files,) = console.properties("Custom::CDKBucketDeployment")
    assert files["Prune"] is False
    assert files["DestinationBucketKeyPrefix"] == "console"


def test_a_domain_of_ones_own_is_served_with_tls_1_2_and_no_less(tmp_path: Path) -> None:
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
    console = Console(domain="jobs.example.com", certificate_arn=arn)
    config = Config(stage="test", home_region="eu-west-1", regions=("eu-west-1",), console=console)
    app = App(outdir=str(tmp_path))
    ConsoleStack(app, config, console, api_id="abc")
    inspect(app)
    app.synth()
    template = Template(tmp_path / "mediajobs-test-console.template.json")
    (distribution,) = template.properties("AWS::CloudFront::Distribution")
    assert distribution["DistributionConfig"]["Aliases"] == ["jobs.example.com"]
    viewer = distribution["DistributionConfig"]["ViewerCertificate"]
    assert (viewer["AcmCertificateArn"], viewer["MinimumProtocolVersion"]) == (arn, "TLSv1.2_2021")
    assert template.content["Outputs"]["ConsoleUrl"]["Value"] == "https://jobs.example.com/console/"


def test_a_domain_without_a_certificate_is_refused() -> None:
    with pytest.raises(ValidationError, match="go together"):
        Console(domain="jobs.example.com")


def test_no_console_is_deployed_into_the_emulator() -> None:
    assert Config.of_stage("local").console is None
    assert Config.of_stage("prod").console is not None
