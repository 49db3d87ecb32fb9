"""Drawing a pipeline's answer on its frame."""

from collections.abc import Mapping
from typing import Any

# Okabe and Ito's palette, readable with any colour vision (https://jfly.uni-koeln.de/color/), BGR
PALETTE = (
    (178, 114, 0),
    (0, 94, 213),
    (115, 158, 0),
    (167, 121, 204),
    (233, 180, 86),
    (0, 159, 230),
    (66, 228, 240),
)
BLACK = (0, 0, 0)
WHITE = (255, 255, 255)
STALE = (128, 128, 128)
BRIGHT_LUMA = 140
FONT_SCALE = 0.45


class Annotator:
    """Draws boxes, labels, track ids, texts and a status line; one colour a label.

    >>> annotated = Annotator().draw(image, {"detections": []}, "18 ms")
    """

    def draw(
        self, image: Any, result: Mapping[str, Any] | None, status: str = "", stale: bool = False
    ) -> Any:
        """Return a copy of `image`, HxWx3 uint8 BGR, with a result and a status line drawn on it.

        A `stale` result, one of an earlier frame, is drawn in grey.
        """
        canvas = image.copy()
        detections = (result or {}).get("detections", [])
        for detection in detections:
            self._box(canvas, detection, stale)
        for detection in detections:
            self._caption(canvas, detection, stale)
        if status:
            _label(canvas, status, (6, 18), BLACK)
        return canvas

    def _colour(self, detection: Mapping[str, Any], stale: bool) -> tuple[int, int, int]:
        if stale:
            return STALE
        # from the label's own bytes, so that it has its colour in every video
        label = (detection.get("label") or "").encode()
        return PALETTE[int.from_bytes(label, "big") % len(PALETTE)]

    def _box(self, canvas: Any, detection: Mapping[str, Any], stale: bool) -> None:
        import cv2

        left, top = round(detection["x"]), round(detection["y"])
        right = round(detection["x"] + detection["width"])
        bottom = round(detection["y"] + detection["height"])
        cv2.rectangle(canvas, (left, top), (right, bottom), self._colour(detection, stale), 2)

    def _caption(self, canvas: Any, detection: Mapping[str, Any], stale: bool) -> None:
        words = [detection.get("label") or ""]
        if "track_id" in detection:
            words.append(f"#{detection['track_id']}")
        if detection.get("text"):
            words.append(detection["text"])
        elif "score" in detection:
            words.append(f"{detection['score']:.2f}")
        above = round(detection["y"]) - 5
        below = round(detection["y"] + detection["height"]) + 14
        # a text goes under its box, where it hides neither the box nor what it stands on
        y = below if detection.get("text") and below < canvas.shape[0] - 2 else above
        colour = self._colour(detection, stale)
        _label(canvas, " ".join(filter(None, words)), (round(detection["x"]), y), colour)


def _label(
    canvas: Any,
    text: str,
    at: tuple[int, int],
    background: tuple[int, int, int],
) -> None:
    import cv2

    blue, green, red = background
    luma = 0.114 * blue + 0.587 * green + 0.299 * red  # ITU-R BT.601
    colour = BLACK if luma > BRIGHT_LUMA else WHITE
    font = cv2.FONT_HERSHEY_SIMPLEX
    (width, height), base = cv2.getTextSize(text, font, FONT_SCALE, 1)
    x = max(0, min(at[0], canvas.shape[1] - width - 4))
    y = max(height + 3, min(at[1], canvas.shape[0] - base - 1))
    cv2.rectangle(canvas, (x, y - height - 3), (x + width + 4, y + base), background, cv2.FILLED)
    cv2.putText(canvas, text, (x + 2, y), font, FONT_SCALE, colour, 1, cv2.LINE_AA)
