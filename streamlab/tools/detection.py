"""What the tools of a pipeline say about one thing in a frame."""

import msgspec


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
    contours: list[list[list[float]]] | None = None
    """Rings of [x, y]; what is inside an odd number of them belongs to the thing."""
    keypoints: list[list[float]] | None = None
    """[x, y, confidence] each, in the model's order."""
    corners: list[list[float]] | None = None
    """The four [x, y] of a rotated box, in order around it; the box is then the upright one."""
