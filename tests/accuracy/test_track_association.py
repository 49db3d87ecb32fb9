from streamlab.accuracy.track_association import iou, match_texts
from streamlab.media.truth import Truth


def box(x, y=0, **more):
    return {"x": x, "y": y, "width": 20, "height": 10, **more}


def truth_of(count, x=0):
    thing = box(x, label="plate", track_id=7, text="AB-1", legible=True)
    return Truth([[thing]] * count)


def read(x, track_id, text=None):
    more = {"text": text} if text else {}
    return {"detections": [box(x, track_id=track_id, **more)]}


def test_overlaps():
    assert iou(box(0), box(0)) == 1
    assert iou(box(0), box(20)) == 0
    assert iou(box(0), box(10)) == 1 / 3


def test_a_track_is_associated_with_the_one_that_shares_most_frames():
    results = [(n, read(1, 3, "AB-1" if n > 4 else None)) for n in range(12)]
    results += [(n, read(1, 4, "WRONG")) for n in range(12, 15)]
    [outcome] = match_texts(truth_of(15), results)
    assert (outcome.read, outcome.first_right_frame, outcome.is_right) == ("AB-1", 5, True)


def test_the_last_text_counts():
    results = [(n, read(0, 3, "AB-1" if n < 11 else "AB-7")) for n in range(12)]
    [outcome] = match_texts(truth_of(12), results)
    assert outcome.read == "AB-7"
    assert not outcome.is_right


def test_a_box_elsewhere_is_associated_with_none():
    [outcome] = match_texts(truth_of(12), [(n, read(15, 3, "AB-1")) for n in range(12)])
    assert (outcome.read, outcome.first_right_frame) == (None, None)


def test_what_is_legible_too_briefly_is_not_asked_for():
    assert match_texts(truth_of(9), []) == []
    assert len(match_texts(truth_of(10), [])) == 1
