import numpy as np
from pictures import make_image

from streamlab.lab.annotate import STALE, Annotator

DETECTION = {"x": 20, "y": 30, "width": 60, "height": 20, "label": "plate", "track_id": 4}


def test_a_box_is_drawn_where_it_is_and_the_frame_is_left_alone():
    image = make_image(width=160, height=120)
    before = image.copy()
    drawn = Annotator().draw(image, {"detections": [DETECTION]}, "12 ms")
    assert np.array_equal(image, before)
    colour = drawn[40, 20]
    assert (drawn[30:50, 20] == colour).all()
    assert (drawn[50, 20:80] == colour).all()
    assert np.array_equal(drawn[35:48, 24:76], image[35:48, 24:76])


def test_a_label_has_its_colour_in_every_video():
    image = make_image(width=160, height=120)
    other = {**DETECTION, "label": "vehicle", "x": 100, "width": 40}
    first = Annotator().draw(image, {"detections": [DETECTION, other]})
    second = Annotator().draw(image, {"detections": [other, DETECTION]})
    assert (first[40, 20] == second[40, 20]).all()
    assert (first[40, 20] != first[40, 100]).any()


def test_a_stale_result_is_grey():
    drawn = Annotator().draw(
        make_image(width=160, height=120), {"detections": [DETECTION]}, stale=True
    )
    assert tuple(drawn[40, 20]) == STALE


def test_boxes_at_the_border_and_empty_results_are_no_trouble():
    image = make_image()
    edge = {"x": -5, "y": -5, "width": 500, "height": 500, "text": "X" * 200}
    assert Annotator().draw(image, {"detections": [edge]}).shape == image.shape
    assert np.array_equal(Annotator().draw(image, None), image)
    assert np.array_equal(Annotator().draw(image, {}), image)
