"""The values that streamlab itself understands, as tools may return them.

`detections` and `tracks` are followed, read and drawn, `classes` and `shapes` are drawn. What a
tool returns under these names is checked and converted here, and nowhere else.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from streamlab.errors import ToolResultError
from streamlab.tools.detection import Classification, Detection
from streamlab.tools.shapes import KINDS, shape_of
from streamlab.tools.tool import Values

SIDES = ("x", "y", "width", "height")
_FIELDS = Detection.__struct_fields__
_GEOMETRY = ("contours", "keypoints", "corners")
_CORNERS = 4
DETECTION = (
    f"a streamlab.Detection, or a dict with {', '.join(SIDES)} in pixels and any of "
    f"{', '.join(name for name in _FIELDS if name not in SIDES)}, is allowed"
)
CLASSIFICATION = "a streamlab.Classification, or a dict with label and score, is allowed"
SHAPE = (
    "a streamlab.Line, Polygon, Text or Mask, or a dict whose kind is one of "
    f"{', '.join(KINDS)}, is allowed"
)


def checked(values: Values) -> Values:
    """Return what a tool returned, with the values that streamlab understands checked.

    Raises `ToolResultError`, in a sentence that says what is wrong with which of them.
    """
    known = {name: check(values[name], name) for name, check in _CHECKS.items() if name in values}
    return {**values, **known} if known else values


def detections_of(given: Any, name: str = "detections") -> list[Detection]:
    """Return detections of a list of them, or of dicts."""
    return [_detection(each, f"{name}[{i}]") for i, each in enumerate(_listed(given, name))]


def classes_of(given: Any, name: str = "classes") -> list[Classification]:
    """Return the classes of a frame of a list of them, or of dicts."""
    return [_classification(each, f"{name}[{i}]") for i, each in enumerate(_listed(given, name))]


def shapes_of(given: Any, name: str = "shapes") -> list[Any]:
    """Return shapes of a list of them, or of dicts."""
    return [_shape(each, f"{name}[{i}]") for i, each in enumerate(_listed(given, name))]


_CHECKS: dict[str, Callable[[Any, str], list[Any]]] = {
    "detections": detections_of,
    "tracks": detections_of,
    "classes": classes_of,
    "shapes": shapes_of,
}


def _listed(given: Any, name: str) -> Iterable[Any]:
    if isinstance(given, list | tuple):
        return given
    raise ToolResultError(
        f"{name} is of type {_type(given)}; a list is allowed, [] where nothing is found"
    )


def _detection(given: Any, where: str) -> Detection:
    if isinstance(given, Detection):
        if _is_plain(given):
            return given
        given = {name: value for name in _FIELDS if (value := getattr(given, name)) is not None}
    if not isinstance(given, Mapping):
        raise ToolResultError(f"{where} is of type {_type(given)}; {DETECTION}")
    if unknown := [str(name) for name in given if name not in _FIELDS]:
        raise ToolResultError(f"{where} has {', '.join(unknown)}; {DETECTION}")
    if missing := [name for name in SIDES if name not in given]:
        raise ToolResultError(f"{where} has no {', '.join(missing)}; {DETECTION}")
    try:
        detection = msgspec.convert(_plain(given), Detection)
    except msgspec.ValidationError as error:
        raise ToolResultError(f"{where}: {_in_words(error)}") from None
    _check_detection(detection, where)
    return detection


def _is_plain(detection: Detection) -> bool:
    """Whether a detection is as the built-in tools make them, and needs no other look."""
    sides = (detection.x, detection.y, detection.width, detection.height)
    return (
        all(type(side) is float and math.isfinite(side) for side in sides)
        and detection.width >= 0
        and detection.height >= 0
        and type(detection.score) in (float, type(None))
        and not any(getattr(detection, name) is not None for name in _GEOMETRY)
    )


def _check_detection(detection: Detection, where: str) -> None:
    for name in (*SIDES, "score", "text_score"):
        _check_finite(getattr(detection, name), f"{where}: {name}")
    for name in ("width", "height"):
        if getattr(detection, name) < 0:
            raise ToolResultError(f"{where}: {name} is {getattr(detection, name):g}, under 0")
    for ring in detection.contours or ():
        _check_points(ring, f"{where}: contours")
    _check_points(detection.keypoints or (), f"{where}: keypoints")
    _check_points(detection.corners or (), f"{where}: corners")
    if detection.corners is not None and len(detection.corners) != _CORNERS:
        raise ToolResultError(
            f"{where}: corners has {len(detection.corners)} points; 4 are allowed"
        )


def _check_points(points: Iterable[Iterable[float]], what: str) -> None:
    for point in points:
        for value in point:
            _check_finite(value, what)


def _check_finite(value: float | None, what: str) -> None:
    if value is not None and not math.isfinite(value):
        raise ToolResultError(f"{what} is {value}; a finite number is allowed")


def _classification(given: Any, where: str) -> Classification:
    if not isinstance(given, Classification | Mapping):
        raise ToolResultError(f"{where} is of type {_type(given)}; {CLASSIFICATION}")
    if isinstance(given, Mapping) and set(given) != set(Classification.__struct_fields__):
        raise ToolResultError(
            f"{where} has {', '.join(map(str, given)) or 'nothing'}; {CLASSIFICATION}"
        )
    named = given if isinstance(given, Mapping) else msgspec.structs.asdict(given)
    try:
        found = msgspec.convert(_plain(named), Classification)
    except msgspec.ValidationError as error:
        raise ToolResultError(f"{where}: {_in_words(error)}") from None
    _check_finite(found.score, f"{where}: score")
    return found


def _shape(given: Any, where: str) -> Any:
    if isinstance(given, tuple(KINDS.values())):
        return given
    if not isinstance(given, Mapping):
        raise ToolResultError(f"{where} is of type {_type(given)}; {SHAPE}")
    try:
        return shape_of(given)
    except (TypeError, ValueError) as error:
        raise ToolResultError(f"{where}: {error}") from None


def _plain(value: Any) -> Any:
    """Return numbers and arrays of NumPy as Python's own, at any depth."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _type(value: Any) -> str:
    kind = type(value)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__.partition('.')[0]}."
    return f"{module}{kind.__name__}"


def _in_words(error: msgspec.ValidationError) -> str:
    return str(error).replace("`$.", "`")
