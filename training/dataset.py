"""Write stills as a training set in the layout that Ultralytics reads."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import cv2
from tqdm.auto import tqdm

from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX
from training.scenes.truth import CLASS_NAMES, Truth
from training.stills import sample_still

JPEG_QUALITY = 95


def write_split(folder: Path, split: str, seeds: Iterable[int], workers: int = 2) -> None:
    """Render one still per seed into `folder`/images/`split` and its boxes into labels/`split`.

    Stills that are there already are kept, so that a broken-off rendering can go on.
    """
    for kind in ("images", "labels"):
        (folder / kind / split).mkdir(parents=True, exist_ok=True)
    seeds = list(seeds)
    with ProcessPoolExecutor(workers) as pool:
        done = pool.map(partial(_write_still, folder, split), seeds, chunksize=8)
        for _ in tqdm(done, total=len(seeds), desc=f"rendering {split}", unit="image"):
            pass


def write_description(folder: Path) -> Path:
    """Write the file that tells Ultralytics where the splits are, and return its path."""
    names = "".join(f"  {index}: {name}\n" for index, name in enumerate(CLASS_NAMES))
    description = folder / "scenes.yaml"
    splits = "".join(f"{split}: images/{split}\n" for split in ("train", "val", "test"))
    description.write_text(f"path: {folder.resolve()}\n{splits}names:\n{names}", encoding="utf-8")
    return description


def label_line(truth: Truth) -> str:
    """Return a truth as class, middle and size, in shares of the frame."""
    x = (truth.x + truth.width / 2) / FRAME_WIDTH_PX
    y = (truth.y + truth.height / 2) / FRAME_HEIGHT_PX
    width, height = truth.width / FRAME_WIDTH_PX, truth.height / FRAME_HEIGHT_PX
    return f"{truth.class_index} {x:.6f} {y:.6f} {width:.6f} {height:.6f}"


def _write_still(folder: Path, split: str, seed: int) -> None:
    # The pool already keeps every core busy.
    cv2.setNumThreads(1)
    lines_path = folder / "labels" / split / f"{seed}.txt"
    if lines_path.exists():
        return
    image, truths = sample_still(seed)
    path = folder / "images" / split / f"{seed}.jpg"
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    lines = [label_line(truth) for truth in truths]
    lines_path.write_text("\n".join(lines), encoding="utf-8")
