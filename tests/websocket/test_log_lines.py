"""Nothing that a client sends begins a line of a log, nor reaches a terminal as it is."""

import contextlib
import io
import json
import logging
import re
import socket
import urllib.parse
from dataclasses import dataclass

import pytest
import raw_http
from hosts import jupyter_process
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_websocket import BINARY, CONTINUATION, FINAL, TEXT, frame

from streamlab.errors import PipelineFailureError
from streamlab.server.log_lines import INDENT, JsonLines, TextLines, escaped, json_line
from streamlab.server.logs import SESSIONS_LOG, SessionLog
from streamlab.testing import TestClient

TOKEN = "the-secret-of-this-server"
FORGED = "2026-01-01 00:00:00,000 ERROR forged"
LINE_ENDS = [*"\n\r\x0b\x0c\x1c\x85\u2028\u2029\0", "\r\n", "\x1b[2J"]
PATHS = [
    "/streamlab/sessions/{}",
    "/streamlab/samples/{}",
    "/streamlab/samples/{}.mp4",
    "/streamlab/web/{}",
    "/streamlab/web/{}.js",
    "/streamlab/live/{}",
    "/{}",
    "/streamlab/health?{}=1",
    "/streamlab/health?x={}",
    "/ws/events?topic={}",
    "/ws/video/stream?pipeline_id={}",
    "/ws/video/stream?pipeline_id=noop&policy={}",
    "/ws/video/stream?pipeline_id=noop&labels={}",
    "/ws/video/stream?pipeline_id=noop&drop_threshold={}",
]
UPGRADE = [
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "x" * 22 + "=="),
]
RECORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ ")


def hostile(text, encode):
    """Return text as a client may write it in a path: percent-encoded, or as it is."""
    return urllib.parse.quote(text.encode(errors="replace")) if encode else text


class Log:
    """Everything that this process logs, at every level, as a server's log has it."""

    def __init__(self, formatter):
        self.written = io.StringIO()
        self._handler = logging.StreamHandler(self.written)
        self._handler.setFormatter(formatter)

    def __enter__(self):
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.DEBUG)
        root.addHandler(self._handler)
        logging.getLogger("hypothesis").propagate = False
        return self

    def __exit__(self, *_):
        logging.getLogger().removeHandler(self._handler)
        logging.getLogger().setLevel(self._level)

    def lines(self):
        """Return the lines, by any reader's idea of a line."""
        return self.written.getvalue().splitlines()


def attack(client, text, encode, path, method, where):
    """Send a request with hostile text in it, and frames after it; read whatever comes."""
    said = hostile(text, encode)
    headers = [(name, value) for name, value in client.headers.items() if where != "Authorization"]
    headers.append((where, said.encode(errors="replace").decode("latin-1")))
    if path.startswith("/ws"):
        headers += UPGRADE
    spot = path.format(said).encode(errors="replace").decode("latin-1")
    connection, _ = raw_http.connect(client)
    with connection, contextlib.suppress(OSError):  # it may be closed before all is sent
        connection.sendall(raw_http.head(client, method, spot, [*headers, ("Connection", "close")]))
        connection.sendall(frame(TEXT, text.encode(errors="replace")[:100]))
        connection.sendall(frame(BINARY, b"", FINAL | 0x40) + frame(CONTINUATION))
        connection.shutdown(socket.SHUT_WR)
        raw_http.read_to_end(connection)


