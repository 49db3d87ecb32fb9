import cv2
import msgspec
import numpy as np
import pytest

from streamlab.tools.crops import PREPARATIONS, is_cut_off, prepare
from streamlab.tools.detection import Detection
from streamlab.tools.read_params import ReadParams
from streamlab.tools.reader import ReadTracks, in_reading_order


def frame_with(*plates, ground=90):
    """A frame with plates (text, x, y, height), and their boxes."""
    image = np.full((480, 640, 3), ground, np.uint8)
    boxes = []
    for i, (text, x, y, height) in enumerate(plates):
        (wide, high), low = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.2, 3)
        big = np.full((high + low + 16, wide + 24, 3), (60, 200, 240), np.uint8)
        cv2.putText(big, text, (12, high + 10), 0, 1.2, (20, 20, 20), 3, cv2.LINE_AA)
        scale = height / big.shape[0]
        plate = cv2.resize(big, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        h, w = plate.shape[:2]
        x2, y2 = min(x + w, 640), min(y + h, 480)
        image[max(y, 0) : y2, max(x, 0) : x2] = plate[max(-y, 0) : y2 - y, max(-x, 0) : x2 - x]
        x1, y1 = max(x, 0), max(y, 0)
        box = Detection(x1, y1, x2 - x1, y2 - y1, label="plate", score=0.9, track_id=i + 1)
        boxes.append(box)
    return image, boxes


class Readings:
    """The real engine, and a count of what it read."""

    def __init__(self, engine):
        self.engine, self.count = engine, 0

    def read_line(self, image, whitelist=""):
        self.count += 1
        return self.engine.read_line(image, whitelist)


def new_session(**params):
    tool = ReadTracks(msgspec.convert(params, ReadParams))
    tool.load()
    tool._engine = Readings(tool._engine)  # type: ignore[assignment]
    step = tool.open()

    def run(image, boxes, frame_index):
        return step({"image": image, "detections": boxes, "tracks": boxes,
                     "frame_index": frame_index})  # fmt: skip

    return run, tool._engine


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize(
    "colours",
    [
        ((240, 240, 240), (20, 20, 20)),
        ((40, 30, 30), (60, 60, 60)),
        ((20, 20, 20), (230, 230, 230)),
        ((60, 200, 240), (20, 20, 20)),
    ],
)
def test_text_is_prepared_dark_on_white_at_the_height_asked_for(preparation, colours):
    ground, ink = colours
    image = np.full((100, 200, 3), ground, np.uint8)
    cv2.putText(image, "KX-48", (40, 60), cv2.FONT_HERSHEY_SIMPLEX, 1, ink, 3)
    box = Detection(30, 25, 130, 50)
    prepared = prepare(image, box, preparation)
    assert prepared.dtype == np.uint8
    share = 1 + 2 * preparation.upper_margin
    assert prepared.shape[0] == pytest.approx(preparation.height_px * share, abs=2)
    assert prepared is not None
    assert np.median(prepared) > 250
    assert prepared.min() < 10


@pytest.mark.parametrize("box", [(5, 5, 0.2, 9), (-50, 5, 20, 9), (700, 5, 20, 9)])
def test_a_box_without_pixels_is_not_prepared(box):
    image = np.zeros((480, 640, 3), np.uint8)
    assert prepare(image, Detection(*box), PREPARATIONS[0]) is None


@pytest.mark.parametrize("colour", [0, 77, 255])
def test_a_box_in_which_nothing_stands_out_is_not_prepared(colour):
    image = np.full((100, 200, 3), colour, np.uint8)
    assert prepare(image, Detection(10, 10, 100, 30), PREPARATIONS[0]) is None


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        ((100, 100, 50, 20), False),
        ((0, 100, 50, 20), True),
        ((100, 1, 50, 20), True),
        ((590, 100, 49, 20), True),
        ((100, 460, 50, 19), True),
    ],
)
def test_a_box_at_the_border_counts_as_cut_off(box, cut):
    assert is_cut_off(Detection(*box), np.zeros((480, 640, 3), np.uint8)) is cut


