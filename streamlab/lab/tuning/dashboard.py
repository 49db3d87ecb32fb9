"""`Dashboard`: the picture of a threshold panel: round trips, distribution and outcomes."""

from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.charts.style import BLUE, INK, OUTCOMES, PROCESSED, STATE_BANDS
from streamlab.lab.tuning.layered_figure import LayeredFigure
from streamlab.lab.tuning.panel_axes import PLACES, SIZE_IN, Limits, PanelAxes
from streamlab.lab.tuning.replay_arrays import NAMES, ReplayArrays, bar_seconds, steps
from streamlab.recording.summary import TARGET_MS, quantile_of

if TYPE_CHECKING:
    from streamlab.replay.outcome import Replay

MANY = 1500
"""Number of points from which on they are drawn smaller."""
RUG_ROW = 0.05
MARKS = (("p50", 0.50), ("p95", 0.95))


class Dashboard:
    """Draws replays over the one of the start settings, which is drawn in grey."""

    def __init__(self, start: "Replay[Any]") -> None:
        import matplotlib.style

        self._start = ReplayArrays(start)
        with matplotlib.style.context("default"):
            self._layers = LayeredFigure(*SIZE_IN, PLACES)
            self._axes = PanelAxes(self._layers.figure, self._start)
            self._add_moving_artists()

    def draw(self, replay: "Replay[Any]") -> bytes:
        """Return the picture of a replay as a PNG."""
        arrays = ReplayArrays(replay)
        limits = Limits.of(arrays, self._start)
        self._axes.fit(limits)
        self._move(arrays, limits)
        return self._layers.draw(self._axes.behind(), self._axes.depends(limits))

    def _add_moving_artists(self) -> None:
        from matplotlib.collections import LineCollection, PolyCollection

        moving, axes = self._layers.moving, self._axes
        over_time, ecdf, outcomes = axes.over_time, axes.ecdf, axes.outcomes
        across = over_time.get_xaxis_transform()
        self._bands = {}
        for state, look in STATE_BANDS.items():
            band = PolyCollection([], facecolor=look.colour, transform=across)
            over_time.add_collection(band, autolim=False)
            self._bands[state] = moving(band)
        requests = LineCollection([], colors=INK, linestyles=":", linewidths=1.2, transform=across)
        over_time.add_collection(requests, autolim=False)
        self._requests = moving(requests)
        moving(axes.target)
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
            outcomes.add_collection(bars, autolim=False)
            self._bars[name] = moving(bars)
        moving(axes.start_line)
        (curve,) = ecdf.plot([], [], color=BLUE, linewidth=1.8)
        self._curve = moving(curve)
        self._marks = {}
        for name, share in MARKS:
            (mark,) = ecdf.plot([], [], "o", color=INK, markersize=4)
            text = ecdf.text(0, share, "", fontsize=9, va="center", color=INK)
            self._marks[name] = (moving(mark), moving(text))
        self._heading = moving(axes.heading(over_time))
        self._within = moving(axes.heading(ecdf))

    def _move(self, arrays: ReplayArrays, limits: Limits) -> None:
        for state, band in self._bands.items():
            band.set_verts([_box(a, b, 0, 1) for s, a, b in arrays.spans if s == state])
        self._requests.set_segments([[(time, 0), (time, 1)] for time in arrays.slow_down_s])
        self._points.set_data(arrays.done_s, np.minimum(arrays.done_ms, limits.slowest_ms))
        self._points.set_markersize(1.6 if len(arrays.done_s) > MANY else 3)
        parts = [f"{len(arrays.done_s)} of {len(arrays.due_s)} frames processed"]
        for name, line in self._rug.items():
            times = arrays.times_of(name)
            if len(times):
                parts.append(f"{len(times)} {OUTCOMES[name].label.replace(':', ' as')}")
            height = 1 - RUG_ROW * (len(parts) - 1.4)
            line.set_data(times, np.full(len(times), height))
        self._heading.set_text(",  ".join(parts))
        self._move_ecdf(arrays, limits)
        self._move_bars(arrays, limits)

    def _move_ecdf(self, arrays: ReplayArrays, limits: Limits) -> None:
        self._curve.set_data(*steps(arrays))
        for name, share in MARKS:
            mark, text = self._marks[name]
            at = quantile_of(arrays.sorted_ms, share)
            mark.set_data([at], [share])
            text.set_text("" if at != at else f"{name}  {at:.1f} ms")
            # to the right of the curve and below it; near the edge, to its left and above it
            if limits.share_of_width(at) < 0.62:
                text.set(x=at * 1.09, ha="left", y=share - 0.035)
            else:
                text.set(x=at / 1.09, ha="right", y=share + 0.02)
        within = np.searchsorted(arrays.sorted_ms, TARGET_MS, side="right")
        share = 100 * within / len(arrays.sorted_ms) if len(arrays.sorted_ms) else float("nan")
        said = f"{share:.1f} % of the processed within {TARGET_MS:g} ms"
        self._within.set_text("no frame was processed" if share != share else said)

    def _move_bars(self, arrays: ReplayArrays, limits: Limits) -> None:
        width = bar_seconds(limits.span_s)
        counts = arrays.counts(width)
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
