"""Plain tables and medians."""

import statistics
from collections.abc import Iterable, Sequence
from typing import NamedTuple


def show(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table in Markdown, columns aligned."""
    lines = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    print(f"\n{title}\n")
    for number, line in enumerate(lines):
        print("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |")
        if number == 0:
            print("| " + " | ".join("-" * width for width in widths) + " |")


class Table(NamedTuple):
    """A table that can be printed and written."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[object]]

    def show(self) -> None:
        """Print it."""
        show(self.title, self.header, self.rows)

    def records(self) -> list[dict[str, object]]:
        """Return a dict for each row."""
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]


def median(values: Iterable[float], digits: int = 1) -> float:
    """Return the median, rounded."""
    return round(statistics.median(values), digits)
