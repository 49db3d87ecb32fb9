"""A tool that does nothing, to measure everything around it."""

from typing import ClassVar

from streamlab.tools.tool import Step, Tool, Values


class Noop(Tool):
    """Reads nothing and produces nothing."""

    name: ClassVar[str] = "noop"
    reads: ClassVar[frozenset[str]] = frozenset()
    produces: ClassVar[frozenset[str]] = frozenset()

    def open(self) -> Step:
        """Return a step that returns no values."""
        return _nothing


def _nothing(values: Values) -> Values:
    return {}
