"""Which tools a pipeline may name: the built-in ones, those of packages, those of a notebook."""

import inspect
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

import msgspec

from streamlab.errors import DefinitionError
from streamlab.tools.tool import Tool

ENTRY_POINT_GROUP = "streamlab.tools"

BUILT_IN = {
    "yolo_detect": "streamlab.tools.yolo:YoloDetect",
    "yolo_classify": "streamlab.tools.classify:YoloClassify",
    "track": "streamlab.tools.tracker:Track",
    "read_tracks": "streamlab.tools.reader:ReadTracks",
    "ocr_text": "streamlab.tools.ocr_page:OcrText",
    "read_codes": "streamlab.tools.codes:ReadCodes",
    "find_text": "streamlab.tools.find_text:FindText",
    "noop": "streamlab.tools.noop:Noop",
}
"""Where each built-in tool is declared; these modules load no model library when imported."""


class ToolRegistry:
    """Tool classes by the name that a pipeline's JSON calls them.

    >>> registry = ToolRegistry()
    >>> registry.get("track").produces == {"detections", "tracks"}
    True
    >>> registry.get("no_such_tool") is None
    True

    Packages add tools through entry points in the group `streamlab.tools`; the name of the entry
    point is that of the tool. One that cannot be used is skipped and listed in `problems`. Of
    tools of one name the first is kept: the built-in tools, then packages in order of name.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        """One line for each tool of a package that cannot be used, with the reason."""
        self._tools: dict[str, type[Tool]] = {}
        for entry_point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=_order):
            self._load(entry_point)

    def get(self, name: str) -> type[Tool] | None:
        """Return the tool called `name`, or `None` where there is none."""
        if name not in self._tools and name in BUILT_IN:
            module, _, attribute = BUILT_IN[name].partition(":")
            self._tools[name] = getattr(import_module(module), attribute)
        return self._tools.get(name)

    def names(self) -> list[str]:
        """Return the names of all tools, sorted."""
        return sorted({*BUILT_IN, *self._tools})

    def register(self, tool_class: type[Tool]) -> type[Tool]:
        """Add a tool, as a notebook does; registering a name again replaces it.

        Sessions that run keep the tool that they began with; those that are opened later run this
        one, in every pipeline that names it.

        Raises `DefinitionError` for what is no usable tool, or has the name of a built-in one.
        """
        problem = _problem_of(tool_class)
        if problem is None and tool_class.name in BUILT_IN:
            problem = "a built-in tool has this name; choose another"
        if problem is not None:
            name = getattr(tool_class, "name", None) or getattr(tool_class, "__name__", tool_class)
            raise DefinitionError(f"tool {name!r}", problem)
        self._tools[tool_class.name] = tool_class
        return tool_class

    def _load(self, entry_point: EntryPoint) -> None:
        try:
            tool_class = entry_point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code must not stop the start
            problem: str | None = f"{type(error).__name__}: {error}"
        else:
            problem = _problem_of(tool_class)
            if problem is None and tool_class.name != entry_point.name:
                problem = f"the tool calls itself {tool_class.name!r}"
            if problem is None and (
                entry_point.name in BUILT_IN or entry_point.name in self._tools
            ):
                problem = "another tool has this name"
        if problem is None:
            self._tools[entry_point.name] = tool_class
        else:
            self.problems.append(f"tool {entry_point.name!r} ({entry_point.value}): {problem}")


def _order(entry_point: EntryPoint) -> tuple[str, str]:
    return entry_point.name, entry_point.value


def _problem_of(tool_class: object) -> str | None:
    """Say what keeps `tool_class` from being run by a node."""
    if not (isinstance(tool_class, type) and issubclass(tool_class, Tool)):
        return "not a subclass of streamlab.tools.tool.Tool"
    if inspect.isabstract(tool_class):
        return "does not define open()"
    if not isinstance(getattr(tool_class, "name", None), str) or not tool_class.name:
        return "has no name"
    if not isinstance(getattr(tool_class, "title", None), str):
        return "title is not a str"
    for attribute in ("reads", "produces"):
        if not isinstance(getattr(tool_class, attribute, None), frozenset):
            return f"{attribute} is not a frozenset of names"
    params = getattr(tool_class, "Params", None)
    if not (isinstance(params, type) and issubclass(params, msgspec.Struct)):
        return "Params is not a msgspec.Struct"
    return None
