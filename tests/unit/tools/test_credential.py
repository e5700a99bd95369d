"""Credentials are sealed, never shown, and only once given."""

import json
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from mediajobs.tools.credential import Credentials, Location
from mediajobs.tools.storage.get import Parameters

SECRET = "canary-5eCr3t"


class Safe:
    """Seals by keeping."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, str]] = {}

    def seal(self, fields: dict[str, str]) -> str:
        reference = f"r{len(self.kept)}"
        self.kept[reference] = fields
        return reference

    def unseal(self, reference: str) -> dict[str, str]:
        return self.kept[reference]


def location(url: str, **rest: object) -> Location:
    return Location.model_validate({"url": url, **rest})


def secrets(place: Location) -> dict[str, str]:
    assert place.credentials is not None
    return place.credentials.plain()


def test_user_and_password_are_taken_out_of_the_url() -> None:
    place = location("ftp://ann:p%40ss%2Fw%3Ard@files.example:2121/in/clip.mp4")
    assert place.url == "ftp://files.example:2121/in/clip.mp4"
    assert secrets(place) == {"username": "ann", "password": "p@ss/w:rd"}


def test_an_at_sign_in_an_unencoded_password_stays_in_the_password() -> None:
    place = location("sftp://ann:a@b@files.example/x")
    assert place.url == "sftp://files.example/x"
    assert secrets(place) == {"username": "ann", "password": "a@b"}


def test_an_at_sign_in_the_path_is_no_user() -> None:
    assert location("https://files.example/a@b.mp4").credentials is None


def test_the_query_of_a_signed_url_is_sealed_too() -> None:
    place = location(f"https://files.example/clip.mp4?X-Signature={SECRET}&e=1#t=3")
    assert place.url == "https://files.example/clip.mp4"
    assert place.full_url == f"https://files.example/clip.mp4?X-Signature={SECRET}&e=1"
    assert SECRET not in repr(place)


def test_a_query_and_a_user_beside_it_go_together() -> None:
    place = location("https://h.example/a?version=2", credentials={"username": "ann", "password": "x"})
    assert secrets(place) == {"username": "ann", "password": "x", "query": "version=2"}
    assert place.full_url == "https://h.example/a?version=2"


def test_a_question_mark_in_an_s3_key_is_part_of_the_key() -> None:
    assert location("s3://bucket-1/what?.mp4").url == "s3://bucket-1/what?.mp4"


def test_sealed_parameters_hold_no_secret_and_open_again() -> None:
    safe = Safe()
    sent = Parameters.model_validate({"sources": [{"url": f"ftp://ann:{SECRET}@h.example/a.mp4"}]})
    stored = sent.model_dump(mode="json", exclude_defaults=True, context={"seal": safe.seal})
    assert stored == {"sources": [{"url": "ftp://h.example/a.mp4", "credentials": {"sealed": "r0"}}]}
    opened = Parameters.model_validate(json.loads(json.dumps(stored)), context={"unseal": safe.unseal})
    assert opened == sent


def test_a_sealed_query_is_put_back() -> None:
    safe = Safe()
    sent = location(f"https://h.example/a.mp4?sig={SECRET}")
    stored = sent.model_dump(mode="json", context={"seal": safe.seal})
    assert SECRET not in json.dumps(stored)
    opened = Location.model_validate(stored, context={"unseal": safe.unseal})
    assert opened.full_url == f"https://h.example/a.mp4?sig={SECRET}"


def test_credentials_cannot_be_written_out_without_a_seal() -> None:
    with pytest.raises(PydanticSerializationError, match="seal"):
        location(f"ftp://ann:{SECRET}@h.example/a").model_dump_json()


def test_a_caller_cannot_send_a_reference() -> None:
    for credentials in ({"sealed": "r0"}, {"sealed": "r0", "username": "ann"}):
        with pytest.raises(ValidationError, match="sealed"):
            location("ftp://h.example/a", credentials=credentials)


def test_a_url_with_a_password_is_refused_for_s3() -> None:
    with pytest.raises(ValidationError, match="access_key_id or role_arn"):
        location(f"s3://ann:{SECRET}@bucket-1/key")


@pytest.mark.parametrize(
    ("url", "rest"),
    [
        (f"ftp://ann:{SECRET}@h.example/a", {"credentials": {"username": "bob", "password": SECRET}}),
        (f"ftp://ann:{SECRET}@h.example/a", {"credentials": {"sealed": SECRET}}),
        (f"https://h.example/a?{SECRET}", {"credentials": {"sealed": SECRET}}),
        (f"https://h.example/a?{SECRET}", {"credentials": [SECRET]}),
        (f"ftp://ann:{SECRET}@[h.example/a", {}),
        (f"gopher://ann:{SECRET}@h.example/a", {}),
        (f"ftp://ann:{SECRET}@/a", {}),
        ("https://h.example/a", {"credentials": {"access_key_id": "A", "secret_access_key": SECRET}}),
        ("s3://bucket-1/a", {"credentials": {"access_key_id": "A"}}),
        ("s3://bucket-1/a", {"credentials": {"username": "ann", "password": SECRET}}),
        ("s3://bucket-1/a", {"credentials": {"query": SECRET}}),
        ("ftp://h.example/a", {"credentials": {"password": SECRET}}),
        ("ftp://h.example/a", {"credentials": {"username": "ann", "private_key": SECRET}}),
        ("ftp://h.example/a", {"credentials": {"username": "ann", "pass": SECRET}}),
        ("ftp://h.example/a", {"credentials": {"username": "ann", "password": SECRET * 90}}),
        ("https://h.example/a", {"role_arn": "arn:aws:iam::123456789012:role/x"}),
        ("s3://bucket-1/a", {"role_arn": "arn:aws:iam::12:role/x"}),
        (
            "s3://bucket-1/a",
            {
                "role_arn": "arn:aws:iam::123456789012:role/x",
                "credentials": {"access_key_id": "A", "secret_access_key": SECRET},
            },
        ),
        ("https://h.example/a\nb", {}),
        (f"https://h.example\\@{SECRET}.example/", {}),
    ],
)
def test_what_does_not_fit_is_refused_without_repeating_it(url: str, rest: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Parameters.model_validate({"sources": [{"url": url, **rest}]})
    details = caught.value.errors(include_input=False, include_context=False)
    assert SECRET not in str(caught.value) + json.dumps(details)


def test_credentials_that_kms_cannot_seal_are_refused_at_submission() -> None:
    with pytest.raises(ValidationError, match="4096 bytes together"):
        Credentials.model_validate({"username": "ann", "private_key": "k" * 3800, "password": "p" * 1000})


def test_an_rsa_key_of_4096_bits_fits() -> None:
    as_long_as_one = ("k" * 70 + "\n") * 48
    assert Credentials.model_validate({"username": "ann", "private_key": as_long_as_one})


def test_no_secret_stands_in_the_text_of_credentials() -> None:
    given = Credentials.model_validate({"username": "ann", "password": SECRET, "private_key": SECRET})
    assert SECRET not in repr(given) + str(given)
