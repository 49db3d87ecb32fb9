"""A tool that a test holds and lets go, so that a test decides how long a frame takes."""

import threading

from streamlab.pipelines.registry import PipelineRegistry
from streamlab.tools.registry import ToolRegistry
from streamlab.tools.tool import Tool


class Gate:
    """A pipeline `gate` whose frames each wait to be let through, and `broken`, which raises."""

    def __init__(self):
        self.frames = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)
        gate = self

        class Held(Tool):
            name = "held"
            reads = frozenset({"frame_index"})
            produces = frozenset({"seen"})

            def open(self):
                def step(values):
                    gate.entered.release()
                    assert gate.frames.acquire(timeout=30), "the test did not let the frame through"
                    return {"seen": values["frame_index"]}

                return step

        class Broken(Tool):
            name = "broken"
            reads = frozenset({"frame_index"})
            produces = frozenset({"seen"})

            def open(self):
                def step(values):
                    raise ZeroDivisionError("a secret\nof two lines")

                return step

        tools = ToolRegistry()
        tools.register(Held)
        tools.register(Broken)
        self.pipelines = PipelineRegistry.load(tools=tools)
        for name in ("held", "broken"):
            self.pipelines.add({"id": name, "nodes": [{"id": "node", "tool": name}]})

    def let_through(self, count=1):
        """Let frames through."""
        self.frames.release(count)

    def wait_for_frame(self):
        """Wait until a frame has reached the tool."""
        assert self.entered.acquire(timeout=30)
