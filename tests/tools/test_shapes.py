# wrong values on purpose
# mypy: disable-error-code="arg-type, list-item, misc"

import doctest
import math

import msgspec
import numpy as np
import pytest

from streamlab.pipelines.result import encode_value
from streamlab.tools import shapes
from streamlab.tools.shapes import Line, Mask, Polygon, Text


def json_of(value):
    return msgspec.json.decode(encode_value(value))


def test_the_documented_examples_run():
    results = doctest.testmod(shapes)
    assert results.attempted
    assert not results.failed


@pytest.mark.parametrize(
    ("shape", "plain"),
    [
        (
            Line(np.array([[[1, 2]], [[3, 4]]], np.int32), color="#00FFaa"),
            {"kind": "line", "points": [[1, 2], [3, 4]], "color": "#00FFaa"},
        ),
        (
            Polygon([(0, 0), (1.26, 0), (1, 1)], fill=np.True_, label="zone"),
            {
                "kind": "polygon",
                "points": [[0, 0], [1.3, 0], [1, 1]],
                "fill": True,
                "label": "zone",
            },
        ),
        (Text(np.float32(3), 4, "12 cups"), {"kind": "text", "x": 3, "y": 4, "text": "12 cups"}),
        (
            Mask([[(0, 0), (9, 0), (9, 9)], [(1, 1), (2, 2)]]),
            {"kind": "mask", "contours": [[[0, 0], [9, 0], [9, 9]]]},
        ),
    ],
)
def test_a_shape_is_sent_as_plain_data(shape, plain):
    assert json_of(shape) == plain


@pytest.mark.parametrize("dtype", [bool, np.uint8])
def test_a_mask_of_an_array_has_the_rings_around_its_pixels_and_holes(dtype):
    import cv2

    array = np.zeros((40, 60), dtype)
    array[5:30, 10:50] = 1
    array[10:20, 20:30] = 0
    rings = Mask(array).contours
    assert len(rings) == 2
    drawn = np.zeros((40, 60), np.uint8)
    cv2.fillPoly(drawn, [np.array(ring, np.int32) for ring in rings], 1)
    # the pixels of a hole's own ring are the area's
    assert np.count_nonzero(drawn != array.astype(np.uint8)) <= 2 * (10 + 10) + 4
    assert drawn[15, 25] == 0
    assert drawn[7, 12] == 1


def test_an_empty_mask_has_no_rings():
    assert json_of(Mask(np.zeros((4, 4), bool))) == {"kind": "mask", "contours": []}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Line([(0, 0)]), "a line has 2 points or more, not 1"),
        (lambda: Polygon([(0, 0), (1, 1)]), "a polygon has 3 points or more, not 2"),
        (lambda: Line([0, 0, 1, 1]), "a line has points, each x and y, not 0"),
        (lambda: Line([(0, 0, 0), (1, 1, 1)]), r"each x and y, not \(0, 0, 0\)"),
        (lambda: Line([("a", 0), (1, 1)]), "each two numbers, not"),
        (lambda: Line([(math.nan, 0), (1, 1)]), "a point at nan, 0.0; finite numbers are allowed"),
        (lambda: Line("00"), "a line has points, each x and y, not a str"),
        (lambda: Text(0, 0, 12), "a text is a str, not an int"),
        (lambda: Text(None, 0, "a"), "each two numbers, not"),
        (lambda: Line([(0, 0), (1, 1)], color="red"), "the color of a line is 'red'; '#rrggbb' is"),
        (lambda: Line([(0, 0), (1, 1)], label=3), "the label of a line is a str, not an int"),
        (
            lambda: Mask(np.zeros((4, 4, 3), bool)),
            r"a bool array H x W, not bool of shape \(4, 4, 3\)",
        ),
        (lambda: Mask(np.zeros((4, 4))), "a bool array H x W, not float64"),
        (lambda: Mask(7), "a bool array H x W or a list of rings, not an int"),
    ],
)
def test_what_cannot_be_drawn_is_refused_where_it_is_made(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()
