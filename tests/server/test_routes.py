"""Every route says whom it answers; the standalone server answers those."""

import pytest

from streamlab.server.app import STANDALONE_ROUTES
from streamlab.server.routes import ROUTES, Access
from streamlab.testing import TestClient, WebSocketRefused

SAMPLES = {
    "/streamlab/sessions/([^/]+)": "/streamlab/sessions/none",
    "/streamlab/samples/([^/]+)": "/streamlab/samples/gate_easy.mp4",
    "/streamlab/web/(.*)": "/streamlab/web/live.js",
}
QUERY = "pipeline_id=noop&topic=sessions"
PAGES = {"/", "/streamlab/live"}
OPEN = {"/streamlab/web/(.*)", "/streamlab/web/settings.json"}
"""What holds no secret, by name: a new route is no such one by itself."""


@pytest.fixture(scope="module")
def guarded():
    with TestClient(token="right") as client:
        yield client


def status(client, route, method="GET", token=""):
    path = SAMPLES.get(route.path, route.path)
    assert "(" not in path, "an example is needed"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if route.kind not in ("stream", "socket"):
        return client.request(method, path, headers).status_code
    try:
        with client.websocket_connect(f"{path}?{QUERY}", headers):
            return 101
    except WebSocketRefused as error:
        return error.status_code


def test_only_pages_and_their_files_are_open():
    levels = {route.path: route.access for route in STANDALONE_ROUTES}
    assert {path for path, access in levels.items() if access is Access.PUBLIC} == OPEN
    assert {path for path, access in levels.items() if access is Access.PAGE} == PAGES
    sockets = {route.path for route in ROUTES if route.kind in ("stream", "socket")}
    assert {path for path, access in levels.items() if access is Access.EXECUTE} == sockets
    assert {route.changes for route in ROUTES} == {Access.EXECUTE}


@pytest.mark.parametrize("route", STANDALONE_ROUTES, ids=lambda route: route.path)
def test_without_the_token_a_route_answers_as_its_level_says(guarded, route):
    is_open = route.access in (Access.PUBLIC, Access.PAGE)
    assert status(guarded, route) == (200 if is_open else 403)
    assert status(guarded, route, token="wrong") == (200 if is_open else 403)
    let_in = 404 if route.path.startswith("/streamlab/sessions/") else 200
    assert status(guarded, route, token="right") == (101 if "/ws/" in route.path else let_in)


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if hasattr(route.handler, "patch")], ids=lambda r: r.path
)
def test_without_the_token_nothing_is_changed(guarded, route):
    assert status(guarded, route, "PATCH") in (403, 405)
    assert status(guarded, route, "PATCH", "wrong") in (403, 405)
