"""What was tuned of detection, as a pipeline definition."""

import json
from typing import TYPE_CHECKING, Any

from streamlab.pipelines.registry import PipelineRegistry

if TYPE_CHECKING:
    from streamlab.lab.tuning.detection_tuning import DetectionTuning

DETECTOR, READER = "yolo_detect", "read_tracks"
DIGITS = 4


def tuned_definition(tuning: "DetectionTuning") -> str:
    """Return JSON: the recorded pipeline with the tuned params, under an id of its own.

    Where that pipeline is not known here, only the nodes that are to be changed.
    """
    params = {DETECTOR: {"score_threshold": round(tuning.settings["score_threshold"], DIGITS)}}
    if tuning.has_texts:
        params[READER] = {"min_text_score": round(tuning.settings["min_text_score"], DIGITS)}
    pipeline_id = str(tuning.recording.info.get("pipeline_id", ""))
    registry = PipelineRegistry.load()
    if pipeline_id not in registry:
        nodes = {"detect": DETECTOR, "read": READER}
        return _json({"nodes": [_node(n, t, params[t]) for n, t in nodes.items() if t in params]})
    known = registry[pipeline_id].definition
    tuned: dict[str, Any] = {"id": f"{pipeline_id}_tuned"}
    if known.title:
        tuned["title"] = f"{known.title}, tuned"
    tuned["nodes"] = [
        _node(node.id, node.tool, {**node.params, **params.get(node.tool, {})})
        for node in known.nodes
    ]
    if known.edges:
        tuned["edges"] = [list(edge) for edge in known.edges]
    return _json(tuned)


def _node(node_id: str, tool: str, params: dict[str, Any]) -> dict[str, Any]:
    node: dict[str, Any] = {"id": node_id, "tool": tool}
    return {**node, "params": params} if params else node


def _json(definition: dict[str, Any]) -> str:
    return json.dumps(definition, indent=2) + "\n"
