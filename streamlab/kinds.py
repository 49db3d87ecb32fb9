"""What values a setting takes: numbers, whole numbers, names, texts, folders.

>>> Number(0.1, 600, what="a number of seconds").parse("2")
2.0
>>> Whole(1, 1000).check(2.5)
Traceback (most recent call last):
ValueError: a whole number from 1 to 1000 is allowed
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class Kind(Protocol):
    """What values a setting takes. Both methods raise `ValueError` that says what is allowed."""

    @property
    def allowed(self) -> str:
        """What is allowed, as the end of a sentence about a value that is not."""

    def parse(self, text: str) -> Any:
        """Return the value that a text stands for."""

    def check(self, value: Any) -> Any:
        """Return a value that is given in Python."""


@dataclass(frozen=True)
class Number:
    """Finite numbers from `least` to `most`, or `above` the least.

    `what` names the numbers in the sentence that says which are allowed; `says` replaces it.
    """

    least: float = -math.inf
    most: float = math.inf
    above: bool = False
    what: str = "a number"
    says: str = ""

    @property
    def allowed(self) -> str:
        """What is allowed, as the end of a sentence about a value that is not."""
        if self.says:
            return self.says
        if self.above:
            limit = "" if self.most == math.inf else f", at most {self.most:g},"
            return f"a finite number above {self.least:g}{limit} is allowed"
        return f"{self.what} from {self.least:g} to {self.most:g} is allowed"

    def parse(self, text: str) -> float:
        """Return the number that a text stands for."""
        try:
            value = float(text)
        except ValueError:
            raise ValueError(self.allowed) from None
        return self._within(value)

    def check(self, value: Any) -> float:
        """Return a number that is given in Python, as it is."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return self._within(value if is_number else math.nan)

    def _within(self, value: float) -> float:
        is_over = value > self.least if self.above else value >= self.least
        if not math.isfinite(value) or not is_over or value > self.most:
            raise ValueError(self.allowed)
        return value


@dataclass(frozen=True)
class Whole:
    """Whole numbers from `least` up, or to `most`."""

    least: int
    most: int | None = None

    @property
    def allowed(self) -> str:
        """What is allowed, as the end of a sentence about a value that is not."""
        up = "up" if self.most is None else f"to {self.most}"
        return f"a whole number from {self.least} {up} is allowed"

    def parse(self, text: str) -> int:
        """Return the number that a text stands for."""
        try:
            value = int(text)
        except ValueError:
            raise ValueError(self.allowed) from None
        return self.check(value)

    def check(self, value: Any) -> int:
        """Return a whole number that is given in Python, as it is."""
        if isinstance(value, bool) or not isinstance(value, int) or value < self.least:
            raise ValueError(self.allowed)
        if self.most is not None and value > self.most:
            raise ValueError(self.allowed)
        return value


@dataclass(frozen=True)
class Choice:
    """One of some names; `says` replaces the sentence that lists them."""

    names: Sequence[str]
    says: str = ""

    @property
    def allowed(self) -> str:
        """What is allowed, as the end of a sentence about a value that is not."""
        return self.says or f"{' or '.join(self.names)} is allowed"

    def parse(self, text: str) -> str:
        """Return the name."""
        return self.check(text)

    def check(self, value: Any) -> str:
        """Return the name."""
        if value not in self.names:
            raise ValueError(self.allowed)
        return str(value)


@dataclass(frozen=True)
class Flag:
    """Yes or no; its text is `true` or `false`."""

    allowed: str = "true or false is allowed"

    def parse(self, text: str) -> bool:
        """Return what the text stands for."""
        if text.lower() not in ("true", "false"):
            raise ValueError(self.allowed)
        return text.lower() == "true"

    def check(self, value: Any) -> bool:
        """Return a bool, or a value that stands for one."""
        return bool(value)


@dataclass(frozen=True)
class Text:
    """Any text."""

    allowed: str = "a text is allowed"

    def parse(self, text: str) -> str:
        """Return the text."""
        return text

    def check(self, value: Any) -> str:
        """Return the text."""
        return str(value)


@dataclass(frozen=True)
class Texts:
    """Some texts; as one text, separated by commas. They are checked where they are used."""

    allowed: str = "a list of names is allowed"

    def parse(self, text: str) -> list[str]:
        """Return what stands between the commas."""
        return [each.strip() for each in text.split(",")]

    def check(self, value: Any) -> Any:
        """Return the texts."""
        return value


@dataclass(frozen=True)
class Folder:
    """A folder that exists."""

    allowed: str = "an existing folder is allowed"

    def parse(self, text: str) -> Path:
        """Return the folder's path."""
        try:
            path = Path(text).expanduser()
            if path.is_dir():
                return path
        except (RuntimeError, OSError):  # an unknown user, a name that is too long
            pass
        raise ValueError(self.allowed)

    def check(self, value: Any) -> Path:
        """Return the folder's path."""
        return self.parse(str(value))
