"""How many texts are read right on the sample videos, and what each node costs.

    python -m benchmarks.reading [CLIP ...] [--stride N] [--drop N] [--jpeg QUALITY]

Every frame goes through detection, tracking and reading, as in the pipeline `yolo_ocr`. A text
counts where it is legible in at least ten frames of its truth track; it is read right where the
predicted track that covers most of those frames ends with exactly that text. Times are of the
calling thread on the CPU, so that other load does not show in them.
"""

import argparse
import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np

from streamlab.errors import VideoError
from streamlab.media.samples import sample_path
from streamlab.media.truth import Truth
from streamlab.media.video import read_frames
from streamlab.tools.association import overlap
from streamlab.tools.detection import Detection
from streamlab.tools.registry import ToolRegistry
from streamlab.tools.tool import Step

from .load import drawn_samples

MIN_LEGIBLE_FRAMES = 10
MIN_IOU = 0.5
NODES = {"detect": "yolo_detect", "track": "track", "read": "read_tracks"}


@dataclass
class TruthText:
    """A truth track that carries text, and what was predicted for it."""

    text: str
    label: str
    legible_frames: list[int] = field(default_factory=list)
    frames: int = 0
    predicted: Counter[int] = field(default_factory=Counter)
    texts: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))

    def last_text(self) -> str:
        """Return the text at the end of the predicted track that overlaps most."""
        if not self.predicted:
            return ""
        seen = self.texts[self.predicted.most_common(1)[0][0]]
        return seen[max(seen)] if seen else ""

    def first_right(self) -> int | None:
        """Return the first frame that shows the right text on this thing."""
        right = [f for seen in self.texts.values() for f, t in seen.items() if t == self.text]
        return min(right, default=None)

    def wrong_frames(self) -> int:
        """Count the frames that show another text on this thing."""
        return sum(t != self.text for seen in self.texts.values() for t in seen.values())


class CountingEngine:
    """Counts the readings of an engine."""

    def __init__(self, engine: Any) -> None:
        self.engine, self.readings = engine, 0

    def read_line(self, *args: Any) -> Any:
        """Read as the engine does."""
        self.readings += 1
        return self.engine.read_line(*args)


def frames_of(
    path: Path, stride: int, drop: int, jpeg: int | None
) -> Iterator[tuple[int, int, Any]]:
    """Yield each frame with its index in the clip and in the session.

    Every `stride`-th frame is sent, and a burst of up to `drop` of those is dropped after each.
    """
    rng = np.random.default_rng(0)
    upcoming = 0
    for index, frame in enumerate(read_frames(path)):
        if index < upcoming or index % stride:
            continue
        upcoming = index + stride * (1 + (int(rng.integers(0, drop + 1)) if drop else 0))
        if jpeg is not None:
            packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, jpeg])[1]
            frame = cv2.imdecode(packed, cv2.IMREAD_COLOR)
        yield index, index // stride, frame


def corners(boxes: list[Detection]) -> np.ndarray[Any, Any]:
    """Return the boxes as (N, 4): x1, y1, x2, y2."""
    return np.array([[b.x, b.y, b.x + b.width, b.y + b.height] for b in boxes]).reshape(-1, 4)


def score_frame(
    truth: list[Detection], found: list[Detection], index: int, texts: dict[int, TruthText]
) -> None:
    """Note which predicted track covers which truth track in this frame."""
    if not truth or not found:
        return
    ious = overlap(corners(truth), corners(found))
    for row, true in enumerate(truth):
        if true.track_id not in texts:
            continue
        same = [c for c, d in enumerate(found) if d.label == true.label and d.track_id is not None]
        best = max(same, key=lambda c: ious[row, c], default=None)
        if best is None or ious[row, best] <= MIN_IOU:
            continue
        record, hit = texts[true.track_id], found[best]
        assert hit.track_id is not None
        record.predicted[hit.track_id] += 1
        if hit.text is not None:
            record.texts[hit.track_id][index] = hit.text


