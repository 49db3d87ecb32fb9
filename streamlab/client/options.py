"""What can be asked of a stream, checked before anything is started."""

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, make_dataclass, replace
from typing import Any, TypeVar

from streamlab.backpressure.policies import check_policy
from streamlab.backpressure.settings import (
    ORDER_ALLOWED,
    SESSION_SETTINGS,
    TUNABLE,
    BackpressureSettings,
    TunableOptions,
)
from streamlab.declaration import Setting, declared, field_of, setting
from streamlab.errors import OptionError
from streamlab.kinds import Choice, Flag, Number, Text, Whole
from streamlab.media.frames import JPEG_QUALITY
from streamlab.pipelines.detection_filter import FILTER_SETTINGS, DetectionFilter

MAX_FPS = 1000.0
"""A server reads no client faster."""
SERVERS_OWN = "the server's"

Function = TypeVar("Function", bound=Callable[..., Any])

_Tunable: Any = make_dataclass(
    "_Tunable",
    [
        (name, Any, field_of(replace(each, default=None, unset=SERVERS_OWN)))
        for name, each in TUNABLE.items()
    ],
    frozen=True,
    kw_only=True,
)


@dataclass(frozen=True)
class StreamOptions(_Tunable):  # type: ignore[misc]  # its fields are made from TUNABLE
    """How a video is streamed. What is None is the video's, or the server's, own.

    `fps` is the rate at which frames are sent while the video plays in real time, so that a lower
    one skips frames and a higher one repeats them; with `every_frame` each frame is sent once, and
    the video plays as fast as that takes. `sessions` stream at once, each beginning somewhere in a
    frame's interval that `seed` decides. `adaptive` clients follow `slow_down` and probe upwards
    again. `width` scales the frames, in pixels, before they are encoded at `quality` (1 to 100).
    `min_score` (0 to 1) and `labels` limit what a pipeline that detects finds. The settings of
    `TUNABLE` are those of these sessions alone.
    """

    pipeline_id: str = setting(
        "yolo_ocr", Text(), "the pipeline, one of `streamlab pipelines`", flag="--pipeline"
    )
    fps: float | None = setting(
        None,
        Number(0, MAX_FPS, above=True),
        "rate at which frames are sent",
        unset="the video's",
    )
    every_frame: bool = setting(
        False,
        Flag(),
        "each frame is sent once, however long that takes; without, the video plays in real time, "
        "so that a lower rate skips frames and a higher one repeats them",
    )
    seconds: float | None = setting(
        None, Number(0, above=True), "how long to stream", unset="the whole video"
    )
    loop: bool = setting(False, Flag(), "begin the video again at its end")
    sessions: int = setting(1, Whole(1), "sessions at once, on one clock")
    seed: int = setting(0, Whole(0), "where within a frame's interval each session begins")
    policy: str = field_of(SESSION_SETTINGS["policy"])
    adaptive: bool = setting(
        False, Flag(), "fall to the rate of `slow_down`, and probe upwards again"
    )
    min_score: float = field_of(FILTER_SETTINGS["min_score"])
    labels: Sequence[str] | None = field_of(FILTER_SETTINGS["labels"])
    width: int | None = setting(
        None, Whole(16, 8192), "pixels that frames are scaled to", unset="the video's"
    )
    quality: int = setting(JPEG_QUALITY, Whole(1, 100), "JPEG quality")

    def __post_init__(self) -> None:
        """Refuse what cannot be streamed; raises `OptionError`."""
        for name, option in STREAM_OPTIONS.items():
            if name not in TUNABLE and name not in FILTER_SETTINGS:
                check_option(option, getattr(self, name))
        check_policy(self.policy)
        check_backpressure(self)
        DetectionFilter.of(self.min_score, self.labels)

    @classmethod
    def of(cls, given: dict[str, Any]) -> "StreamOptions":
        """Return options by name; raises `OptionError` for a name that there is not."""
        for name, value in given.items():
            if name not in STREAM_OPTIONS:
                there = ", ".join(STREAM_OPTIONS)
                raise OptionError(name, value, f"no such option; there are: {there}")
        return cls(**given)

    def query(self) -> dict[str, Any]:
        """Return the query parameters of a session that is to be recorded.

        A list stands for a parameter that is repeated, in which a comma is a part of a name; a
        single label is given twice therefore.
        """
        given = asdict(self)
        chosen = {name: given[name] for name in SESSION_SETTINGS if given[name] is not None}
        if self.min_score:
            chosen["min_score"] = self.min_score
        if self.labels is not None:
            chosen["labels"] = list(self.labels) * (2 if len(self.labels) == 1 else 1)
        return {"pipeline_id": self.pipeline_id, **chosen, "detail": "full"}


