"""Pings, once and in seconds: a client that has vanished goes, an idle one stays."""

import asyncio
import base64
import os
import struct

import pytest
from gate import Gate

PING, PONG, CLOSE, BINARY = 0x9, 0xA, 0x8, 0x2
HANGS_S = 20


class BareClient:
    """A WebSocket client that does nothing by itself: it does not even answer pings."""

    def __init__(self, port, path, headers):
        self._port = port
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket"]
        lines += ["Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._request = "\r\n".join(lines).encode() + b"\r\n\r\n"

    async def __aenter__(self):
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(self._request)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101"), answer
        return self

    async def __aexit__(self, *_):
        self._writer.close()

    async def read(self):
        """Return the next frame: opcode and payload."""
        async with asyncio.timeout(HANGS_S):
            first, length = await self._reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self._reader.readexactly(2))
            return first & 0xF, await self._reader.readexactly(length)

    def write(self, opcode, payload):
        """Send a frame, masked with zeros."""
        head = bytes([0x80 | opcode]) + struct.pack("!BH", 0x80 | 126, len(payload)) + bytes(4)
        if opcode & 0x8:
            head = bytes([0x80 | opcode, 0x80 | len(payload)]) + bytes(4)
        self._writer.write(head + payload)


@pytest.fixture
def jp_server_config():
    return {
        "ServerApp": {"websocket_ping_interval": 1},
        "StreamlabApp": {"worker_kind": "thread", "workers": 1},
    }


@pytest.fixture
def service(jp_serverapp):
    return jp_serverapp.extension_manager.extension_points["streamlab"].app.service


@pytest.fixture
def bare_client(jp_http_port, jp_base_url, jp_auth_header, http_server):
    def bare_client(query):
        path = f"{jp_base_url}ws/video/stream?{query}"
        return BareClient(jp_http_port, path, jp_auth_header)

    return bare_client


async def test_a_client_that_answers_no_ping_is_closed(bare_client):
    async with bare_client("pipeline_id=noop") as client:
        assert await client.read() == (PING, b"")
        opcode, reason = await client.read()
        assert (opcode, reason[2:]) == (CLOSE, b"ping timed out")


async def test_an_idle_client_that_answers_pings_stays_and_is_pinged_once_at_a_time(
    bare_client, jpeg
):
    async with bare_client("pipeline_id=noop") as client:
        for _ in range(3):
            assert await client.read() == (PING, b"")
            client.write(PONG, b"")
        client.write(BINARY, jpeg)
        opcode, answer = await client.read()
        while opcode == PING:
            client.write(PONG, b"")
            opcode, answer = await client.read()
        assert b'"result":{}' in answer


async def test_a_lossless_client_whose_pongs_wait_behind_its_frames_stays(
    bare_client, service, jpeg
):
    gate = Gate()
    service.pipelines.tools.register(gate.pipelines.tools.get("held"))
    service.pipelines.add({"id": "held", "nodes": [{"id": "node", "tool": "held"}]})
    sent = 20
    async with bare_client("pipeline_id=held&policy=lossless") as client:
        for _ in range(sent):
            client.write(BINARY, jpeg)
        for _ in range(3):
            assert await client.read() == (PING, b"")
            client.write(PONG, b"")
        gate.let_through(sent)
        answers = 0
        while answers < sent:
            opcode, message = await client.read()
            assert opcode != CLOSE, message
            answers += opcode != PING


@pytest.mark.parametrize("jp_server_config", [{}])
async def test_unless_configured_pings_are_30_s_apart_not_30_000(jp_ws_fetch, service, jpeg):
    socket = await jp_ws_fetch("ws/video/stream", params={"pipeline_id": "noop"})
    await socket.write_message(jpeg, binary=True)
    await socket.read_message()
    (attached,) = service._sockets
    assert (attached.ws_connection.ping_interval, attached.ws_connection.ping_timeout) == (30, 30)
    assert attached.ping_callback is None, "the mixin's own pings, in milliseconds, are off"
    socket.close()
