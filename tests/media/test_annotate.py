import numpy as np
from pictures import make_image

from streamlab.media.annotate import Annotator
from streamlab.media.painting import STALE

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


FRAME = np.full((120, 160, 3), 200, np.uint8)
SQUARE = [[40, 40], [100, 40], [100, 100], [40, 100]]
HOLE = [[60, 60], [80, 60], [80, 80], [60, 80]]
RED = {"color": "#ff0000"}


def drawn_over(result, **options):
    return Annotator().draw(FRAME, result, **options)


def is_red(pixel):
    return tuple(pixel) == (0, 0, 255)


def is_half_red(pixel):
    return tuple(pixel) == (100, 100, 228)


def is_bare(pixel):
    return tuple(pixel) == (200, 200, 200)


def test_a_mask_is_half_transparent_within_its_outline_and_bare_in_its_holes():
    drawn = drawn_over({"shapes": [{"kind": "mask", "contours": [SQUARE, HOLE], **RED}]})
    assert is_half_red(drawn[50, 50])
    assert is_bare(drawn[70, 70])
    assert is_red(drawn[40, 70])
    assert is_red(drawn[60, 70])
    assert is_bare(drawn[20, 20])


def test_a_polygon_is_filled_where_it_says_so():
    for fill in (True, False):
        shape = {"kind": "polygon", "points": SQUARE, "fill": fill, **RED}
        drawn = drawn_over({"shapes": [shape]})
        assert is_half_red(drawn[50, 50]) == fill
        assert is_red(drawn[70, 40])


def test_a_line_is_open_and_has_the_colour_of_its_label_unless_it_has_its_own():
    line = {"kind": "line", "points": SQUARE}
    drawn = drawn_over({"shapes": [{**line, **RED}]})
    assert is_red(drawn[70, 100])
    assert is_bare(drawn[70, 40])
    labelled = drawn_over({"shapes": [{**line, "label": "gate"}]})
    box = drawn_over({"detections": [{**DETECTION, "label": "gate"}]})
    assert (labelled[70, 100] == box[40, 20]).all()


def test_a_text_begins_at_its_point():
    drawn = drawn_over({"shapes": [{"kind": "text", "x": 30, "y": 50, "text": "3 cups", **RED}]})
    changed = np.argwhere((drawn != FRAME).any(axis=2))
    top, left = changed.min(axis=0)
    assert abs(top - 50) <= 4
    assert left == 30


def test_a_segment_is_drawn_as_a_mask_in_place_of_its_box():
    box = {"x": 40, "y": 40, "width": 60, "height": 60, "color": "#ff0000"}
    triangle = [[40, 40], [100, 40], [40, 100]]
    drawn = drawn_over({"detections": [{**box, "contours": [triangle]}]})
    assert is_half_red(drawn[50, 50])
    assert is_bare(drawn[100, 100])


def test_an_oriented_box_is_drawn_by_its_corners_in_place_of_the_upright_one():
    box = {"x": 40, "y": 40, "width": 60, "height": 60, **RED}
    corners = [[70, 40], [100, 70], [70, 100], [40, 70]]
    drawn = drawn_over({"detections": [{**box, "corners": corners}]})
    assert is_red(drawn[55, 85])
    assert is_bare(drawn[99, 99])


def pose(confidences):
    points = [[10 + 8 * i, 110, confidence] for i, confidence in enumerate(confidences)]
    points[5], points[7] = [40, 40, confidences[5]], [100, 40, confidences[7]]
    return {"x": 0, "y": 0, "width": 1, "height": 1, "keypoints": points, **RED}


def test_a_person_has_a_skeleton_of_the_limbs_whose_ends_are_sure():
    drawn = drawn_over({"detections": [pose([0.5] * 17)]})
    assert is_red(drawn[40, 70])  # from the left shoulder to the left elbow
    unsure = drawn_over({"detections": [pose([0.49 if i == 7 else 0.5 for i in range(17)])]})
    assert is_bare(unsure[40, 70])
    assert is_bare(unsure[40, 100])
    assert is_red(unsure[40, 40])


def test_other_keypoints_are_dots_alone():
    drawn = drawn_over({"detections": [pose([0.9] * 16)]})
    assert is_bare(drawn[40, 70])
    assert is_red(drawn[40, 100])


def test_the_surest_class_stands_at_the_top_left_under_the_status():
    classes = [{"label": "tabby", "score": 0.87}, {"label": "lynx", "score": 0.1}]
    alone = drawn_over({"classes": classes})
    assert not is_bare(alone[8, 8])
    assert is_bare(alone[30, 8])
    both = drawn_over({"classes": classes}, status="3 ms")
    assert tuple(both[8, 7]) == (0, 0, 0)
    assert tuple(both[28, 7]) == tuple(alone[8, 7])


def test_every_kind_of_thing_is_grey_where_it_is_stale():
    shapes = [
        {"kind": "line", "points": SQUARE, **RED},
        {"kind": "mask", "contours": [SQUARE], **RED},
        {"kind": "text", "x": 0, "y": 0, "text": "red", **RED},
    ]
    drawn = drawn_over({"shapes": shapes, "detections": [pose([0.9] * 17)]}, stale=True)
    blue, green, red = (drawn[..., channel].astype(int) for channel in range(3))
    assert (abs(red - green) <= 1).all()
    assert (abs(red - blue) <= 1).all()


def test_shapes_far_outside_and_of_unknown_kinds_are_no_trouble():
    shapes = [
        {"kind": "polygon", "points": [[-1e9, -1e9], [1e9, 0], [50, 1e9]], "fill": True},
        {"kind": "mask", "contours": [[[500, 500], [600, 500], [600, 600]], []], "label": "far"},
        {"kind": "mask", "contours": [], "label": "empty"},
        {"kind": "hologram"},
    ]
    assert drawn_over({"shapes": shapes, "detections": None}).shape == FRAME.shape
