"""Named secrets: kept encrypted, shown by nothing, and in place in the jobs that name them."""

from typing import Any

import pytest

from mediajobs import secret
from mediajobs.bootstrap import bootstrap
from mediajobs.named_secret import MAX_BYTES
from mediajobs.store import job as jobs
from mediajobs.store import named_secret as secrets
from mediajobs.store.pack import unpack
from tests.world import World


@pytest.fixture
def kept(acme: World) -> World:
    """A world with the secrets `pw` and `user`."""
    for name, value in (("pw", "w/rd{user}"), ("user", "jo")):
        assert acme.call("PUT", f"/secrets/{name}", {"value": value}).status == 200
    return acme


def get(*sources: dict[str, Any]) -> dict[str, Any]:
    return {"tasks": [{"tool": "storage:get", "parameters": {"sources": list(sources)}}]}


def opened(acme: World, job_id: str) -> list[dict[str, str]]:
    """The credentials of a job in clear, in their order."""
    sealed = jobs.credentials(acme.organization, job_id)
    return [secret.unseal(acme.organization, job_id, sealed[name]) for name in sorted(sealed)]


def submitted(acme: World, body: dict[str, Any]) -> str:
    answer = acme.call("POST", "/jobs", body)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def refused(acme: World, body: dict[str, Any]) -> list[tuple[str, str]]:
    answer = acme.call("POST", "/jobs", body)
    assert answer.status == 422, answer.body
    return [(bad["pointer"], bad["detail"]) for bad in answer.body["errors"]]


def test_a_list_shows_names_and_times_and_no_values(kept: World) -> None:
    listed = kept.call("GET", "/secrets").body["secrets"]
    assert [each["name"] for each in listed] == ["pw", "user"]
    assert all(each.keys() == {"name", "created", "updated", "updated_by"} for each in listed)


def test_only_who_configures_writes_and_nobody_reads(kept: World) -> None:
    for role, status in (("VIEW", 403), ("SUBMIT", 403), ("CONFIG", 200)):
        key = kept.key_of(role)
        assert kept.call("PUT", "/secrets/other", {"value": "x"}, key=key).status == status
        assert kept.call("GET", "/secrets", key=key).status == 200


def test_a_url_and_credentials_take_secrets(kept: World) -> None:
    job_id = submitted(
        kept,
        get(
            {"url": "sftp://{user}:{pw}@example.com/a"},
            {"url": "https://example.com/b?key={pw}&more"},
            {
                "url": "s3://bucket/c",
                "credentials": {"access_key_id": "{user}", "secret_access_key": "a{pw}b"},
            },
        ),
    )
    assert opened(kept, job_id) == [
        {"username": "jo", "password": "w/rd{user}"},
        {"query": "key=w/rd{user}&more"},
        {"access_key_id": "jo", "secret_access_key": "aw/rd{user}b"},
    ]


def test_a_job_keeps_the_secret_it_was_submitted_with(kept: World) -> None:
    job_id = submitted(kept, get({"url": "sftp://{user}@example.com/a"}))
    assert kept.call("PUT", "/secrets/user", {"value": "mo"}).status == 200
    assert opened(kept, job_id) == [{"username": "jo"}]
    assert kept.call("DELETE", "/secrets/user").status == 204
    again = kept.call("POST", f"/jobs/{job_id}/resubmit")
    assert again.status == 201, again.body
    assert opened(kept, again.body["id"]) == [{"username": "jo"}]


def test_an_unknown_name_is_refused_at_its_field(kept: World) -> None:
    at = "/tasks/0/parameters/sources"
    body = get(
        {"url": "sftp://{user}:{nobody}@example.com/a"},
        {"url": "sftp://example.com/b", "credentials": {"username": "{user}", "password": "{none}"}},
    )
    assert [pointer for pointer, _ in refused(kept, body)] == [f"{at}/0/url", f"{at}/1/credentials/password"]
    body = {**get({"url": "https://example.com/a"}), "notify": [{"url": "https://u:{none}@example.com/"}]}
    ((pointer, detail),) = refused(kept, body)
    assert (pointer, "{none}" in detail) == ("/notify/0", True)


def test_another_organizations_secret_is_unknown(kept: World) -> None:
    other = bootstrap("Other", 1, ["eu-central-1"])
    body = get({"url": "sftp://{user}@example.com/a"})
    assert kept.call("POST", "/jobs", body, key=other.api_key).status == 422


