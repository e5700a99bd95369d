"""The examples of docs/python-client.md run as they are."""

import json
import re
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mediajobs import client, signature
from mediajobs.tools.storage import get
from mediajobs.tools.tool import Result, Worker
from tests.unit.client.wire import Wire
from tests.world import World

GUIDE = Path(__file__).parents[3] / "docs/python-client.md"


def test_every_example_of_the_guide_runs(
    acme: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The examples' own tool would look for a source in the network.
    acme.tools["storage:get"] = SimpleNamespace(
        WORKER=Worker.STORAGE,
        Parameters=get.Parameters,
        run=lambda run, parameters: Result(),
        __doc__="Loads.",
    )

    class Settling(Wire):
        def _carry(self, request: Any) -> Any:
            answer = super()._carry(request)
            acme.settle_down()
            return answer

    for name in ("Client", "AsyncClient"):
        monkeypatch.setattr(client, name, partial(getattr(client, name), transport=Settling(acme)))
    examples = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert len(examples) == 6
    acme.call("POST", "/bundles", {"name": "spring sale"})
    secret = signature.new_secret()
    told = {"type": "job.failed", "timestamp": "", "data": {"job_id": "4711", "reason": "SourceNotFound: a"}}
    body, at = json.dumps(told).encode(), int(time.time())
    known: dict[str, Any] = {
        "secret": secret,
        "body": body,
        "headers": {
            "Webhook-Id": "msg_1",
            "Webhook-Timestamp": str(at),
            "Webhook-Signature": signature.sign("msg_1", at, body, [secret]),
        },
        "url": "https://api.example.com",
        "api_key": acme.key,
        "source": "https://example.com/a",
    }
    for example in examples:
        exec(compile(example, str(GUIDE), "exec"), known)
        known["client"] = client.Client(known["url"], known["api_key"])
    said = capsys.readouterr().out
    assert "Success []" in said
    assert "{'Pending': 0" in said
    assert "whsec_" in said
    assert "4711 SourceNotFound: a\n204 400\n" in said
    assert "invalid-request [('/tasks'," in said
