"""From a frame to what a network finds in it, in pixels of the frame."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from streamlab.errors import ToolUnavailableError
from streamlab.models.description import Task
from streamlab.models.layouts import Candidates, OutputReader, Outputs
from streamlab.models.letterbox import Fit, Letterbox
from streamlab.models.loading import load_network, try_out
from streamlab.models.masks import Rings, find_outlines
from streamlab.models.network import Array
from streamlab.models.oriented import corners_of
from streamlab.models.suppression import suppress

TASKS: tuple[Task, ...] = ("detect", "segment", "pose", "obb")

_MIN_SIDE_PX = 0.5
"""What clipping leaves of a box outside the frame is no detection."""


class Finding(NamedTuple):
    """One thing found, in pixels of the frame."""

    box: Array
    """(4,): left, top, right, bottom, inside the frame."""
    score: float
    class_index: int
    contours: Rings | None = None
    """Of `segment`: the rings of its outline."""
    keypoints: Array | None = None
    """Of `pose`: (K, 3): x, y, confidence, which is 1 where the model gives none."""
    corners: Array | None = None
    """Of `obb`: (4, 2), in order around the box, which may leave the frame."""


class Detector:
    """A network that finds things, of any of `TASKS`.

    `labels` are the only ones to find, in the model's spelling. Raises `ToolUnavailableError` for
    weights that cannot be used so.
    """

    def __init__(
        self,
        path: Path,
        *,
        image_size: int | tuple[int, ...] | None = None,
        threads: int | None = None,
        device: str | None = None,
        labels: tuple[str, ...] | None = None,
    ) -> None:
        self.network = load_network(path, TASKS, image_size, threads, device)
        description = self.network.description
        self.task = description.task
        self.names = description.names
        self._wanted = _indices(path, description.names, labels)
        self._letterbox = Letterbox(self.network.size, self.network.dtype, description.input)
        blank = np.zeros((*self.network.size[:2], 3), np.uint8)
        outputs = try_out(self.network, path, self._letterbox(blank)[0])
        self._reader = OutputReader(description, outputs, self.network.output_names, path)

    def __call__(
        self, image: Array, score_threshold: float, iou_threshold: float, max_detections: int
    ) -> list[Finding]:
        """Return what is in `image` (HxWx3 uint8, BGR), the surest first."""
        tensor, fit = self._letterbox(image)
        height, width = self.network.size.of(image.shape)
        outputs = self._reader.split(self.network.run(tensor))
        candidates = self._reader.candidates(
            outputs, (height, width), score_threshold, self._wanted
        )
        rotated = self.task == "obb"
        kept = suppress(candidates, iou_threshold, max_detections, rotated)
        if not len(kept.scores):
            return []
        findings = _IN_FRAME[self.task](self, kept, outputs, fit, (height, width))
        return [f for f in findings if (f.box[2:] - f.box[:2] >= _MIN_SIDE_PX).all()]

    def _upright(
        self, kept: Candidates, outputs: Outputs, fit: Fit, input_size: tuple[int, int]
    ) -> list[Finding]:
        boxes = fit.to_frame(kept.boxes)
        rows = zip(boxes, kept.scores.tolist(), kept.classes.tolist(), strict=True)
        return [Finding(*row) for row in rows]

    def _outlined(
        self, kept: Candidates, outputs: Outputs, fit: Fit, input_size: tuple[int, int]
    ) -> list[Finding]:
        assert outputs.prototypes is not None
        plain = self._upright(kept, outputs, fit, input_size)
        outlines = find_outlines(kept.extras, kept.boxes, outputs.prototypes, input_size, fit)
        limit = np.array([fit.frame_width, fit.frame_height], np.float32)
        return [
            finding._replace(
                contours=[np.clip(fit.points_to_frame(ring), 0, limit) for ring in rings]
            )
            for finding, rings in zip(plain, outlines, strict=True)
            if rings is not None
        ]

    def _posed(
        self, kept: Candidates, outputs: Outputs, fit: Fit, input_size: tuple[int, int]
    ) -> list[Finding]:
        shape = self.network.description.keypoint_shape
        assert shape is not None
        points = kept.extras.reshape(-1, *shape)
        limit = np.array([fit.frame_width, fit.frame_height], np.float32)
        placed = np.clip(fit.points_to_frame(points[..., :2]), 0, limit)
        sure = points[..., 2:] if shape[1] == 3 else np.ones_like(points[..., :1])
        keypoints = np.concatenate([placed, sure], axis=2)
        plain = self._upright(kept, outputs, fit, input_size)
        return [f._replace(keypoints=k) for f, k in zip(plain, keypoints, strict=True)]

    def _turned(
        self, kept: Candidates, outputs: Outputs, fit: Fit, input_size: tuple[int, int]
    ) -> list[Finding]:
        corners = corners_of(kept.boxes, kept.extras[:, -1])
        around = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        plain = self._upright(kept._replace(boxes=around), outputs, fit, input_size)
        placed = fit.points_to_frame(corners)
        return [f._replace(corners=c) for f, c in zip(plain, placed, strict=True)]


_IN_FRAME = {
    "detect": Detector._upright,
    "segment": Detector._outlined,
    "pose": Detector._posed,
    "obb": Detector._turned,
}


def _indices(path: Path, names: dict[int, str], labels: tuple[str, ...] | None) -> Array | None:
    if labels is None:
        return None
    unknown = sorted(set(labels) - set(names.values()))
    if unknown:
        known = ", ".join(names.values())
        raise ToolUnavailableError(f"{path}: has no labels {unknown}; it has {known}")
    return np.array([index for index, name in names.items() if name in labels])
