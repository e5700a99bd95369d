"""A region whose deployment names executors beside Lambda."""

import json
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.app import inspect
from infra.config import Config
from infra.region import RegionStack
from tests.infra.template import Template

FARGATE = {
    "image": "registry.example.com/python@sha256:0",
    "networks": {
        "eu-west-1": {
            "vpc_id": "vpc-0123456789abcdef0",
            "subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        }
    },
}


def config(**more: Any) -> Config:
    plain = {"stage": "test", "home_region": "eu-west-1", "regions": ["eu-west-1"], "local": True}
    return Config.model_validate_json(json.dumps({**plain, **more}))


def region_with(directory: Path, *executors: str) -> Template:
    """The stack of a region with those; its synthesis fails with a finding of cdk-nag without a reason."""
    app = App(outdir=str(directory))
    fargate = FARGATE if "fargate" in executors else None
    RegionStack(app, config(executors=executors, fargate=fargate), "eu-west-1")
    inspect(app)
    app.synth()
    return Template(directory / "mediajobs-test-eu-west-1.template.json")
