"""Cards and tables of plain HTML that a notebook shows, in any theme.

Names, addresses and errors come from users and servers: callers escape what they put into a card,
`table` escapes its cells. Colours of text and background are the notebook's own, so that a card can
be read in light and in dark themes.
"""

from collections.abc import Iterable, Sequence
from html import escape

MOST_CHARACTERS = 60
ENDED = "ended by"
"""The column of texts in a table of numbers."""

LINE = "border-bottom:1px solid rgba(128,128,128,.35)"
CELL = f"padding:2px 8px;{LINE};vertical-align:top;white-space:normal;"
NUMBER = f"{CELL}text-align:right"
WORDS = f"{CELL}text-align:left;overflow-wrap:anywhere"
TABLE = "border-collapse:collapse;margin:6px 0;color:inherit;font-size:inherit"


def card(parts: Iterable[str]) -> str:
    """Return parts of HTML in a frame."""
    style = (
        "border:1px solid rgba(128,128,128,.45);border-radius:4px;padding:8px 12px;"
        "max-width:60em;overflow-x:auto;color:inherit;background:transparent"
    )
    return f'<div class="streamlab-card" style="{style}">{"".join(parts)}</div>'


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of plain texts, which are escaped."""
    styles = [WORDS if name == ENDED else NUMBER for name in header]
    made = []
    for tag, cells in [("th", header), *(("td", cells) for cells in rows)]:
        drawn = [
            f'<{tag} style="{style}">{escape(cell)}</{tag}>'
            for style, cell in zip(styles, cells, strict=True)
        ]
        made.append(f"<tr>{''.join(drawn)}</tr>")
    return f'<table style="{TABLE}">{"".join(made)}</table>'


def shorten(text: object, longest: int) -> str:
    """Return a text on one line, without its middle if it is longer than `longest` characters."""
    words = " ".join(str(text).split())
    if len(words) <= longest:
        return words
    return f"{words[: longest // 2]}…{words[len(words) - (longest - longest // 2) + 1 :]}"
