"""What the tools of a pipeline say about one thing in a frame, or about the frame as a whole."""

import msgspec

Point = tuple[float, float]
"""x and y in pixels of the frame as it was sent, from its top left."""
Ring = list[Point]
"""A closed line; the last point is joined to the first."""
Keypoint = tuple[float, float, float]
"""x, y and how sure it is, 0 to 1."""


class Detection(msgspec.Struct, omit_defaults=True):
    """One thing found in a frame.

    The box is in pixels of the frame as it was sent, its origin at the top left. A field that no
    tool has filled is `None` here and absent from the JSON.

    >>> import msgspec
    >>> msgspec.json.encode(Detection(1.0, 2.0, 30.0, 10.0, label="plate", score=0.9))
    b'{"x":1.0,"y":2.0,"width":30.0,"height":10.0,"label":"plate","score":0.9}'
    """

    x: float
    y: float
    width: float
    height: float
    label: str | None = None
    score: float | None = None
    track_id: int | None = None
    text: str | None = None
    text_score: float | None = None
    contours: list[Ring] | None = None
    """The thing's outline: outer and inner rings, filled even-odd."""
    keypoints: list[Keypoint] | None = None
    """Points of its body; 17 are those of COCO, in COCO's order, and are joined by a skeleton."""
    corners: list[Point] | None = None
    """The four corners of an oriented box; the upright box is then the one around it."""


class Classification(msgspec.Struct, frozen=True):
    """What a frame as a whole shows, and how sure that is, 0 to 1.

    >>> Classification("cat", 0.9)
    Classification(label='cat', score=0.9)
    """

    label: str
    score: float
