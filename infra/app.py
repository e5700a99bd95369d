"""Synthesizes the stacks of a stage: `cdk deploy --all -c stage=prod`."""

import os
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.api import EndpointStack
from infra.config import Config
from infra.console import ConsoleStack
from infra.home import HomeStack
from infra.region import RegionStack


def build(config: Config, outdir: Path | None = None) -> App:
    """The stacks of a deployment, not yet written; `outdir` is where they will be."""
    app = App(outdir=str(outdir or os.environ.get("CDK_OUTDIR", "cdk.out")))
    home = HomeStack(app, config)
    for dialect in (None, *config.dialects):
        EndpointStack(app, config, dialect, api_id=home.api_id, values=home.values)
    if config.console:
        ConsoleStack(app, config, config.console, api_id=home.api_id)
    for region in config.regions:
        RegionStack(app, config, region)
    inspect(app)
    return app


def inspect(app: App) -> None:
    """Make a synthesis fail with a finding of cdk-nag that nobody has given a reason for."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def main() -> None:
    """Write the cloud assembly of the stage named in CDK's context, `-c stage=…`."""
    stage = App().node.try_get_context("stage") or "dev"
    build(Config.of_stage(stage)).synth()


if __name__ == "__main__":
    main()
