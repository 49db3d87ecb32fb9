"""`DagPipelineService`: the one place where pipelines run."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from streamlab.errors import (
    DefinitionError,
    InvalidPipelineError,
    PipelineFailureError,
    ToolResultError,
)
from streamlab.pipelines.detection_filter import ALL_DETECTIONS, DetectionFilter
from streamlab.pipelines.faults import failure
from streamlab.pipelines.graph import DETECTIONS, FRAME, Plan, PlannedNode
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.pipelines.result import encode_value, joined_lists
from streamlab.tools.checked import checked
from streamlab.tools.tool import Step, Tool, Values


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
        try:
            plan = self.pipelines.current(pipeline_id)
        except DefinitionError as error:
            raise PipelineFailureError(error.node, error.problem) from error
        return PipelineRun(plan, {node.id: self._open_node(node) for node in plan.nodes})

    def _open_node(self, node: PlannedNode) -> Step:
        try:
            return self._load(node).open()
        except (Exception, SystemExit) as error:
            raise failure(node.id, error) from error

    def _load(self, node: PlannedNode) -> Tool:
        key = (node.tool.name, msgspec.json.encode(node.params, order="deterministic"))
        with self._loading:
            tool = self._loaded.get(key)
            # a tool that was registered again takes the place of the one of its name
            if type(tool) is not node.tool:
                tool = node.tool(node.params)
                tool.load()
                self._loaded[key] = tool
            return tool


class PipelineRun:
    """One session's run of a pipeline: the steps of its nodes, with what they remember."""

    def __init__(self, plan: Plan, steps: Mapping[str, Step]) -> None:
        self.plan = plan
        self._steps = steps

    def __call__(
        self, image: Any, frame_index: int, detection_filter: DetectionFilter = ALL_DETECTIONS
    ) -> tuple[dict[str, Any], dict[str, float]]:
        """Run one frame, an HxWx3 uint8 BGR array, through all nodes.

        The filter is applied to what a detecting node finds, before its successors see it. Returns
        the result, plain data, and the milliseconds that each node took. Raises
        `PipelineFailureError`, which names the node, when a tool raises or breaks its promise.
        """
        encoded, nodes_ms = self.run_encoded(image, frame_index, detection_filter)
        result: dict[str, Any] = msgspec.json.decode(encoded)
        return result, nodes_ms

    def run_encoded(
        self, image: Any, frame_index: int, detection_filter: DetectionFilter
    ) -> tuple[bytes, dict[str, float]]:
        """Run one frame; return its result as JSON, which is all that a worker needs."""
        values: dict[str, Mapping[str, Any]] = {FRAME: {"image": image, "frame_index": frame_index}}
        nodes_ms: dict[str, float] = {}
        for node in self.plan.nodes:
            inputs = {value: values[by][value] for value, by in node.providers.items()}
            start = time.perf_counter()
            try:
                produced = self._steps[node.id](inputs)
                nodes_ms[node.id] = (time.perf_counter() - start) * 1e3
                produced = _checked(produced)
            except (Exception, SystemExit) as error:
                raise failure(node.id, error) from error
            missing = sorted(node.tool.produces - produced.keys())
            if missing:
                raise PipelineFailureError(node.id, f"it did not produce {', '.join(missing)}")
            if node.detects:
                wanted = detection_filter.apply(produced[DETECTIONS])
                produced = {**produced, DETECTIONS: wanted}
            values[node.id] = produced
        result = {
            value: msgspec.Raw(_encoded(values[by], value, by))
            for value, by in self.plan.outputs.items()
        }
        for value, producers in self.plan.collected.items():
            lists = [_encoded(values[by], value, by) for by in producers]
            result[value] = msgspec.Raw(joined_lists(lists))
        return msgspec.json.encode(result), nodes_ms


def _checked(produced: Any) -> Values:
    if not isinstance(produced, Mapping):
        kind = type(produced).__name__
        raise ToolResultError(f"its step returned a {kind}, not a mapping of what it produces")
    return checked(produced)


def _encoded(produced: Values, value: str, node: str) -> bytes:
    try:
        return encode_value(produced[value])
    except (TypeError, ValueError, RecursionError) as error:
        raise failure(node, error, f"its {value!r} cannot be sent") from error
