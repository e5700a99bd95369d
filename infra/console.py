"""The stack of the console: CloudFront with the site under /console/ and the API under every other path.

One origin for both, so the page calls the API without CORS.
"""

from typing import cast

from aws_cdk import App, CfnElement, CfnOutput, Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment

from infra import site
from infra.bucket import private_bucket
from infra.config import Config, Console
from infra.stack import StageStack, acknowledge

#: What S3 does not do behind CloudFront: the site's first page is the one of its directory.
_FIRST_PAGE = f"""\
function handler(event) {{
  var request = event.request;
  if (request.uri === "{site.PATH.rstrip("/")}") {{
    var location = {{ value: "{site.PATH}" }};
    return {{ statusCode: 301, statusDescription: "Moved Permanently", headers: {{ location: location }} }};
  }}
  if (request.uri === "{site.PATH}") request.uri += "{site.INDEX}";
  return request;
}}
"""
#: More than the API takes for its slowest answer.
_API_SECONDS = 35
#: The folder of the files in the bucket: CloudFront asks for them by the path that it was asked for.
_FOLDER = site.PATH.strip("/")
#: What CDK calls the function that copies files into buckets.
_COPIER = "Custom::CDKBucketDeployment"


class ConsoleStack(StageStack):
    """The distribution, the bucket of its files, and the files."""

    def __init__(self, app: App, config: Config, console: Console, *, api_id: str) -> None:
        super().__init__(
            app, "console", config, config.home_region, description="mediajobs: the console, before the API"
        )
        bucket = private_bucket(self, "console")
        self._deploy_files(bucket)
        certificate = (
            acm.Certificate.from_certificate_arn(self, "Certificate", console.certificate_arn)
            if console.certificate_arn
            else None
        )
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=self.names.prefix,
            default_behavior=self._api(api_id),
            additional_behaviors=self._site(bucket),
            certificate=certificate,
            domain_names=[console.domain] if console.domain else None,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        )
        _acknowledge(distribution)
        CfnOutput(
            self, "ConsoleUrl", value=f"https://{console.domain or distribution.domain_name}{site.PATH}"
        )
        CfnOutput(self, "DistributionDomain", value=distribution.domain_name)

    def _api(self, api_id: str) -> cloudfront.BehaviorOptions:
        """Everything goes through as it came, but for the host: API Gateway knows itself only by its own."""
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                f"{api_id}.execute-api.{self.region}.{self.url_suffix}",
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                read_timeout=Duration.seconds(_API_SECONDS),
            ),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            # A redirect would come after the key has gone in the clear.
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        )

    def _site(self, bucket: s3.Bucket) -> dict[str, cloudfront.BehaviorOptions]:
        """The first page is asked for each time; what bears its hash in its name is kept for ever."""
        origin = origins.S3BucketOrigin.with_origin_access_control(bucket)
        first_page = cloudfront.Function(
            self,
            "FirstPage",
            function_name=f"{self.names.prefix}-first-page",
            code=cloudfront.FunctionCode.from_inline(_FIRST_PAGE),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        fresh = cloudfront.BehaviorOptions(
            origin=origin,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            function_associations=[
                cloudfront.FunctionAssociation(
                    function=first_page, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                )
            ],
            response_headers_policy=self._headers("fresh", site.FRESH),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        )
        kept = cloudfront.BehaviorOptions(
            origin=origin,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._headers("kept", site.FOREVER),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        )
        # CloudFront takes the first that fits.
        return {f"/{_FOLDER}/{site.ASSETS}*": kept, f"/{_FOLDER}": fresh, f"/{_FOLDER}/*": fresh}

    def _headers(self, name: str, cache_control: str) -> cloudfront.ResponseHeadersPolicy:
        """The site's headers; CloudFront wants some of them said in its own words."""
        storage = (
            f"https://{self.names.bucket('workspace', region)}.s3.{region}.amazonaws.com"
            for region in self.config.regions
        )
        headers = site.headers(storage)
        security = cloudfront.ResponseSecurityHeadersBehavior(
            content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                content_security_policy=headers.pop("Content-Security-Policy"), override=True
            ),
            content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
            frame_options=cloudfront.ResponseHeadersFrameOptions(
                frame_option=cloudfront.HeadersFrameOption(headers.pop("X-Frame-Options")), override=True
            ),
            referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
            ),
            strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                access_control_max_age=Duration.seconds(site.HTTPS_ONLY_SECONDS),
                include_subdomains=True,
                override=True,
            ),
        )
        for said in ("X-Content-Type-Options", "Referrer-Policy", site.HTTPS_ONLY):
            del headers[said]
        return cloudfront.ResponseHeadersPolicy(
            self,
            f"{name.title()}Headers",
            response_headers_policy_name=f"{self.names.prefix}-console-{name}",
            security_headers_behavior=security,
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=header, value=value, override=True)
                    for header, value in {"Cache-Control": cache_control, **headers}.items()
                ]
            ),
        )

    def _deploy_files(self, bucket: s3.Bucket) -> None:
        """Put the built files into the bucket. Old ones stay: an open page may still ask for its own."""
        deployment.BucketDeployment(
            self,
            "Files",
            destination_bucket=bucket,
            destination_key_prefix=_FOLDER,
            sources=[deployment.Source.asset(str(site.BUILT), exclude=[".*"])],
            prune=False,
            memory_limit=512,
            log_group=self.log_group("FilesLog", self.names.log_group("console")),
        )
        copier = next(each for each in self.node.children if each.node.id.startswith(_COPIER))
        assets = f"arn:{self.partition}:s3:::cdk-hnb659fds-assets-{self.account}-{self.region}/*"
        own = self.get_logical_id(cast(CfnElement, bucket.node.default_child))
        wide = (
            *(f"Action::s3:{each}*" for each in ("GetObject", "GetBucket", "List", "DeleteObject", "Abort")),
            f"Resource::{self.as_read(assets)}",
            f"Resource::<{own}.Arn>/*",
        )
        for each in wide:
            acknowledge(
                copier,
                f"AwsSolutions-IAM5[{each}]",
                "CDK's copier: from its own assets into this one bucket.",
            )
        acknowledge(
            copier,
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/"
            "service-role/AWSLambdaBasicExecutionRole]",
            "CDK's copier may write its log, and no more by this policy.",
        )
        acknowledge(copier, "AwsSolutions-L1", "CDK chooses the runtime of its copier.")


def _acknowledge(distribution: cloudfront.Distribution) -> None:
    """What cdk-nag would have of a distribution, and this one does without."""
    reasons = {
        "CFR1": "Who may call is decided by keys, not by countries.",
        "CFR2": "The API is reached past it as well; keys and API Gateway's throttle protect both.",
        "CFR3": "The API writes its own access log; that files of the page were fetched tells nothing.",
        "CFR4": "Only the certificate of a domain of one's own can ask for TLS 1.2, and then it does.",
    }
    for rule, reason in reasons.items():
        acknowledge(distribution, f"AwsSolutions-{rule}", reason)
