"""A frame of any size as the input of a network of one size, and boxes back again."""

from threading import local
from typing import Any, NamedTuple

import cv2
import numpy as np

from streamlab.models.description import InputForm
from streamlab.models.network import InputSize

PADDING = InputForm().padding
"""The grey that Ultralytics trains with around a frame."""


class Fit(NamedTuple):
    """Where a frame lies in the network's input, in pixels of that input."""

    left: int
    top: int
    width: int
    height: int
    frame_width: int
    frame_height: int

    @classmethod
    def of(
        cls, frame_shape: tuple[int, ...], height: int, width: int, fit: str = "letterbox"
    ) -> "Fit":
        """Fit a frame of shape (H, W, ...) into `height` x `width`; see `InputForm.fit`."""
        frame_height, frame_width = frame_shape[:2]
        if fit == "stretch":
            return cls(0, 0, width, height, frame_width, frame_height)
        gain = min(height / frame_height, width / frame_width)
        inner_width = max(round(frame_width * gain), 1)
        inner_height = max(round(frame_height * gain), 1)
        if fit == "top_left":
            return cls(0, 0, inner_width, inner_height, frame_width, frame_height)
        # The odd pixel goes below and to the right, as in ultralytics.data.augment.LetterBox.
        left = round((width - inner_width) / 2 - 0.1)
        top = round((height - inner_height) / 2 - 0.1)
        return cls(left, top, inner_width, inner_height, frame_width, frame_height)

    def to_frame(self, corners: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Map corners (N, 4: x1, y1, x2, y2) from the input to the frame, clipped to it."""
        points = self.points_to_frame(corners.reshape(-1, 2))
        limit = np.array([self.frame_width, self.frame_height], np.float32)
        clipped: np.ndarray[Any, Any] = np.clip(points, 0, limit).reshape(-1, 4)
        return clipped

    def points_to_frame(self, points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Map points (..., 2: x, y) from the input to the frame; they may lie outside it."""
        offset = np.array([self.left, self.top], np.float32)
        gain = np.array(
            [self.width / self.frame_width, self.height / self.frame_height], np.float32
        )
        moved: np.ndarray[Any, Any] = (points - offset) / gain
        return moved


class Letterbox:
    """Turns BGR frames into the float tensors of a network, in buffers that each thread keeps.

    With the default form the result is what Ultralytics feeds its own detectors: resized with the
    aspect kept, centred on grey, RGB, channels first, 0 to 1.
    """

    def __init__(
        self,
        size: InputSize,
        dtype: type[np.floating[Any]] = np.float32,
        form: InputForm | None = None,
    ) -> None:
        self._size = size
        self._dtype = dtype
        self._form = form or InputForm()
        self._buffers = local()
        # A table divides exactly as the division does, at the cost of a multiplication.
        shares = np.arange(256, dtype=np.float32) / np.float32(self._form.scale)
        self._tables = [
            ((shares - np.float32(mean)) / np.float32(std)).astype(np.float32)
            for mean, std in zip(self._form.mean, self._form.std, strict=True)
        ]

    def __call__(self, image: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], Fit]:
        """Return the tensor of `image` (HxWx3 uint8) and how the frame lies in it.

        It is (1, 3, H, W), or (1, H, W, 3) where the form says so, and is overwritten by this
        thread's next call.
        """
        height, width = self._size.of(image.shape)
        form = self._form
        fit = Fit.of(image.shape, height, width, form.fit)
        buffers = self._buffers
        if getattr(buffers, "fit", None) != fit:
            buffers.fit = fit
            buffers.canvas = np.full((height, width, 3), form.padding, np.uint8)
            buffers.planes = [np.empty((height, width), np.uint8) for _ in range(3)]
            buffers.tensor = np.empty((1, 3, height, width), np.float32)
        inside = buffers.canvas[fit.top : fit.top + fit.height, fit.left : fit.left + fit.width]
        if image.shape[:2] == (fit.height, fit.width):
            inside[:] = image
        else:
            cv2.resize(image, (fit.width, fit.height), dst=inside, interpolation=cv2.INTER_LINEAR)
        cv2.split(buffers.canvas, buffers.planes)
        planes = reversed(buffers.planes) if form.channels == "RGB" else buffers.planes
        for channel, (plane, table) in enumerate(zip(planes, self._tables, strict=True)):
            cv2.LUT(plane, table, dst=buffers.tensor[0, channel])
        tensor = buffers.tensor
        if form.layout == "NHWC":
            tensor = np.ascontiguousarray(tensor.transpose(0, 2, 3, 1))
        return (tensor if self._dtype is np.float32 else tensor.astype(self._dtype)), fit
