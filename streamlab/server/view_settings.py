"""The settings of a live view: the browser's own, and those of the session that it opens."""

from dataclasses import dataclass, replace
from typing import Any

from streamlab.backpressure.settings import TUNABLE
from streamlab.declaration import Setting, Slider, declared, setting
from streamlab.kinds import Number, Whole
from streamlab.pipelines.detection_filter import FILTER_SETTINGS

WIDTHS = (320, 480, 640, 800, 960, 1280, 1920)
"""What a view offers; others are allowed."""


@dataclass(frozen=True)
class PictureSettings:
    """What a browser sends: pixels, and frames a second."""

    fps: float = setting(
        15,
        Number(0, 60, above=True),
        "frames a second that are sent at most",
        label="Rate",
        unit="fps",
        slider=Slider(1, 60, 1),
    )
    width: int = setting(
        640,
        Whole(16, 8192),
        "pixels; a wider picture is made smaller before it is sent, a narrower one stays as it is",
        label="Width",
        unit="px",
    )
    quality: int = setting(
        80,
        Whole(1, 100),
        "1 to 100; a lower one takes less bandwidth",
        label="JPEG quality",
        slider=Slider(20, 100, 1),
    )


PICTURE = declared(PictureSettings)
SESSION = {name: replace(each, default=None) for name, each in TUNABLE.items()}
"""What is None is the server's own."""
VIEW_SETTINGS = PICTURE | SESSION | FILTER_SETTINGS
"""All settings of a view that have limits, by name."""


def browser_settings() -> dict[str, dict[str, Any]]:
    """Return the settings as the browser's part gets them, by name.

    `tunable` are those that a session decides by; a view has a slider for each, from `min` to `max`
    by `step`.
    """
    return {name: _described(each) for name, each in VIEW_SETTINGS.items()}


def _described(each: Setting) -> dict[str, Any]:
    described: dict[str, Any] = {
        "label": each.title,
        "unit": each.unit,
        "default": each.default,
        "help": each.meaning,
        "tunable": each.name in TUNABLE,
    }
    if each.slider is not None:
        described |= dict(zip(("min", "max", "step"), each.slider, strict=True))
    if each.name == "width":
        described["choices"] = WIDTHS
    return described
