import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, Camera
from training.scenes.conveyor import Conveyor
from training.scenes.lettering import DIGITS, LETTERS, label_text, plate_text
from training.scenes.light import random_hall_light
from training.scenes.parcel import Parcel
from training.scenes.scene import Scene
from training.scenes.traffic import STEP_S, Lane, drive
from training.scenes.truth import MIN_VISIBLE_SHARE, TEXT_CLASSES
from training.scenes.weather import Conditions
from training.stills import (
    EVALUATION_SEED,
    TRAINING_SEED,
    TRAINING_STILLS,
    VALIDATION_SEED,
    VALIDATION_STILLS,
    sample_still,
)


def conveyor_with_one_parcel(beam_width_m: float = 0.0) -> Scene:
    rng = np.random.default_rng(3)
    camera = Camera.look_at((0.0, 1.9, -0.6), (0.0, 0.1, 0.0), 700)
    conditions = Conditions(random_hall_light(rng), noise_levels=1.0, exposure_s=1 / 1000)
    conveyor = Conveyor(3, camera, conditions, speed=1.0)
    conveyor.add_parcel(Parcel(rng), 0.0, 0.0, 0.0)
    if beam_width_m:
        conveyor.add_beam(-beam_width_m / 2, 0.5, beam_width_m)
    return Scene(conveyor, seed=3)


@pytest.mark.parametrize("seed", [5, 6, 7, 8])
def test_a_seed_always_gives_the_same_picture_and_truth(seed: int) -> None:
    first, first_truth = sample_still(seed)
    again, again_truth = sample_still(seed)
    assert np.array_equal(first, again)
    assert first_truth == again_truth


def test_frames_do_not_depend_on_the_order_they_are_rendered_in() -> None:
    scene = conveyor_with_one_parcel()
    forwards = [scene.render(index) for index in (0, 4, 9)]
    backwards = [scene.render(index) for index in (9, 4, 0)][::-1]
    for (image, truths), (other_image, other_truths) in zip(forwards, backwards, strict=True):
        assert np.array_equal(image, other_image)
        assert truths == other_truths


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 900_000))
def test_truth_lies_in_the_frame_and_is_at_least_half_visible(seed: int) -> None:
    image, truths = sample_still(seed)
    assert image.shape == (FRAME_HEIGHT_PX, FRAME_WIDTH_PX, 3)
    assert image.dtype == np.uint8
    for truth in truths:
        assert truth.x >= 0
        assert truth.y >= 0
        assert truth.width > 0
        assert truth.height > 0
        assert truth.x + truth.width <= FRAME_WIDTH_PX
        assert truth.y + truth.height <= FRAME_HEIGHT_PX
        assert MIN_VISIBLE_SHARE <= truth.visible_share <= 1.0
        assert (truth.text is not None) == (truth.label in TEXT_CLASSES)
        assert (truth.legible is not None) == (truth.label in TEXT_CLASSES)
    assert len({truth.track_id for truth in truths}) == len(truths)


def test_a_parcel_under_a_wide_beam_is_no_truth_and_one_beside_it_is() -> None:
    assert [truth.label for truth in conveyor_with_one_parcel().render(0)[1]] == ["parcel", "label"]
    assert conveyor_with_one_parcel(beam_width_m=0.9).render(0)[1] == []


def test_a_parcel_that_leaves_the_frame_ends_as_truth_before_it_is_half_gone() -> None:
    scene = conveyor_with_one_parcel()
    shares = [
        truth.visible_share
        for index in range(20, 50)
        for truth in scene.render(index)[1]
        if truth.label == "parcel"
    ]
    assert 0 < len(shares) < 30
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] >= MIN_VISIBLE_SHARE


def test_texts_use_no_character_that_looks_like_another() -> None:
    rng = np.random.default_rng(0)
    confusable = set("BDGIOQSZ01")
    assert not confusable & set(LETTERS + DIGITS)
    for _ in range(200):
        letters, digits = plate_text(rng).split("-")
        assert set(letters) <= set(LETTERS)
        assert set(digits) <= set(DIGITS)
        assert not confusable & set(label_text(rng))


def test_vehicles_of_one_lane_keep_their_distance() -> None:
    lane = Lane(-1.2, towards=True, gate_z_m=8.2, gate_speed=1.7)
    places = lane.travel()
    for time_s in np.arange(3.5, len(places) * STEP_S, 0.1):
        ahead = drive(lane, 0.0, 0.0, places, float(time_s))
        behind = drive(lane, 3.2, 0.0, places, float(time_s))
        if ahead is not None and behind is not None:
            assert behind.position[2] - ahead.position[2] > 5.0


def test_training_validation_and_evaluation_share_no_seed() -> None:
    assert TRAINING_SEED + TRAINING_STILLS <= VALIDATION_SEED
    assert VALIDATION_SEED + VALIDATION_STILLS <= EVALUATION_SEED
