"""What is in the sample videos, as the table in their README: `python -m training.clip_table`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from training.clips import CLIP_FPS, CLIPS
from training.make_clips import CLIP_FOLDER

LEGIBLE_TRACK_FRAMES = 10


def clip_table(folder: Path) -> str:
    """Return a Markdown table with one row per sample video in `folder`."""
    rows = [
        "| clip | shows | frames | seconds | objects | texts | legible for "
        f"{LEGIBLE_TRACK_FRAMES} frames | empty frames |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for clip in CLIPS:
        text = (folder / f"{clip.name}.truth.jsonl").read_text(encoding="utf-8")
        frames = [json.loads(line)["objects"] for line in text.splitlines()[1:]]
        items = [item for objects in frames for item in objects]
        things = {item["track_id"] for item in items if "text" not in item}
        texts = {item["track_id"] for item in items if "text" in item}
        legible = Counter(item["track_id"] for item in items if item.get("legible"))
        often = sum(count >= LEGIBLE_TRACK_FRAMES for count in legible.values())
        empty = sum(not objects for objects in frames)
        rows.append(
            f"| `{clip.name}` | {clip.summary} | {len(frames)} | {len(frames) / CLIP_FPS:g} "
            f"| {len(things)} | {len(texts)} | {often} | {empty} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    print(clip_table(CLIP_FOLDER))
