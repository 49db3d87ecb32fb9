"""Jupyter decides who gets in: to every path of the extension, and as it does for its own."""

import warnings
from urllib.parse import parse_qs, urlsplit

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from streamlab.server.routes import ROUTES, Access

STREAM = "ws/video/stream"
SOCKETS = [STREAM, "ws/events"]
PAGE = "streamlab/live"
OPEN = ["streamlab/web/live.js", "streamlab/web/view/live.css", "streamlab/web/icon.svg"]
SAMPLE = "streamlab/samples/gate_easy.mp4"
ENDPOINTS = [
    "streamlab/health",
    "streamlab/pipelines",
    "streamlab/sessions",
    "streamlab/samples",
    SAMPLE,
]
QUERY = {"pipeline_id": "noop", "topic": "sessions"}
FOREIGN = "http://somewhere.example"


class ReadOnly(Authorizer):
    """Everybody may read, nobody may execute."""

    def is_authorized(self, handler, user, action, resource):
        return resource != "streamlab" or action == "read"


class Closed(Authorizer):
    """Nobody may do anything with the extension."""

    def is_authorized(self, handler, user, action, resource):
        return resource != "streamlab"


def configured(**server):
    return {"ServerApp": server}


async def cookie_of_a_browser(jp_fetch):
    """Log in with the token, and return the cookie that a browser then has."""
    answer = await jp_fetch("api/me")
    return "; ".join(line.split(";")[0] for line in answer.headers.get_list("Set-Cookie"))


def test_jupyter_has_nothing_to_warn_of_when_it_loads_the_handlers(jp_configurable_serverapp):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        app = jp_configurable_serverapp()
    assert app.extension_manager.extension_points["streamlab"].app.service is not None
    told = [str(warning.message) for warning in caught]
    assert not [
        line for line in told if "streamlab" in line or "/ws/" in line.replace("/lsp/ws/", "")
    ]


@pytest.mark.parametrize("path", [*SOCKETS, *ENDPOINTS, *OPEN, PAGE])
async def test_the_token_opens_every_path_under_the_base_url(status_of, path):
    assert await status_of(path, params=QUERY) == (101 if path in SOCKETS else 200)


@pytest.mark.parametrize(
    "jp_server_config",
    [configured(allow_unauthenticated_access=allowed) for allowed in (False, True)],
    ids=["others refused by default", "others allowed by default"],
)
@pytest.mark.parametrize("authorization", ["", "token wrong"])
async def test_without_the_token_every_path_answers_403(status_of, authorization):
    for path in SOCKETS + ENDPOINTS:
        headers = {"Authorization": authorization}
        assert await status_of(path, headers=headers, params=QUERY) == 403


