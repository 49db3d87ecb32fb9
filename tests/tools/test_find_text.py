"""Text in the wild: where it stands, what it says, and how seldom a frame is searched for it."""

import cv2
import numpy as np
import pytest

from streamlab.errors import ToolUnavailableError
from streamlab.tools.find_text import FindText, FindTextParams
from streamlab.tools.ocr_engines import load_engine, load_rapidocr

try:
    import rapidocr
except ImportError:
    rapidocr = None

needs_rapidocr = pytest.mark.skipif(rapidocr is None, reason="needs jupyter-streamlab[scenetext]")


def picture(*texts, ground=(200, 190, 180)):
    image = np.full((480, 640, 3), ground, np.uint8)
    for text, at, colour in texts:
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, 1.3, colour, 3, cv2.LINE_AA)
    return image


EXIT = picture(("EXIT 42", (300, 400), (0, 0, 160)), ("North Wing", (60, 120), (20, 20, 20)))


class Counting:
    """The real engine, and how often it was asked."""

    def __init__(self, engine):
        self.engine = engine
        self.searches = 0

    def find_lines(self, image):
        self.searches += 1
        return self.engine.find_lines(image)


def opened(**params):
    tool = FindText(FindTextParams(**params))
    tool.load()
    tool._engine = Counting(tool._engine)  # type: ignore[assignment]
    step = tool.open()
    return tool._engine, lambda image, index: step({"image": image, "frame_index": index})


@needs_rapidocr
def test_it_finds_lines_of_text_where_they_stand_and_reads_them():
    _, run = opened()
    result = run(EXIT, 0)
    assert result["text"] == "North Wing EXIT 42"
    by_text = {d.text: d for d in result["detections"]}
    for text, (x, y) in {"EXIT 42": (300, 400), "North Wing": (60, 120)}.items():
        found = by_text[text]
        assert found.label == "text"
        assert found.score == found.text_score > 0.9
        assert abs(found.x - x) < 12
        assert y - 45 < found.y < y - 20
        assert y - 5 < found.y + found.height < y + 25


@needs_rapidocr
def test_a_frame_without_text_has_none():
    _, run = opened()
    assert run(picture(), 0) == {"detections": [], "text": ""}


@needs_rapidocr
def test_frames_between_two_searches_keep_what_was_found():
    engine, run = opened(every=5)
    other = picture(("Platform 9", (80, 240), (30, 30, 30)), ground=(60, 200, 240))
    texts = [run(EXIT if index == 0 else other, index)["text"] for index in range(12)]
    assert texts == ["North Wing EXIT 42"] * 5 + ["Platform 9"] * 7
    assert engine.searches == 2, "the picture stood still after the second search"


@needs_rapidocr
def test_a_still_picture_is_searched_again_where_that_is_asked_for():
    engine, run = opened(every=5, min_change=0)
    for index in range(12):
        run(EXIT, index)
    assert engine.searches == 3


@needs_rapidocr
@pytest.mark.parametrize(
    ("whitelist", "text"), [("", "EXIT 42"), ("0123456789", "42"), ("EXIT", "EXIT")]
)
def test_it_is_an_engine_for_lines_too(whitelist, text):
    line = cv2.cvtColor(EXIT[350:415, 285:470], cv2.COLOR_BGR2GRAY)
    reading = load_engine("rapidocr").read_line(line, whitelist)
    assert reading.text == text
    assert len(reading.character_scores) == len(text)


@needs_rapidocr
def test_it_is_an_engine_for_pages_too():
    page = load_engine("rapidocr").read_page(cv2.cvtColor(EXIT, cv2.COLOR_BGR2GRAY))
    assert page.text == "North Wing\nEXIT 42"
    assert page.score > 0.9


@needs_rapidocr
def test_a_line_of_nothing_is_no_text():
    assert load_engine("rapidocr").read_line(np.full((32, 90), 200, np.uint8)).text == ""


@pytest.mark.skipif(rapidocr is not None, reason="rapidocr is installed")
def test_without_the_extra_the_error_says_what_to_install():
    extra = r'pip install "jupyter-streamlab\[scenetext\]"'
    with pytest.raises(ToolUnavailableError, match=extra):
        load_rapidocr()
    with pytest.raises(ToolUnavailableError, match=extra):
        load_engine("rapidocr")
