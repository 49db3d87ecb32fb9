"""`SessionTable`: a list of dicts, one per session, which a notebook shows as a table."""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_SHOWN = 50
MOST_CHARACTERS = 60


class SessionTable(list[dict[str, Any]]):
    """A list of dicts, one per session.

    >>> print(SessionTable([{"session": 0, "session_id": "7", "error": None}]))
    session  session_id  error
          0           7      -
    """

    def __repr__(self) -> str:
        if not self:
            return "no session"
        rows = [self._names(), *self._rows()]
        widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
        lines = [
            "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return "\n".join([*lines, *self._more()])

    def _repr_html_(self) -> str:
        from html import escape

        from streamlab.cards import card, table

        if not self:
            return card(["<div>no session</div>"])
        more = [f"<div>{escape(line)}</div>" for line in self._more()]
        return card([table(self._names(), [*self._rows()]), *more])

    def _names(self) -> list[str]:
        return [*dict.fromkeys(name for session in self for name in session)]

    def _rows(self) -> Iterator[list[str]]:
        names = self._names()
        for session in self[:MOST_SHOWN]:
            yield [_shown(session.get(name)) for name in names]

    def _more(self) -> list[str]:
        more = len(self) - MOST_SHOWN
        return [f"and {more} more"] if more > 0 else []


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        # of a ledger, the counts above 0
        return ", ".join(f"{name} {count}" for name, count in value.items() if count) or "-"
    text = f"{value:.4g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
