from dataclasses import replace

import pytest

from training.scenes.truth import CLASS_NAMES, TextView, Truth, is_seen

CLEAR = TextView(
    cap_height_px=20.0,
    blur_px=0.5,
    visible_share=1.0,
    contrast=120.0,
    tilt_deg=0.0,
    aspect_share=1.0,
)


def test_classes_keep_the_order_that_the_weights_were_trained_with() -> None:
    assert CLASS_NAMES == ("vehicle", "plate", "parcel", "label")
    assert [Truth(name, 0, 0, 40, 20, 1, 1.0).class_index for name in CLASS_NAMES] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("field", "last_legible", "first_illegible"),
    [
        ("cap_height_px", 15.0, 14.9),
        ("blur_px", 2.5, 2.6),
        ("visible_share", 0.95, 0.94),
        ("contrast", 60.0, 59.0),
        ("tilt_deg", -6.0, -6.1),
        ("tilt_deg", 6.0, 6.1),
        ("aspect_share", 0.75, 0.74),
    ],
)
def test_each_limit_alone_makes_a_text_illegible(
    field: str, last_legible: float, first_illegible: float
) -> None:
    assert replace(CLEAR, **{field: last_legible}).legible
    assert not replace(CLEAR, **{field: first_illegible}).legible


@pytest.mark.parametrize(
    ("label", "width_px", "height_px", "visible_share", "seen"),
    [
        ("vehicle", 28, 20, 0.5, True),
        ("vehicle", 200, 150, 0.49, False),
        ("plate", 28, 6, 1.0, True),
        ("plate", 27, 6, 1.0, False),
        ("label", 100, 8, 1.0, False),
        ("parcel", 100, 15, 1.0, False),
    ],
)
def test_small_and_mostly_hidden_things_are_no_truth(
    label: str, width_px: float, height_px: float, visible_share: float, seen: bool
) -> None:
    assert is_seen(label, width_px, height_px, visible_share) is seen
