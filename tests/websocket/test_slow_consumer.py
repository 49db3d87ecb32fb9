"""A client that sends and never reads."""

import base64
import os
import socket
import struct
from urllib.parse import urlsplit

from streamlab.pipelines.registry import PipelineRegistry
from streamlab.testing import TestClient
from streamlab.tools.function import tool
from streamlab.tools.registry import ToolRegistry


@tool(name="wordy", produces="essay")
def wordy(frame_index):
    """Answer with a mebibyte."""
    return "x" * 2**20


def raw_websocket(base_url, path):
    """A WebSocket that does only what it is told, and reads nothing."""
    address = urlsplit(base_url)
    connection = socket.create_connection((address.hostname, address.port), timeout=30)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return connection


def binary_message(data):
    """A masked binary message; a mask of zeros leaves the data as it is."""
    return struct.pack("!BBQ4x", 0x82, 0xFF, len(data)) + data


def test_a_client_that_does_not_read_its_answers_is_closed(jpeg):
    pipelines = PipelineRegistry.load(tools=ToolRegistry())
    pipelines.tools.register(wordy)
    pipelines.add({"id": "wordy", "nodes": [{"id": "write", "tool": "wordy"}]})
    with TestClient(pipelines=pipelines) as client:
        errors = []
        client.service.listeners.append(Errors(errors))
        path = "/ws/video/stream?pipeline_id=wordy&policy=lossless"
        with raw_websocket(client.base_url, path) as deaf:
            try:
                for _ in range(200):
                    deaf.sendall(binary_message(jpeg))
            except OSError:
                pass  # the server has given up on this client
            with client.websocket_connect("/ws/events?topic=sessions") as observer:
                while observer.receive_json()["sessions"]:
                    pass
        assert errors == ["slow_consumer"]


class Errors:
    """Keeps the codes of the errors that sessions end with."""

    def __init__(self, codes):
        self.codes = codes

    def failed(self, session, error):
        self.codes.append(error.code)
        assert session.ledger.is_balanced

    def __getattr__(self, name):
        return lambda *args: None
