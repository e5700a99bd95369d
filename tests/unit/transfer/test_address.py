"""Jobs reach public addresses and what the deployment opens, and nothing else."""

import socket
import threading
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mediajobs.errors import AddressForbidden, RunLost, TransferFailed
from mediajobs.settings import Settings
from mediajobs.transfer import address
from mediajobs.transfer.address import Policy
from tests.server.http import listen
from tests.tool_run import LocalRun

STRICT = Policy()
LOOPBACK = Policy(networks=(ip_network("127.0.0.0/8"),))

FORBIDDEN = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_an_address_that_is_not_public_is_forbidden(text: str) -> None:
    assert not STRICT.allows(ip_address(text), 443)


@pytest.mark.parametrize("text", ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450::5"])
def test_a_public_address_is_allowed(text: str) -> None:
    assert STRICT.allows(ip_address(text), 443)


@pytest.mark.parametrize("port", [0, 23, 25, 53, 445, 3306, 6379, 9001, 65535])
def test_a_port_that_serves_no_files_is_forbidden(port: int) -> None:
    assert not STRICT.allows(ip_address("8.8.8.8"), port)


def test_an_opened_network_is_reached_on_any_port_and_by_its_mapped_form() -> None:
    policy = Policy(networks=(ip_network("10.1.0.0/16"),))
    assert policy.allows(ip_address("10.1.2.3"), 9000)
    assert policy.allows(ip_address("::ffff:10.1.2.3"), 9000)
    assert not policy.allows(ip_address("10.2.0.1"), 443)


@pytest.mark.parametrize("text", ["169.254.169.254", "169.254.170.2", "fe80::1", "fd00:ec2::254"])
def test_no_deployment_opens_the_metadata_endpoints(text: str) -> None:
    everything = Policy(networks=(ip_network("0.0.0.0/0"), ip_network("::/0")))
    assert not everything.allows(ip_address(text), 80)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "017700000001",
        "localhost",
        "::1",
        "::ffff:7f00:1",
        "::ffff:127.0.0.1",
    ],
)
def test_no_way_of_writing_loopback_reaches_it(host: str) -> None:
    with listen() as (port, hits):
        policy = Policy(ports=frozenset({port}))
        with pytest.raises((AddressForbidden, TransferFailed)):
            address.connect(host, port, policy).close()
        assert hits == []


def test_the_listener_would_have_noticed() -> None:
    with listen() as (port, hits):
        address.connect("127.1", port, LOOPBACK).close()
        for _ in range(100):
            if hits:
                break
            threading.Event().wait(0.01)
        assert len(hits) == 1


def answers(monkeypatch: pytest.MonkeyPatch, *replies: list[str]) -> list[str]:
    """Let names resolve to each reply in turn; addresses resolve to themselves."""
    real = socket.getaddrinfo
    asked: list[str] = []

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        if not host.endswith(".example"):
            return real(host, port, *args, **kwargs)
        asked.append(host)
        reply = replies[min(len(asked), len(replies)) - 1]
        return [entry for text in reply for entry in real(text, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_one_forbidden_address_among_public_ones_forbids_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ["8.8.8.8", "169.254.169.254"])
    with pytest.raises(AddressForbidden, match=r"media\.example"):
        address.resolve("media.example", 443, STRICT)


def test_a_name_is_looked_up_once_so_that_it_cannot_change_after_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listen() as (port, hits):
        asked = answers(monkeypatch, ["127.0.0.2"], ["127.0.0.1"])
        policy = Policy(networks=(ip_network("127.0.0.2/32"),))
        with pytest.raises(TransferFailed):
            address.connect("media.example", port, policy).close()
        assert asked == ["media.example"]
        assert hits == []


def test_the_next_allowed_address_is_tried_when_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen() as (port, _):
        answers(monkeypatch, ["127.0.0.2", "127.0.0.1"])
        with address.connect("media.example", port, LOOPBACK) as connection:
            assert connection.getpeername()[0] == "127.0.0.1"


def test_an_error_does_not_tell_where_a_name_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ["10.11.12.13"])
    with pytest.raises(AddressForbidden) as caught:
        address.resolve("inner.example", 443, STRICT)
    assert "10.11.12.13" not in str(caught.value)


def test_a_name_that_does_not_exist_may_exist_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(TransferFailed):
        address.resolve("media.example", 443, STRICT)


def test_a_lost_run_ends_a_read_that_blocks(tmp_path: Path) -> None:
    run = LocalRun(tmp_path)
    here, there = socket.socketpair()
    with here, there, address.breakable(run, here):
        timer = threading.Timer(0.1, run.lose)
        timer.start()
        here.settimeout(30)
        assert here.recv(1) == b""
        with pytest.raises(RunLost):
            run.check()


def test_the_deployment_opens_networks_by_a_setting() -> None:
    assert Settings({}).allowed_networks == ()
    assert Settings({"ALLOWED_NETWORKS": "10.0.0.0/8, fd12::/16"}).allowed_networks == (
        ip_network("10.0.0.0/8"),
        ip_network("fd12::/16"),
    )
