"""castLabs' endpoints, answer by answer, on the whole service in one process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import time_machine
from pydantic import SecretStr

from mediajobs import aws, named_secret, secret
from mediajobs.bootstrap import bootstrap
from mediajobs.callback import format_of
from mediajobs.consumption import Consumption
from mediajobs.dialects.castlabs import reply
from mediajobs.event import Event
from mediajobs.identifier import task_number
from mediajobs.job import Status
from mediajobs.settings import settings
from mediajobs.store import job as jobs
from mediajobs.tools.tool import Result
from tests.dialects.castlabs import page
from tests.moto_account import OTHER_REGION, REGION
from tests.world import World, tool

UNKNOWN = "01234567-89ab-7def-8123-456789abcdef"


def vendor(acme: World, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return acme.vendor("castlabs", method, path, body, headers=headers)


def submitted(acme: World, *tasks: dict[str, Any], **fields: Any) -> Any:
    answer = vendor(
        acme, "POST", "/api/jobs/", {"tasks": list(tasks) or [{"tool": "test:nothing"}], **fields}
    )
    assert answer.status == 201, answer.body
    return answer.body


@pytest.fixture(autouse=True)
def _tools(acme: World) -> None:
    def breaks(*_: Any) -> Result:
        raise ValueError

    acme.tools |= {"test:nothing": tool(lambda *_: Result()), "test:break": tool(breaks)}


@pytest.fixture
def second(acme: World) -> Any:
    """Another organization, where acme's key has a role too."""
    other = bootstrap("Second", 1, [REGION])
    invited = acme.call(
        "POST", "/keys", {"user": "x", "role": "SUBMIT", "invitation": True}, key=other.api_key
    )
    joined = acme.call("POST", "/organizations/join", {"invitation": invited.body["api_key"]})
    assert joined.status == 200, joined.body
    from mediajobs.store import account

    account._cache.clear()
    return other


# --- jobs --------------------------------------------------------------------------------------------


def test_a_job_has_the_fields_of_the_page_in_their_order_and_of_their_types(acme: World) -> None:
    made = submitted(acme, {"tool": "storage:get", "parameters": {"location": "https://x.invalid/a.mp4"}})
    acme.settle_down()
    answer = vendor(acme, "GET", f"/api/jobs/{made['id']}/")
    golden = page.shown('{\n"id":"abcDEFGHIjk"')
    assert answer.status == 200
    assert answer.headers["allow"] == "GET, OPTIONS, HEAD, POST"
    assert answer.headers["content-type"] == "application/json"
    assert page.kinds({**answer.body, "tasks": []}) == page.kinds({**golden, "tasks": []})
    (task,), (shown,) = answer.body["tasks"], golden["tasks"]
    assert page.kinds({**task, "parameters": None}) == page.kinds({**shown, "parameters": None})
    assert all(page.TIME.fullmatch(answer.body[name]) for name in ("created", "modified"))
    assert (answer.body["status"], answer.body["status_text"]) == (3, "Failed")
    assert answer.body["created"] <= answer.body["modified"]
    assert answer.body["region"] == f"aws:{REGION}"
    assert answer.body["url"] == f"https://api.example.com/api/jobs/{made['id']}/"
    assert (answer.body["organization"], answer.body["organization_id"]) == ("Acme", 1)
    assert answer.body["user"] == acme.call("GET", "/keys").body["keys"][0]["user"]


def test_statuses_are_numbers_with_texts(acme: World) -> None:
    made = submitted(acme, *({"tool": f"test:{name}"} for name in ("nothing", "break", "nothing")))
    assert [(made["status"], made["status_text"])] == [(0, "Queued")]
    acme.settle_down()
    failed = vendor(acme, "GET", f"/api/jobs/{made['id']}").body
    told = [(task["status"], task["status_text"]) for task in failed["tasks"]]
    assert told == [(2, "Completed"), (3, "Failed"), (4, "Cancelled")]
    assert [task["id"] for task in failed["tasks"]] == [task_number(made["id"], index) for index in range(3)]
    ended = submitted(acme)
    acme.settle_down()
    assert vendor(acme, "GET", f"/api/jobs/{ended['id']}").body["status"] == 2
    waiting = submitted(acme)
    acme.call("POST", f"/jobs/{waiting['id']}/cancel")
    assert vendor(acme, "GET", f"/api/jobs/{waiting['id']}").body["status_text"] == "Cancelled"


