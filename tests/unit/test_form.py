"""Forms in both encodings."""

import pytest

from mediajobs.errors import MalformedRequest
from mediajobs.form import fields
from mediajobs.request import Request


def _request(content_type: str, body: bytes) -> Request:
    return Request("1", "POST", "/", {}, {}, {"content-type": content_type}, body)


def test_an_urlencoded_form_is_read() -> None:
    request = _request("application/x-www-form-urlencoded", b"order=%7B%22a%22%3A+1%7D&empty=")
    assert fields(request) == {"order": '{"a": 1}', "empty": ""}


def test_a_multipart_form_is_read() -> None:
    body = (
        b'--xyz\r\nContent-Disposition: form-data; name="order"\r\n\r\n{"a": "\xc3\xa9"}\r\n'
        b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="o.json"\r\n'
        b"Content-Type: application/json\r\n\r\n[]\r\n--xyz--\r\n"
    )
    assert fields(_request("multipart/form-data; boundary=xyz", body)) == {
        "order": '{"a": "é"}',
        "file": "[]",
    }


@pytest.mark.parametrize("body", [b"", b"--xyz--", b"no parts at all"])
def test_a_multipart_form_without_parts_has_no_fields(body: bytes) -> None:
    assert fields(_request("multipart/form-data; boundary=xyz", body)) == {}


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(MalformedRequest):
        fields(_request("", b"\xff=1"))
    with pytest.raises(MalformedRequest):
        fields(_request("", b"&".join([b"a=1"] * 101)))
