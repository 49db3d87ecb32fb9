"""`Truth`: the ground truth of a video, frame by frame."""

import json
from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from streamlab.cards import MOST_CHARACTERS, card, shorten, table
from streamlab.errors import VideoError

SIDES = ("x", "y", "width", "height")


@dataclass(frozen=True, repr=False)
class Truth:
    """The ground truth of a video: `frames[n]` lists the objects of frame n.

    An object is a dict of `label`, `x`, `y`, `width` and `height`, in pixels of the video; one on a
    track has a `track_id`, one with a readable text is `legible` and has a `text`.

    >>> Truth([[{"label": "plate", "x": 8, "y": 9, "width": 40, "height": 12}], []])
    <Truth: 2 frames, 1 object (plate 1)>
    """

    frames: list[list[dict[str, Any]]]

    @classmethod
    def of_video(cls, video: Path) -> "Truth | None":
        """Read `NAME.truth.jsonl` beside a video; None where there is none."""
        path = video.with_name(f"{video.stem}.truth.jsonl")
        if not path.is_file():
            return None
        frames = []
        number = 0
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                number += 1
                entry = json.loads(line)
                if "objects" in entry:
                    frames.append(entry["objects"])
        except OSError as error:
            raise VideoError(path, f"cannot be read: {error.strerror or error}") from None
        except (ValueError, TypeError):
            raise VideoError(path, f"no ground truth: line {number} is no JSON object") from None
        truth = cls(frames)
        if problem := truth.problem():
            raise VideoError(path, f"no ground truth: {problem}")
        return truth

    def problem(self) -> str | None:
        """Return why this is no valid truth, in one line; None if it is valid."""
        frames: Any = self.frames  # a caller may have given anything
        if not isinstance(frames, list | tuple):
            return "frames must be a list, for each frame of the video a list of its objects"
        for number, objects in enumerate(frames):
            if not isinstance(objects, list | tuple):
                return f"frame {number} is no list of objects"
            for thing in objects:
                if problem := _problem_of(thing):
                    return f"an object of frame {number} {problem}"
        return None

    def labels(self) -> dict[str, int]:
        """Return the number of boxes of each label."""
        labels = (thing["label"] for objects in self.frames for thing in objects)
        return dict(sorted(Counter(labels).items()))

    def texts(self, min_legible_frames: int = 10) -> dict[int, str]:
        """Return, by track, the texts that are legible in at least `min_legible_frames`."""
        legible: dict[int, int] = {}
        texts: dict[int, str] = {}
        for objects in self.frames:
            for thing in objects:
                if thing.get("legible"):
                    track_id = thing["track_id"]
                    legible[track_id] = legible.get(track_id, 0) + 1
                    texts[track_id] = thing["text"]
        return {
            track_id: texts[track_id]
            for track_id, count in legible.items()
            if count >= min_legible_frames
        }

    def __repr__(self) -> str:
        if self.problem():
            return f"<Truth that cannot be used: {self.problem()}>"
        labels = self.labels()
        count = sum(labels.values())
        named = ", ".join(f"{label} {n}" for label, n in labels.items())
        said = f"{count} object{'' if count == 1 else 's'}" + (f" ({named})" if named else "")
        texts = self.texts()
        read = f", {len(texts)} text{'' if len(texts) == 1 else 's'} to read" if texts else ""
        return f"<Truth: {len(self.frames)} frames, {said}{read}>"

    def _repr_html_(self) -> str:
        if self.problem():
            return card([f"<div>{escape(repr(self))}</div>"])
        labels = self.labels()
        rows = [[shorten(label, MOST_CHARACTERS), str(count)] for label, count in labels.items()]
        texts = sorted(self.texts().values())
        said = f"{len(texts)} texts to read: {', '.join(texts)}" if texts else "nothing to read"
        return card(
            [
                f'<div style="font-weight:600">ground truth of {len(self.frames)} frames</div>',
                table(["label", "boxes"], rows) if rows else "<div>nothing to find</div>",
                f'<div style="font-size:85%">{escape(shorten(said, 300))}</div>',
            ]
        )


def _problem_of(thing: Any) -> str | None:
    """Return why an object of a truth is invalid; None if it is valid."""
    if not isinstance(thing, dict):
        return f"is no dict: {str(thing)[:60]!r}"
    has = ", ".join(map(str, thing)) or "nothing"
    needed = [*SIDES, "label"]
    if thing.get("legible"):
        needed += ["track_id", "text"]
    for name in needed:
        if name not in thing:
            return f"has no {name!r} ({', '.join(needed)} are needed); it has: {has}"
    for name in SIDES:
        if isinstance(thing[name], bool) or not isinstance(thing[name], int | float):
            return f"has {name}={thing[name]!r}; a number of pixels is allowed"
    if not isinstance(thing["label"], str):
        return f"has label={thing['label']!r}; a text is allowed"
    return None
