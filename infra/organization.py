"""Makes the first organization of a deployed stage, under the caller's own AWS credentials."""

import argparse
import json
import os
from dataclasses import asdict

from infra.config import Config
from infra.name import Names
from mediajobs.bootstrap import bootstrap


def main() -> None:
    """Write to the stage's table under the caller's own credentials; print the admin key, once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--name", required=True, help="the organization's name")
    parser.add_argument("--capacity", type=int, default=4, help="jobs that may run at once in each region")
    given = parser.parse_args()
    config = Config.of_stage(given.stage)
    os.environ |= {
        "STAGE": config.stage,
        "HOME_REGION": config.home_region,
        "REGIONS": ",".join(config.regions),
        "TABLE_NAME": Names(config, account="", partition="").table,
    }
    made = bootstrap(given.name, given.capacity, config.regions)
    print(json.dumps(asdict(made), indent=2))


if __name__ == "__main__":
    main()
