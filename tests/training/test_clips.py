import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from training.clip_table import clip_table
from training.clips import CLIPS, Clip
from training.make_clips import CLIP_FOLDER, truth_header, truth_record
from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX
from training.scenes.truth import CLASS_NAMES, TEXT_CLASSES
from training.stills import EVALUATION_SEED

MAX_CLIPS_BYTES = 12_000_000
# OpenCV versions may round differently at an outline.
BOX_TOLERANCE_PX = 1

each_clip = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.name)


def read_truth(clip: Clip) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    text = (CLIP_FOLDER / f"{clip.name}.truth.jsonl").read_text(encoding="utf-8")
    header, *frames = [json.loads(line) for line in text.splitlines()]
    return header, frames


def video_path(clip: Clip) -> Path:
    return CLIP_FOLDER / f"{clip.name}.mp4"


@each_clip
def test_truth_has_one_line_for_every_frame_of_the_video(clip: Clip) -> None:
    header, frames = read_truth(clip)
    assert header == truth_header(clip)
    assert [line["frame"] for line in frames] == list(range(clip.frames))
    with av.open(str(video_path(clip))) as video:
        stream = video.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (FRAME_WIDTH_PX, FRAME_HEIGHT_PX)
        assert stream.average_rate == 30
        assert sum(1 for packet in video.demux(stream) if packet.size) == clip.frames


@each_clip
def test_truth_names_only_known_classes_and_gives_every_text_its_legibility(clip: Clip) -> None:
    texts: dict[int, str] = {}
    for line in read_truth(clip)[1]:
        for item in line["objects"]:
            assert item["label"] in CLASS_NAMES
            assert ("text" in item) == ("legible" in item) == (item["label"] in TEXT_CLASSES)
            if "text" in item:
                assert texts.setdefault(item["track_id"], item["text"]) == item["text"]
    assert len(set(texts.values())) == len(texts)


@each_clip
def test_a_clip_renders_again_to_its_committed_truth_and_picture(clip: Clip) -> None:
    lines = read_truth(clip)[1]
    scene = clip.scene()
    chosen = {clip.frames // 5, clip.frames // 2}
    with av.open(str(video_path(clip))) as video:
        for index, frame in enumerate(video.decode(video=0)):
            if index not in chosen:
                continue
            image, truths = scene.render(index)
            committed = lines[index]["objects"]
            assert len(truths) == len(committed)
            for truth, item in zip(truths, committed, strict=True):
                record = truth_record(truth)
                for side in ("x", "y", "width", "height"):
                    assert abs(record.pop(side) - item.pop(side)) <= BOX_TOLERANCE_PX
                assert record == item
            difference = frame.to_ndarray(format="bgr24").astype(np.float32) - image
            assert np.abs(difference).mean() < 6
            if index == max(chosen):
                break


@each_clip
def test_a_clip_has_tracks_that_are_legible_for_ten_frames(clip: Clip) -> None:
    counts: dict[int, int] = {}
    for line in read_truth(clip)[1]:
        for item in line["objects"]:
            if item.get("legible"):
                counts[item["track_id"]] = counts.get(item["track_id"], 0) + 1
    at_least = {"gate_easy": 8, "gate_night_rain": 7, "conveyor_fast": 30, "gate_sparse": 3}
    assert sum(count >= 10 for count in counts.values()) >= at_least[clip.name]


def test_clips_are_small_and_from_seeds_that_no_still_has() -> None:
    assert sum(video_path(clip).stat().st_size for clip in CLIPS) < MAX_CLIPS_BYTES
    assert all(clip.seed > EVALUATION_SEED + 1_000_000 for clip in CLIPS)
    assert len({clip.seed for clip in CLIPS}) == len(CLIPS)


def test_the_readme_counts_what_is_in_the_clips() -> None:
    assert clip_table(CLIP_FOLDER) in (CLIP_FOLDER / "README.md").read_text(encoding="utf-8")
