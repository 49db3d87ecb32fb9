"""The settings as traits: what Jupyter's configuration files and command line may set."""

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
    TraitType,
    Unicode,
    default,
    validate,
)
from traitlets.config import Configurable

from streamlab.declaration import Setting
from streamlab.errors import SettingError
from streamlab.kinds import Choice, Flag, Number, Whole
from streamlab.settings import SETTINGS, Settings, value_of, variable_of
from streamlab.workers.pool import WORKER_KINDS


def trait_of(setting: Setting) -> TraitType[Any, Any]:
    """Return the trait of a setting, with its default and its meaning as help."""
    value, kind = setting.default, setting.kind
    about = f"{setting.explained}. The default comes from {setting.variable}, if that is set."
    more: dict[str, Any] = {"help": about, "allow_none": value is None}
    trait: TraitType[Any, Any]
    if isinstance(kind, Choice):
        trait = Enum(kind.names, value, **more)
    else:
        of_kind: dict[type, Any] = {Number: Float, Whole: Int, Flag: Bool}
        trait = of_kind.get(type(kind), Unicode)(value, **more)
    return trait.tag(config=True)


def default_of(setting: Setting) -> DefaultHandler:
    """Return what reads a trait's default from its environment variable."""

    def read(_: HasTraits) -> Any:
        value = value_of(setting.name)
        return str(value) if isinstance(value, Path) else value

    handler = default(setting.name)
    handler(read)
    return handler


class StreamTraits(Configurable):
    """One trait for each `STREAM_*` setting, and those of the extension alone.

    A trait that is not configured has the value of its variable; both are held to the same limits.
    """

    # the names of a class body that is being run: as if each trait were written down here
    vars().update({name: trait_of(setting) for name, setting in SETTINGS.items()})
    vars().update({f"_{name}_default": default_of(setting) for name, setting in SETTINGS.items()})

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
