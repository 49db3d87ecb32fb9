"""The `STREAM_*` settings: names, defaults and limits, each in this one place.

>>> Settings.from_environment({"STREAM_DROP_THRESHOLD": "0.2"}).drop_threshold
0.2
>>> Settings.from_environment({"STREAM_DROP_THRESHOLD": "2"})
Traceback (most recent call last):
streamlab.errors.SettingError: STREAM_DROP_THRESHOLD='2': a number from 0 to 1 is allowed
"""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from streamlab.backpressure.realtime import BackpressureSettings
from streamlab.errors import SettingError

MIB = 2**20

THRESHOLD_ALLOWED = "a number from 0 to 1 is allowed"
FRAME_SIZE_ALLOWED = "a number of MiB above 0 (one byte at least), at most 1024, is allowed"
COUNT_ALLOWED = "a whole number from 1 up is allowed"
MAX_WAITING_FRAMES = 1000
WAITING_ALLOWED = f"a whole number from 1 to {MAX_WAITING_FRAMES} is allowed"
MAX_WINDOW_S = 600.0
WINDOW_ALLOWED = f"a number of seconds from 0.1 to {MAX_WINDOW_S:g} is allowed"
FOLDER_ALLOWED = "an existing folder is allowed"
DEVICES = ("auto", "cpu", "openvino", "cuda", "coreml", "directml")
DEVICE_ALLOWED = f"one of {', '.join(DEVICES)} is allowed"
ORDER_ALLOWED = "the slow-down threshold may not be under the drop threshold"


def parse_threshold(text: str) -> float:
    """Parse a drop rate from 0 to 1; `ValueError` says what is allowed."""
    value = _number(text, THRESHOLD_ALLOWED)
    if not 0 <= value <= 1:
        raise ValueError(THRESHOLD_ALLOWED)
    return value


def parse_frame_size_mb(text: str) -> float:
    """Parse the largest accepted frame in MiB; `ValueError` says what is allowed."""
    value = _number(text, FRAME_SIZE_ALLOWED)
    if not 1 <= value * MIB <= 1024 * MIB:
        raise ValueError(FRAME_SIZE_ALLOWED)
    return value


def parse_count(text: str) -> int:
    """Parse a whole number from 1 up; `ValueError` says what is allowed."""
    try:
        value = int(text)
    except ValueError:
        raise ValueError(COUNT_ALLOWED) from None
    if value < 1:
        raise ValueError(COUNT_ALLOWED)
    return value


def parse_waiting_frames(text: str) -> int:
    """Parse how many frames may wait in a `normal` session; `ValueError` says what is allowed."""
    try:
        value = int(text)
    except ValueError:
        raise ValueError(WAITING_ALLOWED) from None
    if not 1 <= value <= MAX_WAITING_FRAMES:
        raise ValueError(WAITING_ALLOWED)
    return value


def parse_window_s(text: str) -> float:
    """Parse the length of the window in seconds; `ValueError` says what is allowed."""
    value = _number(text, WINDOW_ALLOWED)
    if not 0.1 <= value <= MAX_WINDOW_S:
        raise ValueError(WINDOW_ALLOWED)
    return value


def parse_folder(text: str) -> Path:
    """Parse the path of a folder that exists; `ValueError` says what is allowed."""
    try:
        path = Path(text).expanduser()
        if path.is_dir():
            return path
    except (RuntimeError, OSError):  # an unknown user, a name that is too long
        pass
    raise ValueError(FOLDER_ALLOWED)


def parse_device(text: str) -> str:
    """Parse the name of a device; `ValueError` says what is allowed."""
    if text not in DEVICES:
        raise ValueError(DEVICE_ALLOWED)
    return text


