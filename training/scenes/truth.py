"""What a frame truly shows, and when a text on it counts as legible."""

from __future__ import annotations

from dataclasses import dataclass

CLASS_NAMES = ("vehicle", "plate", "parcel", "label")
TEXT_CLASSES = frozenset({"plate", "label"})

# What is hidden by more than half, by another object or by the border, is no truth.
MIN_VISIBLE_SHARE = 0.5
# Smaller things are a smear at the detector's input, which is half the frame's size.
MIN_WIDTH_PX = {"vehicle": 28, "plate": 28, "parcel": 28, "label": 28}
MIN_HEIGHT_PX = {"vehicle": 20, "plate": 6, "parcel": 16, "label": 9}

MIN_CAP_HEIGHT_PX = 15.0
MAX_BLUR_PX = 2.5
MIN_TEXT_VISIBLE_SHARE = 0.95
MIN_CONTRAST = 60.0
MAX_TILT_DEG = 6.0
MIN_ASPECT_SHARE = 0.75

LEGIBILITY = (
    f"cap height >= {MIN_CAP_HEIGHT_PX:g} px, blur extent (motion during exposure and defocus) "
    f"<= {MAX_BLUR_PX:g} px, >= {MIN_TEXT_VISIBLE_SHARE:.0%} of the plate or label visible, grey "
    f"levels of ink and ground >= {MIN_CONTRAST:g} apart, baseline within {MAX_TILT_DEG:g} degrees "
    f"of horizontal, not narrowed by perspective to less than {MIN_ASPECT_SHARE:.0%} of its width"
)


@dataclass(frozen=True)
class Truth:
    """One object in one frame; the box is its visible extent in pixels, top-left origin.

    `text` and `legible` are None for what carries no text.
    """

    label: str
    x: int
    y: int
    width: int
    height: int
    track_id: int
    visible_share: float
    text: str | None = None
    legible: bool | None = None

    @property
    def class_index(self) -> int:
        """The class's place in `CLASS_NAMES`."""
        return CLASS_NAMES.index(self.label)


@dataclass(frozen=True)
class TextView:
    """How a text is seen in one frame, in pixels, grey levels, degrees and shares."""

    cap_height_px: float
    blur_px: float
    visible_share: float
    contrast: float
    tilt_deg: float
    aspect_share: float

    @property
    def legible(self) -> bool:
        """Whether a careful human could surely read it; see `LEGIBILITY`."""
        return (
            self.cap_height_px >= MIN_CAP_HEIGHT_PX
            and self.blur_px <= MAX_BLUR_PX
            and self.visible_share >= MIN_TEXT_VISIBLE_SHARE
            and self.contrast >= MIN_CONTRAST
            and abs(self.tilt_deg) <= MAX_TILT_DEG
            and self.aspect_share >= MIN_ASPECT_SHARE
        )


def is_seen(label: str, width_px: float, height_px: float, visible_share: float) -> bool:
    """Return whether an object counts as truth, by its size and by how much of it is visible."""
    return (
        visible_share >= MIN_VISIBLE_SHARE
        and width_px >= MIN_WIDTH_PX[label]
        and height_px >= MIN_HEIGHT_PX[label]
    )
