"""What a pipeline node runs: a tool, its declaration, and the step that one session owns."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

Values = Mapping[str, Any]
"""Named values of one frame, such as `image` and `detections`, from a node's predecessors."""

Step = Callable[[Values], Values]
"""One session's share of a tool: takes the values it reads, returns those it produces."""

SOURCE_VALUES = frozenset({"image", "frame_index"})
"""What every frame comes with: `image`, HxWx3 uint8 in BGR order, and `frame_index`, an int that
counts the frames of the session from 0, dropped ones included."""

INTERNAL_VALUES = SOURCE_VALUES | {"tracks"}
"""Values that nodes hand to each other and that never stand in a result."""

COLLECTED_VALUES = frozenset({"shapes"})
"""Values that any number of nodes may produce, each a list: the result has all of them, in the
order of the nodes. No node reads them."""


class NoParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The parameters of a tool that takes none."""


class Tool(ABC):
    """Something a pipeline node can run.

    A tool is declared by its class attributes, so that a pipeline is checked without loading any
    model. One instance serves every session that uses it with the same parameters, from several
    threads at once: what it loads is shared, what it remembers lives in the step of one session.

    >>> class Counter(Tool):
    ...     name = "counter"
    ...     reads = frozenset({"detections"})
    ...     produces = frozenset({"seen"})
    ...
    ...     def open(self):
    ...         seen = 0
    ...
    ...         def step(values):
    ...             nonlocal seen
    ...             seen += len(values["detections"])
    ...             return {"seen": seen}
    ...
    ...         return step
    >>> step = Counter(Counter.Params()).open()
    >>> step({"detections": [1, 2]}), step({"detections": [3]})
    ({'seen': 2}, {'seen': 3})
    """

    name: ClassVar[str]
    """What a pipeline's JSON calls it."""
    title: ClassVar[str] = ""
    """What people call what it says, as the heading of a list of it; see `title_of`."""
    reads: ClassVar[frozenset[str]]
    """The values it needs, each produced by a predecessor or one of `SOURCE_VALUES`."""
    produces: ClassVar[frozenset[str]]
    """The values it returns, every one of them for every frame."""
    defers_work: ClassVar[bool] = False
    """Whether its work waits for a later frame where one is dropped, as reading a text does that is
    read once; a replay then lets the next frame pay for it."""
    Params: ClassVar[type[msgspec.Struct]] = NoParams
    """Its parameters with their defaults and limits, as a frozen struct."""

    @classmethod
    def labels(cls, params: Any) -> tuple[str, ...] | None:
        """Return the labels that it can find with these `params`, None where that is not known.

        Asked of a tool that produces `detections`, before anything is loaded, in a server's own
        process: it must be quick and import no model library.
        """
        return None

    @classmethod
    def missing(cls, params: Any) -> str | None:
        """Return what must be installed before it can be loaded with these `params`, a sentence.

        None where nothing is missing, or that is not known. Asked as `labels` is.
        """
        return None

    def __init__(self, params: Any) -> None:
        """Keep `params`, an instance of `Params`; nothing is loaded yet."""
        self.params = params

    def load(self) -> None:  # noqa: B027 - most tools have nothing to load
        """Load what all sessions share. Called once, before the first `open`."""

    @abstractmethod
    def open(self) -> Step:
        """Return the step of one session; what it remembers is freed with it."""


def title_of(tool: type[Tool]) -> str:
    """Return the title of a tool: its own, or its name made readable.

    >>> from streamlab.tools.noop import Noop
    >>> title_of(Noop)
    'Noop'
    """
    return tool.title or tool.name.replace("_", " ").strip().capitalize()