def run_clip(path: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Run one clip and return its figures."""
    known = Truth.of_video(path)
    if known is None:
        raise VideoError(path, "there is no truth beside it")
    truth = known.frames
    params = json.loads(args.params)
    registry, steps, engine = ToolRegistry(), {}, None
    for node, name in NODES.items():
        tool_class: Any = registry.get(name)
        tool = tool_class(msgspec.convert(params.get(node, {}), tool_class.Params))
        if node != "detect" or not args.truth_boxes:
            tool.load()
        if node == "read":
            engine = tool._engine = CountingEngine(tool._engine)
        steps[node] = tool.open() if node != "detect" or not args.truth_boxes else None
    assert engine is not None

    times: dict[str, list[float]] = {node: [] for node in NODES}
    texts: dict[int, TruthText] = {}
    for objects_index, objects in enumerate(truth):
        for o in objects:
            if o.get("text"):
                record = texts.setdefault(o["track_id"], TruthText(o["text"], o["label"]))
                record.frames += 1
                if o.get("legible"):
                    record.legible_frames.append(objects_index)
    ids: set[int] = set()
    for index, sent, image in frames_of(path, args.stride, args.drop, args.jpeg):
        boxes = [
            Detection(o["x"], o["y"], o["width"], o["height"], o["label"], 0.9, o["track_id"])
            for o in truth[index]
        ]
        values: dict[str, Any] = {"image": image, "frame_index": sent}
        for node in NODES:
            step: Step | None = steps[node]
            start = time.thread_time()
            if step is None:
                plain = [Detection(b.x, b.y, b.width, b.height, b.label, 0.9) for b in boxes]
                values["detections"] = plain
            else:
                values.update(step(values))
            times[node].append((time.thread_time() - start) * 1e3)
        ids.update(d.track_id for d in values["detections"] if d.track_id)
        score_frame(boxes, values["detections"], index, texts)
    legible = {k: t for k, t in texts.items() if len(t.legible_frames) >= MIN_LEGIBLE_FRAMES}
    return {
        "clip": path.stem,
        "frames": len(times["track"]),
        "legible": legible,
        "right": sum(t.last_text() == t.text for t in legible.values()),
        "readings": engine.readings,
        "times": times,
        "ids": len(ids),
        "truth_ids": len({o["track_id"] for objects in truth for o in objects}),
    }


def report(figures: dict[str, Any]) -> None:
    """Print one clip's figures."""
    legible: dict[int, TruthText] = figures["legible"]
    right, count = figures["right"], len(legible)
    share = right / count if count else 1.0
    print(f"\n{figures['clip']}: {count} legible tracks, {right} read exactly right, {share:.1%}")
    delays = [
        max(first - t.legible_frames[0], 0)
        for t in legible.values()
        if (first := t.first_right()) is not None
    ]
    wrong_frames = sum(t.wrong_frames() for t in legible.values())
    print(
        f"  first right text {statistics.median(delays) if delays else '-'} frames (worst "
        f"{max(delays, default='-')}) after the first legible one; {wrong_frames} frames with a "
        f"wrong text"
    )
    split = [t for t in legible.values() if len(t.predicted) > 1]
    print(f"  {figures['ids']} track ids for {figures['truth_ids']}; {len(split)} texts split")
    for track_id, t in sorted(legible.items()):
        if t.last_text() != t.text:
            print(
                f"  wrong: track {track_id} {t.label} {t.text!r} read {t.last_text()!r}; "
                f"{len(t.legible_frames)} legible frames, covered {t.predicted.most_common(3)}"
            )
    frames = figures["frames"]
    print(f"  {figures['readings'] / frames:.3f} readings a frame; CPU ms a frame:")
    for node, values in figures["times"].items():
        print(
            f"    {node:7} mean {statistics.mean(values):6.2f}  median "
            f"{statistics.median(values):6.2f}  p99 {np.percentile(values, 99):6.2f}  "
            f"max {max(values):6.2f}"
        )


def main() -> None:
    """Run the clips named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "clips", nargs="*", type=Path, help="videos; the drawn samples unless given"
    )
    parser.add_argument("--stride", type=int, default=1, help="send every N-th frame only")
    parser.add_argument("--drop", type=int, default=0, help="drop up to N frames after each")
    parser.add_argument("--jpeg", type=int, default=None, help="recompress frames at this quality")
    parser.add_argument("--truth-boxes", action="store_true", help="in place of the detector's")
    parser.add_argument("--params", default="{}", help='JSON by node, {"read": {"margin": 0}}')
    args = parser.parse_args()
    cv2.setNumThreads(1)
    clips = args.clips or [sample_path(name) for name in drawn_samples()]
    total = right = 0
    for path in clips:
        figures = run_clip(path, args)
        report(figures)
        total, right = total + len(figures["legible"]), right + figures["right"]
    if total:
        print(f"\nall: {right} of {total} read exactly right, {right / total:.1%}")


if __name__ == "__main__":
    main()
