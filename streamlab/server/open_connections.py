"""Who holds a connection, and who goes first when there is room for no more. No socket here."""

import ipaddress
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum


class Stage(IntEnum):
    """How far a connection has come; those of the first stages go first."""

    SILENT = 0
    """It has not asked for anything yet."""
    STRANGER = 1
    """It has asked for something, without credentials."""
    RESTING = 2
    """It has been let in, and is between two requests."""
    ADMITTED = 3
    """A request, or a WebSocket, that was let in. It is never ended to make room."""


@dataclass(eq=False)
class OpenConnection:
    """A connection; `close` ends it at once."""

    address: str
    close: Callable[[], None] = field(repr=False)
    stage: Stage = Stage.SILENT


def address_of(host: str) -> str:
    """Return what connections are counted by: an IPv4 address, or an IPv6 network of one site.

    >>> address_of("::ffff:192.0.2.7"), address_of("2001:db8:1:2:3:4:5:6")
    ('192.0.2.7', '2001:db8:1:2::/64')
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if address.is_loopback:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


class OpenConnections:
    """The open connections of a server, at most `limit`, and `limit_per_address` of one address.

    >>> connections = OpenConnections(limit=1)
    >>> first = OpenConnection("192.0.2.7", close=lambda: print("closed"))
    >>> connections.admit(first)
    True
    >>> connections.admit(OpenConnection("192.0.2.8", close=lambda: None))
    closed
    True
    """

    def __init__(self, limit: int, limit_per_address: int | None = None) -> None:
        self.limit = limit
        self.limit_per_address = limit_per_address
        self._by_address: Counter[str] = Counter()
        # each in the order in which they came to their stage
        self._by_stage: dict[Stage, dict[str, dict[OpenConnection, None]]] = {
            stage: {} for stage in Stage
        }

    def __len__(self) -> int:
        return self._by_address.total()

    def admit(self, newcomer: OpenConnection) -> bool:
        """Take a connection in, if need be in place of another; say whether there is room."""
        address = newcomer.address
        most = self.limit_per_address
        if most is not None and self._by_address[address] >= most and not self.make_room(address):
            return False
        if len(self) >= self.limit and not self.make_room():
            return False
        self._by_address[address] += 1
        self._shelf(newcomer)[newcomer] = None
        return True

    def make_room(self, address: str | None = None) -> bool:
        """End the connection that goes first, of an address if given; say whether there is one.

        Of a stage it is the oldest one of the address that has the most.
        """
        for stage in (Stage.SILENT, Stage.STRANGER, Stage.RESTING):
            shelves = self._by_stage[stage]
            if address is not None:
                shelf = shelves.get(address, {})
            else:
                shelf = max(shelves.values(), key=len, default={})
            if shelf:
                oldest = next(iter(shelf))
                self.remove(oldest)
                oldest.close()
                return True
        return False

    def move(self, connection: OpenConnection, stage: Stage) -> None:
        """Note how far a connection has come; one that has gone stays away."""
        if self._take(connection):
            connection.stage = stage
            self._shelf(connection)[connection] = None

    def remove(self, connection: OpenConnection) -> None:
        """Count a connection out; once more does nothing."""
        if self._take(connection):
            self._by_address[connection.address] -= 1
            if not self._by_address[connection.address]:
                del self._by_address[connection.address]

    def all(self) -> list[OpenConnection]:
        """Return every connection."""
        return [
            connection
            for shelves in self._by_stage.values()
            for shelf in shelves.values()
            for connection in shelf
        ]

    def _shelf(self, connection: OpenConnection) -> dict[OpenConnection, None]:
        return self._by_stage[connection.stage].setdefault(connection.address, {})

    def _take(self, connection: OpenConnection) -> bool:
        shelves = self._by_stage[connection.stage]
        shelf = shelves.get(connection.address, {})
        if connection not in shelf:
            return False
        del shelf[connection]
        if not shelf:
            del shelves[connection.address]
        return True
