"""URLs: what is shown, what files are called, where they lead."""

import pytest

from mediajobs.errors import InvalidParameters
from mediajobs.transfer import url


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://u:p@h.example:8443/a/b.mp4?sig=x#f", "https://h.example:8443/a/b.mp4"),
        ("https://h.example?sig=a/b@c", "https://h.example"),
        ("https://h.example#a", "https://h.example"),
        ("ftp://u:p@h.example/a@b", "ftp://h.example/a@b"),
        ("s3://bucket/what?.mp4", "s3://bucket/what?.mp4"),
    ],
)
def test_user_query_and_fragment_are_not_shown(given: str, shown: str) -> None:
    assert url.public(given) == shown


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("https://h.example/a/clip.mp4?x=1", "clip.mp4"),
        ("https://h.example/a/my%20clip.mp4", "my clip.mp4"),
        ("https://h.example/%2e%2e%2fetc%2fpasswd", "_etc_passwd"),
        ("https://h.example/a/..%5c..%5cx", "_.._x"),
        ("https://h.example/%7Bx%7D%00.mp4", "_x_.mp4"),
        ("https://h.example/", "file"),
        ("https://h.example", "file"),
        ("https://h.example/...", "file"),
        ("https://h.example/Fußball%20日本.mov", "Fußball 日本.mov"),
        ("s3://bucket/in/50%25 off.mp4", "50_25 off.mp4"),
        ("https://h.example/" + "a" * 300 + ".mp4", "a" * 196 + ".mp4"),
    ],
)
def test_a_file_is_named_after_the_last_part_of_the_path(given: str, name: str) -> None:
    assert url.file_name(given) == name


def test_a_file_in_a_folder_keeps_the_query_and_is_encoded() -> None:
    assert (
        url.inside("https://h.example/in/?sig=1", "hls/a b#1.ts")
        == "https://h.example/in/hls/a%20b%231.ts?sig=1"
    )
    assert url.inside("s3://bucket/in/", "a b.ts") == "s3://bucket/in/a b.ts"


def test_the_parts_of_a_url_are_decoded_and_their_ports_known() -> None:
    assert url.place("ftps://h.example/a%20b") == url.Place("ftps", "h.example", 990, "/a b")
    assert url.place("http://MÜNCHEN.example:8080").host == "xn--mnchen-3ya.example"
    assert url.place("http://①②⑦.⓪.⓪.①/").host == "127.0.0.1"


@pytest.mark.parametrize(
    "given", ["ftp://h.example/a%0d%0aDELE%20b", "http://:80/", "http://h.example:99999/", "http://[::1/"]
)
def test_a_url_that_leads_nowhere_or_hides_a_command_is_refused(given: str) -> None:
    with pytest.raises(InvalidParameters):
        url.place(given)
