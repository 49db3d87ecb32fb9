"""Who may hold a connection to a standalone server, and what becomes of too many."""

import contextlib
import logging
import os
import resource
import socket
import time
from functools import partial

import pytest
import raw_http

from streamlab.server.open_connections import OpenConnection, OpenConnections, Stage, address_of
from streamlab.settings import Settings
from streamlab.testing import TestClient

NOOP = "/ws/video/stream?pipeline_id=noop"
TOKEN = {"Authorization": "Bearer right"}
HEALTH = "/streamlab/health"
FAR_TOO_LONG_S = 600.0


def server(**settings):
    settings.setdefault("request_timeout_s", FAR_TOO_LONG_S)
    return TestClient(Settings(**settings), token="right", headers=TOKEN)


def connections(client, stack, count):
    opened = [raw_http.connect(client)[0] for _ in range(count)]
    for connection in opened:
        stack.enter_context(connection)
    return opened


def is_served(connection, client):
    connection.sendall(raw_http.head(client, "GET", HEALTH, TOKEN.items()))
    return connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


SLOW = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: 127",
    "half a body": b"PATCH /streamlab/sessions/x HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Authorization: Bearer right\r\nContent-Length: 100\r\n\r\nhalf",
    "half a chunk": b"PATCH /streamlab/sessions/x HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Authorization: Bearer right\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhalf",
    "nothing more": b"GET /streamlab/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Authorization: Bearer right\r\n\r\n",
}


@pytest.mark.parametrize("sent", SLOW)
def test_a_connection_that_says_too_little_is_closed(sent):
    with server(request_timeout_s=0.5) as client:
        connection, _ = raw_http.connect(client)
        with connection:
            connection.sendall(SLOW[sent])
            raw_http.read_to_end(connection)


def test_a_head_that_drips_is_closed():
    with server(request_timeout_s=0.5) as client:
        connection, _ = raw_http.connect(client)
        with connection:
            connection.settimeout(0.05)
            closed = False
            while not closed:
                try:
                    connection.sendall(b"x")
                    closed = not connection.recv(1)
                except TimeoutError:
                    continue
                except OSError:
                    closed = True


def test_a_client_that_asks_and_does_not_read_is_closed():
    with server(request_timeout_s=0.5) as client, contextlib.ExitStack() as stack:
        small = stack.enter_context(socket.socket())
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        small.connect(("127.0.0.1", int(client.base_url.rpartition(":")[2])))
        sample = "/streamlab/samples/gate_easy.mp4"
        small.sendall(raw_http.head(client, "GET", sample, TOKEN.items()) * 20)
        # as many bytes as its system takes without asking: the server has begun to answer
        assert small.recv(1) == b"H"
        wait_until(client, lambda server: len(server.connections) == 0)


def wait_until(client, condition):
    """Wait until a condition on the listener holds; each look is a turn of its event loop."""
    end = time.monotonic() + raw_http.WAITS_S
    while not client.call(lambda: condition(client._server._listener)):
        assert time.monotonic() < end


def test_an_open_session_is_no_silent_connection(jpeg):
    with server(request_timeout_s=0.2) as client, client.websocket_connect(NOOP) as session:
        silent, _ = raw_http.connect(client)
        with silent:
            raw_http.read_to_end(silent)
        session.send_bytes(jpeg)
        assert session.receive_json()["result"] == {}


def test_who_says_nothing_makes_room_for_who_has_the_token(caplog, jpeg):
    """Many times more silent connections than there is room for, and everybody else is served."""
    with server(max_connections=30) as client, contextlib.ExitStack() as stack:
        session = stack.enter_context(client.websocket_connect(NOOP))
        silent = connections(client, stack, 300)
        for _ in range(10):
            assert client.get(HEALTH).status_code == 200
            with client.websocket_connect(NOOP) as other:
                other.send_bytes(jpeg)
                assert other.receive_json()["result"] == {}
            session.send_bytes(jpeg)
            assert session.receive_json()["result"] == {}
        assert client.call(lambda: len(client._server._listener.connections)) <= 30
        assert raw_http.read_to_end(silent[0]) == b"", "the oldest goes first"
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def test_strangers_who_hold_a_request_open_make_room_too(jpeg):
    with server(max_connections=10) as client, contextlib.ExitStack() as stack:
        for connection in connections(client, stack, 40):
            with contextlib.suppress(OSError):
                connection.sendall(b"PATCH / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        assert client.get(HEALTH).status_code == 200


def test_sessions_are_not_ended_to_make_room_and_the_newcomer_is_told(jpeg):
    with server(max_connections=5) as client, contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(client.websocket_connect(NOOP)) for _ in range(5)]
        refused, _ = raw_http.connect(client)
        with refused:
            assert raw_http.read_to_end(refused).startswith(b"HTTP/1.1 503 ")
        for session in sessions:
            session.send_bytes(jpeg)
            assert session.receive_json()["result"] == {}
        sessions[0].close()
        wait_until(client, lambda server: len(server.connections) == 4)
        assert client.get(HEALTH).status_code == 200


