"""Who gets into a standalone server."""

import pytest

from streamlab.errors import ServerError
from streamlab.server.access import is_loopback
from streamlab.server.app import StandaloneServer
from streamlab.server.origins import AllowedOrigins
from streamlab.server.service import StreamService
from streamlab.server.subprocess import ServerProcess
from streamlab.server.thread_server import EmbeddedServer
from streamlab.testing import TestClient, WebSocketRefused

NOOP = "/ws/video/stream?pipeline_id=noop"
SAMPLE = "/streamlab/samples/gate_easy.mp4"
PATHS = [
    "/streamlab/health",
    "/streamlab/pipelines",
    "/streamlab/sessions",
    "/streamlab/samples",
    SAMPLE,
    "/metrics",
]
PUBLIC = ["/", "/streamlab/live", "/streamlab/web/settings.json"]
PAGE = "https://lab.example:8888"
PREFLIGHT = {"Access-Control-Request-Method": "PATCH"}


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


def test_the_page_asks_for_the_token_itself_and_needs_none(guarded):
    for path in PUBLIC:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Host": "lab.example"}):
            assert guarded.get(path, headers).status_code == 200


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
        for path in PATHS + PUBLIC:
            assert client.get(path, rebound).status_code == 403
            assert client.get(path).status_code == 200
        assert client.get("/streamlab/health", {"Host": "[::1"}).status_code == 403
        local = {"Host": "localhost:80"}
        assert client.get("/streamlab/health", local).status_code == 200


@pytest.fixture(scope="module")
def opened():
    """A server that one foreign page may use."""
    with TestClient(token="right", allow_origins=[PAGE]) as client:
        yield client


@pytest.fixture(scope="module")
def wide_open():
    """A server that every foreign page with the token may use."""
    with TestClient(token="right", allow_origins=["*"]) as client:
        yield client


def cors_of(response):
    return {
        name.removeprefix("Access-Control-"): value
        for name, value in response.headers.items()
        if name.startswith("Access-Control-")
    }


def test_a_page_of_an_allowed_origin_needs_the_token(opened):
    with (
        pytest.raises(WebSocketRefused) as caught,
        opened.websocket_connect(NOOP, {"Origin": PAGE}),
    ):
        pass
    assert caught.value.status_code == 403
    headers = {"Origin": PAGE, "Authorization": "Bearer right"}
    with opened.websocket_connect(NOOP, headers):
        pass
    for path in PATHS:
        refused = opened.get(path, {"Origin": PAGE})
        assert refused.status_code == 403
        assert cors_of(refused) == {"Allow-Origin": PAGE}, "it may read why"
        assert opened.get(path, headers).status_code == 200


def test_a_page_of_an_allowed_origin_may_read_every_answer(opened):
    headers = {"Origin": PAGE, "Authorization": "Bearer right"}
    unknown = ["/streamlab/web/none.js", "/streamlab/samples/none.mp4", "/streamlab/sessions/none"]
    for path in PATHS + PUBLIC + unknown:
        answer = opened.get(path, headers)
        assert answer.status_code == (404 if path in unknown else 200)
        assert cors_of(answer) == {"Allow-Origin": PAGE}
        assert answer.headers["Vary"] == "Origin"
    part = opened.get(SAMPLE, {**headers, "Range": "bytes=0-9"})
    assert (part.status_code, cors_of(part)) == (206, {"Allow-Origin": PAGE})


@pytest.mark.parametrize("path", [*PATHS, "/streamlab/sessions/any", "/streamlab/web/page.js"])
def test_a_preflight_of_an_allowed_origin_is_answered_without_the_token(opened, path):
    answer = opened.request("OPTIONS", path, {**PREFLIGHT, "Origin": PAGE})
    assert (answer.status_code, answer.content) == (204, b"")
    allowed = cors_of(answer)
    assert allowed["Allow-Origin"] == PAGE
    assert {"GET", "PATCH"} <= {*allowed["Allow-Methods"].split(", ")}
    assert {"Authorization", "Content-Type"} <= {*allowed["Allow-Headers"].split(", ")}
    assert "Allow-Credentials" not in allowed
    assert "Allow-Private-Network" not in allowed


