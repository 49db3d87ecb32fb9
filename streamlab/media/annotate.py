"""Drawing a pipeline's answer on its frame: `detections`, `shapes` and `classes`."""

from collections.abc import Callable, Mapping
from typing import Any

from streamlab.media.painting import BLACK, STALE, Colour, colour_of, dot, fill, label, stroke

LEAST_CONFIDENCE = 0.5
"""Confidence from which on a keypoint is drawn."""
SKELETON = (
    *((15, 13), (13, 11), (16, 14), (14, 12), (11, 12)),
    *((5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10)),
    *((1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6)),
)
"""The limbs of COCO's person: pairs of its 17 keypoints, from 0."""
COCO_KEYPOINTS = 17
STATUS_AT = (6, 18)
"""Start of the status line's base line, pixels."""
LINE_HEIGHT = 20
ABOVE_PX = 5
"""Distance of a label's base line above its box or shape."""
BELOW_PX = 14
TEXT_HEIGHT_PX = 13

Thing = Mapping[str, Any]
Colouring = Callable[[Thing], Colour]


class Annotator:
    """Draws detections, shapes, labels, track ids, texts and a status line.

    Each label has a colour, the same in every video; a shape may have a colour of its own.

    >>> annotated = Annotator().draw(image, {"detections": []}, "18 ms")
    """

    def draw(
        self, image: Any, result: Mapping[str, Any] | None, status: str = "", stale: bool = False
    ) -> Any:
        """Return a copy of `image`, HxWx3 uint8 BGR, with a result and a status line drawn on it.

        A `stale` result, one of an earlier frame, is drawn in grey.
        """
        canvas = image.copy()
        result = result or {}
        detections = result.get("detections") or []
        shapes = result.get("shapes") or []
        colouring: Colouring = (lambda _: STALE) if stale else colour_of
        # areas first, so that they cover no outlines
        for detection in detections:
            fill(canvas, detection.get("contours") or [], colouring(detection))
        for shape in shapes:
            _draw_area(canvas, shape, colouring(shape))
        for detection in detections:
            _draw_outline(canvas, detection, colouring(detection))
        for shape in shapes:
            _draw_strokes(canvas, shape, colouring(shape))
        for shape in shapes:
            _write_shape(canvas, shape, colouring(shape))
        for detection in detections:
            _caption(canvas, detection, colouring(detection))
        at = STATUS_AT
        if status:
            label(canvas, status, at, BLACK)
            at = at[0], at[1] + LINE_HEIGHT
        for surest in (result.get("classes") or [])[:1]:
            label(canvas, f"{surest['label']} {surest['score']:.2f}", at, colouring(surest))
        return canvas


def _draw_outline(canvas: Any, detection: Thing, colour: Colour) -> None:
    x, y = detection["x"], detection["y"]
    right, bottom = x + detection["width"], y + detection["height"]
    upright = [(x, y), (right, y), (right, bottom), (x, bottom)]
    if not detection.get("contours"):
        stroke(canvas, detection.get("corners") or upright, colour, closed=True)
    for ring in detection.get("contours") or []:
        stroke(canvas, ring, colour, closed=True)
    keypoints = detection.get("keypoints") or []
    if len(keypoints) == COCO_KEYPOINTS:
        for limb in SKELETON:
            ends = [keypoints[end] for end in limb]
            if all(end[2] >= LEAST_CONFIDENCE for end in ends):
                stroke(canvas, [end[:2] for end in ends], colour, closed=False)
    for point_x, point_y, confidence in keypoints:
        if confidence >= LEAST_CONFIDENCE:
            dot(canvas, point_x, point_y, colour)


def _caption(canvas: Any, detection: Thing, colour: Colour) -> None:
    words = [detection.get("label") or ""]
    if "track_id" in detection:
        words.append(f"#{detection['track_id']}")
    if detection.get("text"):
        words.append(detection["text"])
    elif "score" in detection:
        words.append(f"{detection['score']:.2f}")
    above = detection["y"] - ABOVE_PX
    below = detection["y"] + detection["height"] + BELOW_PX
    # a text is written under its box, where it covers neither the box nor the original
    y = below if detection.get("text") and below < canvas.shape[0] - 2 else above
    label(canvas, " ".join(filter(None, words)), (detection["x"], y), colour)


def _draw_area(canvas: Any, shape: Thing, colour: Colour) -> None:
    if shape.get("kind") == "mask":
        fill(canvas, shape["contours"], colour)
    elif shape.get("kind") == "polygon" and shape.get("fill"):
        fill(canvas, [shape["points"]], colour)


def _draw_strokes(canvas: Any, shape: Thing, colour: Colour) -> None:
    kind = shape.get("kind")
    if kind == "mask":
        for ring in shape["contours"]:
            stroke(canvas, ring, colour, closed=True)
    elif kind in ("line", "polygon"):
        stroke(canvas, shape["points"], colour, closed=kind == "polygon")


def _write_shape(canvas: Any, shape: Thing, colour: Colour) -> None:
    kind = shape.get("kind")
    if kind == "text":
        label(canvas, shape["text"], (shape["x"], shape["y"] + TEXT_HEIGHT_PX), colour)
        return
    points = shape.get("points") or [point for ring in shape.get("contours", ()) for point in ring]
    if shape.get("label") and points:
        # at the topmost point, where the label covers the least of the shape
        x, y = min(points, key=lambda point: (point[1], point[0]))
        label(canvas, shape["label"], (x, y - ABOVE_PX), colour)
