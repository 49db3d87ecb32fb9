"""`DagPipelineService`: the one place where pipelines run."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from ..errors import InvalidPipelineError, PipelineFailureError, StreamlabError
from ..tools.tool import Step, Tool, Values
from .detection_filter import ALL_DETECTIONS, DetectionFilter
from .graph import DETECTIONS, FRAME, Plan, PlannedNode
from .registry import PipelineRegistry
from .result import to_plain


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
        except (Exception, SystemExit) as error:
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

    def __call__(
        self, image: Any, frame_index: int, detection_filter: DetectionFilter = ALL_DETECTIONS
    ) -> tuple[dict[str, Any], dict[str, float]]:
        """Run one frame, an HxWx3 uint8 BGR array, through all nodes.

        The filter is applied to what a detecting node finds, before its successors see it. Returns
        the result, plain data, and the milliseconds that each node took. Raises
        `PipelineFailureError`, which names the node, when a tool raises or breaks its promise.
        """
        values: dict[str, Mapping[str, Any]] = {FRAME: {"image": image, "frame_index": frame_index}}
        nodes_ms: dict[str, float] = {}
        outputs = self.plan.outputs.items()
        for node in self.plan.nodes:
            inputs = {value: values[by][value] for value, by in node.providers.items()}
            start = time.perf_counter()
            try:
                produced = self._steps[node.id](inputs)
            except (Exception, SystemExit) as error:
                raise PipelineFailureError(node.id, _in_one_line(error)) from error
            nodes_ms[node.id] = (time.perf_counter() - start) * 1e3
            missing = sorted(node.tool.produces - produced.keys())
            if missing:
                raise PipelineFailureError(node.id, f"it did not produce {', '.join(missing)}")
            if node.detects:
                produced = _filtered(produced, detection_filter, node.id)
            values[node.id] = produced
        return {value: _plain(values[by], value, by) for value, by in outputs}, nodes_ms


def _filtered(produced: Values, detection_filter: DetectionFilter, node: str) -> Values:
    if detection_filter.keeps_all:
        return produced
    try:
        return {**produced, DETECTIONS: detection_filter.apply(produced[DETECTIONS])}
    except Exception as error:
        problem = f"its {DETECTIONS!r} cannot be filtered: {_in_one_line(error)}"
        raise PipelineFailureError(node, problem) from error


def _plain(produced: Values, value: str, node: str) -> Any:
    try:
        return to_plain(produced[value])
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"its {value!r} cannot be sent: {_in_one_line(error)}"
        raise PipelineFailureError(node, problem) from error


def _in_one_line(error: BaseException) -> str:
    """Describe an error of somebody else's code: its type and the first line of its message."""
    name = type(error).__name__
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001 - an error whose own words raise has only its name
        return name
    first = lines[0][:300].encode(errors="replace").decode() if lines else ""
    return f"{name}: {first}" if first else name