def _number(text: str, allowed: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(allowed) from None
    if not math.isfinite(value):
        raise ValueError(allowed)
    return value


def _setting(variable: str, default: Any, parse: Callable[[str], Any], meaning: str) -> Any:
    return field(
        default=default, metadata={"variable": variable, "parse": parse, "meaning": meaning}
    )


@dataclass(frozen=True)
class Settings:
    """What a server is started with. Thresholds are the defaults of its sessions.

    Rates are shares from 0 to 1, times seconds, sizes MiB. Raises `SettingError`, one line, for
    thresholds that contradict each other.

    >>> Settings(drop_threshold=0.2).backpressure.slowdown_threshold
    0.3
    >>> Settings.from_environment({"STREAM_MAX_SESSIONS": "10"}).max_sessions
    10
    """

    drop_threshold: float = _setting(
        "STREAM_DROP_THRESHOLD",
        0.10,
        parse_threshold,
        "windowed drop rate, 0 to 1, above which a session sheds frames",
    )
    slowdown_threshold: float = _setting(
        "STREAM_SLOWDOWN_THRESHOLD",
        0.30,
        parse_threshold,
        "windowed drop rate, 0 to 1, above which the client is told to slow down",
    )
    waiting_frames: int = _setting(
        "STREAM_WAITING_FRAMES",
        2,
        parse_waiting_frames,
        "frames that may wait in a session that is not shedding",
    )
    window_s: float = _setting(
        "STREAM_WINDOW_SECONDS",
        2.0,
        parse_window_s,
        "seconds over which a session's drop rate is taken",
    )
    max_frame_size_mb: float = _setting(
        "STREAM_MAX_FRAME_SIZE_MB", 5.0, parse_frame_size_mb, "largest accepted frame, MiB"
    )
    max_sessions: int | None = _setting(
        "STREAM_MAX_SESSIONS",
        None,
        parse_count,
        "most sessions at once; unset: no limit, 10 is the recommendation",
    )
    pipelines_dir: Path | None = _setting(
        "STREAM_PIPELINES_DIR", None, parse_folder, "folder with further pipeline definitions"
    )
    yolo_weights: str | None = _setting(
        "STREAM_YOLO_WEIGHTS", None, str, "weights of every `yolo_detect` node that names none"
    )
    device: str = _setting(
        "STREAM_DEVICE",
        "auto",
        parse_device,
        "what networks run on, unless their node says: auto, cpu, openvino, cuda, coreml, directml",
    )

    def __post_init__(self) -> None:
        """Refuse thresholds that contradict each other."""
        if self.slowdown_threshold < self.drop_threshold:
            raise SettingError(
                variable_of("slowdown_threshold"),
                f"{self.slowdown_threshold:g}",
                f"{ORDER_ALLOWED} ({variable_of('drop_threshold')}={self.drop_threshold:g})",
            )

    def export(self) -> None:
        """Put what models are loaded by into this process's environment, for its workers.

        They may be processes of their own, and read what is not in a pipeline's definition there.
        """
        for name in ("yolo_weights", "device"):
            if getattr(self, name) != getattr(Settings, name):
                os.environ[variable_of(name)] = str(getattr(self, name))

    @property
    def backpressure(self) -> BackpressureSettings:
        """What a session decides by unless its URL says otherwise."""
        return BackpressureSettings(
            drop_threshold=self.drop_threshold,
            slowdown_threshold=self.slowdown_threshold,
            waiting_frames=self.waiting_frames,
            window_s=self.window_s,
        )

    @property
    def max_frame_bytes(self) -> int:
        """Largest accepted frame, bytes."""
        return int(self.max_frame_size_mb * MIB)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raises `SettingError`, one line, for the first that is not allowed.

        An unset or empty variable means the default.
        """
        return cls(**{setting.name: value_of(setting.name, environment) for setting in fields(cls)})


def value_of(name: str, environment: Mapping[str, str] = os.environ) -> Any:
    """Read one setting, its default where the variable is unset or empty; raises `SettingError`."""
    variable = variable_of(name)
    text = environment.get(variable, "").strip()
    if not text:
        return getattr(Settings, name)
    try:
        return _metadata(name)["parse"](text)
    except ValueError as error:
        raise SettingError(variable, text, str(error)) from None


def variable_of(name: str) -> str:
    """Return the environment variable behind a setting."""
    return str(_metadata(name)["variable"])


def meaning_of(name: str) -> str:
    """Return what a setting means, in one line."""
    return str(_metadata(name)["meaning"])


def _metadata(name: str) -> Mapping[str, Any]:
    return next(setting.metadata for setting in fields(Settings) if setting.name == name)
