"""`LayeredFigure`: a figure for frequent redraws: a cached background, and artists that move.

Drawing axes with their ticks and texts takes some 20 ms each, laying a figure out 100; drawing the
moving artists over cached backgrounds takes about 20 in all.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.artist import Artist

DPI = 100
MOST_KEPT = 60
"""Maximum number of cached backgrounds; that of half a figure takes 0.8 MB."""
PNG_LEVEL = 1
"""zlib's fastest level."""

Place = tuple[float, float, float, float]
"""Left, bottom, right and top, as shares of a figure."""
WHOLE: Place = (0.0, 0.0, 1.0, 1.0)


class _Part(NamedTuple):
    bounds: Any
    rows: slice
    columns: slice


class LayeredFigure:
    """A Matplotlib figure in two layers, the background in parts; `draw` returns a PNG."""

    def __init__(self, width_in: float, height_in: float, places: Mapping[str, Place]) -> None:
        """Make a figure with the parts that `places` names; they must not overlap."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.figure = Figure((width_in, height_in), dpi=DPI)
        # Matplotlib's canvases are not fully typed
        self._canvas: Any = FigureCanvasAgg(self.figure)
        self._moving: list[Artist] = []
        self._parts = {name: self._part(place) for name, place in places.items()}
        self._kept: dict[tuple[str, Hashable], Any] = {}

    def moving(self, artist: Any) -> Any:
        """Add an artist to the foreground, over those added before, and return it."""
        artist.set_animated(True)
        self._moving.append(artist)
        return artist

    def draw(
        self, behind: Mapping[str, Sequence["Artist"]], depends: Mapping[str, Hashable]
    ) -> bytes:
        """Return the figure as a PNG with a transparent background.

        `behind` has the artists of each part of the background, `depends` the values that their
        appearance depends on: the cache key of the part.
        """
        import cv2

        renderer = self._canvas.get_renderer()
        pixels = np.asarray(self._canvas.buffer_rgba())
        for name, part in self._parts.items():
            key = (name, depends[name])
            if key not in self._kept:
                self._kept[key] = self._drawn(part, behind[name], renderer, pixels)
                if len(self._kept) > MOST_KEPT:
                    self._kept.pop(next(iter(self._kept)))
            self._canvas.restore_region(self._kept[key])
        for artist in self._moving:
            artist.draw(renderer)
        bgra = cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA)
        _, png = cv2.imencode(".png", bgra, [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL])
        return png.tobytes()

    def _part(self, place: Place) -> _Part:
        from matplotlib.transforms import Bbox

        width, height = self._canvas.get_width_height()
        left, right = round(place[0] * width), round(place[2] * width)
        bottom, top = round(place[1] * height), round(place[3] * height)
        bounds = Bbox.from_extents(left, bottom, right, top)
        return _Part(bounds, slice(height - top, height - bottom), slice(left, right))

    def _drawn(self, part: _Part, artists: Sequence["Artist"], renderer: Any, pixels: Any) -> Any:
        import matplotlib.style

        pixels[part.rows, part.columns] = 0
        # a user's own style must not change a layout that is fixed
        with matplotlib.style.context("default"):
            for artist in artists:
                artist.draw(renderer)
        return self._canvas.copy_from_bbox(part.bounds)
