"""Writes the tables of public names into `streamlab` and `streamlab.lab`, for `help`.

`python docs/make_name_tables.py`. What stands there is the first line of each name's docstring.
"""

import inspect
import textwrap
from pathlib import Path
from types import ModuleType

import streamlab
import streamlab.lab

MODULES = (streamlab, streamlab.lab)
WIDTH = 96


def table(module: ModuleType) -> str:
    """Return a line for each public name of a module, in the order of the alphabet."""
    names = sorted((name for name in module.__all__ if not name.startswith("__")), key=str.lower)
    widest = max(map(len, names))
    rows = []
    for name in names:
        about = (inspect.getdoc(getattr(module, name)) or "").splitlines()[0]
        hang = " " * (widest + 2)
        rows.append(textwrap.fill(f"{name:{widest}}  {about}", WIDTH, subsequent_indent=hang))
    return "\n".join(rows)


def source(module: ModuleType) -> str:
    """Return the source of a module as it should be: the table is its docstring's second part."""
    assert module.__file__
    title, _, rest = Path(module.__file__).read_text(encoding="utf-8").split("\n\n", 2)
    return f"{title}\n\n{table(module)}\n\n{rest}"


if __name__ == "__main__":
    for module in MODULES:
        assert module.__file__
        Path(module.__file__).write_text(source(module), encoding="utf-8")