@pytest.mark.parametrize("as_json", [False, True])
def test_whatever_is_sent_each_record_is_one_line_without_control_characters(as_json):
    attacked = st.builds(
        lambda start, end, rest: f"{start}{end}{FORGED}{rest}",
        st.text(max_size=10),
        st.sampled_from(LINE_ENDS),
        st.text(max_size=10),
    )
    formatter = JsonLines(SESSIONS_LOG) if as_json else TextLines()
    with (
        TestClient(token=TOKEN, headers={"Authorization": f"Bearer {TOKEN}"}) as client,
        Log(formatter) as log,
    ):
        client.service._log._as_json = as_json

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            attacked,
            st.booleans(),
            st.sampled_from(PATHS),
            st.sampled_from(["GET", "PATCH", "BREW"]),
            st.sampled_from(["Origin", "User-Agent", "Host", "Authorization", "Cookie", "X-Any"]),
        )
        def run(text, encode, path, method, where):
            attack(client, text, encode, path, method, where)

        run()
        for path in PATHS:
            for end in LINE_ENDS:
                attack(client, f"x{end}{FORGED}", True, path, "GET", "User-Agent")
        lines = log.lines()
    assert any("forged" in line for line in lines), "what is sent does reach the log"
    for line in lines:
        assert line.isprintable(), line
        if as_json:
            assert json.loads(line)["event"] in {"log", "error", "connect", "disconnect"}
        else:
            assert RECORD.match(line) or line.startswith(INDENT), line
            assert not line.startswith(FORGED)


MALFORMED = [
    "/streamlab/sessions/%ff?token={}",
    "/streamlab/health?token={}%ff",
    "/streamlab/health?%74oken={}&x=%ff",
    "/%ff?token={}",
    "/streamlab/health?token={} x",
    "/streamlab/web/%ff.js?token={}",
    "/ws/events?topic=%ff&token={}",
    "http://[::1?token={}",
]


def test_a_malformed_request_is_logged_without_its_token():
    with TestClient(token=TOKEN) as client, Log(TextLines()) as log:
        for path in MALFORMED:
            for method in ("GET", "PATCH"):
                connection, _ = raw_http.connect(client)
                with connection:
                    request = f"{method} {path.format(TOKEN)} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    connection.sendall(request.encode())
                    connection.shutdown(socket.SHUT_WR)
                    raw_http.read_to_end(connection)
        lines = log.lines()
    assert any(" 400: GET /streamlab/sessions/%ff (127.0.0.1)" in line for line in lines), lines
    assert not any(TOKEN in line for line in lines), lines


def test_under_jupyter_nothing_sent_begins_a_line_either():
    with jupyter_process() as server:
        server.wait_until_ready()
        with server.client() as client:
            for path in PATHS:
                for end in LINE_ENDS:
                    attack(client, f"x{end}{FORGED}", True, path, "GET", "X-Any")
            # the connection ends before its last line is written
            client.get("/streamlab/sessions/the-end")
        server.wait_for("the-end")
        log = server.log()
    assert "forged" in log
    assert not any(line.startswith(FORGED) for line in log.splitlines())
    assert server.token not in log


@dataclass
class Named:
    """A session of this name."""

    session_id: str
    pipeline_id: str = "noop"


@pytest.mark.parametrize("end", LINE_ENDS)
def test_a_line_ends_where_its_record_does(end, caplog):
    text = f"a{end}{FORGED}"
    assert len(escaped(text).splitlines()) == 1
    assert json.loads(json_line({"x": text})) == {"x": text}
    assert len(json_line({"x": text}).splitlines()) == 1
    plain = logging.LogRecord("x", logging.ERROR, "x", 1, text, None, None)
    assert len(TextLines().format(plain).splitlines()) == 1
    caplog.set_level(logging.INFO)
    SessionLog().failed(Named(text), PipelineFailureError("node", text, f"Traceback\n  {text}"))
    [record] = caplog.records
    # of a program's own formatter too
    for written in (TextLines().format(record), f"ERROR {record.getMessage()}"):
        first, *others = written.splitlines()
        assert RECORD.match(first) or first.startswith("ERROR error ")
        assert all(line.startswith(INDENT) for line in others)
        assert others


def test_the_name_of_a_file_that_is_no_unicode_is_logged():
    assert json.loads(json_line({"x": "a\udcff"})) == {"x": "a\udcff"}
    assert escaped("a\udcff\u202e") == "a\\udcff\\u202e"
