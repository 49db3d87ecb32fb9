"""What a browser is served, by each host: the page, its files and the sample videos."""

import re

import pytest

from streamlab.commands.serve import addresses
from streamlab.media.samples import sample_names, sample_path
from streamlab.server import files
from streamlab.server.app import StandaloneServer
from streamlab.server.csp import page_policy, script_policy
from streamlab.server.files import WEB_FOLDER, WEB_TYPES
from streamlab.server.service import StreamService
from streamlab.testing import TestClient

PAGE = "/streamlab/live"
WEB = "/streamlab/web/"
SAMPLES = "/streamlab/samples"
SAMPLE = f"{SAMPLES}/gate_easy.mp4"
VIDEO = sample_path("gate_easy").read_bytes()
MODULE = next(path.name for path in sorted(WEB_FOLDER.glob("*.js")))
OUTSIDE = [
    "../server/app.py",
    "%2e%2e/server/app.py",
    "..%2fserver%2fapp.py",
    "../../data/sample_videos/README.md",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "..",
    ".",
    "",
    ".hidden.js",
    "folder/.hidden.js",
    "folder/",
    "page.py",
    "page.js%00",
    "page.js/",
    "page.js%5c..%5cx.js",
    "none.js",
]


def directives(response):
    policy = response.headers["Content-Security-Policy"]
    return {part.split()[0]: part.split()[1:] for part in policy.split("; ")}


def host_of(client):
    return client.base_url.removeprefix("http://").split("/")[0]


def test_the_page_refers_to_its_files_by_where_they_are_served(client):
    page = client.get(PAGE)
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    text = page.content.decode()
    assert "{{" not in text
    names = re.findall(r'(?:src|href)="web/([^"]+)"', text)
    assert names
    for name in names:
        assert (WEB_FOLDER / name).suffix in WEB_TYPES


