"""HTTP requests byte by byte, and their answers as they are."""

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from streamlab.testing import TestClient

WAITS_S = 30


def connect(client: TestClient) -> tuple[socket.socket, str]:
    """Return a socket to the server of a `TestClient`, and its `base_url`'s path."""
    address = urlsplit(client.base_url or "")
    connection = socket.create_connection((address.hostname, address.port), WAITS_S)
    return connection, address.path


def head(
    client: TestClient, method: str, path: str, headers: Iterable[tuple[str, str]] = ()
) -> bytes:
    """Return a request's head; `headers` are pairs."""
    address = urlsplit(client.base_url or "")
    lines = [f"{method} {address.path}{path} HTTP/1.1", f"Host: {address.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def read_to_end(connection: socket.socket) -> bytes:
    """Return all that comes until the server closes."""
    received = b""
    try:
        while data := connection.recv(1 << 16):
            received += data
    except ConnectionResetError:
        pass
    return received