def _in_order(options: dict[str, Setting]) -> dict[str, Setting]:
    """Return the tunable settings behind the policy that most of them belong to."""
    own = [name for name in options if name not in TUNABLE]
    behind = own.index("policy") + 1
    return {name: options[name] for name in (*own[:behind], *TUNABLE, *own[behind:])}


STREAM_OPTIONS = _in_order(declared(StreamOptions))
"""What can be asked of a stream, by name."""
VIDEO_OPTIONS = STREAM_OPTIONS | {
    "pipeline_id": replace(
        STREAM_OPTIONS["pipeline_id"],
        default=None,
        unset="the sample's own, `yolo_ocr` for a file",
    )
}
"""The same for a video that is named: options of `Lab.stream` and of `streamlab stream`."""


class VideoOptionsDict(TunableOptions, total=False):
    """Options of `StreamOptions` that every way of streaming takes, for type checkers."""

    fps: float | None
    every_frame: bool
    seconds: float | None
    loop: bool
    seed: int
    adaptive: bool
    min_score: float
    labels: Sequence[str] | None
    width: int | None
    quality: int


class MeasureOptionsDict(VideoOptionsDict, total=False):
    """Options of `Lab.measure`, which chooses sessions and policy itself."""

    pipeline_id: str | None


class CompareOptionsDict(VideoOptionsDict, total=False):
    """Options of `Lab.compare`, which is given its pipelines and streams one session at a time."""

    policy: str


class StreamOptionsDict(MeasureOptionsDict, CompareOptionsDict, total=False):
    """All of `StreamOptions`: what `Lab.stream` takes."""

    sessions: int


def with_options(
    options: Iterable[Setting], without: Sequence[str] = (), **defaults: Any
) -> Callable[[Function], Function]:
    """Return a decorator that shows options in the signature of a function that takes them by name.

    `defaults` are those of the function where they are not the options' own.

    `help` and the completion of notebooks do not look into the `TypedDict` of a `**options`.
    """

    def show(function: Function) -> Function:
        signature = inspect.signature(function)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        known = {parameter.name for parameter in own}
        shown = [
            inspect.Parameter(
                each.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=defaults.get(each.name, each.default),
            )
            for each in options
            if each.name not in known and each.name not in without
        ]
        function.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*own, *shown]
        )
        return function

    return show


def check_option(option: Setting, value: Any) -> None:
    """Raise `OptionError` for a value that is not allowed; None stands for the default."""
    if value is None:
        return
    if isinstance(option.kind, Choice):
        one_of(option.name, value, tuple(option.kind.names))
        return
    try:
        option.check(value)
    except ValueError as error:
        raise OptionError(option.name, value, str(error)) from None


def check_backpressure(options: Any) -> None:
    """Check the tunable settings of an object that has them; raises `OptionError`."""
    for name, each in TUNABLE.items():
        value = getattr(options, name)
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise OptionError(name, value, "a number is allowed")
            check_option(each, value)
    drop, slowdown = options.drop_threshold, options.slowdown_threshold
    if drop is not None and slowdown is not None and slowdown < drop:
        raise OptionError("slowdown_threshold", slowdown, f"{ORDER_ALLOWED} ({drop:g})")


def backpressure_of(info: dict[str, Any]) -> BackpressureSettings:
    """Return the settings that a recording was made with, from its `info`."""
    names = [field.name for field in fields(BackpressureSettings)]
    return BackpressureSettings(**{n: info[n] for n in names if info.get(n) is not None})


def positive(name: str, value: float | None, most: float = math.inf) -> None:
    """Raise `OptionError` unless a value is None, or a number above 0 and not over `most`."""
    check_option(Setting(Number(0, most, above=True), "", name=name), value)


def whole(name: str, value: int | None, least: int, most: int | None = None) -> None:
    """Raise `OptionError` unless a value is None or a whole number within the limits."""
    check_option(Setting(Whole(least, most), "", name=name), value)


def is_iterable(value: object) -> bool:
    """Return whether a value can be looped over and is no text."""
    return isinstance(value, Iterable) and not isinstance(value, str)


def one_of(name: str, value: object, allowed: tuple[Any, ...]) -> None:
    """Raise `OptionError` unless a value is one of those allowed."""
    if value not in allowed:
        raise OptionError(name, value, f"{' or '.join(map(repr, allowed))} is allowed")