def test_the_page_may_use_its_own_server_and_nothing_else(client):
    page = client.get(PAGE)
    host = host_of(client)
    allowed = directives(page)
    assert allowed.pop("connect-src") == ["'self'", f"ws://{host}", f"wss://{host}"]
    assert allowed.pop("frame-ancestors") in (["'none'"], ["'self'"])
    assert allowed == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:"],
        "media-src": ["'self'", "blob:"],
        "worker-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "require-trusted-types-for": ["'script'"],
    }
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Permissions-Policy"] == "camera=(self), microphone=()"
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", [PAGE, WEB + MODULE, SAMPLE])
def test_a_head_has_the_headers_and_no_body(client, path):
    whole, head = client.get(path), client.request("HEAD", path)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("Content-Length", "Content-Type", "Content-Security-Policy", "Etag"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("path", [PAGE, WEB + MODULE, SAMPLE])
def test_a_browser_asks_again_and_is_told_that_it_has_the_file(client, path):
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, {"If-None-Match": first.headers["Etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, {"If-None-Match": '"other"'}).status_code == 200


def test_a_script_is_one_and_is_bound_by_a_policy_of_its_own(client):
    script = client.get(WEB + MODULE)
    assert script.content == (WEB_FOLDER / MODULE).read_bytes()
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["X-Content-Type-Options"] == "nosniff"
    host = host_of(client)
    assert directives(script) == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "worker-src": ["'self'"],
        "connect-src": ["'self'", f"ws://{host}", f"wss://{host}"],
        "require-trusted-types-for": ["'script'"],
    }


def test_every_file_of_the_folder_has_the_type_of_its_ending_and_runs_nothing(client):
    for path in (path for path in WEB_FOLDER.rglob("*") if path.suffix in WEB_TYPES):
        answer = client.get(WEB + path.relative_to(WEB_FOLDER).as_posix())
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == WEB_TYPES[path.suffix]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert ("sandbox" in directives(answer)) == (path.suffix != ".js")


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_but_the_files_of_the_folder_is_served(client, name):
    answer = client.get(WEB + name)
    assert answer.status_code == 404
    assert b"Tornado application" not in answer.content
    assert b"root:" not in answer.content


def test_a_file_is_what_it_is_now_and_only_of_the_kinds_of_a_page(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "WEB_FOLDER", tmp_path)
    for name in (".hidden.js", "notes.txt", "tool.py", "folder/inner.js", ".git/config.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("0;")
    with TestClient() as client:
        for name in (".hidden.js", "notes.txt", "tool.py", "folder", "folder/", ".git/config.json"):
            assert client.get(WEB + name).status_code == 404
        before = client.get(WEB + "folder/inner.js")
        assert before.content == b"0;"
        (tmp_path / "folder/inner.js").write_text("1;")
        after = client.get(WEB + "folder/inner.js", {"If-None-Match": before.headers["Etag"]})
        assert (after.status_code, after.content) == (200, b"1;")


def test_the_samples_are_described(client):
    answer = client.get(SAMPLES)
    assert answer.headers["Content-Type"] == "application/json"
    samples = answer.json()["samples"]
    assert [sample["name"] for sample in samples] == sample_names()
    (easy,) = [sample for sample in samples if sample["name"] == "gate_easy"]
    assert easy == {
        "name": "gate_easy",
        "fps": 30.0,
        "frames": 390,
        "width": 640,
        "height": 480,
        "pipeline_id": "yolo_ocr",
    }
    assert {sample["name"]: sample["pipeline_id"] for sample in samples} == {
        name: "everyday" if name == "photographs" else "yolo_ocr" for name in sample_names()
    }


def test_a_sample_is_served_as_a_video(client):
    whole = client.get(SAMPLE)
    assert whole.status_code == 200
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.content == VIDEO


@pytest.mark.parametrize(
    ("range_", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=1000-", 1000, len(VIDEO) - 1),
        ("bytes=-10", len(VIDEO) - 10, len(VIDEO) - 1),
    ],
)
def test_a_sample_is_served_in_ranges(client, range_, first, last):
    part = client.get(SAMPLE, {"Range": range_})
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes {first}-{last}/{len(VIDEO)}"
    assert part.content == VIDEO[first : last + 1]


def test_a_range_beyond_a_sample_is_refused(client):
    answer = client.get(SAMPLE, {"Range": f"bytes={len(VIDEO)}-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(VIDEO)}"


@pytest.mark.parametrize(
    "name",
    [
        "none.mp4",
        "gate_easy",
        "gate_easy.truth.jsonl",
        "README.md",
        "..%2fsample_videos%2fgate_easy.mp4",
        "%2fetc%2fpasswd",
        ".mp4",
        "gate_easy.mp4%00",
    ],
)
def test_a_sample_that_there_is_not_is_told_with_those_that_there_are(client, name):
    answer = client.get(f"{SAMPLES}/{name}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"
    told = answer.json()
    assert told["error"] == "unknown_sample"
    for there_is in sample_names():
        assert f"{there_is}.mp4" in told["detail"]


def test_standalone_the_page_is_at_the_root_too():
    with TestClient() as client:
        root, page = client.get("/"), client.get(PAGE)
    assert root.status_code == page.status_code == 200
    assert root.content.replace(b"streamlab/web/", b"web/") == page.content
    assert b'"streamlab/web/' in root.content
    for answer in (root, page):
        assert directives(answer)["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize(
    ("token", "page"), [(None, "/"), ("a token/", "/?token=a%20token/")], ids=["open", "guarded"]
)
def test_the_page_is_the_first_address_that_a_server_prints(token, page):
    server = StandaloneServer(StreamService(), token=token)
    first, second, *_ = addresses(server)
    assert first == "streamlab serves at http://127.0.0.1:8000"
    assert second.split() == ["live", "view", f"http://127.0.0.1:8000{page}"]


@pytest.mark.parametrize(
    "host", ["lab.example", "lab.example:8888", "127.0.0.1:8000", "localhost", "a-b.example:1"]
)
def test_a_plain_host_is_named_for_browsers_to_which_a_websocket_is_not_self(host):
    for policy in (page_policy(host, "'none'"), script_policy(host)):
        assert f"connect-src 'self' ws://{host} wss://{host};" in policy


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example; script-src *",
        "evil.example *",
        "a,b",
        "*",
        "*.example",
        "[::1]:80",
        "lab.example:",
        "lab.example:8888\n",
        "user@lab.example",
        "lab.example/x",
        "lab.example:123456",
    ],
)
def test_any_other_host_stays_out_of_the_policy(host):
    for policy in (page_policy(host, "'none'"), script_policy(host)):
        assert "connect-src 'self';" in policy