def test_a_preflight_for_a_server_on_the_visitors_machine_is_answered(opened):
    private = {**PREFLIGHT, "Origin": PAGE, "Access-Control-Request-Private-Network": "true"}
    answer = opened.request("OPTIONS", "/streamlab/health", private)
    assert cors_of(answer)["Allow-Private-Network"] == "true"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://lab.example:8888", "https://lab.example", ""]
)
def test_a_page_of_any_other_origin_is_refused(opened, origin):
    headers = {"Authorization": "Bearer right", "Origin": origin}
    with pytest.raises(WebSocketRefused) as caught, opened.websocket_connect(NOOP, headers):
        pass
    assert caught.value.status_code == 403
    for path in PATHS + PUBLIC:
        answer = opened.get(path, headers)
        assert cors_of(answer) == {}
        assert answer.headers["Vary"] == "Origin"
    preflight = {**PREFLIGHT, "Origin": origin}
    assert opened.request("OPTIONS", "/streamlab/health", preflight).status_code == 403
    with_token = opened.request("OPTIONS", "/streamlab/health", {**preflight, **headers})
    assert (with_token.status_code, cors_of(with_token)) == (405, {})


def test_without_allowed_origins_no_foreign_page_reads_anything(guarded):
    for path in PATHS + PUBLIC:
        answer = guarded.get(path, {"Authorization": "Bearer right", "Origin": PAGE})
        assert cors_of(answer) == {}
    preflight = guarded.request("OPTIONS", PATHS[0], {**PREFLIGHT, "Origin": PAGE})
    assert (preflight.status_code, cors_of(preflight)) == (403, {})


@pytest.mark.parametrize("origin", [PAGE, "http://localhost:1", "null", "vscode-webview://0a1b"])
def test_any_origin_may_be_allowed(wide_open, origin):
    headers = {"Authorization": "Bearer right", "Origin": origin}
    with wide_open.websocket_connect(NOOP, headers):
        pass
    assert cors_of(wide_open.get(PATHS[0], headers)) == {"Allow-Origin": origin}
    assert wide_open.get(PATHS[0], {"Origin": origin}).status_code == 403


@pytest.mark.parametrize("origin", ["nonsense", "https://a.example, https://b.example", "https://"])
def test_what_is_no_origin_is_not_echoed(wide_open, origin):
    answer = wide_open.get(PATHS[0], {"Authorization": "Bearer right", "Origin": origin})
    assert cors_of(answer) == {}


@pytest.mark.parametrize("origins", [["*"], [PAGE]])
def test_allowing_other_origins_asks_for_a_token(origins):
    with pytest.raises(ServerError, match="a token is required where pages of other origins"):
        StandaloneServer(StreamService(), allow_origins=origins)
    StandaloneServer(StreamService(), allow_origins=origins, token="t")


@pytest.mark.parametrize(
    "origin", ["lab.example", "https://lab.example/lab", "https://u@lab.example", "null", "", "**"]
)
def test_an_origin_to_allow_is_one(origin):
    with pytest.raises(ServerError, match="is allowed, or \\* for any"):
        StandaloneServer(StreamService(), token="t", allow_origins=[origin])


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://Lab.Example/", "https://lab.example"),
        ("https://lab.example:443", "https://lab.example"),
        ("http://lab.example:80", "http://lab.example"),
        ("https://lab.example:80", "https://lab.example:80"),
        ("http://[::1]:8888", "http://[::1]:8888"),
    ],
)
def test_an_origin_is_compared_as_browsers_write_it(given, sent):
    assert sent in AllowedOrigins([given])


def test_a_labs_own_server_is_open_to_any_page_that_has_its_token():
    for server in (EmbeddedServer(StreamService(worker_kind="thread"), "secret"), ServerProcess()):
        with server, TestClient(base_url=server.base_url) as client:
            headers = {"Origin": PAGE, "Authorization": f"Bearer {server.token}"}
            with client.websocket_connect(NOOP, headers):
                pass
            assert cors_of(client.get(PATHS[0], headers)) == {"Allow-Origin": PAGE}
            assert client.get(PATHS[0], {"Origin": PAGE}).status_code == 403


def test_an_embedded_server_without_a_token_is_open_to_no_other_page():
    with (
        EmbeddedServer(StreamService(worker_kind="thread")) as server,
        TestClient(base_url=server.base_url) as client,
    ):
        assert cors_of(client.get(PATHS[0], {"Origin": PAGE})) == {}
        with (
            pytest.raises(WebSocketRefused),
            client.websocket_connect(NOOP, {"Origin": PAGE}),
        ):
            pass


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
