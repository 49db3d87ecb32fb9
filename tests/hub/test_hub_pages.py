"""A hub's users in a real Chromium: page, launcher, widget and `connect()`, each of their own."""

import pytest

playwright = pytest.importorskip("playwright", reason="needs playwright: pip install playwright")
pytest.importorskip("jupyterlab", reason="needs JupyterLab: pip install jupyterlab")

from hub_process import OTHER, OWNER, STOPPED, ask  # noqa: E402
from lab_page import FLAGS, SIZE, TIMEOUT_MS, chromium, open_notebook, run_cell  # noqa: E402
from live_page import LiveOnPage  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402

if chromium() is None:
    pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM", allow_module_level=True)

expect.set_options(timeout=TIMEOUT_MS)
USERS = (OWNER, OTHER)
STREAM = (
    "import streamlab\n\n"
    'lab = streamlab.connect(where="jupyter")\n'
    'recording = lab.stream("gate_easy", pipeline_id="noop", seconds=1, progress=False)\n'
    'print(lab.base_url, "answered" if "processed" in set(recording.frames["fate"]) else "silent")'
)
# as in a terminal, which no server has told its process id
ANYWHERE = (
    "import os\n\n"
    'del os.environ["JPY_PARENT_PID"]\n'
    'print(streamlab.connect(where="jupyter").base_url)'
)
SHOW = 'view = streamlab.LiveView(source="gate_easy", pipeline_id="noop", fps=10)\nview'
# what a page with the cookies of one user gets from the servers of both, by each way in
ATTEMPTS = """async ({base, session}) => {
    const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "";
    const headers = {"X-XSRFToken": xsrf, "Content-Type": "application/json"};
    const status = (path, options) =>
        fetch(base + path, {headers, ...options}).then(({status}) => status, () => 0);
    const opens = (path) => new Promise((done) => {
        const socket = new WebSocket(base.replace("http", "ws") + path);
        socket.onopen = () => { socket.close(); done(true); };
        socket.onerror = () => done(false);
    });
    const body = JSON.stringify({drop_threshold: 0.2});
    return {
        sessions: await status("/streamlab/sessions"),
        patch: await status(`/streamlab/sessions/${session}`, {method: "PATCH", body}),
        stream: await opens("/ws/video/stream?pipeline_id=noop"),
        events: await opens("/ws/events?topic=sessions"),
    };
}"""


class Server:
    """A user's server, as `lab_page` knows servers."""

    def __init__(self, hub, user):
        self.base_url = hub.server_url(user)
        self.token = hub.token_of(user)
        self.headers = {"Authorization": f"token {self.token}"}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def context_of(hub, browser):
    """Return a browser of a user, who has logged in at the hub."""
    contexts = {}

    def context_of(user):
        if user not in contexts:
            contexts[user] = context = browser.new_context(viewport=SIZE)
            context.set_default_timeout(TIMEOUT_MS)
            page = context.new_page()
            page.goto(f"{hub.url}/hub/login")
            page.locator("#username_input").fill(user)
            page.locator("#password_input").fill(hub.password)
            page.locator("#login_submit").click()
            page.wait_for_url(lambda url: "/login" not in url)
            page.close()
        return contexts[user]

    yield context_of
    for context in contexts.values():
        context.close()


@pytest.fixture
def page_of(context_of):
    """Return a new page of a user."""
    pages = []

    def page_of(user):
        pages.append(context_of(user).new_page())
        return pages[-1]

    yield page_of
    for page in pages:
        page.close()


def streaming_view(page, root=None):
    """Start what the view shows, through the pipeline that does nothing."""
    live = LiveOnPage(page, root)
    live.choose("Source", "gate_easy")
    live.choose("Pipeline", "noop")
    live.start()
    return live


@pytest.mark.parametrize("user", USERS)
def test_the_page_streams_and_shows_and_tunes_its_own_session(hub, page_of, user):
    page = page_of(user)
    page.goto(f"{hub.server_url(user)}/streamlab/live")
    live = streaming_view(page)
    rows = page.locator("#sessions tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("(this page)")
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as caught:
        live.setting("drop_threshold").fill("0.3")
    assert caught.value.status == 200
    _, told = ask("GET", f"{hub.server_url(user)}/streamlab/sessions", hub.token_of(user))
    assert [session["drop_threshold"] for session in told["sessions"]] == [0.3]
    live.stop()


@pytest.mark.parametrize("user", USERS)
def test_the_launcher_opens_a_view_that_streams(hub, page_of, user):
    page = page_of(user)
    page.goto(f"{hub.server_url(user)}/lab?reset")
    page.locator(".jp-LauncherCard").filter(has_text="Live View (streamlab)").click()
    streaming_view(page).stop()


@pytest.mark.parametrize("user", USERS)
def test_a_kernel_finds_its_users_server_and_a_widget_streams_to_it(hub, page_of, user):
    page = page_of(user)
    open_notebook(page, Server(hub, user), [STREAM, SHOW, ANYWHERE])
    told = run_cell(page, 0).locator(".jp-OutputArea-output").last
    expect(told).to_contain_text(f"/user/{user} answered")
    run_cell(page, 1)
    live = LiveOnPage(page)
    live.start()
    live.stop()
    expect(run_cell(page, 2)).to_contain_text(f"/user/{user}")


def test_no_page_of_a_user_sees_reaches_or_tunes_the_sessions_of_another(hub, page_of):
    ours, theirs = page_of(OWNER), page_of(OTHER)
    ours.goto(f"{hub.server_url(OWNER)}/streamlab/live")
    live = streaming_view(ours)
    session = ours.evaluate(
        "url => fetch(url, {headers: {'X-XSRFToken': document.cookie.match(/_xsrf=([^;]*)/)[1]}})"
        ".then(answer => answer.json()).then(({sessions}) => sessions[0].session_id)",
        f"{hub.server_url(OWNER)}/streamlab/sessions",
    )
    theirs.goto(f"{hub.server_url(OTHER)}/streamlab/live")
    theirs.locator(".live").wait_for()
    target = {"base": hub.server_url(OWNER), "session": session}
    assert ours.evaluate(ATTEMPTS, target) == {
        "sessions": 200,
        "patch": 200,
        "stream": True,
        "events": True,
    }
    assert theirs.evaluate(ATTEMPTS, target) == {
        "sessions": 403,
        "patch": 403,
        "stream": False,
        "events": False,
    }
    expect(theirs.locator("#sessions")).to_contain_text("Nobody streams.")
    theirs.goto(f"{hub.server_url(OWNER)}/streamlab/live")
    assert theirs.locator(".live").count() == 0
    live.stop()


def test_a_page_says_that_its_server_was_stopped_and_tries_again(hub, page_of):
    hub.start_server(STOPPED)
    page = page_of(STOPPED)
    page.goto(f"{hub.server_url(STOPPED)}/streamlab/live")
    live = streaming_view(page)
    hub.stop_server(STOPPED)
    expect(live.notice()).to_contain_text("The server cannot be reached")
    # whatever the hub answers in place of a server is not taken for an answer of one
    with page.expect_response(lambda answer: "streamlab/health" in answer.url):
        live.button("Try now").click()
    page.wait_for_event("response", lambda answer: "streamlab/health" in answer.url)
    live.wait_for_status("lost")
    expect(live.notice()).to_contain_text("The server cannot be reached")
