"""`DetectionPanel`: sliders for the score thresholds of detections and texts."""

import json
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import ipywidgets

from streamlab.lab.tuning.clip import Clip
from streamlab.lab.tuning.controls import (
    LABEL_PX,
    PICTURE_PX,
    WITHIN,
    ExportArea,
    button,
    grid,
    row,
    slider,
)
from streamlab.lab.tuning.detection_tuning import DetectionTuning
from streamlab.lab.tuning.knobs import Knob
from streamlab.lab.tuning.metrics_line import ACCURACY_METRICS, COUNT_METRICS, metrics_line, small
from streamlab.lab.tuning.panel import Panel
from streamlab.lab.tuning.precision_recall import PrecisionRecall
from streamlab.media import frames as jpeg
from streamlab.media.annotate import Annotator
from streamlab.pipelines.registry import PipelineRegistry

if TYPE_CHECKING:
    from streamlab.lab.recording import Recording
    from streamlab.media.truth import Truth

CSS_CLASS = "streamlab-tune-detection"
SHOWN_QUALITY = 90
FORMATS = (("pipeline definition", "json"),)
FILES = {"json": "tuned_pipeline.json"}
KNOBS = (
    Knob("score_threshold", "score threshold", 0.0, 1.0, 0.01, "least score of a detection"),
    Knob("min_text_score", "min text confidence", 0.0, 1.0, 0.01, "least confidence of a text"),
)
SIDES = ("x", "y", "width", "height")
DETECTOR, READER = "yolo_detect", "read_tracks"
"""Tools whose params the panel tunes."""
SCORE_DIGITS = 4


class DetectionPanel(Panel):
    """Sliders over recorded answers: a frame with its filtered answer, precision and recall.

    A notebook shows it; `set(score_threshold=, min_text_score=, frame=)` moves the sliders without
    one, and `picture` is the selected frame, a JPEG.

    >>> from streamlab.lab import tune_detection
    >>> panel = tune_detection(recording)
    >>> panel.set(score_threshold=0.5, frame=30)
    >>> panel.figures["recall"]
    """

    def __init__(
        self, recording: "Recording", truth: "Truth | None" = None, session: int = 0
    ) -> None:
        self.tuning = tuning = DetectionTuning(recording, truth, session)
        super().__init__(tuning)
        self._clip = Clip(recording, max(tuning.video_frames) + 1)
        tuning.limit_video_frames(len(self._clip))
        self._annotator = Annotator()
        self._start_figures = tuning.figures
        self._chart = None
        if tuning.scores is not None:
            self._chart = PrecisionRecall(tuning.scores, tuning.settings["score_threshold"])
        self.sliders = {knob.name: slider(knob, tuning.settings[knob.name]) for knob in KNOBS}
        thresholds = grid(self.sliders.values())
        self.sliders["min_text_score"].disabled = not tuning.has_texts
        self.sliders["frame"] = ipywidgets.SelectionSlider(
            options=[(str(frame), frame) for frame in tuning.frames],
            value=tuning.settings["frame"],
            description="frame",
            tooltip="which recorded frame is shown",
            style={"description_width": LABEL_PX},
            layout={"width": f"{PICTURE_PX - 4}px", "max_width": WITHIN},
        )
        self.image = ipywidgets.Image(format="jpeg", layout={"max_width": WITHIN})
        self.chart_image = ipywidgets.Image(format="png")
        self.line = ipywidgets.HTML()
        self.fine_print = ipywidgets.HTML()
        beside: Any = self.chart_image
        if self._chart is None:
            beside = ipywidgets.HTML(small(tuning.no_scores_reason), layout={"width": "290px"})
        self._export = ExportArea(FORMATS, FILES, lambda _: tuned_definition(tuning), self.status)
        back = button("Back to the start", "show all that was recorded", self.reset)
        buttons = row([back, *self._export.buttons])
        pictures = row([self.image, beside])
        rows = [thresholds, self.sliders["frame"], pictures, self.line, self.fine_print, buttons]
        self._show(rows, CSS_CLASS)

    @property
    def figures(self) -> dict[str, Any]:
        """Precision, recall and texts, as `DetectionScores.at` has them, and the counts shown."""
        return self.tuning.figures

    @property
    def result(self) -> dict[str, Any] | None:
        """The answer shown, detections and texts under the thresholds removed."""
        return self.tuning.result

    @property
    def chart(self) -> bytes:
        """Precision over recall, a PNG; empty without a truth."""
        self._debouncer.flush()
        chart: bytes = self.chart_image.value
        return chart

    def export(self, kind: str = "json", path: str | Path | None = None) -> str:
        """Return the recorded pipeline with these settings as JSON, show it, and save it.

        A server loads the file from its folder of pipelines. Raises `OptionError`.
        """
        return super().export(kind, path)

    def _draw(self) -> None:
        tuning = self.tuning
        began = perf_counter()
        figures = tuning.figures
        picture = self._annotated()
        if self._chart is not None:
            threshold = tuning.settings["score_threshold"]
            drawn = self._chart.draw(threshold, figures["precision"], figures["recall"])
            self.chart_image.value = drawn
        took_ms = (perf_counter() - began) * 1e3
        self.image.value = picture
        accuracy = ACCURACY_METRICS if self._chart is not None else ()
        metrics = [each for each in accuracy if figures[each.key] is not None]
        self.line.value = metrics_line([*metrics, *COUNT_METRICS], figures, self._start_figures)
        recorded = f"scores from {tuning.least_score:.2f} up"
        if tuning.has_texts:
            recorded += f" and texts from {tuning.least_text_score:.2f} up"
        self.fine_print.value = small(
            f"Only {recorded} were recorded. {tuning.left_out}"
            f"Filtered, counted and drawn in {took_ms:.0f} ms."
        )

    def _annotated(self) -> bytes:
        tuning, scale = self.tuning, self._clip.scale
        place, answered = tuning.place, tuning.answered_place
        image = self._clip.image(tuning.video_frames[place])
        status = f"frame {tuning.frames[place]}"
        if answered is None:
            status += "  no answer yet"
        elif answered != place:
            status += f"  no answer; that of frame {tuning.frames[answered]}"
        result = tuning.result or {}
        if scale != 1.0:
            things = result.get("detections", ())
            scaled = [{**thing, **{s: thing[s] * scale for s in SIDES}} for thing in things]
            result = {**result, "detections": scaled}
        drawn = self._annotator.draw(image, result, status, stale=answered != place)
        return jpeg.encode(drawn, quality=SHOWN_QUALITY)


def tuned_definition(tuning: DetectionTuning) -> str:
    """Return JSON: the recorded pipeline's definition with the tuned params and a new id.

    If that pipeline is not known here, only the nodes to be changed.
    """
    params = {
        DETECTOR: {"score_threshold": round(tuning.settings["score_threshold"], SCORE_DIGITS)}
    }
    if tuning.has_texts:
        params[READER] = {"min_text_score": round(tuning.settings["min_text_score"], SCORE_DIGITS)}
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
