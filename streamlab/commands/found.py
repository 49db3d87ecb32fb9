"""What a pipeline found in a video, counted and in a few lines."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

MOST_NAMED = 12
"""Labels, and texts, that are named; of others only how many there are is said."""
MOST_CHARACTERS = 200


class Found:
    r"""Counts of what is in results, frame by frame.

    >>> found = Found()
    >>> plate = {"label": "plate", "track_id": 1, "text": "AB-1"}
    >>> found.add({"detections": [plate, {"label": "sign"}]})
    >>> found.add({"detections": [plate]})
    >>> print("\n".join(found.lines()))
    detections: 3 in 2 frames (plate 2, sign 1)
    tracks: 1 (plate 1)
    texts on tracks: AB-1 (plate #1)
    """

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._frames = 0
        self._labels: Counter[str] = Counter()
        self._tracks: dict[Any, str] = {}
        self._track_texts: dict[Any, str] = {}
        self._loose_texts: Counter[str] = Counter()
        self._classes: Counter[str] = Counter()

    def add(self, result: Mapping[str, Any]) -> None:
        """Count a frame's result."""
        self._keys |= result.keys()
        detections = result.get("detections") or ()
        self._frames += bool(detections)
        for thing in detections:
            self._add_detection(thing)
        if classes := result.get("classes"):
            self._classes[str(classes[0]["label"])] += 1
        # the text of a frame in which nothing was detected at all is that of the whole frame
        if "detections" not in result and (text := " ".join(str(result.get("text", "")).split())):
            self._loose_texts[text] += 1

    def _add_detection(self, thing: Mapping[str, Any]) -> None:
        label = str(thing.get("label", "without a label"))
        self._labels[label] += 1
        track_id, text = thing.get("track_id"), thing.get("text")
        if track_id is not None:
            self._tracks[track_id] = label
            if text:
                # the last reading is what most frames have voted for
                self._track_texts[track_id] = str(text)
        elif text:
            self._loose_texts[str(text)] += 1

    @property
    def is_nothing(self) -> bool:
        """Whether a pipeline that detects has detected nothing at all."""
        return "detections" in self._keys and not self._labels

    def lines(self) -> list[str]:
        """Return a line each of detections, tracks and texts, of those that the pipeline has."""
        lines = []
        if "detections" in self._keys:
            total = self._labels.total()
            counts = f"{total} in {self._frames} frames ({_counts(self._labels)})"
            lines.append(f"detections: {counts if total else 'none'}")
        if self._tracks:
            lines.append(f"tracks: {len(self._tracks)} ({_counts(Counter(self._tracks.values()))})")
        if self._track_texts:
            texts = (
                f"{text} ({self._tracks[track]} #{track})"
                for track, text in self._track_texts.items()
            )
            lines.append(f"texts on tracks: {_some(texts, len(self._track_texts))}")
        if self._loose_texts:
            texts = (f"{text} ({n})" for text, n in self._loose_texts.most_common())
            lines.append(f"texts, by frames: {_some(texts, len(self._loose_texts))}")
        elif "text" in self._keys and not self._track_texts:
            lines.append("texts: none")
        if self._classes:
            lines.append(f"surest class, by frames: {_counts(self._classes)}")
        if not lines:
            named = ", ".join(sorted(self._keys))
            lines.append(f"results have {named}; --out writes them" if named else "no results")
        return lines


def _counts(counts: Counter[str]) -> str:
    return _some((f"{name} {n}" for name, n in counts.most_common()), len(counts))


def _some(texts: Iterable[str], count: int) -> str:
    shown = [_short(text) for text, _ in zip(texts, range(MOST_NAMED), strict=False)]
    more = count - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
