"""Organizations and keys over HTTP: from the operator to a user of two organizations."""

import uuid

from tests.e2e import task
from tests.e2e.bucket import Bucket
from tests.e2e.door import call
from tests.stack import RunningStack


def test_a_user_of_two_organizations_names_the_one_a_job_is_for(stack: RunningStack, media: Bucket) -> None:
    name = f"Guest {uuid.uuid4().hex[:8]}"
    made = stack.call("POST", "/organizations", {"name": name, "admin_user": "guest@example.com"})
    assert made["number"] > 1
    invitation = call(
        stack.url,
        "POST",
        "/keys",
        b'{"user": "jo@example.com", "role": "SUBMIT", "invitation": true}',
        key=made["api_key"],
    )
    assert invitation.status == 201
    mine = stack.call("POST", "/keys", {"user": "jo@example.com", "role": "SUBMIT"})

    def as_jo(method: str, path: str, body: bytes = b"") -> int:
        return call(stack.url, method, path, body, key=mine["api_key"]).status

    joining = f'{{"invitation": "{invitation.json["api_key"]}"}}'.encode()
    assert as_jo("GET", "/jobs") == 200
    assert as_jo("POST", "/organizations/join", joining) == 200
    assert as_jo("POST", "/organizations/join", joining) == 422

    job = stack.submit(task.get(media.put("account/tiny", b"tiny")))
    assert as_jo("GET", f"/jobs/{job['id']}?organization_id={stack.organization_id}") == 200
    stack.wait(job["id"])


def test_a_key_is_made_rotated_and_revoked(stack: RunningStack) -> None:
    made = stack.call("POST", "/keys", {"user": "jo@example.com", "role": "VIEW"})
    new = stack.call("POST", f"/keys/{made['id']}/rotate", {"overlap_seconds": 60})
    for key in (made, new):
        assert call(stack.url, "GET", "/pools", key=key["api_key"]).status == 200
    path = f"/keys/{made['id']}"
    for _ in range(2):
        assert call(stack.url, "DELETE", path, key=stack.api_key).status == 204
    listed = {each["id"]: each for each in stack.call("GET", "/keys")["keys"]}
    assert listed[made["id"]]["replaced_by"] == new["id"]
    assert listed[made["id"]]["revoked"] is not None
