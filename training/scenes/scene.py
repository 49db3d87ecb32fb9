"""A scene: frames and their truth, one index at a time, the same for the same seed."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from training.scenes.actor import Actor, Region
from training.scenes.camera import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, Camera, Points
from training.scenes.layer import FloatImage, Image, Layer
from training.scenes.pen import Placement
from training.scenes.truth import TextView, Truth, is_seen
from training.scenes.weather import Conditions, finish

FRAME_CORNERS = np.array(
    [[0, 0], [FRAME_WIDTH_PX, 0], [FRAME_WIDTH_PX, FRAME_HEIGHT_PX], [0, FRAME_HEIGHT_PX]],
    np.float32,
)


class Setting(Protocol):
    """A place with a camera: what stands still, and what moves."""

    camera: Camera
    conditions: Conditions
    actors: list[Actor]

    def background(self, time_s: float) -> FloatImage:
        """Return a new picture (480, 640, 3), values 0..255, of all that stands still."""


class Scene:
    """Frames of a setting at a frame rate.

    >>> scene = Scene(setting, seed=7)
    >>> image, truths = scene.render(0)
    >>> image.shape
    (480, 640, 3)
    """

    def __init__(self, setting: Setting, seed: int, fps: float = 30.0) -> None:
        self.setting, self.seed, self.fps = setting, seed, fps

    def render(self, frame_index: int) -> tuple[Image, list[Truth]]:
        """Return frame `frame_index` (480, 640, 3) BGR and the truth on it."""
        time_s = frame_index / self.fps
        camera, conditions = self.setting.camera, self.setting.conditions
        frame = self.setting.background(time_s)
        present = self._present(time_s)
        for actor, place in present:
            actor.shadow(frame, place)
        owner = np.zeros(frame.shape[:2], np.int32)
        own_pixels: list[int] = []
        shifts: list[Points] = []
        for index, (actor, place) in enumerate(present, start=1):
            shifts.append(self._shift_px(actor, place, time_s))
            own_pixels.append(_draw(frame, owner, index, actor, place, camera, shifts[-1]))
            actor.glow(frame, place)
        image = finish(frame, conditions, np.random.default_rng([self.seed, 77, frame_index]))
        truths = []
        for index, (actor, place) in enumerate(present, start=1):
            blur = float(np.hypot(np.linalg.norm(shifts[index - 1]), 2 * conditions.defocus_px))
            for region in actor.regions(place):
                truth = _truth(region, owner == index, own_pixels[index - 1], image, blur)
                if truth is not None:
                    truths.append(truth)
        return image, truths

    def _present(self, time_s: float) -> list[tuple[Actor, Placement]]:
        """Return what is before the camera, the farthest first."""
        camera = self.setting.camera
        found = []
        for actor in self.setting.actors:
            place = actor.place(time_s)
            if place is None:
                continue
            world = place.to_world(actor.hull)
            if camera.to_view(world)[:, 2].max() < 0.5:
                continue
            found.append(
                (float(np.linalg.norm(world.mean(axis=0) - camera.position)), actor, place)
            )
        found.sort(key=lambda item: -item[0])
        return [(actor, place) for _, actor, place in found]

    def _shift_px(self, actor: Actor, place: Placement, time_s: float) -> Points:
        later = actor.place(time_s + self.setting.conditions.exposure_s)
        if later is None:
            return np.zeros(2)
        both = np.concatenate(
            [place.to_world(actor.anchor[None]), later.to_world(actor.anchor[None])]
        )
        if self.setting.camera.to_view(both)[:, 2].min() < 0.5:
            return np.zeros(2)
        pixels = self.setting.camera.project(both)
        return np.asarray(np.clip(pixels[1] - pixels[0], -20, 20))


def _draw(
    frame: FloatImage,
    owner: np.ndarray[tuple[int, ...], np.dtype[np.int32]],
    index: int,
    actor: Actor,
    place: Placement,
    camera: Camera,
    shift: Points,
) -> int:
    """Lay the actor over `frame`, mark its pixels in `owner`, return how many there are."""
    outline = camera.hull(place.to_world(actor.hull))
    if len(outline) < 3:
        return 0
    layer = Layer(outline)
    if layer.empty:
        return 0
    actor.paint(layer, place)
    colour, cover = layer.resolve()
    if np.linalg.norm(shift) > 0.4:
        kernel = _streak(shift)
        colour = np.asarray(cv2.filter2D(colour, -1, kernel), np.float32)
        cover = np.asarray(cv2.filter2D(cover, -1, kernel), np.float32)
    left, top = max(layer.x0, 0), max(layer.y0, 0)
    right, bottom = min(layer.x1, FRAME_WIDTH_PX), min(layer.y1, FRAME_HEIGHT_PX)
    if right <= left or bottom <= top:
        return 0
    part = np.s_[top - layer.y0 : bottom - layer.y0, left - layer.x0 : right - layer.x0]
    window = np.s_[top:bottom, left:right]
    frame[window] = frame[window] * (1 - cover[part][..., None]) + colour[part]
    solid = cover[part] > 0.5
    owner[window][solid] = index
    return int(np.count_nonzero(solid))


def _truth(
    region: Region,
    mine: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    own_pixels: int,
    image: Image,
    blur_px: float,
) -> Truth | None:
    """Return the truth that `region` amounts to, or None if too much of it is hidden."""
    whole = cv2.convexHull(region.outline.astype(np.float32))[:, 0]
    area = cv2.contourArea(whole)
    if area < 1:
        return None
    inside_area, _ = cv2.intersectConvexConvex(whole, FRAME_CORNERS)
    in_frame = float(inside_area) / area
    if region.lettered is not None:
        mask = np.zeros(mine.shape, np.uint8)
        cv2.fillConvexPoly(
            mask,
            np.round(np.clip(region.outline, -9999, 9999) * 16 - 8).astype(np.int32),
            1,
            cv2.LINE_8,
            4,
        )
        own_pixels = int(np.count_nonzero(mask))
        mine = mine & (mask > 0)
    rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
    if len(rows) == 0 or own_pixels == 0:
        return None
    share = in_frame * min(1.0, int(np.count_nonzero(mine)) / own_pixels)
    x, y = int(columns[0]), int(rows[0])
    width, height = int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y
    if not is_seen(region.label, width, height, share):
        return None
    text, legible = None, None
    if region.lettered is not None:
        text = region.lettered.text
        legible = _text_view(region, image, blur_px, share).legible
    return Truth(region.label, x, y, width, height, region.track_id, round(share, 3), text, legible)


def _text_view(region: Region, image: Image, blur_px: float, share: float) -> TextView:
    assert region.lettered is not None
    left, top, right, bottom = region.lettered.cap_box
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    to_px = cv2.getPerspectiveTransform(unit, region.outline.astype(np.float32))
    caps = np.array(
        [[[left, top]], [[right, top]], [[right, bottom]], [[left, bottom]]], np.float32
    )
    quad = cv2.perspectiveTransform(caps, to_px)[:, 0].astype(np.float64)
    along = (quad[1] + quad[2] - quad[0] - quad[3]) / 2
    length = max(float(np.linalg.norm(along)), 1e-6)
    # Of a slanted line, what counts is the height across its baseline.
    across = np.array([-along[1], along[0]]) / length
    cap_height = min(
        abs(float((quad[3] - quad[0]) @ across)), abs(float((quad[2] - quad[1]) @ across))
    )
    size_m = (region.lettered.width_m * (right - left), region.lettered.height_m * (bottom - top))
    aspect = (length / max(cap_height, 1e-6)) / (size_m[0] / size_m[1])
    x0, y0 = np.maximum(quad.min(axis=0).astype(int), 0)
    x1, y1 = np.ceil(quad.max(axis=0)).astype(int)
    patch = image[y0:y1, x0:x1]
    contrast = 0.0
    if patch.size:
        dark, bright = np.percentile(patch.mean(axis=2), (10, 90))
        contrast = float(bright - dark)
    tilt = float(np.degrees(np.arctan2(along[1], along[0])))
    return TextView(cap_height, blur_px, share, contrast, tilt, float(aspect))


def _streak(shift: Points) -> FloatImage:
    """Return a kernel that spreads a pixel evenly along `shift`."""
    reach = int(np.ceil(np.abs(shift).max() / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for step in np.linspace(-0.5, 0.5, 4 * reach + 5):
        x, y = reach + step * shift
        x0, y0 = int(x), int(y)
        for dx, dy in ((0, 0), (0, 1), (1, 0), (1, 1)):
            weight = (1 - abs(x - x0 - dx)) * (1 - abs(y - y0 - dy))
            if weight > 0:
                kernel[y0 + dy, x0 + dx] += weight
    return np.asarray(kernel / kernel.sum(), np.float32)
