"""What the settings of a live view may be: as `settings.json` of the browser's part has them."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import msgspec

from ...errors import OptionError, VideoError
from ...samples import check_sample
from ..options import check_backpressure, positive, whole

BACKPRESSURE = ("drop_threshold", "slowdown_threshold", "waiting_frames", "window_s")
PICTURE = ("fps", "width", "quality")
NAMES = ("source", "pipeline_id", "adaptive", "running", *PICTURE, *BACKPRESSURE)
SOURCES = ("camera", "file")
"""What a view plays besides the samples."""
WIDTHS = (16, 8192)
QUALITIES = (1, 100)


@cache
def described() -> dict[str, dict[str, Any]]:
    """Return the settings by name, with `default`, `label`, `help`, and `min` and `max` if any."""
    text = files("streamlab").joinpath("web/settings.json").read_bytes()
    settings: dict[str, dict[str, Any]] = msgspec.json.decode(text)
    return settings


def default(name: str) -> Any:
    """Return what a setting begins with; None for one that is left to the server."""
    return described()[name]["default"]


def check(given: Mapping[str, Any]) -> None:
    """Refuse settings that there are not, or that are not allowed; raises `OptionError`."""
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
    check_backpressure(SimpleNamespace(**{name: given.get(name) for name in BACKPRESSURE}))