def test_a_job_was_modified_when_it_last_began_or_ended(acme: World) -> None:
    with time_machine.travel("2026-11-22T12:00:00.900Z", tick=False) as clock:
        made = submitted(acme)
        assert made["created"] == made["modified"] == "2026-11-22T12:00:00Z"
        clock.shift(90)
        acme.settle_down()
        clock.shift(90)
        seen = vendor(acme, "GET", f"/api/jobs/{made['id']}").body
    assert (seen["created"], seen["modified"]) == ("2026-11-22T12:00:00Z", "2026-11-22T12:01:30Z")


def test_a_running_job_says_so(acme: World) -> None:
    made = submitted(acme)
    for _ in range(3):
        acme.deliver()
    assert vendor(acme, "GET", f"/api/jobs/{made['id']}").body["status"] == 1


def test_a_job_is_shown_as_it_was_said_without_its_secrets(acme: World) -> None:
    made = submitted(
        acme,
        {
            "tool": "storage:get|p",
            "parameters": [{"location": "s3://AKIA:s3cr/et@bucket/in"}, {"files": ["a.mp4"]}],
        },
        notify="digest:https://u:s3cr@example.com/x?token=s3cr",
        tags=["2017-03-Encodings", "Metropolis_1927"],
        region=f"aws:{OTHER_REGION}",
        role_arn="arn:aws:iam::123456789012:role/media",
        unknown={"ignored": True},
    )
    seen = vendor(acme, "GET", f"/api/jobs/{made['id']}").body
    assert seen["tasks"][0]["tool"] == "storage:get|p"
    assert seen["tasks"][0]["parameters"] == [{"location": "s3://bucket/in"}, {"files": ["a.mp4"]}]
    assert seen["notify"] == "digest:https://example.com/x"
    assert seen["tags"] == ["2017-03-Encodings", "Metropolis_1927"]
    assert (seen["region"], seen["role_arn"]) == (
        f"aws:{OTHER_REGION}",
        "arn:aws:iam::123456789012:role/media",
    )
    rows = aws.client("dynamodb", REGION).scan(TableName=settings().table_name)["Items"]
    spec = jobs.detail(acme.organization, made["id"])
    assert "s3cr" not in str(seen) + str(rows) + str(spec and reply.unpack(spec.spec["said"]))
    assert jobs.credentials(acme.organization, made["id"]), "the bucket's keys are sealed"


def test_a_secret_of_the_organization_is_named_and_never_shown(acme: World) -> None:
    kept = named_secret.Secret(value=SecretStr("AKIA:s3{cr}et"))
    named_secret.put(acme.organization, "acme-keys", kept, by="test")
    location = "s3://{acme-keys}@bucket/in/a.mp4"
    made = submitted(acme, {"tool": "storage:get", "parameters": {"location": location}})
    assert made["tasks"][0]["parameters"] == {"location": location}
    (sealed,) = jobs.credentials(acme.organization, made["id"]).values()
    opened = secret.unseal(acme.organization, made["id"], sealed)
    assert opened == {"access_key_id": "AKIA", "secret_access_key": "s3{cr}et"}


def test_a_job_of_our_own_api_is_derived_and_nothing_is_invented(acme: World) -> None:
    tasks = [{"tool": "media:probe", "parameters": {"input": "a.mp4"}}]
    job_id = acme.call(
        "POST", "/jobs", {"tasks": tasks, "notify": ["https://example.com/x"], "tags": ["t"]}
    ).body["id"]
    seen = vendor(acme, "GET", f"/api/jobs/{job_id}").body
    assert (seen["tasks"][0]["tool"], seen["tasks"][0]["parameters"]) == ("media:probe", {"input": "a.mp4"})
    assert (seen["notify"], seen["tags"], seen["role_arn"]) == ("https://example.com/x", ["t"], None)


def test_an_answer_can_be_submitted_again(acme: World) -> None:
    made = submitted(acme, {"tool": "storage:get", "parameters": {"location": "https://x.invalid/a.mp4"}})
    again = vendor(acme, "POST", "/api/jobs/", made)
    assert again.status == 201
    assert again.body["id"] != made["id"]


def test_json_is_read_whatever_the_content_type(acme: World) -> None:
    body = json.dumps({"tasks": [{"tool": "test:nothing"}]}).encode()
    for content_type in ("application/x-www-form-urlencoded", "text/plain", "application/json"):
        answer = vendor(acme, "POST", "/api/jobs/", body, **{"content-type": content_type})
        assert answer.status == 201


