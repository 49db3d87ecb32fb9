"""Whether what is drawn on a frame is where the things of that very frame are."""

from collections import Counter

import numpy as np
from fake_camera import read_mark

from streamlab.accuracy.track_association import iou
from streamlab.media.painting import PALETTE
from streamlab.media.samples import sample_path
from streamlab.media.truth import Truth

NEIGHBOURS = range(-4, 5)
COLOUR_STEP = 40


def place_of_overlays(drawn, sample):
    """Return how well the boxes fit the truth of the frame they stand on, and of its neighbours.

    `drawn` are frames as `LiveOnPage.drawn` returns them. The answer is a mean IoU by distance in
    frames, and how many of the frames could be read.
    """
    truth = Truth.of_video(sample_path(sample)).frames
    fits = {distance: [] for distance in NEIGHBOURS}
    readable = 0
    for frame in drawn:
        number = read_mark(frame["image"], frame["image"].shape[1] / 640)
        if number is None:
            continue
        readable += 1
        for distance in NEIGHBOURS:
            objects = truth[(number + distance) % len(truth)]
            for detection in frame["result"]["detections"]:
                same = [thing for thing in objects if thing["label"] == detection["label"]]
                fits[distance].append(max((iou(detection, thing) for thing in same), default=0.0))
    return {distance: float(np.mean(values)) for distance, values in fits.items()}, readable


def found_by_name(drawn, sample, labels, min_iou=0.5):
    """Return how many things of these labels the truth has on `drawn` frames, and how many of them
    have a box with their name on them; both by label.
    """
    truth = Truth.of_video(sample_path(sample)).frames
    there, found = Counter(), Counter()
    for frame in drawn:
        number = read_mark(frame["image"], frame["image"].shape[1] / 640)
        for thing in [] if number is None else truth[number]:
            if thing["label"] in labels:
                there[thing["label"]] += 1
                found[thing["label"]] += any(
                    detection["label"] == thing["label"] and iou(detection, thing) >= min_iou
                    for detection in frame["result"]["detections"]
                )
    return there, found


def share_of_edges_drawn(frame):
    """Return which share of the left edges of its boxes has the label's colour, on the picture."""
    image = frame["image"].astype(int)
    zoom = image.shape[1] / 640
    hits = []
    for box in frame["result"]["detections"]:
        colour = PALETTE[int.from_bytes(box["label"].encode(), "big") % len(PALETTE)]
        x = round(box["x"] * zoom)
        top, bottom = box["y"] * zoom + 3, (box["y"] + box["height"]) * zoom - 3
        for y in np.linspace(max(top, 0), min(bottom, image.shape[0] - 1), 25):
            around = image[round(y), max(0, x - 1) : x + 2]
            hits.append(bool((np.abs(around - colour).max(axis=1) < COLOUR_STEP).any()))
    return float(np.mean(hits)) if hits else 1.0
