"""Writes the built-in tools into `pipelines.md`: `python docs/make_tool_tables.py`.

What stands there comes from the tools' own declarations and docstrings.
"""

import ast
import inspect
import sys
from itertools import pairwise
from pathlib import Path

import msgspec

from streamlab.tools.registry import BUILT_IN, ToolRegistry
from streamlab.tools.tool import Tool

PAGE = Path(__file__).with_name("pipelines.md")
HEADING = "## The built-in tools\n"


def field_docs(params: type[msgspec.Struct]) -> dict[str, str]:
    """Return the docstring under each field of a params class."""
    tree = ast.parse(inspect.getsource(params))
    [body] = [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    docs = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            assert isinstance(field.target, ast.Name)
            assert isinstance(text.value, ast.Constant)
            docs[field.target.id] = " ".join(str(text.value.value).split())
    return docs


def section(tool: type[Tool]) -> str:
    """Return the section of a tool."""
    about = inspect.getdoc(tool) or ""
    reads = ", ".join(f"`{value}`" for value in sorted(tool.reads)) or "nothing"
    produces = ", ".join(f"`{value}`" for value in sorted(tool.produces)) or "nothing"
    lines = [f"### `{tool.name}`\n", about, f"\nReads {reads}; produces {produces}.\n"]
    docs = field_docs(tool.Params)
    fields = msgspec.structs.fields(tool.Params)
    if fields:
        lines += ["| param | default | meaning |", "| --- | --- | --- |"]
        for field in fields:
            default = msgspec.json.encode(field.default).decode()
            lines.append(f"| `{field.name}` | `{default}` | {docs.get(field.name, '')} |")
        lines.append("")
    return "\n".join(lines)


def page() -> str:
    """Return the page as it should be."""
    tools = ToolRegistry()
    sections = [section(tool) for name in BUILT_IN if (tool := tools.get(name)) is not None]
    return PAGE.read_text().split(HEADING)[0] + HEADING + "\n" + "\n".join(sections)


if __name__ == "__main__":
    sys.exit(PAGE.write_text(page()) == 0)
