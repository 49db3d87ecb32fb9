"""The sample `photographs`: what is committed is what the pictures and the camera's way give."""

import json

import av
import numpy as np
import pytest

from training.make_clips import CLIP_FOLDER
from training.nanodet.labels import COCO_NAMES
from training.photographs.clip import FRAMES, FRAMES_PER_PICTURE, NAME, header, render
from training.photographs.pictures import FOLDER, PICTURES

MAX_BYTES = 1_000_000


@pytest.fixture(scope="module")
def truth():
    lines = (CLIP_FOLDER / f"{NAME}.truth.jsonl").read_text(encoding="utf-8").splitlines()
    first, *frames = map(json.loads, lines)
    assert first == header()
    return frames


def test_the_truth_has_a_line_for_every_frame_and_boxes_within_it(truth):
    assert [line["frame"] for line in truth] == list(range(FRAMES))
    for line in truth:
        for item in line["objects"]:
            assert item["label"] in COCO_NAMES
            assert item["x"] >= 0
            assert item["y"] >= 0
            assert item["x"] + item["width"] <= 640
            assert item["y"] + item["height"] <= 480


def test_it_renders_again_to_the_committed_truth_and_picture(truth):
    chosen = {number * FRAMES_PER_PICTURE + 40 for number in range(len(PICTURES))}
    with av.open(str(CLIP_FOLDER / f"{NAME}.mp4")) as video:
        decoded = list(video.decode(video=0))
    assert len(decoded) == FRAMES
    for index in sorted(chosen):
        image, objects = render(index)
        assert objects == truth[index]["objects"]
        difference = decoded[index].to_ndarray(format="bgr24").astype(np.float32) - image
        assert np.abs(difference).mean() < 6


def test_a_thing_keeps_its_id_and_no_other_has_it(truth):
    labels = {}
    for line in truth:
        for item in line["objects"]:
            labels.setdefault(item["track_id"], set()).add(item["label"])
    assert sorted(labels) == list(range(1, sum(len(p.things) for p in PICTURES) + 1))
    assert all(len(names) == 1 for names in labels.values())


def test_the_clip_is_small_and_its_pictures_are_named_with_their_licence():
    assert (CLIP_FOLDER / f"{NAME}.mp4").stat().st_size < MAX_BYTES
    sources = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert {path.name for path in FOLDER.glob("*.jpg")} == {p.file for p in PICTURES}
    assert all(f"`{picture.file}`" in sources for picture in PICTURES)
