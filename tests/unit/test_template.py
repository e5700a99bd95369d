"""Templates: what is kept, what is refused, and the jobs that are made of them."""

import json
from typing import Any

import pytest

from mediajobs import secret
from mediajobs.bootstrap import bootstrap
from mediajobs.organization import Role
from mediajobs.store import job as jobs
from tests.world import World

_TASK = {"tool": "test:nothing"}
_WORD: dict[str, Any] = {"parameters": {"word": {"type": "string"}}}


def put(acme: World, name: str = "small", **template: Any) -> Any:
    return acme.call("PUT", f"/templates/{name}", {"job": {"tasks": [_TASK]}, **template})


def says(text: str) -> dict[str, Any]:
    return {"tasks": [{"tool": "test:nothing", "parameters": {"say": text}}]}


def order(acme: World, **body: Any) -> Any:
    return acme.call("POST", "/jobs", {"template": "small", **body})


def pointers(answer: Any) -> list[str]:
    assert answer.status == 422, answer.body
    return [bad["pointer"] for bad in answer.body["errors"]]


def said(acme: World, text: str, **parameters: Any) -> Any:
    """What a job is told that is made of a template with parameters of every type."""
    types = {"s": "string", "i": "integer", "n": "number", "b": "boolean"}
    declared = {
        name: {"type": kind, "default": {"s": "", "b": False}.get(name, 0)} for name, kind in types.items()
    }
    assert put(acme, job=says(text), parameters=declared).status == 200
    answer = order(acme, parameters=parameters)
    assert answer.status == 201, answer.body
    return answer.body["tasks"][0]["parameters"].get("say", "")


def test_a_template_has_versions_that_never_change(acme: World) -> None:
    first = put(acme, job=says("one"))
    assert (first.status, first.body["id"], first.body["version"]) == (200, "small@1", 1)
    assert put(acme, job=says("two")).body["id"] == "small@2"
    assert acme.call("GET", "/templates/small").body["job"] == says("two")
    assert acme.call("GET", "/templates/small?version=1").body == first.body
    assert acme.call("GET", "/templates/small?version=3").status == 404


def test_the_same_template_again_makes_no_version(acme: World) -> None:
    first = put(acme, **_WORD, job=says("${word}"))
    again = put(acme, **_WORD, job=says("${word}"))
    assert (again.status, again.body) == (200, first.body)


def test_a_job_keeps_the_version_that_it_was_made_of(acme: World) -> None:
    put(acme, job=says("one"))
    first = order(acme).body
    put(acme, job=says("two"))
    latest, old = order(acme).body, order(acme, template="small@1").body
    assert [job["template_id"] for job in (first, latest, old)] == ["small@1", "small@2", "small@1"]
    assert [job["tasks"][0]["parameters"]["say"] for job in (first, latest, old)] == ["one", "two", "one"]
    listed = acme.call("GET", "/jobs?template_id=small@1").body["jobs"]
    assert {row["id"] for row in listed} == {first["id"], old["id"]}


def test_a_job_of_a_template_runs(acme: World) -> None:
    put(acme)
    job_id = order(acme).body["id"]
    acme.settle_down()
    assert acme.job(job_id)["status"] == "Success"


@pytest.mark.parametrize(
    ("text", "parameters", "expected"),
    [
        ("${s}", {"s": "hello"}, "hello"),
        ("a ${s}-${i} b", {"s": "x", "i": 3}, "a x-3 b"),
        ("is ${b}, ${n}", {"b": True, "n": 1.5}, "is true, 1.5"),
        ("$${s} and $s {s} $", {"s": "x"}, "${s} and $s {s} $"),
        ("$${", {}, "${"),
        ("${s}", {"s": "${i}"}, "${i}"),
        ("<${s}>", {"s": "$${i} \\1"}, "<$${i} \\1>"),
        ("${s}", {}, ""),
    ],
)
def test_placeholders_are_filled(acme: World, text: str, parameters: Any, expected: str) -> None:
    assert said(acme, text, **parameters) == expected


