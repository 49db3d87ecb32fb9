"""How a setting is declared: one dataclass field that says all there is to know of it.

The environment, the URL, Jupyter's traits, the command line, options in Python, sliders and the
tables of the documentation are derived from the field: its name, its default, and the `Setting`
in its metadata.

>>> from streamlab.kinds import Number
>>> @dataclass(frozen=True)
... class Example:
...     drop_threshold: float = setting(0.1, Number(0, 1), "drop rate above which frames are shed")
>>> drop = declared(Example)["drop_threshold"]
>>> drop.name, drop.default, drop.parse("0.2")
('drop_threshold', 0.1, 0.2)
>>> drop.parse("2")
Traceback (most recent call last):
ValueError: a number from 0 to 1 is allowed
"""

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from streamlab.kinds import Kind, Number, Whole

_KEY = "streamlab"


class Slider(NamedTuple):
    """What a slider reaches, and by which step; the setting itself may be allowed to go further."""

    least: float
    most: float
    step: float


@dataclass(frozen=True)
class Setting:
    """A setting as its field declares it.

    `meaning` is one line. `variable` is the environment variable behind it, "" for none; `label`
    and `unit` are what a panel shows ("%" for a share of 1 that is shown in percent); `unset` is
    what the default None comes to. `flag` is another name for it on the command line.
    """

    kind: Kind
    meaning: str
    variable: str = ""
    label: str = ""
    unit: str = ""
    slider: Slider | None = None
    unset: str = ""
    flag: str = ""
    name: str = ""
    default: Any = None

    def parse(self, text: str) -> Any:
        """Return the value that a text stands for; `ValueError` says what is allowed."""
        return self.kind.parse(text)

    def check(self, value: Any) -> Any:
        """Return a value that is given in Python; `ValueError` says what is allowed."""
        return self.kind.check(value)

    @property
    def flags(self) -> tuple[str, ...]:
        """Its names on the command line: a shorter one if it has one, and its own with dashes."""
        own = f"--{self.name.replace('_', '-')}"
        return (self.flag, own) if self.flag and self.flag != own else (own,)

    @property
    def title(self) -> str:
        """What a panel calls it."""
        return self.label or self.name.replace("_", " ").capitalize()

    @property
    def title_with_unit(self) -> str:
        """What a panel calls it that shows bare numbers; a share is one."""
        return f"{self.title} ({self.unit})" if self.unit not in ("", "%") else self.title

    @property
    def limits(self) -> str:
        """Its limits in words, "" where it has none or its meaning names them."""
        kind = self.kind
        if not isinstance(kind, Number | Whole) or (isinstance(kind, Number) and kind.says):
            return ""
        least, is_over = f"{kind.least:g}", isinstance(kind, Number) and kind.above
        if kind.most is None or kind.most == math.inf:
            return f"over {least}" if is_over else f"from {least}"
        most = f"{kind.most:g}"
        return f"over {least}, at most {most}" if is_over else f"{least} to {most}"

    @property
    def explained(self) -> str:
        """What it means, with its limits."""
        return f"{self.meaning} ({self.limits})" if self.limits else self.meaning


def setting(
    default: Any,
    kind: Kind,
    meaning: str,
    *,
    variable: str = "",
    label: str = "",
    unit: str = "",
    slider: Slider | None = None,
    unset: str = "",
    flag: str = "",
) -> Any:
    """Return the dataclass field of a setting; see `Setting`."""
    known = Setting(kind, meaning, variable, label, unit, slider, unset, flag, default=default)
    return field_of(known)


def field_of(known: Setting) -> Any:
    """Return the dataclass field of a setting that is declared elsewhere."""
    return field(default=known.default, metadata={_KEY: known})


def declared(owner: type) -> dict[str, Setting]:
    """Return the settings that a dataclass declares, by name, in their order."""
    return {
        each.name: dataclasses.replace(each.metadata[_KEY], name=each.name, default=each.default)
        for each in dataclasses.fields(owner)
        if _KEY in each.metadata
    }
