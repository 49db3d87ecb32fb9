"""Who gets into a standalone server."""

import pytest

from streamlab.errors import ServerError
from streamlab.server.access import is_loopback
from streamlab.server.app import StandaloneServer
from streamlab.server.service import StreamService
from streamlab.testing import TestClient, WebSocketRefused

NOOP = "/ws/video/stream?pipeline_id=noop"
PATHS = ["/streamlab/health", "/streamlab/pipelines", "/streamlab/sessions", "/metrics"]


@pytest.fixture(scope="module")
def guarded():
    with TestClient(token="right") as client:
        yield client


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, "", 403),
        ({"Authorization": "Bearer wrong"}, "", 403),
        ({"Authorization": "Basic right"}, "", 403),
        ({}, "token=wrong", 403),
        ({"Authorization": "Bearer right"}, "", 200),
        ({"Authorization": "token right"}, "", 200),
        ({}, "token=right", 200),
    ],
)
def test_the_token_is_asked_for_everywhere(guarded, jpeg, headers, query, status):
    for path in PATHS:
        assert guarded.get(f"{path}?{query}", headers).status_code == status
    for path in (NOOP, "/ws/events?topic=sessions"):
        socket = guarded.websocket_connect(f"{path}&{query}", headers)
        if status == 200:
            with socket:
                pass
        else:
            with pytest.raises(WebSocketRefused) as caught, socket:
                pass
            assert caught.value.status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_a_foreign_origin_is_refused(guarded, origin):
    headers = {"Authorization": "Bearer right", "Origin": origin}
    with pytest.raises(WebSocketRefused) as caught, guarded.websocket_connect(NOOP, headers):
        pass
    assert caught.value.status_code == 403


def test_the_servers_own_origin_is_accepted(guarded):
    headers = {"Authorization": "Bearer right", "Origin": guarded.base_url}
    with guarded.websocket_connect(NOOP, headers):
        pass


def test_without_a_token_a_name_that_only_resolves_here_is_refused():
    """A web page whose own name resolves to 127.0.0.1 has that name as its origin and its host."""
    with TestClient() as client:
        assert client.get("/streamlab/health").status_code == 200
        rebound = {"Host": "evil.example:80"}
        assert client.get("/streamlab/health", rebound).status_code == 403
        assert client.get("/streamlab/health", {"Host": "[::1"}).status_code == 403
        local = {"Host": "localhost:80"}
        assert client.get("/streamlab/health", local).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_binding_beyond_loopback_asks_for_a_token(host):
    with pytest.raises(ServerError, match="a token is required"):
        StandaloneServer(StreamService(), host)
    StandaloneServer(StreamService(), host, token="t")


@pytest.mark.parametrize("token", ["", "  "])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_an_empty_token_is_no_token(host, token):
    with pytest.raises(ServerError, match="the token is empty"):
        StandaloneServer(StreamService(), host, token=token)


def test_loopback_is_known_by_name_and_address():
    for host in ("localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"):
        assert is_loopback(host)
    for host in ("0.0.0.0", "::", "localhost.example", "10.0.0.1", ""):
        assert not is_loopback(host)