def test_a_text_once_read_stands_on_every_frame_of_its_track_and_is_read_no_more():
    run, engine = new_session()
    image, boxes = frame_with(("KX-4873", 100, 200, 36))
    shown = []
    for i in range(30):
        moved = [msgspec.structs.replace(b, x=b.x + i % 3) for b in boxes]
        shown.append(run(image, moved, i))
    assert [d.text for values in shown for d in values["detections"]] == ["KX-4873"] * 30
    assert all(0.6 <= values["detections"][0].text_score <= 1 for values in shown)
    assert shown[-1]["text"] == "KX-4873"
    assert engine.count == 2


def test_a_text_stays_on_its_track_where_it_can_be_read_no_more():
    run, _ = new_session()
    image, boxes = frame_with(("KX-4873", 100, 200, 36))
    for i in range(4):
        run(image, boxes, i)
    dark = np.zeros_like(image)
    assert run(dark, boxes, 9)["text"] == "KX-4873"
    far = [msgspec.structs.replace(boxes[0], height=6.0, width=20.0)]
    assert run(dark, far, 10)["text"] == "KX-4873"


def test_a_busy_frame_reads_no_more_than_it_may_and_all_are_read_in_time():
    plates = [(f"PKT-48{n}{n}", 20 + 200 * (n % 3), 40 + 100 * (n // 3), 34) for n in range(9)]
    image, boxes = frame_with(*plates)
    run, engine = new_session(max_readings_per_frame=2, mean_readings_per_frame=1.0)
    run(image, [], 0)
    before = 0
    for i in range(1, 40):
        values = run(image, boxes, i)
        assert engine.count - before <= 2
        before = engine.count
    assert engine.count < 30
    assert {d.text for d in values["detections"]} == {text for text, *_ in plates}
    assert values["text"].split() == [text for text, *_ in plates]


def test_reading_keeps_to_its_mean_rate_where_nothing_can_be_read():
    image = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    boxes = [Detection(20 + 150 * n, 100, 120, 30, label="plate", track_id=n) for n in range(4)]
    run, engine = new_session(mean_readings_per_frame=0.25)
    for i in range(80):
        run(image, boxes, i)
    assert engine.count <= 80 * 0.25 + 4  # the four of the first frame


def test_what_cannot_be_read_is_left_alone_more_and_more():
    image = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    box = [Detection(20, 100, 120, 30, label="plate", track_id=1)]
    run, engine = new_session(mean_readings_per_frame=100, max_readings_per_frame=5)
    counts = []
    for i in range(200):
        run(image, box, i)
        counts.append(engine.count)
    assert counts[49] > counts[199] - counts[149]
    assert counts[199] < 25


def test_nothing_is_read_that_is_too_small_cut_off_or_of_another_label():
    image, boxes = frame_with(("KX-4873", 100, 200, 36))
    plate = boxes[0]
    run, engine = new_session()
    for i, other in enumerate([
        msgspec.structs.replace(plate, label="vehicle"),
        msgspec.structs.replace(plate, height=8.0),
        msgspec.structs.replace(plate, x=0.0),
    ]):  # fmt: skip
        values = run(image, [other], i)
        assert "text" not in msgspec.to_builtins(values["detections"][0])
        assert values["text"] == ""
    assert engine.count == 0


def test_labels_of_another_model_are_read_where_asked_for():
    image, boxes = frame_with(("KX-4873", 100, 200, 36))
    sign = [msgspec.structs.replace(boxes[0], label="stop sign")]
    for labels in (None, ["stop sign"]):
        run, _ = new_session(labels=labels)
        assert run(image, sign, 0)["text"] == "KX-4873"


def test_a_doubtful_text_is_not_shown():
    image, boxes = frame_with(("KX-4873", 100, 200, 36))
    run, engine = new_session(min_text_score=1.0)
    values = run(image, boxes, 0)
    assert engine.count == 1
    assert values["detections"] == boxes
    assert values["text"] == ""


def test_a_plate_seen_in_part_first_ends_with_its_whole_text():
    run, _ = new_session()
    for i in range(4):
        image, boxes = frame_with(("KX-4873", 100, 200, 36))
        image[:, 170:] = 90
        run(image, [msgspec.structs.replace(boxes[0], width=70.0)], i)
    for i in range(4, 10):
        image, boxes = frame_with(("KX-4873", 100, 200, 36))
        values = run(image, boxes, i)
    assert values["text"] == "KX-4873"


@pytest.mark.parametrize("flaw", [{"width": 0.0}, {"score": 0.0}, {"score": None}])
def test_an_odd_box_is_no_error(flaw):
    image, boxes = frame_with(("KX-4873", 100, 200, 36))
    odd = [msgspec.structs.replace(boxes[0], **flaw)]
    run, _ = new_session()
    for i in range(6):
        assert len(run(image, odd, i)["detections"]) == 1


def test_the_texts_of_a_frame_are_in_reading_order():
    boxes = [
        Detection(300, 205, 90, 30, text="third"),
        Detection(10, 10, 90, 30, text="first"),
        Detection(300, 20, 90, 30, text="second"),
        Detection(100, 200, 90, 30),
        Detection(500, 200, 90, 30, text="fourth"),
    ]
    assert in_reading_order(boxes) == "first second third fourth"


def test_sessions_share_no_texts():
    image, boxes = frame_with(("KX-4873", 100, 200, 36))
    tool = ReadTracks(ReadParams())
    tool.load()
    first, second = tool.open(), tool.open()
    values = {"image": image, "detections": boxes, "tracks": boxes, "frame_index": 0}
    assert first(values)["text"] == "KX-4873"
    dark = {**values, "image": np.zeros_like(image)}
    assert second(dark)["text"] == ""


def sign(text, label="sign", track_id=1):
    """A frame with a sign on it, and its box."""
    image, [box] = frame_with((text, 120, 200, 48))
    return image, [msgspec.structs.replace(box, label=label, track_id=track_id)]


def shown_on(text, **params):
    image, boxes = sign(text)
    run, _ = new_session(**params)
    return [run(image, boxes, index)["text"] for index in range(12)][-1]


def test_any_label_is_read_with_all_its_characters_where_labels_is_null():
    assert shown_on("North Wing", labels=None) == "North Wing"
    assert shown_on("North Wing") == "", "a sign is none of the labels that carry text by default"


@pytest.mark.parametrize("params", [{}, {"labels": ["sign"]}])
def test_labels_that_are_named_are_read_as_plates_are_unless_a_whitelist_is_given(params):
    assert ReadParams(**params).characters == "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
    assert ReadParams(**params, whitelist="xyz").characters == "xyz"
    assert shown_on("North Wing", labels=["sign"]) == "NORTHWING"


def test_a_whitelist_that_is_given_holds_for_all_labels_too():
    assert shown_on("AB 4873", labels=None, whitelist="0123456789") == "4873"


def test_a_text_of_which_nothing_is_listed_is_warned_of_once(caplog):
    assert shown_on("EXIT", labels=None, whitelist="0123456789") == ""
    [record] = caplog.records
    assert record.levelname == "WARNING"
    told = record.getMessage()
    assert "'EXIT' was read on a sign" in told
    assert "whitelist '0123456789'" in told
    assert '"whitelist": ""' in told


def test_the_edge_of_a_plate_and_an_empty_box_are_not_warned_of(caplog):
    assert shown_on("|", labels=None, whitelist="0123456789") == ""
    assert shown_on(" ", labels=None, whitelist="0123456789") == ""
    assert not caplog.records
