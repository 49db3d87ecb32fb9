"""`read_codes` on codes that are drawn here: several, turned, cut off, odd ones, and none."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from barcodes import ean_13

from streamlab.errors import StreamlabError
from streamlab.media.frames import encode
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.testing import TestClient
from streamlab.tools.codes import ReadCodes, ReadCodesParams

ODD_CODES = Path(__file__).parent / "codes"
GREY = 190
URL, GREETING, BOOK = "https://example.org/a?b=c", "zweite Grüße ✓", "9780201379624"
PLACES = {URL: (60, 60, 150), GREETING: (420, 80, 150)}
BOOK_PLACE = (200, 330)


def qr(text, side):
    modules = cv2.QRCodeEncoder.create().encode(text)
    image = cv2.copyMakeBorder(modules, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255)
    image = cv2.resize(image, (side, side), interpolation=cv2.INTER_NEAREST)
    return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)


def frame():
    image = np.full((480, 640, 3), GREY, np.uint8)
    for text, (x, y, side) in PLACES.items():
        image[y : y + side, x : x + side] = qr(text, side)
    code, (x, y) = ean_13(BOOK), BOOK_PLACE
    image[y : y + code.shape[0], x : x + code.shape[1]] = code
    return image


def turned(image, degrees, scale=0.8):
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    return cv2.warpAffine(image, matrix, (width, height), borderValue=(GREY,) * 3)


def read(image, **params):
    return ReadCodes(ReadCodesParams(**params)).open()({"image": image})["detections"]


def texts(image, **params):
    return {detection.text: detection.label for detection in read(image, **params)}


ALL = {URL: "qr", GREETING: "qr", BOOK: "ean_13"}


def test_several_codes_in_a_frame_are_read_from_the_top_down_with_their_boxes():
    found = read(frame())
    assert [detection.text for detection in found] == [URL, GREETING, BOOK]
    for detection in found[:2]:
        x, y, side = PLACES[detection.text]
        assert x < detection.x < detection.x + detection.width < x + side
        assert y < detection.y < detection.y + detection.height < y + side
        assert min(detection.width, detection.height) > 0.6 * side
    book = found[2]
    assert book.label == "ean_13"
    assert book.x == pytest.approx(BOOK_PLACE[0] + 22, abs=12)
    assert book.width == pytest.approx(200, abs=25)


@pytest.mark.parametrize("degrees", [10, 30, 45, 90, 120, 135, 180, 270])
def test_codes_are_read_at_any_angle_and_their_boxes_turn_with_them(degrees):
    image = turned(frame(), degrees)
    assert texts(image) == ALL
    matrix = cv2.getRotationMatrix2D((320, 240), degrees, 0.8)
    centres = {URL: (135, 135), GREETING: (495, 155), BOOK: (317, 375)}
    for detection in read(image):
        x, y = matrix @ [*centres[detection.text], 1]
        assert detection.x + detection.width / 2 == pytest.approx(x, abs=12)
        assert detection.y + detection.height / 2 == pytest.approx(y, abs=25)


@pytest.mark.parametrize(
    ("kinds", "expected"), [(("qr",), {URL, GREETING}), (("barcode",), {BOOK}), ((), set())]
)
def test_only_the_kinds_that_are_asked_for_are_read(kinds, expected):
    assert set(texts(frame(), kinds=kinds)) == expected


@pytest.mark.parametrize("shape", [(480, 640, 3), (1, 1, 3), (8, 8, 3), (20, 640, 3), (640, 20, 3)])
@pytest.mark.parametrize("noise", [False, True])
def test_a_frame_without_codes_has_none(shape, noise):
    image = np.full(shape, GREY, np.uint8)
    if noise:
        image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert read(image) == []


def test_bar_codes_of_north_american_goods_are_read_with_their_twelve_digits():
    image = np.full((300, 400, 3), GREY, np.uint8)
    code = ean_13("0036000291452")
    image[100 : 100 + code.shape[0], 60 : 60 + code.shape[1]] = code
    assert texts(image) == {"036000291452": "upc_a"}


def test_labels_are_those_of_the_kinds_that_are_asked_for():
    assert ReadCodes.labels(ReadCodesParams()) == ("qr", "ean_13", "ean_8", "upc_a")
    assert ReadCodes.labels(ReadCodesParams(kinds=("qr",))) == ("qr",)


def test_half_a_code_is_not_read():
    image = frame()
    image[:, 135:] = GREY
    assert read(image) == []


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("kanji", {"日本語テキスト"}),
        ("latin_1", {"café ÿþ"}),
        ("eci", {"utf8 ✓ 日本"}),
    ],
)
def test_contents_in_other_encodings_are_read_or_left_out_and_raise_nothing(name, allowed):
    """OpenCV raises for some of them; its older versions cannot give the bytes."""
    image = cv2.imread(str(ODD_CODES / f"{name}.png"))
    found = {detection.text for detection in read(image)}
    can_give_bytes = hasattr(cv2.QRCodeDetectorAruco, "decodeBytes")
    assert found == allowed if can_give_bytes else found <= allowed


def test_sessions_read_at_the_same_time():
    tool = ReadCodes(ReadCodesParams())

    def session(number):
        image = np.full((300, 300, 3), GREY, np.uint8)
        image[50:250, 50:250] = qr(f"session {number}", 200)
        step = tool.open()
        return {d.text for _ in range(10) for d in step({"image": image})["detections"]}

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(session, range(8))) == [{f"session {n}"} for n in range(8)]


def test_the_pipeline_codes_reads_and_tracks_through_a_real_server():
    with (
        TestClient() as client,
        client.websocket_connect("/ws/video/stream?pipeline_id=codes") as socket,
    ):
        ids = []
        for shift in (0, 4, 8):
            socket.send_bytes(encode(np.roll(frame(), shift, axis=1)))
            found = socket.receive_json()["result"]["detections"]
            assert {d["text"]: d["label"] for d in found} == ALL
            ids.append({d["text"]: d["track_id"] for d in found})
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids[0].values())) == 3


def test_a_kind_that_there_is_not_is_refused_when_the_pipeline_is_loaded():
    nodes = [{"id": "a", "tool": "read_codes", "params": {"kinds": ["aztec"]}}]
    with pytest.raises(StreamlabError, match="aztec"):
        PipelineRegistry.load().add({"id": "x", "nodes": nodes})
