"""Options of the command line, made from the settings that they stand for."""

from collections.abc import Callable, Iterable
from typing import Any

import click

from streamlab.declaration import Setting
from streamlab.errors import SettingError
from streamlab.kinds import Choice, Flag, Kind, Number, Texts, Whole
from streamlab.settings import SETTINGS

METAVARS: dict[type, str] = {Number: "NUMBER", Whole: "N"}


class KindType(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases
    """What a setting's kind takes; its sentence says what is allowed."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.name = METAVARS.get(type(kind), type(kind).__name__)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse a text."""
        try:
            return self.kind.parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)


def options_of(
    settings: Iterable[Setting],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds an option for each setting; a command gets them by name."""
    given = list(settings)

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for each in reversed(given):
            command = _option(each)(command)
        return command

    return add


def server_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each of a server's settings: None unless it is given."""
    for each in reversed(SETTINGS.values()):
        default = each.unset or each.default
        more = {"default": None, "show_default": f"{each.variable}, else {default}"}
        command = _option(each, **more)(command)
    return command


def in_flags(error: SettingError, given: Iterable[str]) -> SettingError:
    """Return the error with the flags of the settings that were given in place of variables."""

    def named(text: str) -> str:
        for name in given:
            text = text.replace(SETTINGS[name].variable, SETTINGS[name].flags[0])
        return text

    return SettingError(named(error.variable), error.value, named(error.allowed))


def _option(setting: Setting, **more: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    about = setting.explained[0].upper() + setting.explained[1:] + "."
    known: dict[str, Any] = {"default": setting.default, "show_default": setting.unset or True}
    kind = setting.kind
    if isinstance(kind, Flag):
        known = {"is_flag": True, "default": bool(setting.default)}
    elif isinstance(kind, Texts):
        known |= {"multiple": True, "callback": _none_if_empty, "metavar": "TEXT"}
        about += " May be repeated."
    elif isinstance(kind, Choice):
        known["type"] = click.Choice(list(kind.names))
    else:
        known["type"] = KindType(kind)
    return click.option(*setting.flags, setting.name, help=about, **{**known, **more})


def _none_if_empty(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> Any:
    return value or None
