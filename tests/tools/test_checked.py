# wrong values on purpose
# mypy: disable-error-code="arg-type, list-item, misc"

"""What tools may return under the names that streamlab understands."""

import math

import msgspec
import numpy as np
import pytest

from streamlab.errors import ToolResultError
from streamlab.pipelines.result import encode_value
from streamlab.tools.byte_track import ByteTracker, TrackRules
from streamlab.tools.checked import checked, classes_of, detections_of, shapes_of
from streamlab.tools.detection import Classification, Detection
from streamlab.tools.shapes import Line, Mask

BOX = {"x": 1, "y": 2.5, "width": 30, "height": 10}
RULES = TrackRules(0.35, 0.1, 0.4, 0.7, 0.15, 0.4, 0.6, 30)


def json_of(value):
    return msgspec.json.decode(encode_value(value))


def test_a_dict_becomes_the_detection_that_it_states():
    given = {**BOX, "label": "cup", "score": np.float32(0.5), "x": np.int64(7)}
    [detection] = detections_of([given])
    assert detection == Detection(7.0, 2.5, 30.0, 10.0, label="cup", score=0.5)
    assert [type(detection.x), type(detection.score)] == [float, float]
    assert ByteTracker(RULES).update([detection], 0)[0].label == "cup"


def test_what_is_none_is_as_if_it_was_not_there():
    [detection] = detections_of([{**BOX, "label": None, "text": None}])
    assert json_of(detection) == BOX


def test_a_detection_stays_what_it_is():
    detection = Detection(1.0, 2.0, 3.0, 4.0, label="cup", score=0.5, track_id=3)
    assert detections_of((detection,))[0] is detection


def test_geometry_of_arrays_becomes_plain():
    ring = np.array([[0, 0], [10, 0], [10, 10]], np.float32)
    [detection] = detections_of(
        [
            Detection(
                *(np.float32(side) for side in (0, 0, 10, 10)),
                contours=[ring],
                keypoints=np.ones((17, 3)),
                corners=np.zeros((4, 2)),
            )
        ]
    )
    plain = json_of(detection)
    assert plain["contours"] == [[[0, 0], [10, 0], [10, 10]]]
    assert len(plain["keypoints"]) == 17
    assert plain["corners"] == [[0, 0]] * 4


class Foreign:
    pass


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, r"detections is of type NoneType; a list is allowed, \[\] where nothing is found"),
        (np.zeros((2, 4)), "detections is of type numpy.ndarray; a list is allowed"),
        (BOX, "detections is of type dict; a list is allowed"),
        (
            [BOX, (1, 2, 3, 4)],
            r"detections\[1\] is of type tuple; a streamlab.Detection, or a dict",
        ),
        ([np.zeros(4)], r"detections\[0\] is of type numpy.ndarray; a streamlab.Detection"),
        (
            [{"x": 1, "y": 2, "w": 3, "h": 4}],
            r"detections\[0\] has w, h; .* width, height in pixels",
        ),
        ([{"x": 1, "y": 2}], r"detections\[0\] has no width, height; "),
        ([{**BOX, "lable": "cup"}], r"detections\[0\] has lable; .* label, score, track_id"),
        ([{**BOX, "label": 3}], r"detections\[0\]: Expected `str \| null`, got `int` - at `label`"),
        ([{**BOX, "x": "1"}], r"detections\[0\]: Expected `float`, got `str` - at `x`"),
        ([{**BOX, "x": math.nan}], r"detections\[0\]: x is nan; a finite number is allowed"),
        ([{**BOX, "score": np.float32("inf")}], r"detections\[0\]: score is inf; a finite"),
        ([{**BOX, "width": -30}], r"detections\[0\]: width is -30, under 0"),
        ([Detection(1.0, 2.0, -3.0, 4.0)], r"detections\[0\]: width is -3, under 0"),
        ([Detection("a", 2, 3, 4)], r"detections\[0\]: Expected `float`, got `str` - at `x`"),
        ([{**BOX, "keypoints": [[1, 2]]}], r"detections\[0\]: Expected `array` of length 3"),
        ([{**BOX, "keypoints": [[1, 2, math.nan]]}], r"detections\[0\]: keypoints is nan"),
        ([{**BOX, "contours": [[[1, math.inf]]]}], r"detections\[0\]: contours is inf"),
        ([{**BOX, "corners": [[1, 2]] * 3}], r"detections\[0\]: corners has 3 points; 4 are"),
        ([Foreign()], r"detections\[0\] is of type .*Foreign; a streamlab.Detection"),
    ],
)
def test_what_is_no_detection_is_refused_in_a_sentence_that_says_what_is_allowed(given, words):
    with pytest.raises(ToolResultError, match=words) as caught:
        detections_of(given)
    assert "\n" not in str(caught.value)


def test_classes_are_what_they_state():
    found = classes_of([{"label": "tabby", "score": np.float32(0.5)}, Classification("lynx", 0.25)])
    assert found == [Classification("tabby", 0.5), Classification("lynx", 0.25)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tabby": 0.9}, "classes is of type dict; a list is allowed"),
        (["tabby"], r"classes\[0\] is of type str; a streamlab.Classification, or a dict"),
        ([{"label": "tabby"}], r"classes\[0\] has label; .* label and score, is allowed"),
        ([{"label": 3, "score": 1}], r"classes\[0\]: Expected `str`, got `int` - at `label`"),
        ([{"label": "tabby", "score": math.nan}], r"classes\[0\]: score is nan"),
    ],
)
def test_what_is_no_class_is_refused(given, words):
    with pytest.raises(ToolResultError, match=words):
        classes_of(given)


def test_a_shape_of_a_dict_is_that_of_its_constructor():
    line = Line([(0, 1), (2, 3)], label="gate")
    assert (
        shapes_of([line, {"kind": "line", "points": [[0, 1], [2, 3]], "label": "gate"}])
        == [line] * 2
    )
    assert shapes_of([json_of(Mask([[(0, 0), (4, 0), (4, 4)]]))])[0].contours == [
        [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]]
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Line([(0, 1), (2, 3)]), "shapes is of type streamlab.Line; a list is allowed"),
        (
            [[(0, 1), (2, 3)]],
            r"shapes\[0\] is of type list; a streamlab.Line, Polygon, Text or Mask",
        ),
        ([{"kind": "circle"}], r"shapes\[0\]: kind is 'circle'; line, polygon, text, mask are"),
        ([{"points": []}], r"shapes\[0\]: kind is None"),
        ([{"kind": "line"}], r"shapes\[0\]: a line needs points"),
        (
            [{"kind": "text", "x": 1, "y": 2, "text": "a", "size": 3}],
            "a text has no size; it has x",
        ),
        (
            [{"kind": "line", "points": 5}],
            r"shapes\[0\]: a line has points, each x and y, not an int",
        ),
    ],
)
def test_what_is_no_shape_is_refused(given, words):
    with pytest.raises(ToolResultError, match=words):
        shapes_of(given)


def test_other_values_are_left_alone():
    values = {"count": object()}
    assert checked(values) is values
    assert msgspec.to_builtins(checked({"count": 1, "tracks": []})) == {"count": 1, "tracks": []}
