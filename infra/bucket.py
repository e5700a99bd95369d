"""One way to make every bucket: private, encrypted, by TLS only."""

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

from infra.stack import StageStack, acknowledge


def private_bucket(stack: StageStack, purpose: str, *rules: s3.LifecycleRule) -> s3.Bucket:
    """The stack's bucket for a purpose, in the stack's region."""
    bucket = s3.Bucket(
        stack,
        purpose.title(),
        bucket_name=stack.names.bucket(purpose, stack.region),
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        lifecycle_rules=[
            s3.LifecycleRule(id="unfinished", abort_incomplete_multipart_upload_after=Duration.days(1)),
            *rules,
        ],
        removal_policy=stack.removal,
    )
    acknowledge(
        bucket,
        "AwsSolutions-S1",
        "Only this service reaches it; CloudTrail data events tell more than access logs.",
    )
    return bucket
