"""The settings as traits: what Jupyter's configuration files and command line may set."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from traitlets import (
    Bool,
    DefaultHandler,
    Enum,
    Float,
    HasTraits,
    Int,
    TraitError,
    Unicode,
    default,
    validate,
)
from traitlets.config import Configurable

from streamlab.errors import SettingError
from streamlab.settings import DEVICES, Settings, meaning_of, value_of, variable_of
from streamlab.workers.pool import WORKER_KINDS

SETTINGS = tuple(setting.name for setting in fields(Settings))


def _help(name: str) -> str:
    return f"{meaning_of(name)}. The default comes from {variable_of(name)}, if that is set."


def _from_variable(name: str) -> DefaultHandler:
    def read(_: HasTraits) -> Any:
        value = value_of(name)
        return str(value) if isinstance(value, Path) else value

    handler = default(name)
    handler(read)
    return handler


class StreamTraits(Configurable):
    """One trait for each `STREAM_*` setting, and those of the extension alone.

    A trait that is not configured has the value of its variable; both are held to the same limits.
    """

    drop_threshold = Float(Settings.drop_threshold, help=_help("drop_threshold")).tag(config=True)
    slowdown_threshold = Float(Settings.slowdown_threshold, help=_help("slowdown_threshold")).tag(
        config=True
    )
    waiting_frames = Int(Settings.waiting_frames, help=_help("waiting_frames")).tag(config=True)
    window_s = Float(Settings.window_s, help=_help("window_s")).tag(config=True)
    max_frame_size_mb = Float(Settings.max_frame_size_mb, help=_help("max_frame_size_mb")).tag(
        config=True
    )
    max_sessions = Int(Settings.max_sessions, allow_none=True, help=_help("max_sessions")).tag(
        config=True
    )
    max_connections = Int(
        Settings.max_connections, allow_none=True, help=_help("max_connections")
    ).tag(config=True)
    max_connections_per_address = Int(
        Settings.max_connections_per_address,
        allow_none=True,
        help=_help("max_connections_per_address"),
    ).tag(config=True)
    request_timeout_s = Float(Settings.request_timeout_s, help=_help("request_timeout_s")).tag(
        config=True
    )
    idle_timeout_s = Float(
        Settings.idle_timeout_s, allow_none=True, help=_help("idle_timeout_s")
    ).tag(config=True)
    pipelines_dir = Unicode(None, allow_none=True, help=_help("pipelines_dir")).tag(config=True)
    yolo_weights = Unicode(None, allow_none=True, help=_help("yolo_weights")).tag(config=True)
    device = Enum(DEVICES, Settings.device, help=_help("device")).tag(config=True)
    workers = Int(None, allow_none=True, min=1, help="number of workers; unset: one a core").tag(
        config=True
    )
    worker_kind = Enum(
        WORKER_KINDS,
        "process",
        help="""where pipelines run: `process`, in processes of their own, so that a crash in a
        tool costs one frame; `thread`, inside the Jupyter server, where it costs the server""",
    ).tag(config=True)
    preload = Bool(
        False,
        help="start the workers, and load their models, with the server instead of with the first"
        " session",
    ).tag(config=True)
    log_json = Bool(
        False, help="log what happens to sessions as lines of JSON, on standard error"
    ).tag(config=True)

    _drop_threshold_default = _from_variable("drop_threshold")
    _slowdown_threshold_default = _from_variable("slowdown_threshold")
    _waiting_frames_default = _from_variable("waiting_frames")
    _window_s_default = _from_variable("window_s")
    _max_frame_size_mb_default = _from_variable("max_frame_size_mb")
    _max_sessions_default = _from_variable("max_sessions")
    _max_connections_default = _from_variable("max_connections")
    _max_connections_per_address_default = _from_variable("max_connections_per_address")
    _request_timeout_s_default = _from_variable("request_timeout_s")
    _idle_timeout_s_default = _from_variable("idle_timeout_s")
    _pipelines_dir_default = _from_variable("pipelines_dir")
    _yolo_weights_default = _from_variable("yolo_weights")
    _device_default = _from_variable("device")

    @validate(*SETTINGS)
    def _within_limits(self, proposal: dict[str, Any]) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if value is None or value == "":
            return None
        try:
            value_of(name, {variable_of(name): str(value)})
        except SettingError as error:
            raise TraitError(f"{self._trait(name)}={value!r}: {error.allowed}") from None
        return value

    def make_settings(self) -> Settings:
        """Return the settings; raises `SettingError` or `TraitError`, one line."""
        values = {name: getattr(self, name) for name in SETTINGS}
        if values["pipelines_dir"] is not None:
            values["pipelines_dir"] = Path(values["pipelines_dir"]).expanduser()
        try:
            return Settings(**values)
        except SettingError as error:
            problem = str(error)
            for name in self.config[type(self).__name__]:
                if name in SETTINGS:
                    problem = problem.replace(variable_of(name), self._trait(name))
            raise TraitError(problem) from None

    def _trait(self, name: str) -> str:
        return f"{type(self).__name__}.{name}"
