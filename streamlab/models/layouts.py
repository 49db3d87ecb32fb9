"""What the outputs of a detection network say, in each of the forms that are known.

| layout | output | boxes |
| --- | --- | --- |
| `yolov8` | (1, 4 + classes + more, N) or (1, N, 4 + classes + more) | centre and size |
| `yolov5` | (1, N, 5 + classes): how likely it is anything, before the classes | centre and size |
| `end_to_end` | (1, N, 6 + more): box, score, class | corners |
| `detr` | boxes (1, N, 4) and logits (1, N, classes) | centre and size, shares of the input |

`more` is what the task adds to each box: coefficients of its mask, keypoints, or its angle. Boxes
of the task `obb` are centre and size in every layout.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from streamlab.errors import ToolUnavailableError
from streamlab.models.description import LAYOUTS, Layout, ModelDescription
from streamlab.models.network import Array

_ROW_START = 6
"""Box, score and class."""


class Candidates(NamedTuple):
    """N boxes in the pixels of a network's input, in no order."""

    boxes: Array
    """(N, 4) float32: left, top, right, bottom; centre x and y, width, height for `obb`."""
    scores: Array
    """(N,) float32, 0 to 1."""
    classes: Array
    """(N,) int32."""
    extras: Array
    """(N, K) float32: what the task adds to each box."""

    def take(self, indices: Array) -> "Candidates":
        """Return some of them, by index or mask."""
        return Candidates(*(part[indices] for part in self))


class Outputs(NamedTuple):
    """A network's outputs by their part."""

    main: Array
    """Without the axis of the batch."""
    logits: Array | None
    """Of `detr`, likewise."""
    prototypes: Array | None
    """Of `segment`: (masks, height, width)."""