def test_an_address_may_have_its_share_and_no_more(jpeg):
    with server(max_connections_per_address=3) as client, contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(client.websocket_connect(NOOP))
        refused, _ = raw_http.connect(client)
        with refused:
            assert raw_http.read_to_end(refused).startswith(b"HTTP/1.1 503 ")
        port = int(client.base_url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 30, ("127.0.0.2", 0)) as neighbour:
            assert is_served(neighbour, client)


@pytest.fixture
def few_descriptors():
    """Leave this process, and the server in it, as few descriptors as a test says."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = []

    def leave(count):
        resource.setrlimit(resource.RLIMIT_NOFILE, (400, before[1]))
        with contextlib.suppress(OSError):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        for _ in range(count):
            os.close(held.pop())

    yield leave
    for descriptor in held:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_without_descriptors_the_server_stays_calm_and_serves_again(
    few_descriptors, caplog, monkeypatch, jpeg
):
    """Whether its own limit is right or not: others in the process take descriptors too."""
    accepts = []
    accept = socket.socket.accept

    def counted(listening):
        accepts.append(listening)
        return accept(listening)

    with server(max_connections=10_000) as client, client.websocket_connect(NOOP) as session:
        session.send_bytes(jpeg)
        session.receive_json()
        port = int(client.base_url.rpartition(":")[2])
        waiting = [socket.socket() for _ in range(20)]
        few_descriptors(0)
        monkeypatch.setattr(socket.socket, "accept", counted)
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        for _ in range(50):
            session.send_bytes(jpeg)
            assert session.receive_json()["result"] == {}
        monkeypatch.undo()
        assert len(accepts) <= 2 * len(waiting)
        lines = [each for each in caplog.records if each.levelno >= logging.WARNING]
        assert len(lines) <= 1
        assert not any(each.exc_info for each in lines)
        for each in waiting:
            each.close()
        # the descriptors of those that have gone are there for the next one
        assert client.get(HEALTH).status_code == 200


def test_silent_connections_give_their_descriptors_to_who_asks(few_descriptors):
    with server(max_connections=10_000) as client, contextlib.ExitStack() as stack:
        newcomer = stack.enter_context(socket.socket())
        newcomer.settimeout(raw_http.WAITS_S)
        connections(client, stack, 20)
        wait_until(client, lambda server: len(server.connections) == 20)
        few_descriptors(0)
        newcomer.connect(("127.0.0.1", int(client.base_url.rpartition(":")[2])))
        assert is_served(newcomer, client)


def test_who_goes_first():
    gone = []
    opened = OpenConnections(limit=4)

    def connect(name, stage=None, address="a"):
        connection = OpenConnection(address, lambda: gone.append(name))
        assert opened.admit(connection)
        if stage is not None:
            opened.move(connection, stage)
        return connection

    connect("resting", Stage.RESTING)
    connect("stranger", Stage.STRANGER)
    connect("session", Stage.ADMITTED)
    connect("silent")
    for name in ("b", "c", "d"):
        opened.move(connect(name), Stage.ADMITTED)
    assert gone == ["silent", "stranger", "resting"]
    assert not opened.admit(OpenConnection("a", lambda: None))
    assert len(opened) == 4


def test_the_address_with_the_most_silent_connections_loses_one():
    gone = []
    opened = OpenConnections(limit=4)
    for name, address in (("first", "quiet"), ("1", "loud"), ("2", "loud"), ("3", "loud")):
        assert opened.admit(OpenConnection(address, partial(gone.append, name)))
    assert opened.admit(OpenConnection("new", lambda: None))
    assert gone == ["1"]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("2001:db8::1", "2001:db8::/64"),
        ("", ""),
    ],
)
def test_connections_are_counted_by_address_or_by_ipv6_site(host, address):
    assert address_of(host) == address
