"""Canaries: a secret, wherever it comes in, is nowhere in clear: not in the table, a log, an AWS call, what
receivers are told, or an answer.

A canary is a text of its own for each place where a secret can come in. All that leaves the process is kept
and searched: every call of AWS but those of KMS, every line of the log, every message to a receiver, every
answer.
"""

import base64
import hashlib
import io
import json
import logging
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from mediajobs import aws, delivery
from mediajobs.dialects.xvid.words import fixed_id
from mediajobs.log import logger
from mediajobs.tools.tool import Result
from mediajobs.transfer.post import Answer
from tests.dialects.transparentedge.test_handlers import BASE, PROFILE
from tests.dialects.transparentedge.test_request import ORDER
from tests.moto_account import REGION, table_rows
from tests.world import World, tool


@dataclass
class Cage:
    """The canaries that were let in, and all that came out."""

    world: World
    canaries: dict[str, str] = field(default_factory=dict)
    #: What came out, and where.
    seen: list[tuple[str, str]] = field(default_factory=list)
    #: What receivers were sent beside the message itself.
    told: list[Mapping[str, str]] = field(default_factory=list)
    lines: io.StringIO = field(default_factory=io.StringIO)

    def canary(self, place: str) -> str:
        """A new secret."""
        made = f"canary{hashlib.sha256(place.encode()).hexdigest()[:18]}"
        self.canaries[place] = made
        return made

    def keep(self, place: str, value: str) -> str:
        """A secret that the service has made: shown once, and from then on never again."""
        self.canaries[place] = value
        return value

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.world.call(method, path, body, **more)
        self.seen.append((f"{method} {path} → {answer.status}", _text([answer.body, answer.headers])))
        return answer

    def vendor(self, dialect: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.world.vendor(dialect, method, path, body, **more)
        said = _text([answer.body, answer.headers])
        self.seen.append((f"{dialect} {method} {path} → {answer.status}", said))
        return answer

    def note(self, params: Any, model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        if service != "kms":
            self.seen.append((f"{service} {model.name}", _text(params)))

    def post(self, url: str, body: bytes, headers: Mapping[str, str], **more: Any) -> Answer:
        """A receiver that repeats all that it is sent."""
        self.seen.append((f"message to {url.partition('?')[0]}", body.decode()))
        login = more.get("login")
        basic = base64.b64encode(f"{login.username}:{login.password}".encode()).decode() if login else ""
        self.told.append({**headers, "url": url, "basic": basic})
        return Answer(200, _text({**headers, "url": url.partition("?")[2], "basic": basic}))

    def found(self) -> set[tuple[str, str]]:
        """Which canary was seen where."""
        stored = [("the table", _text(row)) for row in table_rows()]
        out = [*self.seen, *stored, *(("the log", line) for line in self.lines.getvalue().splitlines())]
        forms = {place: _forms(secret) for place, secret in self.canaries.items()}
        return {
            (place, where)
            for where, text in out
            for place, known in forms.items()
            if any(form in text for form in known)
        }


def _forms(secret: str) -> set[str]:
    """A secret as it may be written: plain, quoted, and in the three ways of Base64."""
    shifted = (
        base64.b64encode(b"x" * shift + secret.encode()).decode()[4 if shift else 0 : -4]
        for shift in range(3)
    )
    return {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], *shifted}


def _text(value: Any) -> str:
    """All of a value as text, what is packed unpacked."""
    if isinstance(value, Mapping):
        return " ".join(f"{_text(name)} {_text(part)}" for name, part in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return " ".join(map(_text, value))
    if isinstance(value, str):
        try:
            return f"{value} {_text(base64.b64decode(value, validate=True))}" if len(value) > 16 else value
        except ValueError:
            return value
    if isinstance(value, io.BytesIO):
        return _text(value.getvalue())
    if isinstance(value, (bytes, bytearray)):
        try:
            return zlib.decompress(value).decode()
        except (zlib.error, UnicodeDecodeError):
            return bytes(value).decode("latin-1")
    return str(value)


@pytest.fixture
def cage(acme: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cage]:
    made = Cage(acme)
    monkeypatch.setattr(delivery, "post", made.post)
    acme.tools["test:nothing"] = tool(lambda *_: Result())
    handler = logging.StreamHandler(made.lines)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    level = logger.log_level
    logger.setLevel(logging.DEBUG)
    others = logging.getLogger()
    others.addHandler(handler)
    events = aws.session().get_component("event_emitter")
    events.register("before-parameter-build", made.note)
    for cached in (aws.client, aws.media_client, aws.function_client):
        cached.cache_clear()
    yield made
    events.unregister("before-parameter-build", made.note)
    logger.removeHandler(handler)  # type: ignore[attr-defined]
    others.removeHandler(handler)
    logger.setLevel(level)
    for cached in (aws.client, aws.media_client, aws.function_client):
        cached.cache_clear()


def locations(cage: Cage, name: str) -> list[dict[str, Any]]:
    """A location for each place where one can carry a secret."""

    def canary(place: str) -> str:
        return cage.canary(f"{name} {place}")

    return [
        {"url": f"sftp://{canary('user in a URL')}:{canary('password in a URL')}@sftp.invalid/a"},
        {"url": f"https://web.invalid/b?token={canary('query of a URL')}"},
        {
            "url": "s3://bucket/c",
            "credentials": {
                "access_key_id": canary("access key"),
                "secret_access_key": canary("secret key"),
                "session_token": canary("session token"),
            },
        },
        {
            "url": "sftp://sftp.invalid/d",
            "credentials": {
                "username": canary("username"),
                "password": canary("password"),
                "private_key": canary("private key"),
            },
        },
        {"url": "https://web.invalid/e", "credentials": {"query": canary("query")}},
        {"url": "ftp://{named-user}:{named}@ftp.invalid/f"},
        {"url": "https://web.invalid/g?k={named}"},
    ]


def receiver(cage: Cage, name: str, prefix: str = "") -> dict[str, Any]:
    key = base64.b64encode(cage.canary(f"{name} signing key").encode()).decode()
    user, word = cage.canary(f"{name} user"), cage.canary(f"{name} password")
    return {
        "url": f"{prefix}https://{user}:{word}@hook.invalid/?k={cage.canary(f'{name} query')}",
        "headers": {"x-own": cage.canary(f"{name} header"), "x-named": "{named}"},
        "secret": f"whsec_{cage.keep(f'{name} signing key in Base64', key)}",
    }


def look_at(cage: Cage, job_id: str) -> None:
    """A job as our API shows it."""
    for path in ("", "/events", "/deliveries", "/metrics", "/tasks/0/logs"):
        cage.call("GET", f"/jobs/{job_id}{path}")


def look_as_vendors(cage: Cage, job_id: str) -> None:
    """A job, and all jobs, as the vendors' APIs show them."""
    for dialect, path in (
        ("castlabs", f"/api/jobs/{job_id}/"),
        ("castlabs", "/api/jobs/"),
        ("dolby", f"/media/enhance?job_id={job_id}"),
        ("dolby", "/media/jobs"),
        ("xvid", f"/v1/jobs/{job_id}?expand_all=true&bin_data=true"),
        ("transparentedge", f"{BASE}/transcode/{job_id}"),
        ("transparentedge", f"{BASE}/transcode"),
    ):
        cage.vendor(dialect, "GET", path)


def our_own(cage: Cage) -> None:
    for name in ("named", "named-user"):
        assert cage.call("PUT", f"/secrets/{name}", {"value": cage.canary(name)}).status == 200
    cage.call("GET", "/secrets")
    hook = {"url": receiver(cage, "webhook")["url"], "headers": {"x-own": cage.canary("webhook header")}}
    made = cage.world.call("POST", "/webhooks", hook).body
    cage.keep("signing secret of a webhook", made["secret"].removeprefix("whsec_"))
    rotated = cage.world.call("POST", f"/webhooks/{made['id']}/rotate").body
    cage.keep("the next signing secret", rotated["secret"].removeprefix("whsec_"))
    cage.call(
        "PUT", f"/webhooks/{made['id']}", {"url": "https://hook.invalid/", "credentials": {"sealed": "0"}}
    )
    cage.call("POST", f"/webhooks/{made['id']}/ping")
    key = cage.world.call("POST", "/keys", {"user": "jo", "role": "VIEW"}).body
    cage.keep("a new key", key["api_key"].split("_")[2])
    cage.keep("the caller's key", cage.world.key.split("_")[2])
    cage.call("GET", "/keys", key=key["api_key"])
    tasks = [
        *({"tool": "storage:get", "parameters": {"sources": [each]}} for each in locations(cage, "source")),
        {"tool": "storage:put", "parameters": {"destinations": locations(cage, "destination")}},
    ]
    told = [receiver(cage, "receiver"), receiver(cage, "digest receiver", "digest:")]
    for task in tasks:
        body = {"tasks": [task], "notify": told}
        assert cage.call("POST", "/jobs?dry_run=true", body).status == 200
        job_id = cage.call("POST", "/jobs", body).body["id"]
        cage.world.settle_down()
        look_at(cage, job_id)
    assert cage.call("POST", f"/jobs/{job_id}/resubmit").status == 201
    cage.call("POST", f"/jobs/{job_id}/restart", {"start_at": "failed"})
    cage.world.settle_down()
    look_as_vendors(cage, job_id)
    cage.call("GET", "/jobs")
    for path in ("/webhooks", f"/webhooks/{made['id']}", f"/webhooks/{made['id']}/deliveries"):
        cage.call("GET", path)


def by_an_event(cage: Cage) -> None:
    job = {
        "tasks": [
            {
                "tool": "storage:get",
                "parameters": {"sources": [{"url": "sftp://u:{named}@h.invalid/${name}"}]},
            }
        ]
    }
    template = {"parameters": {"name": {"type": "string"}}, "job": job}
    assert cage.call("PUT", "/templates/fetch", template).status == 200
    trigger = {
        "name": "t",
        "pattern": {"source": ["shop"]},
        "template": "fetch",
        "parameters": {"name": "${detail.name}"},
    }
    assert cage.call("POST", "/triggers", trigger).status == 201
    for detail in ({"name": "a.mp4"}, {}):
        happened = {"organization_id": cage.world.organization, **detail}
        cage.world.arrive(
            {"id": json.dumps(detail), "source": "shop", "detail-type": "x", "detail": happened}
        )
    cage.world.settle_down()
    cage.call("GET", "/triggers")


def refused(cage: Cage) -> None:
    """What is refused is not repeated."""
    bad: list[Any] = [
        {"url": f"gopher://u:{cage.canary('password of a bad scheme')}@h/"},
        {"url": f"sftp://u:{cage.canary('password beside another')}@h/", "credentials": {"username": "u"}},
        {"url": "sftp://h/", "credentials": {"password": cage.canary("password without a user")}},
        {"url": "sftp://h/", "credentials": {"word": cage.canary("an unknown field")}},
        {"url": f"https://h/?{cage.canary('query beside an unknown secret')}&k={{unknown}}"},
        {"url": f"sftp://[{cage.canary('what is no URL')}"},
    ]
    for each in bad:
        body = {"tasks": [{"tool": "storage:get", "parameters": {"sources": [each]}}]}
        assert cage.call("POST", "/jobs", body).status == 422
        assert cage.call("PUT", "/templates/bad", {"job": body}).status == 422
    for value in (["x", cage.canary("a secret that is a list")], cage.canary("a long secret") * 1000):
        assert cage.call("PUT", "/secrets/bad", {"value": value}).status in (413, 422)
    hook = {"url": f"https://u:{cage.canary('password of a bad webhook')}@h.invalid/", "events": ["x"]}
    assert cage.call("POST", "/webhooks", hook).status == 422
    half = f'{{"value": "{cage.canary("what is no JSON")}'.encode()
    assert cage.call("PUT", "/secrets/bad", half).status == 400
    unknown = cage.world.key[:16] + cage.canary("a key that is none")
    assert cage.call("GET", "/jobs", key=unknown).status == 401
    words = f"sftp://u:{cage.canary('password in a trigger')}@h.invalid/"
    trigger = {"name": "t", "pattern": {"source": ["x"]}, "template": "fetch", "parameters": {"name": words}}
    assert cage.call("POST", "/triggers", trigger).status == 422


def castlabs(cage: Cage) -> str:
    user, word = cage.canary("castlabs user"), cage.canary("castlabs password")
    url = f"https://{user}:{word}@cl.invalid/a?x={cage.canary('castlabs query')}"
    keys = f"s3://{cage.canary('castlabs key')}:{cage.canary('castlabs secret')}@bucket/in/a.mp4"
    tasks = [
        {"tool": "storage:get", "parameters": {"location": url}},
        {"tool": "storage:put", "parameters": {"location": keys}},
        {"tool": "storage:put", "parameters": {"location": "sftp://u:{named}@cl.invalid/"}},
    ]
    answer = cage.vendor("castlabs", "POST", "/api/jobs/", {"tasks": tasks})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def dolby(cage: Cage) -> str:
    words = {
        name: cage.canary(f"dolby {name}") for name in ("username", "password", "key", "secret", "token")
    }
    hook = {
        "url": f"https://cb.invalid/?k={cage.canary('dolby callback query')}",
        "headers": {"x-own": cage.canary("dolby callback header")},
    }
    cage.vendor("dolby", "POST", "/media/webhooks", {"callback": hook})
    answer = cage.vendor(
        "dolby",
        "POST",
        "/media/enhance",
        {
            "input": {
                "url": "https://d.invalid/a.wav",
                "auth": {name: words[name] for name in ("username", "password")},
            },
            "output": {
                "url": "s3://bucket/a.wav",
                "auth": {name: words[name] for name in ("key", "secret", "token")},
            },
        },
    )
    assert answer.status == 200, answer.body
    return str(answer.body["job_id"])


def xvid(cage: Cage) -> str:
    def place(scheme: str, name: str) -> str:
        user, word = cage.canary(f"xvid user of {name}"), cage.canary(f"xvid password of {name}")
        return f"{scheme}://{user}:{word}@xvid.invalid/"

    pipeline = {
        "name": "P",
        "input_download_dir": place("https", "the input"),
        "output_upload_dir": place("sftp", "the output"),
        "image_download_dir": place("https", "images"),
        "ping_urls": {"error": place("https", "pings") + f"?k={cage.canary('xvid query of pings')}"},
    }
    made = cage.vendor("xvid", "POST", "/v1/pipelines", {"pipeline": pipeline})
    assert made.status < 300, made.body
    pipeline_id = json.loads(made.body)["pipeline"]["id"]
    cage.vendor("xvid", "PUT", f"/v1/pipelines/{pipeline_id}", {"pipeline": {"description": "d"}})
    for path in (f"/v1/pipelines/{pipeline_id}?expand_all=true", "/v1/pipelines?expand_all=true"):
        cage.vendor("xvid", "GET", path)
    preset = fixed_id("preset", "h264-360p")
    job = {
        "pipeline_id": pipeline_id,
        "input": {"input_name": "a.mp4"},
        "outputs": [{"output_name": "o", "preset": {"id": preset}}],
    }
    answer = cage.vendor("xvid", "POST", "/v1/jobs", {"job": job})
    assert answer.status < 300, answer.body
    return str(json.loads(answer.body)["job"]["id"])


def transparentedge(cage: Cage) -> str:
    cage.vendor("transparentedge", "POST", f"{BASE}/transcoding_profiles", PROFILE)

    def place(name: str) -> str:
        # The vendor's answers show the user.
        return f"ftp://jo:{cage.canary(f'{name} password')}@te.invalid/"

    call = f"https://u:{cage.canary('te call password')}@te.invalid/?k={cage.canary('te call query')}"
    order = {
        **ORDER,
        "origin": place("te origin") + "a.mp4",
        "destinations": [place("te destination")],
        "jobs": [{"filename": "a.mp4", "profile_id": 1}],
        "notifications": [{"call": call}],
    }
    answer = cage.vendor("transparentedge", "POST", f"{BASE}/transcode", order)
    assert answer.status < 300, answer.body
    return str(answer.body["message"].split("#")[1].split()[0])


def test_no_secret_is_stored_logged_sent_or_answered(cage: Cage) -> None:
    our_own(cage)
    by_an_event(cage)
    refused(cage)
    for submit in (castlabs, dolby, xvid, transparentedge):
        job_id = submit(cage)
        cage.world.settle_down()
        look_at(cage, job_id)
        look_as_vendors(cage, job_id)
    cage.world.sweep()
    # Each once, or a leak into every job would hide the others.
    assert dict(sorted(cage.found())) == {}
    # They did come in, and go where they belong.
    sent = _text(cage.told)
    for place in ("receiver query", "receiver header", "named", "webhook header"):
        assert cage.canaries[place] in sent
    assert len(cage.canaries) > 60
    assert cage.lines.getvalue().count("\n") > 50


@pytest.mark.parametrize("form", ["plain", "packed", "base64"])
def test_a_canary_that_gets_out_is_found(cage: Cage, form: str) -> None:
    secret = cage.canary("one").encode()
    body = {"plain": secret, "packed": zlib.compress(secret), "base64": base64.b64encode(b"u:" + secret)}[
        form
    ]
    aws.media_client(REGION).put_object(Bucket="media", Key="a", Body=body)
    logger.info(secret.decode())
    assert cage.found() == {("one", "s3 PutObject"), ("one", "the log")}
