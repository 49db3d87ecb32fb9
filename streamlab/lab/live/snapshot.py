"""`Snapshot`: one frame of a live view with its answer."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from streamlab.errors import VideoError
from streamlab.media.annotate import Annotator


class Snapshot:
    """A frame as it was sent, and its own answer; a notebook shows it annotated.

    >>> snapshot = view.snapshot()
    >>> snapshot.save("gate.png")
    """

    def __init__(
        self,
        jpeg: bytes,
        result: Mapping[str, Any],
        session: int,
        frame_index: int,
    ) -> None:
        self.jpeg = jpeg
        """The frame as it was sent."""
        self.result = dict(result)
        """The pipeline's answer, boxes in pixels of the frame."""
        self.session = session
        self.frame_index = frame_index

    @cached_property
    def frame(self) -> Any:
        """The frame, HxWx3 uint8, BGR."""
        import cv2
        import numpy as np

        return cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)

    @cached_property
    def annotated(self) -> Any:
        """The frame with its answer drawn on it, HxWx3 uint8, BGR."""
        return Annotator().draw(self.frame, self.result, f"frame {self.frame_index}")

    def png(self) -> bytes:
        """Return the annotated frame as PNG."""
        import cv2

        return bytes(cv2.imencode(".png", self.annotated)[1])

    def save(self, path: str | Path) -> Path:
        """Write the annotated frame as PNG; raises `VideoError` if it cannot be written."""
        path = Path(path)
        try:
            path.write_bytes(self.png())
        except OSError as error:
            raise VideoError(path, f"cannot be written: {error.strerror or error}") from None
        return path

    def _repr_png_(self) -> bytes:
        return self.png()

    def __repr__(self) -> str:
        found = len(self.result.get("detections", ()))
        return f"<Snapshot: frame {self.frame_index}, {found} detections>"
