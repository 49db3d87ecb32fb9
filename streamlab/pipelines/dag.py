"""`DagPipelineService`: the one place where pipelines run."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from ..errors import InvalidPipelineError, PipelineFailureError, StreamlabError
from ..tools.tool import Step, Tool
from .graph import FRAME, Plan, PlannedNode
from .registry import PipelineRegistry


class DagPipelineService:
    """Opens pipelines and shares among their sessions what their tools load.

    >>> service = DagPipelineService(PipelineRegistry.load())
    >>> run = service.open("noop")
    """

    def __init__(self, pipelines: PipelineRegistry) -> None:
        self.pipelines = pipelines
        self._loaded: dict[tuple[str, bytes], Tool] = {}
        self._loading = threading.Lock()

    def open(self, pipeline_id: str) -> "PipelineRun":
        """Open a pipeline for one session.

        Raises `InvalidPipelineError` for an unknown id, and `PipelineFailureError`, which names
        the node, when a tool cannot be loaded.
        """
        if pipeline_id not in self.pipelines:
            raise InvalidPipelineError(pipeline_id, self.pipelines.ids())
        plan = self.pipelines[pipeline_id]
        return PipelineRun(plan, {node.id: self._open_node(node) for node in plan.nodes})

    def _open_node(self, node: PlannedNode) -> Step:
        try:
            return self._load(node).open()
        except StreamlabError as error:
            raise PipelineFailureError(node.id, str(error)) from error
        except Exception as error:
            raise PipelineFailureError(node.id, _in_one_line(error)) from error

    def _load(self, node: PlannedNode) -> Tool:
        key = (node.tool.name, msgspec.json.encode(node.params, order="deterministic"))
        with self._loading:
            if key not in self._loaded:
                tool = node.tool(node.params)
                tool.load()
                self._loaded[key] = tool
            return self._loaded[key]


class PipelineRun:
    """One session's run of a pipeline: the steps of its nodes, with what they remember."""

    def __init__(self, plan: Plan, steps: Mapping[str, Step]) -> None:
        self.plan = plan
        self._steps = steps

    def __call__(self, image: Any, frame_index: int) -> tuple[dict[str, Any], dict[str, float]]:
        """Run one frame, an HxWx3 uint8 BGR array, through all nodes.

        Returns the result and the milliseconds that each node took. Raises
        `PipelineFailureError`, which names the node, when a tool raises or breaks its promise.
        """
        values: dict[str, Mapping[str, Any]] = {FRAME: {"image": image, "frame_index": frame_index}}
        nodes_ms: dict[str, float] = {}
        for node in self.plan.nodes:
            inputs = {value: values[by][value] for value, by in node.providers.items()}
            start = time.perf_counter()
            try:
                produced = self._steps[node.id](inputs)
            except Exception as error:
                raise PipelineFailureError(node.id, _in_one_line(error)) from error
            nodes_ms[node.id] = (time.perf_counter() - start) * 1e3
            missing = sorted(node.tool.produces - produced.keys())
            if missing:
                raise PipelineFailureError(node.id, f"it did not produce {', '.join(missing)}")
            values[node.id] = produced
        return {value: values[by][value] for value, by in self.plan.outputs.items()}, nodes_ms


def _in_one_line(error: BaseException) -> str:
    """Describe an error of somebody else's code: its type and the first line of its message."""
    lines = str(error).strip().splitlines()
    name = type(error).__name__
    return f"{name}: {lines[0][:300]}" if lines else name