def test_a_string_that_is_one_placeholder_takes_the_type_of_the_value(acme: World) -> None:
    parameters = {"how": {"type": "integer"}, "many": {"type": "integer", "default": 2}}
    job = {"tasks": [{**_TASK, "retry": {"count": "${many}"}}], "priority": "${how}"}
    put(acme, job=job, parameters=parameters)
    made = order(acme, parameters={"how": 7}).body
    assert (made["priority"], made["tasks"][0]["retry"]["count"]) == (7, 2)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["/parameters/needed"]),
        ({"needed": "x", "other": 1}, ["/parameters/other"]),
        ({"needed": 1}, ["/parameters/needed"]),
        ({"needed": None}, ["/parameters/needed"]),
        ({"needed": "x" * 4097}, ["/parameters/needed"]),
        ({"needed": "x", "count": "1"}, ["/parameters/count"]),
        ({"needed": "x", "count": True}, ["/parameters/count"]),
        ({"needed": "x", "count": 1.5}, ["/parameters/count"]),
        ({"needed": "x", "size": "huge"}, ["/parameters/size"]),
        ({"count": "1", "x": 1}, ["/parameters/x", "/parameters/needed", "/parameters/count"]),
    ],
)
def test_a_bad_parameter_is_named(acme: World, given: Any, expected: list[str]) -> None:
    declared = {
        "needed": {"type": "string"},
        "count": {"type": "integer", "default": 1},
        "size": {"type": "string", "default": "small", "enum": ["small", "large"]},
    }
    assert put(acme, job=says("${needed} ${count} ${size}"), parameters=declared).status == 200
    assert pointers(order(acme, parameters=given)) == expected
    assert acme.call("GET", "/jobs").body["jobs"] == []


def test_a_value_that_breaks_the_jobs_rules_is_blamed_on_its_parameter(acme: World) -> None:
    declared = {"where": {"type": "string"}, "tool": {"type": "string"}, "how": {"type": "integer"}}
    get = {"tool": "storage:get", "parameters": {"sources": [{"url": "${where}"}]}}
    put(acme, job={"tasks": [get, {"tool": "${tool}"}], "priority": "${how}"}, parameters=declared)
    given = {"where": "https://h.example/a", "tool": "test:nothing", "how": 5}
    assert order(acme, parameters=given).status == 201
    assert pointers(order(acme, parameters={**given, "how": 101})) == ["/parameters/how"]
    bad = {**given, "where": "gopher://x", "tool": "no:such"}
    assert pointers(order(acme, parameters=bad)) == ["/parameters/where", "/parameters/tool"]
    assert pointers(order(acme, parameters=given, priority=101)) == ["/priority"]
    assert pointers(order(acme, parameters=given, region="mars-north-1")) == ["/region"]


def test_what_is_said_beside_a_template_goes_before_it(acme: World) -> None:
    ids = [acme.call("POST", "/bundles", {"name": name}).body["id"] for name in ("a", "b")]
    job = {"tasks": [_TASK], "priority": 3, "tags": ["x"], "user_data": "old", "bundle": "a"}
    put(acme, job=job)
    plain = order(acme).body
    assert (plain["priority"], plain["tags"], plain["bundle_id"]) == (3, ["x"], ids[0])
    own = {"priority": 4, "tags": [], "user_data": None, "region": "us-east-1", "bundle_id": ids[1]}
    other = order(acme, **own).body
    assert {name: other[name] for name in own} == own


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"template": "none"}, ["/template"]),
        ({"template": "small@2"}, ["/template"]),
        ({"template": "small@0"}, ["/template"]),
        ({"template": "small@"}, ["/template"]),
        ({"template": "../x"}, ["/template"]),
        ({"template": 3}, ["/template"]),
        ({"template": "small", "tasks": [_TASK]}, ["/tasks"]),
        ({"template": "small", "parameters": []}, ["/parameters"]),
        ({"tasks": [_TASK], "parameters": {}}, ["/parameters"]),
    ],
)
def test_a_bad_order_is_refused(acme: World, body: Any, expected: list[str]) -> None:
    put(acme)
    assert pointers(acme.call("POST", "/jobs", body)) == expected


def test_a_deleted_template_makes_no_jobs_and_its_jobs_go_on(acme: World) -> None:
    put(acme)
    job_id = order(acme).body["id"]
    assert acme.call("DELETE", "/templates/small").status == 204
    assert acme.call("DELETE", "/templates/small").status == 404
    assert acme.call("GET", "/templates/small").status == 404
    assert acme.call("GET", "/templates").body["templates"] == []
    for reference in ("small", "small@1"):
        assert pointers(order(acme, template=reference)) == ["/template"]
    assert acme.call("GET", "/templates/small?version=1").body["deleted"] is True
    acme.settle_down()
    assert acme.job(job_id)["status"] == "Success"
    # A new one does not bring the old versions back, nor does it take their numbers.
    assert put(acme).body["version"] == 2
    assert order(acme).status == 201
    assert pointers(order(acme, template="small@1")) == ["/template"]