def test_a_secret_cannot_stand_in_what_is_shown(kept: World) -> None:
    for url in ("https://{user}/a", "https://example.com/{user}/a", "sftp://example.com/{user}"):
        assert [pointer for pointer, _ in refused(kept, get({"url": url}))] == [
            "/tasks/0/parameters/sources/0/url"
        ]


def test_a_doubled_brace_is_a_plain_one(kept: World) -> None:
    job_id = submitted(kept, get({"url": "sftp://jo:{{pw}@example.com/{{user}/a"}))
    assert opened(kept, job_id) == [{"username": "jo", "password": "{pw}"}]
    task = kept.job(job_id)["tasks"][0]
    assert task["parameters"]["sources"][0]["url"] == "sftp://example.com/{user}/a"
    # What a resubmission takes over is not read again.
    assert kept.call("POST", f"/jobs/{job_id}/resubmit").status == 201


def test_other_braces_and_keys_of_s3_are_what_they_are(kept: World) -> None:
    media = f"s3://media/{kept.organization}/{{user}}.mp4"
    job_id = submitted(kept, get({"url": "sftp://jo:{p w}}@example.com/a"}, {"url": media}))
    assert opened(kept, job_id) == [{"username": "jo", "password": "{p w}}"}]
    assert kept.job(job_id)["tasks"][0]["parameters"]["sources"][1]["url"] == media


def test_a_receiver_takes_secrets_in_its_url_and_headers(kept: World) -> None:
    receiver = {
        "url": "https://{user}:{pw}@example.com/a?k={user}",
        "headers": {"authorization": "Bearer {user}"},
    }
    job_id = submitted(kept, {**get({"url": "https://example.com/a"}), "notify": [receiver]})
    assert opened(kept, job_id) == [
        {
            "username": "jo",
            "password": "w/rd{user}",
            "query": "k=jo",
            "headers": '{"authorization": "Bearer jo"}',
        }
    ]
    spec = unpack(jobs.spec(kept.organization, job_id)["notify"])
    assert spec[0]["url"] == "https://example.com/a"


def test_a_template_may_name_a_secret_where_it_must_not_hold_one(kept: World) -> None:
    job = get({"url": "sftp://{user}:{pw}@example.com/a"})
    assert kept.call("PUT", "/templates/fetch", {"job": job}).status == 200
    job_id = submitted(kept, {"template": "fetch"})
    assert opened(kept, job_id) == [{"username": "jo", "password": "w/rd{user}"}]
    held = get({"url": "sftp://{user}:x{pw}@example.com/a"})
    assert kept.call("PUT", "/templates/fetch", {"job": held}).status == 422


def test_a_dry_run_says_which_secret_is_missing(kept: World) -> None:
    answer = kept.call("POST", "/jobs?dry_run=true", get({"url": "sftp://{none}@example.com/a"}))
    assert answer.status == 422


def test_castlabs_locations_take_secrets(kept: World) -> None:
    location = "s3://{user}:{pw}@bucket-of-theirs/in/a.mp4"
    task = {"tool": "storage:get", "parameters": {"location": location}}
    answer = kept.vendor("castlabs", "POST", "/api/jobs/", {"tasks": [task]})
    assert answer.status == 201, answer.body
    assert opened(kept, answer.body["id"]) == [{"access_key_id": "jo", "secret_access_key": "w/rd{user}"}]


@pytest.mark.parametrize("size", [1, MAX_BYTES - 2])
def test_a_secret_of_any_size_allowed_can_be_kept(acme: World, size: int) -> None:
    assert acme.call("PUT", "/secrets/large", {"value": "x" * size}).status == 200


@pytest.mark.parametrize("value", ["", "x" * (MAX_BYTES - 1), "\n" * (MAX_BYTES // 2), 7, None])
def test_no_other_value_can_be_kept(acme: World, value: Any) -> None:
    answer = acme.call("PUT", "/secrets/large", {"value": value})
    assert answer.status == 422
    assert "xxx" not in str(answer.body)


@pytest.mark.parametrize("name", ["-a", "a.b", "a%20b", "x" * 65])
def test_no_other_name_is_taken(acme: World, name: str) -> None:
    assert acme.call("PUT", f"/secrets/{name}", {"value": "x"}).status == 422
    assert acme.call("DELETE", f"/secrets/{name}").status == 404


def test_an_organization_has_so_many_secrets_and_no_more(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "MAX_SECRETS", 2)
    answers = [acme.call("PUT", f"/secrets/{name}", {"value": "x"}).status for name in "abab"]
    assert answers == [200] * 4
    assert acme.call("PUT", "/secrets/c", {"value": "x"}).status == 409
