"""From a frame to what a classification network takes it for."""

from pathlib import Path
from typing import Any

import numpy as np

from streamlab.errors import ToolUnavailableError
from streamlab.models.loading import load_network, try_out
from streamlab.models.network import Array


class Classifier:
    """A network of the task `classify`; raises `ToolUnavailableError` for any other."""

    def __init__(
        self,
        path: Path,
        *,
        image_size: int | tuple[int, ...] | None = None,
        threads: int | None = None,
        device: str | None = None,
    ) -> None:
        self.network = load_network(path, ("classify",), image_size, threads, device)
        self.names = self.network.description.names
        height, width = self.network.size[:2]
        blank = self._tensor(np.zeros((height, width, 3), np.uint8))
        [scores, *_] = try_out(self.network, path, blank)
        if scores.shape != (1, len(self.names)):
            raise ToolUnavailableError(
                f"{path}: it answers {scores.shape}, and a model for classify of "
                f"{len(self.names)} classes needs (1, {len(self.names)})"
            )

    def __call__(self, image: Array, top: int) -> list[tuple[str, float]]:
        """Return the `top` labels of `image` (HxWx3 uint8, BGR) with their scores, surest first."""
        scores = np.asarray(self.network.run(self._tensor(image))[0][0], np.float32)
        order = np.argsort(-scores, kind="stable")[:top]
        return [(self.names.get(int(i), str(i)), float(scores[i])) for i in order]

    def _tensor(self, image: Array) -> Array:
        """Return the input (1, 3, height, width), made as Ultralytics makes it."""
        cropped = resize_and_crop(image, *self.network.size[:2])
        planes = cropped.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
        return np.ascontiguousarray(planes, self.network.dtype)


def resize_and_crop(image: Array, height: int, width: int) -> Array:
    """Return the middle of `image` (HxWx3 uint8, BGR) as (height, width, 3) uint8, RGB.

    A square is cut out of the frame scaled to its shorter side, with Pillow's filter, which looks
    at every pixel; for any other shape the whole frame is scaled to it.
    """
    from PIL import Image

    frame: Any = Image.fromarray(np.ascontiguousarray(image[..., ::-1]))
    if height != width:
        return np.asarray(frame.resize((width, height), Image.Resampling.BILINEAR))
    shorter = min(frame.size)
    size = tuple(height if side == shorter else int(height * side / shorter) for side in frame.size)
    scaled = frame if size == frame.size else frame.resize(size, Image.Resampling.BILINEAR)
    left, top = round((size[0] - width) / 2), round((size[1] - height) / 2)
    return np.asarray(scaled.crop((left, top, left + width, top + height)))
