"""What the live view says: every way in which something goes wrong has plain words."""

import inspect
import re
from pathlib import Path

import pytest

from streamlab import errors
from streamlab.backpressure.realtime import STATES
from streamlab.client.record import CAUSES
from streamlab.sessions.messages import STREAM_PATH

WEB = Path(__file__).parents[1] / "streamlab" / "web"
WORDS = (WEB / "protocol" / "problems.js").read_text(encoding="utf-8")
TABLE = WORDS[WORDS.index("export const WORDS") : WORDS.index("\n};")]
ENTRIES = dict(re.findall(r"^  (\w+): \{\n(.*?)^  \},$", TABLE, re.M | re.S))
PROTOCOL = sorted(
    {
        error.code
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, errors.ProtocolError)
    }
)
RAISED = sorted(
    {
        (path.name, code)
        for path in WEB.rglob("*.js")
        for code in re.findall(r'new Problem\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize("code", PROTOCOL)
def test_every_error_of_the_protocol_has_words(code):
    assert code in ENTRIES


@pytest.mark.parametrize(("module", "code"), RAISED)
def test_every_problem_that_the_page_finds_has_words(module, code):
    assert code in ENTRIES, module


def test_the_problems_are_found_where_they_are_raised():
    assert {"open.js", "server.js", "transitions.js", "problems.js"} <= {
        module for module, _ in RAISED
    }
    assert len(PROTOCOL) >= 9


@pytest.mark.parametrize("code", ENTRIES)
def test_words_say_what_happened_and_what_can_be_done(code):
    said = dict(re.findall(r'(\w+): "([^"]*)"', ENTRIES[code]))
    assert said["title"]
    assert not said["title"].endswith("."), "a value may follow it"
    # what a server refuses says itself what to do
    assert said["advice"].endswith(".") or code == "refused"


@pytest.mark.parametrize("code", ENTRIES)
def test_no_words_are_left_over(code):
    assert code in {*PROTOCOL, *(raised for _, raised in RAISED)}


def test_the_page_knows_every_cause_and_state_of_the_server():
    metrics = (WEB / "metrics" / "metrics.js").read_text(encoding="utf-8")

    def listed(name):
        return re.findall(r'"(\w+)"', re.search(rf"const {name} = \[(.*?)\]", metrics, re.S)[1])

    assert listed("CAUSES") == list(CAUSES)
    assert listed("STATES") == list(STATES)


def test_the_page_streams_where_the_server_serves():
    stream = (WEB / "protocol" / "stream.js").read_text(encoding="utf-8")
    assert f'STREAM_PATH = "{STREAM_PATH.removeprefix("/")}"' in stream
