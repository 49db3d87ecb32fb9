"""A WebSocket client that does only what it is told, and reads nothing."""

import base64
import os
import socket
import struct
from collections.abc import Mapping
from urllib.parse import urlsplit

RECEIVE_BUFFER_BYTES = 4096


def deaf_websocket(base_url: str, path: str, headers: Mapping[str, str]) -> socket.socket:
    """Open a WebSocket whose system holds little of what is sent to it."""
    address = urlsplit(base_url)
    connection = socket.socket()
    connection.settimeout(30)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    connection.connect((address.hostname, address.port))
    lines = [
        f"GET {address.path}{path} HTTP/1.1",
        f"Host: {address.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return connection


def binary_message(data):
    """Return a masked binary message; a mask of zeros leaves the data as it is."""
    return struct.pack("!BBQ4x", 0x82, 0xFF, len(data)) + data
