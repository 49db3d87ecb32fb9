import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from streamlab.lab.connection import connect
from streamlab.lab.lab import Lab
from streamlab.lab.recording import Recording
from streamlab.lab.recording_card import recording_card

EVIL = "<script>alert('x')</script>&\"'"


class Page(HTMLParser):
    """Checks that tags are closed in order, and notes what is on the page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self._open = [], [], []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def make(sessions=2, drop=1, error=None, count=10, **info):
    rows = [
        {
            "session": session,
            "frame_index": index,
            "video_frame": index,
            "size_bytes": 1,
            "scheduled_ms": index * 33.0,
            "sent_ms": index * 33.0,
            "fate": "dropped" if index < drop else "processed",
            "cause": "overflow" if index < drop else None,
            "round_trip_ms": None if index < drop else 12.5,
        }
        for session in range(sessions)
        for index in range(count)
    ]
    told = {"video": "gate_easy", "pipeline_id": "yolo", "fps": 30, "policy": "realtime", **info}
    ended = [{"session": session, "error": error} for session in range(sessions)]
    return Recording(pd.DataFrame(rows), told, sessions=ended)


def test_a_card_shows_every_session_with_its_figures():
    page = Page(recording_card(make(drop_threshold=0.25)))
    assert page.tags.count("tr") == 3
    assert page.words.count("9") == 2
    assert page.words.count("12.5") == 6
    text = " ".join(page.words)
    assert "dropped: overflow 2 (10.0 %)" in text
    assert "drop threshold 0.25" in text


def test_the_bars_of_the_outcomes_fill_the_width():
    widths = re.findall(r'<rect x="([\d.]+)" y="0" width="([\d.]+)"', recording_card(make()))
    assert [(float(x), float(width)) for x, width in widths] == [(0, 90), (90, 10)]


def test_a_rare_outcome_stays_visible():
    widths = re.findall(r'width="([\d.]+)" height="10"', recording_card(make(1, count=5000)))
    assert min(map(float, widths)) >= 0.4


def test_many_sessions_are_cut_short_and_counted():
    page = Page(recording_card(make(sessions=25)))
    assert page.tags.count("tr") == 11
    assert "and 15 more" in page.words


def test_what_users_and_servers_say_is_never_markup():
    recording = make(error=EVIL, video=EVIL, pipeline_id=EVIL, policy=EVIL, video_error=EVIL)
    page = Page(recording_card(recording))
    assert "script" not in page.tags
    assert any("<script>" in words for words in page.words)
    page = Page(Lab("http://127.0.0.1:1/<script>", None, EVIL)._repr_html_())
    assert "script" not in page.tags


def test_long_errors_are_cut():
    card = recording_card(make(error="pipeline_failure: " + "x" * 5000))
    assert len(card) < 5000


def test_an_empty_recording_and_one_without_answers_have_cards():
    assert "no frame was sent" in recording_card(Recording(pd.DataFrame(), {}))
    assert "–" in Page(recording_card(make(drop=10))).words  # noqa: RUF001


def test_cards_leave_colours_of_text_to_the_theme():
    card = recording_card(make())
    assert not re.findall(r"[;\"]color:(?!inherit)", card)


@pytest.fixture(scope="module")
def lab():
    with connect(where="kernel", workers=1) as lab:
        yield lab


def test_the_card_of_a_lab_tells_how_its_server_is_but_no_token(lab):
    card = lab._repr_html_()
    words = Page(card).words
    assert lab.token not in card
    assert lab.base_url in words
    assert words[words.index("live sessions") + 1] == "0"
    assert "noop" in words[words.index("pipelines") + 1]


def test_a_lab_whose_server_is_gone_says_so():
    lab = Lab("http://user:hidden@127.0.0.1:1/base?token=sesame", "sesame", "a server")
    card = lab._repr_html_()
    assert "does not answer" in card
    assert "http://127.0.0.1:1/base" in card
    assert "sesame" not in card
    assert "hidden" not in card


def test_a_closed_lab_says_so():
    lab = Lab("http://127.0.0.1:1", None, "a server")
    lab.close()
    assert "closed" in lab._repr_html_()