def test_a_repeated_key_answers_the_first_job_whatever_became_of_the_template(acme: World) -> None:
    put(acme, job=says("one"))
    headers = {"idempotency-key": "once"}
    first = acme.call("POST", "/jobs", {"template": "small"}, headers=headers)
    put(acme, job=says("two"))
    assert acme.call("POST", "/jobs", {"template": "small"}, headers=headers).body == first.body
    acme.call("DELETE", "/templates/small")
    assert acme.call("POST", "/jobs", {"template": "small"}, headers=headers).body == first.body


def test_a_dry_run_takes_a_template(acme: World) -> None:
    put(acme)
    answer = acme.call("POST", "/jobs?dry_run=true", {"template": "small"})
    assert (answer.status, answer.body["job"]["template_id"]) == (200, "small@1")


def test_a_resubmitted_job_keeps_its_template_unless_its_tasks_are_patched(acme: World) -> None:
    put(acme)
    path = f"/jobs/{order(acme).body['id']}/resubmit"
    assert acme.call("POST", path).body["template_id"] == "small@1"
    assert acme.call("POST", path, {"patch": {"tasks": [_TASK]}}).body["template_id"] is None


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({"job": {}}, ["/job/tasks"]),
        ({"job": {"tasks": []}}, ["/job/tasks"]),
        ({"job": {"tasks": [{"tool": "no:such"}]}}, ["/job/tasks/0/tool"]),
        ({"job": {"tasks": [_TASK], "priority": 101}}, ["/job/priority"]),
        ({"job": {"tasks": [_TASK], "status": "Success"}}, ["/job/status"]),
        ({"job": {"tasks": [_TASK], "template": "other"}}, ["/job/template"]),
        ({"job": {"tasks": [{**_TASK, "parameters": {"say": 1}}]}}, ["/job/tasks/0/parameters/say"]),
        ({"job": {"tasks": [{"tool": "storage:get"}]}}, ["/job/tasks/0/parameters/sources"]),
        ({**_WORD, "job": {**says("${word}"), "x": "${word}"}}, ["/job/x"]),
        ({"job": says("${word}")}, ["/job/tasks/0/parameters/say"]),
        ({"job": says("${wo rd}")}, ["/job/tasks/0/parameters/say"]),
        ({"job": says("${word")}, ["/job/tasks/0/parameters/say"]),
        ({"parameters": {"a b": {"type": "string"}}}, ["/parameters/a b/[key]"]),
        ({"parameters": {"a": {"type": "date"}}}, ["/parameters/a/type"]),
        ({"parameters": {"a": {"type": "integer", "default": "1"}}}, ["/parameters/a/default"]),
        ({"parameters": {"a": {"type": "string", "enum": ["x", 1]}}}, ["/parameters/a/enum/1"]),
        ({"parameters": {"a": {"type": "string", "enum": ["x"], "default": "y"}}}, ["/parameters/a/default"]),
        ({**_WORD, "job": says("${word}" * 1001)}, ["/job"]),
    ],
)
def test_a_template_that_can_make_no_job_is_refused(acme: World, template: Any, expected: list[str]) -> None:
    assert pointers(put(acme, **template)) == expected
    assert acme.call("GET", "/templates").body["templates"] == []


@pytest.mark.parametrize("count", [999, 1000])
def test_a_template_may_have_a_thousand_placeholders(acme: World, count: int) -> None:
    assert put(acme, **_WORD, job=says("${word}" * count)).status == 200
    assert pointers(order(acme, parameters={"word": "x" * 4096})) == ["/parameters"]


def _get(url: str, **credentials: str) -> dict[str, Any]:
    source = {"url": url, **({"credentials": credentials} if credentials else {})}
    return {"tasks": [{"tool": "storage:get", "parameters": {"sources": [source]}}]}


_NAMES: dict[str, Any] = {"parameters": {name: {"type": "string"} for name in ("host", "user", "secret")}}


