"""What can be asked of a stream, checked before anything is started."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from streamlab.backpressure.realtime import POLICIES, BackpressureSettings, Policy
from streamlab.errors import OptionError
from streamlab.media.frames import JPEG_QUALITY
from streamlab.pipelines.detection_filter import DetectionFilter
from streamlab.settings import ORDER_ALLOWED, parse_threshold, parse_waiting_frames, parse_window_s

MAX_FPS = 1000.0
"""A server reads no client faster."""

POSITIVE_ALLOWED = "a finite number above 0 is allowed"


@dataclass(frozen=True)
class StreamOptions:
    """How a video is streamed. What is None is the video's, or the server's, own.

    `fps` is the rate at which frames are sent while the video plays in real time, so that a lower
    one skips frames and a higher one repeats them; with `every_frame` each frame is sent once, and
    the video plays as fast as that takes. `sessions` stream at once, each beginning somewhere in a
    frame's interval that `seed` decides. `adaptive` clients follow `slow_down` and probe upwards
    again. `width` scales the frames, in pixels, before they are encoded at `quality` (1 to 100).
    `min_score` (0 to 1) and `labels` limit what a pipeline that detects finds.
    """

    pipeline_id: str = "yolo_ocr"
    fps: float | None = None
    seconds: float | None = None
    sessions: int = 1
    policy: Policy = "realtime"
    drop_threshold: float | None = None
    slowdown_threshold: float | None = None
    waiting_frames: int | None = None
    window_s: float | None = None
    adaptive: bool = False
    every_frame: bool = False
    loop: bool = False
    width: int | None = None
    quality: int = JPEG_QUALITY
    seed: int = 0
    min_score: float = 0.0
    labels: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be streamed; raises `OptionError`."""
        positive("fps", self.fps, MAX_FPS)
        positive("seconds", self.seconds)
        whole("sessions", self.sessions, 1)
        whole("width", self.width, 16, 8192)
        whole("quality", self.quality, 1, 100)
        whole("seed", self.seed, 0)
        one_of("policy", self.policy, POLICIES)
        check_backpressure(self)
        DetectionFilter.of(self.min_score, self.labels)

    @classmethod
    def of(cls, given: dict[str, Any]) -> "StreamOptions":
        """Return options by name; raises `OptionError` for a name that there is not."""
        known = [field.name for field in fields(cls)]
        for name, value in given.items():
            if name not in known:
                raise OptionError(name, value, f"no such option; there are: {', '.join(known)}")
        return cls(**given)

    def query(self) -> dict[str, Any]:
        """Return the query parameters of a session that is to be recorded.

        A list stands for a parameter that is repeated, in which a comma is a part of a name; a
        single label is given twice therefore.
        """
        names = ("policy", "drop_threshold", "slowdown_threshold", "waiting_frames", "window_s")
        given = asdict(self)
        chosen = {name: given[name] for name in names if given[name] is not None}
        if self.min_score:
            chosen["min_score"] = self.min_score
        if self.labels is not None:
            chosen["labels"] = list(self.labels) * (2 if len(self.labels) == 1 else 1)
        return {"pipeline_id": self.pipeline_id, **chosen, "detail": "full"}


def check_backpressure(options: Any) -> None:
    """Check the four tunable settings of an object that has them; raises `OptionError`."""
    parsers = {
        "drop_threshold": parse_threshold,
        "slowdown_threshold": parse_threshold,
        "waiting_frames": parse_waiting_frames,
        "window_s": parse_window_s,
    }
    for name, parse in parsers.items():
        value = getattr(options, name)
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise OptionError(name, value, "a number is allowed")
            try:
                parse(str(value))
            except ValueError as error:
                raise OptionError(name, value, str(error)) from None
    drop, slowdown = options.drop_threshold, options.slowdown_threshold
    if drop is not None and slowdown is not None and slowdown < drop:
        raise OptionError("slowdown_threshold", slowdown, f"{ORDER_ALLOWED} ({drop:g})")


def backpressure_of(info: dict[str, Any]) -> BackpressureSettings:
    """Return the settings that a recording was made with, as its `info` tells."""
    names = [field.name for field in fields(BackpressureSettings)]
    return BackpressureSettings(**{n: info[n] for n in names if info.get(n) is not None})


def positive(name: str, value: float | None, most: float = math.inf) -> None:
    """Raise `OptionError` unless a value is None, or a number above 0 and not over `most`."""
    if value is None:
        return
    limit = "" if most == math.inf else f", at most {most:g},"
    allowed = f"a finite number above 0{limit} is allowed"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OptionError(name, value, allowed)
    if not math.isfinite(value) or not 0 < value <= most:
        raise OptionError(name, value, allowed)


def whole(name: str, value: int | None, least: int, most: int | None = None) -> None:
    """Raise `OptionError` unless a value is None or a whole number within the limits."""
    if value is None:
        return
    up = "up" if most is None else f"to {most}"
    allowed = f"a whole number from {least} {up} is allowed"
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise OptionError(name, value, allowed)
    if most is not None and value > most:
        raise OptionError(name, value, allowed)


def is_iterable(value: object) -> bool:
    """Return whether a value can be looped over and is no text, whose letters nobody means."""
    return isinstance(value, Iterable) and not isinstance(value, str)


def one_of(name: str, value: object, allowed: tuple[Any, ...]) -> None:
    """Raise `OptionError` unless a value is one of those allowed."""
    if value not in allowed:
        raise OptionError(name, value, f"{' or '.join(map(repr, allowed))} is allowed")
