"""Shapes that a tool may return to be drawn: lines, polygons, texts and masks.

A tool produces them as a list, under the name `shapes`. Points are in pixels of the frame as it
was sent, their origin at the top left; a colour is `#rrggbb`, that of the label unless given.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import msgspec


class Array(Protocol):
    """A NumPy array; `help` would fail on a name that only type checkers import."""

    def tolist(self) -> Any:
        """Return its values as lists."""


Points: TypeAlias = Sequence[Sequence[float]] | Array
"""Points, each x and y; as an array N x 2, or N x 1 x 2 as OpenCV has them."""

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_DECIMALS = 1
"""Of a coordinate: a tenth of a pixel."""
_LEAST_RING = 3
"""Points of a ring; what has fewer has no area."""


class Line(msgspec.Struct, tag_field="kind", tag="line", omit_defaults=True):
    """A line through two points or more.

    >>> Line([(0, 240), (640, 240)], label="gate")
    Line(points=[[0.0, 240.0], [640.0, 240.0]], label='gate', color=None)

    Raises `TypeError` or `ValueError` for what cannot be drawn, as all shapes do.
    """

    points: Points
    label: str | None = None
    color: str | None = None

    def __post_init__(self) -> None:
        """Check, and make plain."""
        self.points = _points(self.points, "a line", 2)
        _check_style("a line", self.label, self.color)


class Polygon(msgspec.Struct, tag_field="kind", tag="polygon", omit_defaults=True):
    """A closed line through three points or more, half-transparent inside where it is filled.

    >>> Polygon([(0, 0), (640, 0), (320, 240)], fill=True).points[2]
    [320.0, 240.0]
    """

    points: Points
    fill: bool = False
    label: str | None = None
    color: str | None = None

    def __post_init__(self) -> None:
        """Check, and make plain."""
        self.points = _points(self.points, "a polygon", _LEAST_RING)
        self.fill = bool(self.fill)
        _check_style("a polygon", self.label, self.color)


class Text(msgspec.Struct, tag_field="kind", tag="text", omit_defaults=True):
    """A text whose top left corner is at `x`, `y`.

    >>> Text(10, 20, "3 below", color="#009e73").text
    '3 below'
    """

    x: float
    y: float
    text: str
    label: str | None = None
    color: str | None = None

    def __post_init__(self) -> None:
        """Check, and make plain."""
        [[self.x, self.y]] = _points([(self.x, self.y)], "a text", 1)
        if not isinstance(self.text, str):
            raise TypeError(f"a text is a str, not {_a(self.text)}")
        _check_style("a text", self.label, self.color)


class Mask(msgspec.Struct, tag_field="kind", tag="mask", omit_defaults=True):
    """An area, drawn half-transparent: a bool array H x W of the frame, or the rings around it.

    Rings inside of others are holes. A ring of fewer than three points has no area and is left out.

    >>> import numpy as np
    >>> square = np.zeros((480, 640), bool)
    >>> square[100:201, 100:301] = True
    >>> Mask(square, label="dark").contours
    [[[100.0, 100.0], [100.0, 200.0], [300.0, 200.0], [300.0, 100.0]]]
    """

    contours: Array | Sequence[Points]
    label: str | None = None
    color: str | None = None

    def __post_init__(self) -> None:
        """Check, and make rings of an array."""
        if hasattr(self.contours, "ndim"):
            self.contours = _rings_of(self.contours)
        elif not isinstance(self.contours, list | tuple):
            raise TypeError(
                f"a mask is a bool array H x W or a list of rings, not {_a(self.contours)}"
            )
        else:
            rings = [_points(ring, "a mask's ring", 0) for ring in self.contours]
            self.contours = [ring for ring in rings if len(ring) >= _LEAST_RING]
        _check_style("a mask", self.label, self.color)


Shape: TypeAlias = Line | Polygon | Text | Mask
KINDS: dict[str, type[Shape]] = {"line": Line, "polygon": Polygon, "text": Text, "mask": Mask}
"""The shapes by what their JSON calls them, `kind`."""


def shape_of(given: Mapping[str, Any]) -> Shape:
    """Return the shape that a mapping states, as its JSON does; raises as a shape itself does."""
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; {', '.join(KINDS)} are allowed")
    shape = KINDS[kind]
    fields = {name: value for name, value in given.items() if name != "kind"}
    allowed = shape.__struct_fields__
    if unknown := [str(name) for name in fields if name not in allowed]:
        raise ValueError(f"a {kind} has no {', '.join(unknown)}; it has {', '.join(allowed)}")
    needed = allowed[: len(allowed) - len(shape.__struct_defaults__)]
    if missing := [name for name in needed if name not in fields]:
        raise ValueError(f"a {kind} needs {', '.join(missing)}")
    return shape(**fields)


def _points(given: Any, what: str, least: int) -> list[list[float]]:
    """Return points as plain lists; an array of them is N x 2 or, as OpenCV's, N x 1 x 2."""
    if hasattr(given, "tolist"):
        if given.ndim == 3 and given.shape[1] == 1:
            given = given[:, 0]
        given = given.tolist()
    if not isinstance(given, list | tuple):
        raise TypeError(f"{what} has points, each x and y, not {_a(given)}")
    points = [_point(point, what) for point in given]
    if len(points) < least:
        raise ValueError(f"{what} has {least} points or more, not {len(points)}")
    return points


def _point(given: Any, what: str) -> list[float]:
    if hasattr(given, "tolist"):
        given = given.tolist()
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise ValueError(f"{what} has points, each x and y, not {given!r:.80}")
    try:
        x, y = (round(float(value), _DECIMALS) for value in given)
    except (TypeError, ValueError):
        raise ValueError(f"{what} has points, each two numbers, not {given!r:.80}") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(f"{what} has a point at {x}, {y}; finite numbers are allowed")
    return [x, y]


def _rings_of(mask: Any) -> list[list[list[float]]]:
    """Return the rings around the pixels of a mask, those around its holes among them."""
    import cv2
    import numpy as np

    if mask.ndim != 2 or str(mask.dtype) not in ("bool", "uint8"):
        raise ValueError(
            f"a mask is a bool array H x W, not {mask.dtype} of shape {mask.shape}; "
            "compare, as in `scores > 0.5`, to get one"
        )
    found, _ = cv2.findContours(
        np.ascontiguousarray(mask, np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
    )
    return [_points(ring, "a mask's ring", 0) for ring in found if len(ring) >= _LEAST_RING]


def _check_style(what: str, label: Any, color: Any) -> None:
    if label is not None and not isinstance(label, str):
        raise TypeError(f"the label of {what} is a str, not {_a(label)}")
    if color is not None and not (isinstance(color, str) and _COLOR.fullmatch(color)):
        raise ValueError(f"the color of {what} is {color!r:.40}; '#rrggbb' is allowed")


def _a(value: Any) -> str:
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"
