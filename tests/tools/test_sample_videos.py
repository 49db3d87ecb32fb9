"""The bundled weights, the tracker and the engine together, on video with known truth."""

import json
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from streamlab.media.video import read_frames
from streamlab.tools.association import overlap
from streamlab.tools.registry import ToolRegistry

CLIPS = Path(__file__).parents[2] / "data" / "sample_videos"
FRAMES = 90


@pytest.fixture(scope="module")
def tools():
    registry = ToolRegistry()
    loaded = {}
    for name in ("yolo_detect", "track", "read_tracks"):
        tool_class = registry.get(name)
        assert tool_class is not None
        loaded[name] = tool_class(tool_class.Params())
        loaded[name].load()
    return loaded


def frames_of(clip, start=0):
    return list(islice(read_frames(CLIPS / f"{clip}.mp4"), start, start + FRAMES))


def truth_of(clip):
    lines = (CLIPS / f"{clip}.truth.jsonl").read_text().splitlines()[1:]
    return [json.loads(line)["objects"] for line in lines]


def run(tools, frames):
    steps = [tool.open() for tool in tools.values()]
    results = []
    for frame_index, image in enumerate(frames):
        values = {"image": image, "frame_index": frame_index}
        for step in steps:
            values.update(step(values))
        results.append(values)
    return results


def corners(items):
    return np.array([[x, y, x + w, y + h] for x, y, w, h in items], float).reshape(-1, 4)


@pytest.mark.parametrize("clip", ["conveyor_fast", "gate_night_rain"])
def test_what_can_be_read_for_ten_frames_ends_with_its_text_and_one_id(tools, clip):
    legible, texts = Counter(), {}
    covered, last_text = defaultdict(Counter), {}
    truth = truth_of(clip)[:FRAMES]
    for objects, values in zip(truth, run(tools, frames_of(clip)), strict=True):
        objects = [o for o in objects if "text" in o]
        found = [d for d in values["detections"] if d.track_id is not None]
        true_boxes = corners([(o["x"], o["y"], o["width"], o["height"]) for o in objects])
        ious = overlap(true_boxes, corners([(d.x, d.y, d.width, d.height) for d in found]))
        for o, row in zip(objects, ious, strict=True):
            legible[o["track_id"]] += o["legible"]
            texts[o["track_id"]] = o["text"]
            for d, iou in zip(found, row, strict=True):
                if iou > 0.5 and d.label == o["label"]:
                    covered[o["track_id"]][d.track_id] += 1
                    last_text[d.track_id] = d.text
    wanted = [track_id for track_id, count in legible.items() if count >= 10]
    assert wanted
    read = {t: last_text[covered[t].most_common(1)[0][0]] for t in wanted}
    assert read == {t: texts[t] for t in wanted}
    assert all(len(covered[t]) == 1 for t in wanted)


def test_a_single_frame_is_read_at_once(tools):
    objects = truth_of("conveyor_fast")[0]
    legible = {o["text"] for o in objects if o.get("legible")}
    [values] = run(tools, frames_of("conveyor_fast")[:1])
    assert len(legible) >= 2
    assert legible <= {d.text for d in values["detections"]}


def test_an_empty_scene_has_no_detections_and_no_text(tools):
    empty = [i for i, objects in enumerate(truth_of("gate_sparse")) if not objects]
    frames = frames_of("gate_sparse", start=empty[20])
    for values in run(tools, [np.full((480, 640, 3), 114, np.uint8), *frames[:20]]):
        assert values["detections"] == []
        assert values["text"] == ""


def test_one_loaded_detector_serves_several_threads_alike(tools):
    detect = tools["yolo_detect"].open()
    # Frames of two sizes, so that the threads' buffers would show in each other's boxes.
    frames = frames_of("gate_night_rain")[::15]
    frames = [frame if i % 2 else frame[:400, :500] for i, frame in enumerate(frames)]
    alone = [detect({"image": frame})["detections"] for frame in frames]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda frame: detect({"image": frame})["detections"], frames * 5))
    assert together == alone * 5
    assert sum(map(len, alone)) > 10