@pytest.mark.parametrize(
    "jp_server_config",
    [configured(allow_unauthenticated_access=allowed) for allowed in (False, True)],
    ids=["others refused by default", "others allowed by default"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_without_the_token_the_page_leads_to_the_login(jp_fetch, jp_base_url, method):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(PAGE, method=method, headers={"Authorization": ""}, follow_redirects=False)
    assert caught.value.code == 302
    where = urlsplit(caught.value.response.headers["Location"])
    assert where.path == f"{jp_base_url}login"
    assert parse_qs(where.query) == {"next": [f"{jp_base_url}{PAGE}"]}
    assert not caught.value.response.body


async def test_without_the_token_a_head_of_a_sample_answers_403(status_of):
    assert await status_of(SAMPLE, method="HEAD", headers={"Authorization": ""}) == 403


@pytest.mark.parametrize(
    "jp_server_config",
    [
        configured(allow_unauthenticated_access=False),
        configured(allow_unauthenticated_access=True),
        configured(authorizer_class=Closed),
    ],
    ids=["others refused by default", "others allowed by default", "nobody authorized"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_modules_and_styles_are_open_to_all_and_other_files_are_not_there(status_of, method):
    anonymous = {"headers": {"Authorization": ""}, "method": method}
    for path in OPEN:
        assert await status_of(path, **anonymous) == 200
    for path in ("none.js", "__init__.py", "%2e%2e/settings.py", "..%2fsettings.py"):
        assert await status_of(f"streamlab/web/{path}", **anonymous) == 404


async def test_the_page_has_its_own_headers_and_may_be_framed_by_jupyter_alone(jp_fetch):
    answer = await jp_fetch(PAGE)
    (policy,) = answer.headers.get_list("Content-Security-Policy")
    assert "default-src 'none'; script-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers.get_list("Content-Type") == ["text/html; charset=utf-8"]
    assert answer.headers.get_list("X-Content-Type-Options") == ["nosniff"]


async def test_the_page_brings_the_cookie_that_a_browser_needs_for_a_patch(jp_fetch, jp_http_port):
    cookie = await cookie_of_a_browser(jp_fetch)
    host = {"Host": f"127.0.0.1:{jp_http_port}", "Authorization": "", "Cookie": cookie}
    page = await jp_fetch(PAGE, headers=host)
    (line,) = [line for line in page.headers.get_list("Set-Cookie") if line.startswith("_xsrf=")]
    xsrf = line.split(";")[0]
    assert "HttpOnly" not in line, "the page's scripts read it"

    async def patch(**headers):
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch(
                "streamlab/sessions/none",
                method="PATCH",
                body="{}",
                headers={**host, "Cookie": f"{cookie}; {xsrf}", **headers},
            )
        return caught.value.code

    assert await patch() == 403
    assert await patch(**{"X-XSRFToken": xsrf.removeprefix("_xsrf=")}) == 404, "no such session"


async def test_a_foreign_page_cannot_use_a_browsers_cookie(status_of, jp_fetch, jp_http_port):
    cookie = await cookie_of_a_browser(jp_fetch)

    own_host = f"127.0.0.1:{jp_http_port}"

    def from_page(origin, path):
        headers = {"Authorization": "", "Host": own_host, "Cookie": cookie, "Origin": origin}
        return status_of(path, headers=headers, params=QUERY)

    for path in SOCKETS + ENDPOINTS + OPEN:
        assert await from_page(f"http://{own_host}", path) in (101, 200)
        assert await from_page(FOREIGN, path) in (403, 404)
        assert await from_page("null", path) in (403, 404)


@pytest.mark.parametrize(
    ("jp_server_config", "endpoint_status"),
    [
        (configured(authorizer_class=ReadOnly), 200),
        (configured(authorizer_class=Closed), 403),
    ],
    ids=["read only", "closed"],
)
async def test_an_authorizer_is_asked_about_streaming_and_about_reading(status_of, endpoint_status):
    for path in SOCKETS:
        assert await status_of(path, params=QUERY) == 403
    for path in [*ENDPOINTS, PAGE]:
        assert await status_of(path) == endpoint_status


SAMPLE_PATHS = {
    "/streamlab/sessions/([^/]+)": "/streamlab/sessions/none",
    "/streamlab/samples/([^/]+)": f"/{SAMPLE}",
    "/streamlab/web/(.*)": "/streamlab/web/live.js",
}


def path_of(route):
    path = SAMPLE_PATHS.get(route.path, route.path)
    assert "(" not in path, "an example is needed"
    return path.removeprefix("/")


def let_in(route):
    """Return the status for whoever may use a route."""
    if route.kind in ("stream", "socket"):
        return 101
    return 404 if route.path.startswith("/streamlab/sessions/") else 200


@pytest.mark.parametrize(
    "jp_server_config",
    [configured(allow_unauthenticated_access=allowed) for allowed in (False, True)],
    ids=["others refused by default", "others allowed by default"],
)
async def test_whom_nobody_knows_is_answered_as_the_level_of_a_route_says(status_of):
    for route in ROUTES:
        expected = {Access.PUBLIC: let_in(route), Access.PAGE: 302}.get(route.access, 403)
        more = {"follow_redirects": False} if route.access is Access.PAGE else {}
        anonymous = {"headers": {"Authorization": ""}, "params": QUERY, **more}
        assert await status_of(path_of(route), **anonymous) == expected, route.path
        if route.kind == "endpoint" and route.access is not Access.PUBLIC:
            changing = {**anonymous, "method": "PATCH", "body": "{}"}
            assert await status_of(path_of(route), **changing) in (403, 405), route.path


@pytest.mark.parametrize("jp_server_config", [configured(authorizer_class=ReadOnly)])
async def test_who_may_read_is_answered_as_the_level_of_a_route_says(status_of):
    for route in ROUTES:
        expected = 403 if route.access is Access.EXECUTE else let_in(route)
        assert await status_of(path_of(route), params=QUERY) == expected, route.path
    patch = {"method": "PATCH", "body": "{}"}
    assert await status_of("streamlab/sessions/none", **patch) == 403
