"""Validation of a live view's settings; ranges are those of `web/settings.json`."""

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import msgspec

from streamlab.client.options import check_backpressure, positive, whole
from streamlab.errors import OptionError, VideoError
from streamlab.media.samples import check_sample

BACKPRESSURE = ("drop_threshold", "slowdown_threshold", "waiting_frames", "window_s")
PICTURE = ("fps", "width", "quality")
FILTER = ("min_score", "labels")
NAMES = ("source", "pipeline_id", "adaptive", "running", *PICTURE, *BACKPRESSURE, *FILTER)
SOURCES = ("camera", "file")
"""Sources besides the samples."""
WIDTHS = (16, 8192)
QUALITIES = (1, 100)


@cache
def described() -> dict[str, dict[str, Any]]:
    """Return the settings by name, with `default`, `label`, `help`, and `min` and `max` if any."""
    text = files("streamlab").joinpath("web/settings.json").read_bytes()
    settings: dict[str, dict[str, Any]] = msgspec.json.decode(text)
    return settings


def default(name: str) -> Any:
    """Return the default of a setting; None for the server's own."""
    return described()[name]["default"]


def check(given: Mapping[str, Any]) -> None:
    """Raise `OptionError` for unknown settings and values that are not allowed."""
    for name, value in given.items():
        if name not in NAMES:
            raise OptionError(name, value, f"no such setting; there are: {', '.join(NAMES)}")
        if name in PICTURE and value is None:
            raise OptionError(name, value, "a number is allowed")
    if isinstance(source := given.get("source"), str):
        try:
            check_sample(source, SOURCES)
        except VideoError as error:
            raise OptionError("source", source, error.problem) from None
    positive("fps", given.get("fps"), described()["fps"]["max"])
    whole("width", given.get("width"), *WIDTHS)
    whole("quality", given.get("quality"), *QUALITIES)
    _check_score(given.get("min_score", 0))
    _check_labels(given.get("labels"))
    check_backpressure(SimpleNamespace(**{name: given.get(name) for name in BACKPRESSURE}))


def _check_score(value: Any) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or math.isnan(value) or not 0 <= value <= 1:
        raise OptionError("min_score", value, "a number from 0 to 1 is allowed")


def _check_labels(value: Any) -> None:
    if value is None or isinstance(value, str):  # the trait makes a list of one of it
        return
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise OptionError("labels", value, "a list of names is allowed, or None for all of them")
