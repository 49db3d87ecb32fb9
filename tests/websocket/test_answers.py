"""What every HTTP answer has, and what becomes of bodies, in each host."""

import contextlib

import pytest
import raw_http

from streamlab.testing import TestClient, WebSocketRefused

SESSION = "/streamlab/sessions/none"
PATHS = [
    "/streamlab/health",
    "/streamlab/pipelines",
    "/streamlab/sessions",
    SESSION,
    "/streamlab/samples",
    "/streamlab/samples/gate_easy.mp4",
    "/streamlab/samples/none.mp4",
    "/streamlab/live",
    "/streamlab/web/page.css",
    "/streamlab/web/none.js",
    "/streamlab/web/../../../etc/passwd",
    "/ws/video/stream",
    "/ws/events",
]
STANDALONE_PATHS = ["/", "/metrics", "/nothing", "/streamlab", "/streamlab/health/", "/%ff"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"]


@pytest.fixture(scope="module")
def guarded():
    with TestClient(token="right", headers={"Authorization": "Bearer right"}) as client:
        yield client


def of_own_kind(answer):
    return answer.headers.get("X-Content-Type-Options") == "nosniff" and not any(
        "tornado" in f"{name}: {value}".lower() for name, value in answer.headers.items()
    )


@pytest.mark.parametrize("token", ["right", "wrong"])
@pytest.mark.parametrize("method", METHODS)
def test_every_answer_is_what_it_says_and_tells_no_version(client, method, token):
    headers = {} if token == "right" else {"Authorization": "Bearer wrong"}
    # a Jupyter server leads from the page to its login, a page of its own
    paths = [path for path in PATHS if path != "/streamlab/live" or token == "right"]
    for path in paths:
        for query in ("", "?token=%ff", "?x=%0d%0aX-Evil:1"):
            answer = client.request(method, path + query, headers)
            assert of_own_kind(answer), (method, path, answer)
            assert "X-Evil" not in answer.headers


@pytest.mark.parametrize("method", METHODS)
def test_what_a_standalone_server_does_not_serve_is_told_in_plain_text(guarded, method):
    for path in STANDALONE_PATHS:
        answer = guarded.request(method, path)
        assert of_own_kind(answer), (method, path, answer)
        if answer.status_code >= 400 and method != "HEAD":
            assert answer.content == b"%d %s\n" % (
                answer.status_code,
                {404: b"Not Found", 405: b"Method Not Allowed"}[answer.status_code],
            )
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_refused_websocket_is_answered_alike(client):
    headers = {"Authorization": "Bearer wrong"}
    with pytest.raises(WebSocketRefused), client.websocket_connect("/ws/events", headers):
        pass
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    for more in ({}, headers, {"Sec-WebSocket-Version": "8"}, {"Origin": "http://evil.example"}):
        assert of_own_kind(client.get("/ws/events", upgrade | more))


BODIES = {
    "of 50 MB": [("Content-Length", "50000000")],
    "of 1 MB": [("Content-Length", "1000000")],
    "of chunks": [("Transfer-Encoding", "chunked")],
}


@pytest.mark.parametrize("path", [SESSION, "/streamlab/health", "/ws/video/stream"])
@pytest.mark.parametrize("body", BODIES)
def test_a_body_is_not_waited_for_without_the_token(client, body, path):
    connection, _ = raw_http.connect(client)
    with connection:
        connection.sendall(raw_http.head(client, "PATCH", path, BODIES[body]))
        assert raw_http.read_to_end(connection).startswith((b"HTTP/1.1 403 ", b"HTTP/1.1 400 "))


def test_a_body_beyond_the_limit_is_refused_with_the_token_too(client):
    connection, _ = raw_http.connect(client)
    headers = [*client.headers.items(), ("Content-Length", "50000000")]
    with connection:
        connection.sendall(raw_http.head(client, "PATCH", SESSION, headers))
        assert raw_http.read_to_end(connection).startswith(b"HTTP/1.1 400 ")


def test_a_small_body_is_read_before_it_is_refused(client):
    """Otherwise who still sends it gets a reset in place of the answer."""
    for size in (1, 1000, 100_000, 1 << 17):
        connection, _ = raw_http.connect(client)
        with connection:
            headers = [("Content-Length", str(size)), ("Connection", "close")]
            connection.sendall(raw_http.head(client, "PATCH", SESSION, headers))
            connection.sendall(bytes(size))
            assert raw_http.read_to_end(connection).startswith(b"HTTP/1.1 403 ")


def test_of_a_body_nothing_is_kept_but_what_is_wanted(guarded):
    """Unfinished bodies of those without the token take no memory, whatever their number."""
    kept = []
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            connection, _ = raw_http.connect(guarded)
            stack.enter_context(connection)
            length = [("Content-Length", str(1 << 17))]
            connection.sendall(raw_http.head(guarded, "PATCH", SESSION, length) + bytes(100_000))
        for _ in range(50):
            guarded.get("/streamlab/health")
        kept = guarded.call(bodies)
    assert sum(kept) == 0


def bodies():
    """Return how much each handler of this process holds of a body."""
    import gc

    from streamlab.server.handler import Handler

    return [len(each.body) for each in gc.get_objects() if isinstance(each, Handler)]