def test_jobs_are_listed_the_newest_first(acme: World) -> None:
    ids = [submitted(acme)["id"] for _ in range(3)]
    acme.settle_down()
    ids.append(submitted(acme, tags=["t"])["id"])
    seen = vendor(acme, "GET", "/api/jobs/?limit=3").body
    assert [job["id"] for job in seen["results"]] == ids[:0:-1]
    assert (seen["count"], seen["previous"]) == (4, None)
    assert seen["next"] == "https://api.example.com/api/jobs/?limit=3&offset=3"
    rest = vendor(acme, "GET", seen["next"].removeprefix("https://api.example.com")).body
    assert ([job["id"] for job in rest["results"]], rest["next"]) == (ids[:1], None)
    assert rest["previous"].endswith("?limit=3&offset=0")
    for query, expected in (("status=0", ids[3:]), ("status=completed", ids[2::-1]), ("tag=t", ids[3:])):
        assert [job["id"] for job in vendor(acme, "GET", f"/api/jobs?{query}").body["results"]] == expected
    for query in ("status=9", "limit=0", "offset=x"):
        assert vendor(acme, "GET", f"/api/jobs?{query}").status == 400


def test_what_only_reads_starts_without_pydantic() -> None:
    """It takes longer to load than all the rest."""
    code = "import sys, mediajobs.dialects.castlabs.endpoints; sys.exit('pydantic' in sys.modules)"
    functions = Path(__file__).parents[3] / "functions"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(functions)}, check=False)
    assert done.returncode == 0


def test_the_root_says_where_the_lists_are(acme: World) -> None:
    answer = vendor(acme, "GET", "/api/")
    assert answer.body == {
        name: f"https://api.example.com/api/{name}/" for name in ("jobs", "po", "job_bundle")
    }


# --- metrics, logs, restart, resubmit ----------------------------------------------------------------


def test_metrics_come_with_the_jobs_end_and_have_the_pages_types(acme: World) -> None:
    made = submitted(acme)
    early = vendor(acme, "GET", f"/api/jobs/{made['id']}/metrics/")
    assert (early.status, list(early.body)) == (409, ["detail"])
    acme.settle_down()
    answer = vendor(acme, "GET", f"/api/jobs/{made['id']}/metrics/")
    assert answer.status == 200
    assert page.kinds(answer.body) == page.kinds(page.shown('{"id": "F8QDEYg1qos"'))


def test_metrics_count_begun_minutes(acme: World) -> None:
    made = submitted(acme)
    job = jobs.find(acme.organization, made["id"])
    assert job is not None
    used = Consumption(gb_ms=90_000, ms_in=1, ms_out=120_000, bytes_in=5 * 10**8, bytes_out=1)
    row = type(job)(**{name: getattr(job, name) for name in job.__slots__} | {"consumed": used})
    assert reply.metrics(row) == {
        "id": job.id,
        "cus": 1.5,
        "video_minutes_in": 1,
        "video_minutes_out": 2,
        "gb_in": 0.5,
        "gb_out": 1e-9,
    }


def test_a_restart_answers_nothing_and_the_job_begins_again(acme: World) -> None:
    made = submitted(acme)
    assert vendor(acme, "POST", f"/api/jobs/{made['id']}/restart/").status == 409
    acme.settle_down()
    answer = vendor(acme, "POST", f"/api/jobs/{made['id']}/restart/")
    assert (answer.status, answer.body) == (200, None)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["allow"] == "OPTIONS, POST"
    assert acme.job(made["id"])["attempt"] == 2
    assert vendor(acme, "GET", f"/api/jobs/{made['id']}").body["status"] == 0


def test_a_resubmitted_job_is_another_one_that_says_the_same(acme: World) -> None:
    made = submitted(
        acme,
        {"tool": "storage:get", "parameters": {"location": "https://u:p@x.invalid/a.mp4"}},
        tags=["t"],
        notify="someone@example.com" if settings().mail_sender else "https://example.com/",
    )
    answer = vendor(acme, "POST", f"/api/jobs/{made['id']}/resubmit/")
    assert answer.status == 200
    fresh = ("id", "url", "tasks", "created", "modified")
    assert {**answer.body, **dict.fromkeys(fresh)} == {**made, **dict.fromkeys(fresh)}
    assert answer.body["id"] != made["id"]
    assert answer.body["tasks"][0]["parameters"] == made["tasks"][0]["parameters"]


