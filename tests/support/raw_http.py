"""HTTP requests byte by byte, and their answers as they are."""

import socket
from urllib.parse import urlsplit

WAITS_S = 30


def connect(client):
    """Return a socket to the server of a `TestClient`, and its `base_url`'s path."""
    address = urlsplit(client.base_url)
    connection = socket.create_connection((address.hostname, address.port), WAITS_S)
    return connection, address.path


def head(client, method, path, headers=()):
    """Return a request's head; `headers` are pairs."""
    address = urlsplit(client.base_url)
    lines = [f"{method} {address.path}{path} HTTP/1.1", f"Host: {address.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def read_to_end(connection):
    """Return all that comes until the server closes."""
    received = b""
    try:
        while data := connection.recv(1 << 16):
            received += data
    except ConnectionResetError:
        pass
    return received