@pytest.mark.parametrize(
    "job",
    [
        _get("https://user:hunter2@h.example/a"),
        _get("https://user:hunter2@${host}/a"),
        _get("https://user:x${secret}@h.example/a"),
        _get("https://h.example/a?X-Amz-Signature=hunter2"),
        _get("${host}?sig=hunter2"),
        _get("https://h.example/a?hunter2"),
        _get("https://h.example/a", username="${user}", password="hunter2"),
        _get("https://h.example/a", query="hunter2"),
        _get("sftp://h.example/a", username="u", private_key="hunter2"),
        _get("s3://b/a", access_key_id="AKIA", secret_access_key="hunter2"),
    ],
)
def test_a_template_with_credentials_is_refused_and_does_not_repeat_them(acme: World, job: Any) -> None:
    answer = put(acme, **_NAMES, job=job)
    (pointer,) = pointers(answer)
    assert pointer.startswith("/job/tasks/0/parameters/sources/0/")
    assert "must not hold credentials" in answer.body["errors"][0]["detail"]
    assert "hunter2" not in json.dumps(answer.body)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"type": "string", "default": "hunter2"}, ["/parameters/p/default"]),
        ({"type": "string", "enum": ["hunter2"]}, ["/parameters/p/enum"]),
    ],
)
@pytest.mark.parametrize(
    "job",
    [
        _get("https://user:${p}@h.example/a"),
        _get("https://h.example/a?sig=${p}"),
        _get("https://h.example/a", username="u", password="${p}"),
    ],
)
def test_a_parameter_that_is_a_secret_has_no_value_in_the_template(
    acme: World, job: Any, parameter: Any, expected: list[str]
) -> None:
    assert pointers(put(acme, job=job, parameters={"p": parameter})) == expected


def test_a_default_is_no_url_with_credentials(acme: World) -> None:
    declared = {"p": {"type": "string", "default": "https://user:hunter2@h.example/a"}}
    assert pointers(put(acme, job=_get("${p}"), parameters=declared)) == ["/parameters/p/default"]


def test_credentials_are_given_as_parameters_and_sealed_with_the_job(acme: World) -> None:
    job = _get("https://${host}/a.mp4?sig=${secret}", username="${user}", password="${secret}")
    assert put(acme, **_NAMES, job=job).status == 200
    made = order(acme, parameters={"host": "h.example", "user": "jo", "secret": "hunter2"})
    assert made.status == 201, made.body
    assert "hunter2" not in json.dumps(made.body)
    (sealed,) = jobs.credentials(acme.organization, made.body["id"]).values()
    plain = secret.unseal(acme.organization, made.body["id"], sealed)
    assert plain == {"username": "jo", "password": "hunter2", "query": "sig=hunter2"}


def test_templates_are_listed_by_name_in_pages(acme: World) -> None:
    for name in ("c", "a", "b.2", "b"):
        put(acme, name, description=f"the {name}")
    put(acme, "a", job=says("again"))
    first = acme.call("GET", "/templates?limit=3").body
    rest = acme.call("GET", f"/templates?limit=3&next_token={first['next_token']}").body
    assert [each["name"] for each in (*first["templates"], *rest["templates"])] == ["a", "b", "b.2", "c"]
    assert (first["templates"][0]["version"], first["templates"][1]["description"]) == (2, "the b")
    assert rest["next_token"] is None


@pytest.mark.parametrize(
    ("name", "status"), [("x" * 64, 200), ("x" * 65, 422), ("-x", 422), ("a@1", 422), ("x" * 2000, 422)]
)
def test_a_template_has_a_plain_name(acme: World, name: str, status: int) -> None:
    assert put(acme, name).status == status
    if status == 422:
        assert acme.call("GET", f"/templates/{name}").status == 404
        assert acme.call("DELETE", f"/templates/{name}").status == 404


def test_a_foreign_template_is_answered_like_none(acme: World) -> None:
    put(acme)
    other = bootstrap("Other", 1, ["eu-central-1"]).api_key
    assert acme.call("GET", "/templates/small", key=other).status == 404
    assert acme.call("DELETE", "/templates/small", key=other).status == 404
    assert acme.call("POST", "/jobs", {"template": "small"}, key=other).status == 422
    assert acme.call("GET", "/templates", key=other).body["templates"] == []


def test_only_config_changes_templates_and_submit_uses_them(acme: World) -> None:
    put(acme)
    submit = acme.key_of(Role.SUBMIT)
    assert acme.call("PUT", "/templates/x", {"job": {"tasks": [_TASK]}}, key=submit).status == 403
    assert acme.call("DELETE", "/templates/small", key=submit).status == 403
    assert acme.call("POST", "/jobs", {"template": "small"}, key=submit).status == 201
