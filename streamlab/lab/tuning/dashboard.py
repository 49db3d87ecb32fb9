"""The picture of a threshold panel: round trips, their distribution and the frames' fates."""

from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.charts.style import BLUE, INK, OUTCOMES, PROCESSED, STATE_BANDS
from streamlab.lab.tuning.layers import LayeredFigure
from streamlab.lab.tuning.scenery import PLACES, SIZE_IN, Limits, Scenery
from streamlab.lab.tuning.seen import NAMES, Seen, bar_seconds, steps
from streamlab.recording.summary import TARGET_MS, quantile_of

if TYPE_CHECKING:
    from streamlab.replay.outcome import Replay

MANY = 1500
"""Points from which on they are drawn smaller."""
RUG_ROW = 0.05
MARKS = (("p50", 0.50), ("p95", 0.95))


class Dashboard:
    """Draws replays beside the one that it was made with, which stays behind them in grey."""

    def __init__(self, start: "Replay[Any]") -> None:
        import matplotlib.style

        self._start = Seen(start)
        with matplotlib.style.context("default"):
            self._layers = LayeredFigure(*SIZE_IN, PLACES)
            self._scenery = Scenery(self._layers.figure, self._start)
            self._make_moving()

    def draw(self, replay: "Replay[Any]") -> bytes:
        """Return the picture of a replay as a PNG."""
        seen = Seen(replay)
        limits = Limits.of(seen, self._start)
        self._scenery.fit(limits)
        self._move(seen, limits)
        return self._layers.draw(self._scenery.behind(), self._scenery.depends(limits))

    def _make_moving(self) -> None:
        from matplotlib.collections import LineCollection, PolyCollection

        moving, scenery = self._layers.moving, self._scenery
        over_time, ecdf, fates = scenery.over_time, scenery.ecdf, scenery.fates
        across = over_time.get_xaxis_transform()
        self._bands = {}
        for state, look in STATE_BANDS.items():
            band = PolyCollection([], facecolor=look.colour, transform=across)
            over_time.add_collection(band, autolim=False)
            self._bands[state] = moving(band)
        requests = LineCollection([], colors=INK, linestyles=":", linewidths=1.2, transform=across)
        over_time.add_collection(requests, autolim=False)
        self._requests = moving(requests)
        moving(scenery.target)
        look = OUTCOMES[PROCESSED]
        (points,) = over_time.plot([], [], look.marker, color=look.colour, markeredgewidth=0)
        self._points = moving(points)
        self._rug = {}
        for name, look in OUTCOMES.items():
            if name != PROCESSED:
                (line,) = over_time.plot([], [], look.marker, color=look.colour, transform=across)
                line.set(markersize=4, markeredgewidth=0.8)
                self._rug[name] = moving(line)
        self._bars = {}
        for name, look in OUTCOMES.items():
            bars = PolyCollection([], facecolor=look.colour, hatch=look.hatch, linewidth=0)
            bars.set_edgecolor("white")
            fates.add_collection(bars, autolim=False)
            self._bars[name] = moving(bars)
        moving(scenery.start_line)
        (curve,) = ecdf.plot([], [], color=BLUE, linewidth=1.8)
        self._curve = moving(curve)
        self._marks = {}
        for name, share in MARKS:
            (mark,) = ecdf.plot([], [], "o", color=INK, markersize=4)
            text = ecdf.text(0, share, "", fontsize=9, va="center", color=INK)
            self._marks[name] = (moving(mark), moving(text))
        self._heading = moving(scenery.heading(over_time))
        self._within = moving(scenery.heading(ecdf))

    def _move(self, seen: Seen, limits: Limits) -> None:
        for state, band in self._bands.items():
            band.set_verts([_box(a, b, 0, 1) for s, a, b in seen.spans if s == state])
        self._requests.set_segments([[(time, 0), (time, 1)] for time in seen.slow_down_s])
        self._points.set_data(seen.done_s, np.minimum(seen.done_ms, limits.slowest_ms))
        self._points.set_markersize(1.6 if len(seen.done_s) > MANY else 3)
        told = [f"{len(seen.done_s)} of {len(seen.due_s)} frames processed"]
        for name, line in self._rug.items():
            times = seen.times_of(name)
            if len(times):
                told.append(f"{len(times)} {OUTCOMES[name].label.replace(':', ' as')}")
            height = 1 - RUG_ROW * (len(told) - 1.4)
            line.set_data(times, np.full(len(times), height))
        self._heading.set_text(",  ".join(told))
        self._move_ecdf(seen, limits)
        self._move_bars(seen, limits)

    def _move_ecdf(self, seen: Seen, limits: Limits) -> None:
        self._curve.set_data(*steps(seen))
        for name, share in MARKS:
            mark, text = self._marks[name]
            at = quantile_of(seen.sorted_ms, share)
            mark.set_data([at], [share])
            text.set_text("" if at != at else f"{name}  {at:.1f} ms")
            # under the curve on its right there is room; near the edge, over it on its left
            if limits.share_of_width(at) < 0.62:
                text.set(x=at * 1.09, ha="left", y=share - 0.035)
            else:
                text.set(x=at / 1.09, ha="right", y=share + 0.02)
        within = np.searchsorted(seen.sorted_ms, TARGET_MS, side="right")
        share = 100 * within / len(seen.sorted_ms) if len(seen.sorted_ms) else float("nan")
        said = f"{share:.1f} % of the processed within {TARGET_MS:g} ms"
        self._within.set_text("no frame was processed" if share != share else said)

    def _move_bars(self, seen: Seen, limits: Limits) -> None:
        width = bar_seconds(limits.span_s)
        counts = seen.counts(width)
        below = np.zeros(counts.shape[1])
        left = np.arange(counts.shape[1]) * width
        for name, heights in zip(NAMES, counts, strict=True):
            places = np.flatnonzero(heights)
            made = [
                _box(left[n], left[n] + 0.92 * width, below[n], below[n] + heights[n])
                for n in places
            ]
            self._bars[name].set_verts(made)
            below = below + heights


def _box(left: float, right: float, bottom: float, top: float) -> list[tuple[float, float]]:
    return [(left, bottom), (left, top), (right, top), (right, bottom)]
