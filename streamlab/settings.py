"""The server's settings, `STREAM_*`: each is declared by its field, here or in `TunableSettings`.

>>> Settings.from_environment({"STREAM_DROP_THRESHOLD": "0.2"}).drop_threshold
0.2
>>> Settings.from_environment({"STREAM_DROP_THRESHOLD": "2"})
Traceback (most recent call last):
streamlab.errors.SettingError: STREAM_DROP_THRESHOLD='2': a number from 0 to 1 is allowed
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlab.backpressure.settings import ORDER_ALLOWED, BackpressureSettings, TunableSettings
from streamlab.declaration import declared, setting
from streamlab.errors import SettingError
from streamlab.kinds import Choice, Folder, Number, Text, Whole

MIB = 2**20

FRAME_SIZE = Number(
    1 / MIB,
    1024,
    says="a number of MiB above 0 (one byte at least), at most 1024, is allowed",
)
TIMEOUT = Number(0.1, 86400)
FOLDER = Folder()
DEVICES = ("auto", "cpu", "openvino", "cuda", "coreml", "directml")


@dataclass(frozen=True)
class Settings(TunableSettings):
    """What a server is started with. Thresholds are the defaults of its sessions.

    Rates are shares from 0 to 1, times seconds, sizes MiB. Raises `SettingError`, one line, for
    thresholds that contradict each other.

    >>> Settings(drop_threshold=0.2).backpressure.slowdown_threshold
    0.3
    >>> Settings.from_environment({"STREAM_MAX_SESSIONS": "10"}).max_sessions
    10
    """

    max_frame_size_mb: float = setting(
        5.0, FRAME_SIZE, "largest accepted frame, MiB", variable="STREAM_MAX_FRAME_SIZE_MB"
    )
    max_sessions: int | None = setting(
        None,
        Whole(1),
        "most sessions at once; 10 is the recommendation",
        variable="STREAM_MAX_SESSIONS",
        unset="no limit",
    )
    max_connections: int | None = setting(
        None,
        Whole(1),
        "most open connections of a standalone server",
        variable="STREAM_MAX_CONNECTIONS",
        unset="as many as its descriptors allow",
    )
    max_connections_per_address: int | None = setting(
        None,
        Whole(1),
        "most open connections of one address with a standalone server",
        variable="STREAM_MAX_CONNECTIONS_PER_ADDRESS",
        unset="no limit",
    )
    request_timeout_s: float = setting(
        20.0,
        TIMEOUT,
        "seconds for the head of a request, for its body, and for each step of reading the answer",
        variable="STREAM_REQUEST_TIMEOUT_SECONDS",
        flag="--request-timeout",
    )
    idle_timeout_s: float | None = setting(
        None,
        TIMEOUT,
        "seconds after which a session that was sent no frame is closed",
        variable="STREAM_IDLE_TIMEOUT_SECONDS",
        unset="no limit",
        flag="--idle-timeout",
    )
    pipelines_dir: Path | None = setting(
        None,
        FOLDER,
        "folder with further pipeline definitions",
        variable="STREAM_PIPELINES_DIR",
        unset="none",
    )
    yolo_weights: str | None = setting(
        None,
        Text(),
        "weights of every `yolo_detect` node that names none",
        variable="STREAM_YOLO_WEIGHTS",
        unset="the bundled detector",
    )
    device: str = setting(
        "auto",
        Choice(DEVICES, says=f"one of {', '.join(DEVICES)} is allowed"),
        f"what networks run on, unless their node says: {', '.join(DEVICES)}",
        variable="STREAM_DEVICE",
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
        return BackpressureSettings(**self.tunable)

    @property
    def max_frame_bytes(self) -> int:
        """Largest accepted frame, bytes."""
        return int(self.max_frame_size_mb * MIB)

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, **given: Any
    ) -> "Settings":
        """Read the settings that are not `given`; an unset or empty variable means the default.

        Raises `SettingError`, one line, for the first that is not allowed.
        """
        others = (name for name in SETTINGS if name not in given)
        return cls(**{name: value_of(name, environment) for name in others}, **given)


SETTINGS = declared(Settings)
"""The server's settings by name."""


def value_of(name: str, environment: Mapping[str, str] = os.environ) -> Any:
    """Read one setting, its default where the variable is unset or empty; raises `SettingError`."""
    setting = SETTINGS[name]
    text = environment.get(setting.variable, "").strip()
    if not text:
        return setting.default
    try:
        return setting.parse(text)
    except ValueError as error:
        raise SettingError(setting.variable, text, str(error)) from None


def variable_of(name: str) -> str:
    """Return the environment variable behind a setting."""
    return SETTINGS[name].variable


def meaning_of(name: str) -> str:
    """Return what a setting means, in one line."""
    return SETTINGS[name].meaning