def test_a_tasks_log_is_found_by_its_number_and_throttled(acme: World) -> None:
    made = submitted(acme)
    path = f"/api/jobs/{made['id']}/tasks/{{}}/logs/"
    number = made["tasks"][0]["id"]
    for _ in range(20):
        assert vendor(acme, "GET", path.format(number)).body == {"logs": []}
    throttled = vendor(acme, "GET", path.format(number))
    assert throttled.status == 429
    seconds = throttled.headers["retry-after"]
    assert throttled.body == {"detail": f"Request was throttled. Expected available in {seconds} seconds."}
    for unknown in (number + 1, 0, "x"):
        assert vendor(acme, "GET", path.format(unknown)).status == 404


def test_a_log_line_has_seconds_and_a_message() -> None:
    line = {"timestamp": "2020-12-07T20:49:09.500Z", "level": "INFO", "message": "Running tool..."}
    golden = page.shown('{\n"logs":')
    assert reply.logs([line]) == golden  # type: ignore[list-item]


# --- bundles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/job_bundle/", "/api/job_bundle/", "/api/po/"])
def test_bundles_are_made_listed_and_found(acme: World, path: str) -> None:
    made = [
        vendor(acme, "POST", path, {"name": name, "organization_name": "Acme"})
        for name in ("Spring", "Summer", "Spring 2")
    ]
    assert [answer.status for answer in made] == [201] * 3
    assert made[0].body["id"] == 1
    assert made[0].body["organization"] == "Acme"

    def names(query: str = "") -> list[str]:
        return sorted(each["name"] for each in vendor(acme, "GET", path + query).body["results"])

    assert names() == ["Spring", "Spring 2", "Summer"]
    assert names("?search=spring") == ["Spring", "Spring 2"]
    assert names("?name=Spring") == ["Spring"]
    assert names("?name=spring") == []
    assert vendor(acme, "GET", f"{path}2/").body == made[1].body
    assert vendor(acme, "GET", f"{path}9/").status == 404
    assert vendor(acme, "POST", path, {"name": "Spring"}).status == 409
    assert vendor(acme, "POST", path, {"name": ""}).body["errors"].keys() == {"name"}


def test_jobs_are_in_bundles_by_number_or_name(acme: World) -> None:
    number = vendor(acme, "POST", "/job_bundle/", {"name": "Spring"}).body["id"]
    for named in ({"job_bundle_id": number}, {"job_bundle": "Spring"}, {"purchase_order_id": number}):
        made = submitted(acme, **named)
        assert (made["job_bundle"], made["job_bundle_id"]) == ("Spring", number)
        assert (made["purchase_order"], made["purchase_order_id"]) == ("Spring", number)
    for unknown in ({"job_bundle_id": 9}, {"job_bundle": "Autumn"}):
        answer = vendor(acme, "POST", "/api/jobs", {"tasks": [{"tool": "test:nothing"}], **unknown})
        assert (answer.status, answer.body["errors"].keys()) == (400, unknown.keys())


def test_making_a_bundle_needs_the_role_config(acme: World) -> None:
    for role, status in (("SUBMIT", 403), ("CONFIG", 201)):
        key = {"authorization": f"api-key {acme.key_of(role)}"}
        assert vendor(acme, "POST", "/job_bundle/", {"name": role}, **key).status == status


# --- who calls, and for whom -------------------------------------------------------------------------


def test_a_key_comes_with_one_of_three_words(acme: World) -> None:
    for word in ("api-key", "Api-Key", "Ticket", "Bearer"):
        assert vendor(acme, "GET", "/api", authorization=f"{word} {acme.key}").status == 200
    for header in ("", f"Basic {acme.key}", "api-key AbabBbbAB.XyYYXYxxYxXYxYXYXYXxYxYXYXYxY"):
        answer = vendor(acme, "GET", "/api", authorization=header)
        assert answer.status == 401
        assert list(answer.body) == ["detail"]
        assert "api-key" in answer.headers["www-authenticate"]


def test_a_user_of_several_organizations_names_one_to_submit(acme: World, second: Any) -> None:
    job = {"tasks": [{"tool": "test:nothing"}]}
    answer = vendor(acme, "POST", "/api/jobs", job)
    assert (answer.status, answer.body["errors"].keys()) == (400, {"organization_id"})
    for named in (
        {"organization_id": 2},
        {"organization_id": "2"},
        {"organization": "Second"},
        {"organization_id": second.organization_id},
    ):
        answer = vendor(acme, "POST", "/api/jobs", {**job, **named})
        assert (answer.status, answer.body["organization"]) == (201, "Second")
    for named in ({"organization_id": 9}, {"organization": "Third"}, {"organization": 5}):
        answer = vendor(acme, "POST", "/api/jobs", {**job, **named})
        assert (answer.status, answer.body["errors"].keys()) == (400, named.keys())
    refused = vendor(acme, "POST", "/job_bundle", {"name": "x", "organization_name": "Second"})
    assert refused.status == 403, "there the role is SUBMIT"


