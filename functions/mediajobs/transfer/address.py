"""Which network addresses a job may reach, and connections that reach no other."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from mediajobs.errors import AddressForbidden, TransferFailed
from mediajobs.tools.tool import Hold

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: FTP, SFTP, HTTP, HTTPS, FTPS and the usual second ports of SFTP, HTTP and HTTPS.
PORTS = frozenset({21, 22, 80, 443, 990, 2222, 8080, 8443})
#: Seconds to wait for a connection.
CONNECT_SECONDS = 10

#: The metadata and credential endpoints of AWS and, among public addresses, of Azure: no policy opens these.
_NEVER = (
    ip_network("169.254.0.0/16"),
    ip_network("fe80::/10"),
    ip_network("fd00:ec2::/32"),
    ip_network("168.63.129.16/32"),
)
#: All IPv6 unicast addresses handed out so far. Outside it lie the forms that carry an IPv4 address
#: (::/96, NAT64), link-local, unique-local, site-local and multicast.
_UNICAST = ip_network("2000::/3")
#: What `is_global` lets through, or lets through in some Python versions: protocol assignments with Teredo,
#: documentation, 6to4 and its relays.
_SPECIAL = tuple(
    map(
        ip_network,
        ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24"),
    )
)


@dataclass(frozen=True)
class Policy:
    """Public addresses on `ports`, and any port of the `networks` that the deployment opens."""

    networks: tuple[Network, ...] = ()
    ports: frozenset[int] = PORTS

    def allows(self, address: Address, port: int) -> bool:
        """Whether a job may connect there."""
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in network for network in _NEVER):
            return False
        if any(address in network for network in self.networks):
            return True
        return port in self.ports and _is_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int, policy: Policy) -> list[Address]:
    """The addresses of a host, each of them allowed. Raises AddressForbidden, TransferFailed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TransferFailed(f"the host {host} cannot be found") from None
    addresses = list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))
    if not addresses or not all(policy.allows(address, port) for address in addresses):
        raise AddressForbidden(f"jobs may not reach {host} on port {port}")
    return addresses


def connect(host: str, port: int, policy: Policy) -> socket.socket:
    """A TCP connection to a checked address of the host: the name is looked up once, so it cannot change
    between check and use. Raises AddressForbidden, TransferFailed."""
    for address in resolve(host, port, policy):
        with suppress(OSError):
            return socket.create_connection((str(address), port), CONNECT_SECONDS)
    raise TransferFailed(f"no connection to {host} on port {port}")


@contextmanager
def breakable(run: Hold, connection: socket.socket) -> Iterator[None]:
    """While inside, a lost run ends whatever waits on the connection, also under TLS."""
    # Closing a socket does not wake a thread that reads from it, shutting it down does; the duplicate
    # stays valid when TLS takes the first one over.
    with connection.dup() as handle:

        def end() -> None:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

        with run.interruptible(end):
            yield