class OutputReader:
    """Reads one network's outputs; what is not understood is refused when it is made.

    `outputs` are those for any input, `names` theirs. Raises `ToolUnavailableError`, which says
    what was found and what is needed.
    """

    def __init__(
        self,
        description: ModelDescription,
        outputs: Sequence[Array],
        names: Sequence[str] = (),
        source: object = "the model",
    ) -> None:
        self._description = description
        self._names = tuple(names)
        self._class_count = len(description.names)
        self._prototypes = next(
            (i for i, o in enumerate(outputs) if description.task == "segment" and o.ndim == 4),
            None,
        )
        self._more = self._count_more(outputs)
        self._main, self._logits = self._find_ports(outputs)
        self._is_transposed = False
        layout = None if self._main is None else self._choose(outputs)
        if layout is None:
            raise ToolUnavailableError(f"{source}: {self._found(outputs)}, {self._needed()}")
        self.layout: Layout = layout
        form = description.output
        self._has_corners = layout == "end_to_end" if form.corners is None else form.corners
        self._is_normalized = layout == "detr" if form.normalized is None else form.normalized

    def split(self, outputs: Sequence[Array]) -> Outputs:
        """Return the parts of one answer."""
        assert self._main is not None
        return Outputs(
            np.asarray(outputs[self._main][0], np.float32),
            None if self._logits is None else np.asarray(outputs[self._logits][0], np.float32),
            None
            if self._prototypes is None
            else np.asarray(outputs[self._prototypes][0], np.float32),
        )

    def candidates(
        self,
        outputs: Outputs,
        input_size: tuple[int, int],
        score_threshold: float,
        wanted: Array | None = None,
    ) -> Candidates:
        """Return the boxes with a score above `score_threshold`, of the classes `wanted`.

        `input_size` is the height and width of the input, pixels.
        """
        found = _READERS[self.layout](self, outputs, score_threshold)
        if wanted is not None:
            found = found.take(np.isin(found.classes, wanted))
        boxes = found.boxes
        if self._is_normalized:
            height, width = input_size
            boxes = boxes * np.array([width, height] * 2, np.float32)
        if not self._has_corners and self._description.task != "obb":
            centre, half = boxes[:, :2], boxes[:, 2:] / 2
            boxes = np.concatenate([centre - half, centre + half], axis=1)
        return found._replace(boxes=boxes)

    def _columns(self, outputs: Outputs, score_threshold: float) -> Candidates:
        columns = outputs.main.T if self._is_transposed else outputs.main
        end = 4 + self._class_count
        best = columns[4:end].max(axis=0)
        found = columns[:, np.flatnonzero(best > score_threshold)]
        labels = found[4:end].argmax(axis=0).astype(np.int32)
        return Candidates(found[:4].T, found[4:end].max(axis=0, initial=0), labels, found[end:].T)

    def _rows(self, outputs: Outputs, score_threshold: float) -> Candidates:
        rows = outputs.main[outputs.main[:, 4] > score_threshold]
        return Candidates(
            rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int32), rows[:, _ROW_START:]
        )

    def _with_objectness(self, outputs: Outputs, score_threshold: float) -> Candidates:
        rows = outputs.main[outputs.main[:, 4] > score_threshold]
        scores = rows[:, 5:] * rows[:, 4:5]
        best = scores.max(axis=1, initial=0)
        keep = best > score_threshold
        labels = scores[keep].argmax(axis=1).astype(np.int32)
        return Candidates(rows[keep, :4], best[keep], labels, rows[keep, 5 + self._class_count :])

    def _queries(self, outputs: Outputs, score_threshold: float) -> Candidates:
        assert outputs.logits is not None
        logits = outputs.logits
        if self._description.output.scores == "softmax":
            powers = np.exp(logits - logits.max(axis=1, keepdims=True))
            scores = (powers / powers.sum(axis=1, keepdims=True))[:, :-1]
        else:
            scores = 1 / (1 + np.exp(-logits.clip(-60, 60)))
        best = scores.max(axis=1)
        keep = best > score_threshold
        labels = scores[keep].argmax(axis=1).astype(np.int32)
        nothing = np.zeros((len(labels), 0), np.float32)
        return Candidates(outputs.main[keep], best[keep], labels, nothing)

    def _count_more(self, outputs: Sequence[Array]) -> int:
        """Return how many values the task adds to each box; -1 where that is unknown."""
        if self._description.task == "segment":
            return -1 if self._prototypes is None else outputs[self._prototypes].shape[1]
        if self._description.task == "pose":
            shape = self._description.keypoint_shape
            return -1 if shape is None or shape[1] not in (2, 3) else shape[0] * shape[1]
        return 1 if self._description.task == "obb" else 0

    def _find_ports(self, outputs: Sequence[Array]) -> tuple[int | None, int | None]:
        form = self._description.output
        by_name = {name: index for index, name in enumerate(self._names)}
        tables = [i for i, output in enumerate(outputs) if output.ndim == 3]
        main = by_name.get(form.boxes) if form.boxes else next(iter(tables), None)
        logits = by_name.get(form.logits) if form.logits else None
        return (main if main in tables else None), (logits if logits in tables else None)

    def _choose(self, outputs: Sequence[Array]) -> Layout | None:
        assert self._main is not None
        count, first, second = outputs[self._main].shape
        if self._more < 0 or count != 1:
            return None
        width = 4 + self._class_count + self._more
        fitting: set[Layout] = set()
        if first == width:
            fitting.add("yolov8")
        elif second == width and self._description.output.layout == "yolov8":
            fitting.add("yolov8")
            self._is_transposed = True
        if second == _ROW_START + self._more:
            fitting.add("end_to_end")
        if second == width + 1 and self._description.task == "detect":
            fitting.add("yolov5")
        if self._logits is not None and second == 4:
            classes = self._class_count + (self._description.output.scores == "softmax")
            if outputs[self._logits].shape[1:] == (first, classes):
                fitting.add("detr")
        given = self._description.output.layout
        if given is not None:
            return given if given in fitting else None
        fitting.discard(
            "yolov5"
        )  # as wide as another model's answer may be: only if it is declared
        if len(fitting) == 2 and self._description.needs_no_nms is not None:
            return "end_to_end" if self._description.needs_no_nms else "yolov8"
        return "end_to_end" if "end_to_end" in fitting else next(iter(fitting), None)

    def _found(self, outputs: Sequence[Array]) -> str:
        names = self._names or tuple(f"output{i}" for i in range(len(outputs)))
        shapes = ", ".join(f"{name} {o.shape}" for name, o in zip(names, outputs, strict=True))
        return f"it answers {shapes}"

    def _needed(self) -> str:
        form = self._description.output
        width = 4 + self._class_count
        more = f" + {self._more}" if self._more > 0 else ""
        task = self._description.task
        if self._more < 0:
            what = "prototypes (1, K, H, W)" if task == "segment" else "a kpt_shape (K, 2 or 3)"
            return f"and a model for {task} needs {what} beside its boxes"
        needed = {
            "yolov8": f"(1, {width}{more}, N)",
            "yolov5": f"(1, N, {width + 1})",
            "end_to_end": f"(1, N, 6{more})",
            "detr": f"boxes {form.boxes or 'NAME'} (1, N, 4) and logits {form.logits or 'NAME'} "
            f"(1, N, {self._class_count + (form.scores == 'softmax')}), both named",
        }
        if form.layout is not None:
            return (
                f"and the layout {form.layout} of {self._class_count} classes needs "
                + (needed[form.layout])
            )
        return (
            f"and {task} of {self._class_count} classes needs {needed['yolov8']} or "
            f"{needed['end_to_end']}; a file with another layout ({', '.join(LAYOUTS)}) needs one "
            "beside it that names it"
        )


_READERS: dict[Layout, Callable[[OutputReader, Outputs, float], Candidates]] = {
    "yolov8": OutputReader._columns,
    "yolov5": OutputReader._with_objectness,
    "end_to_end": OutputReader._rows,
    "detr": OutputReader._queries,
}