def test_a_user_of_several_organizations_reads_what_is_in_any(acme: World, second: Any) -> None:
    job = {"tasks": [{"tool": "test:nothing"}]}
    mine, theirs = (
        vendor(acme, "POST", "/api/jobs", {**job, "organization_id": number}).body["id"] for number in (1, 2)
    )
    for job_id, organization in ((mine, "Acme"), (theirs, "Second")):
        assert vendor(acme, "GET", f"/api/jobs/{job_id}").body["organization"] == organization
    assert vendor(acme, "GET", f"/api/jobs/{UNKNOWN}").status == 404
    listed = vendor(acme, "GET", "/api/jobs").body
    assert [each["id"] for each in listed["results"]] == [theirs, mine]
    listed = vendor(acme, "GET", "/api/jobs?organization_id=2").body
    assert [each["id"] for each in listed["results"]] == [theirs]
    vendor(acme, "POST", "/job_bundle", {"name": "b", "organization_name": "Acme"})
    assert [each["name"] for each in vendor(acme, "GET", "/job_bundle").body["results"]] == ["b"]
    assert vendor(acme, "GET", "/job_bundle/1").body["name"] == "b"


def test_what_is_another_organizations_is_not_there(acme: World) -> None:
    made = submitted(acme)
    number = vendor(acme, "POST", "/job_bundle", {"name": "b"}).body["id"]
    acme.settle_down()
    stranger = {"authorization": f"api-key {bootstrap('Other', 1, [REGION]).api_key}"}
    calls = [
        ("GET", f"/api/jobs/{made['id']}"),
        ("GET", f"/api/jobs/{made['id']}/metrics"),
        ("POST", f"/api/jobs/{made['id']}/restart"),
        ("POST", f"/api/jobs/{made['id']}/resubmit"),
        ("GET", f"/api/jobs/{made['id']}/tasks/{made['tasks'][0]['id']}/logs"),
        ("GET", f"/job_bundle/{number}"),
    ]
    for method, path in calls:
        assert vendor(acme, method, path, **stranger).status == 404, path
    for path in ("/api/jobs", "/job_bundle"):
        assert vendor(acme, "GET", path, **stranger).body["count"] == 0
    for named in ({"job_bundle_id": number}, {"organization_id": 1}, {"organization": "Acme"}):
        job = {"tasks": [{"tool": "test:nothing"}], **named}
        assert vendor(acme, "POST", "/api/jobs", job, **stranger).status == 400


# --- what is wrong -----------------------------------------------------------------------------------


def test_an_error_is_a_detail_and_names_fields_as_the_client_has_written_them(acme: World) -> None:
    tasks = [{"tool": "storage:get", "parameters": {"location": "s3://bucket/", "files": ["../a"]}}]
    answer = vendor(acme, "POST", "/api/jobs/", {"tasks": tasks, "notify": "ftp://x"})
    assert answer.status == 400
    assert answer.body["errors"].keys() <= {"notify", "tasks.0.parameters.files"}
    for name, rules in answer.body["errors"].items():
        assert f"{name}: {rules[0]}" in answer.body["detail"]
    unsupported = vendor(acme, "POST", "/api/jobs/", {"tasks": [{"tool": "shaka:package_dash"}]})
    assert unsupported.status == 400
    assert "unsupported: there is no tool 'shaka:package_dash' here" in unsupported.body["detail"]
    for body in (b"no json", b"[]", b"{}"):
        assert vendor(acme, "POST", "/api/jobs/", body).status == 400
    assert vendor(acme, "GET", f"/api/jobs/{UNKNOWN}/").body == {"detail": "There is no such job"}
    assert vendor(acme, "GET", "/api/jobs/abcDEFGHIjk/").status == 404


def test_a_receiver_is_told_the_job_its_url_and_its_status(acme: World) -> None:
    made = submitted(acme)
    acme.settle_down()
    detail = jobs.detail(acme.organization, made["id"])
    assert detail is not None
    event = Event.next(detail.job, Status.SUCCESS, at=0, by="test", wakes_pool=False)
    told = format_of("castlabs")(detail, event)
    assert json.loads(told.body) == {"job_id": made["id"], "job_url": made["url"], "status": 2}
