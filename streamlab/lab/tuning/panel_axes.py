"""`PanelAxes`: the background of a dashboard: axes, limits, legend, and the start settings."""

from math import ceil, log
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from streamlab.charts.canvas import SMALL, light_grid, logarithmic, on_any_background, target_line
from streamlab.charts.style import GREY, INK, OUTCOMES, PROCESSED, STATE_BANDS
from streamlab.lab.tuning.replay_arrays import NAMES, ReplayArrays, bar_seconds, round_up, steps
from streamlab.recording.summary import TARGET_MS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_IN = (9.5, 4.4)
# left, bottom, width, height, as shares of the figure
OVER_TIME = (0.062, 0.44, 0.565, 0.50)
OUTCOME_BARS = (0.062, 0.185, 0.565, 0.205)
ECDF = (0.69, 0.185, 0.297, 0.755)
MINUTE_S = 60
PLACES = {
    "over_time": (0.0, 0.415, 0.643, 1.0),
    "outcomes": (0.0, 0.06, 0.643, 0.415),
    "ecdf": (0.643, 0.06, 1.0, 1.0),
    "legend": (0.0, 0.0, 1.0, 0.06),
}
"""Parts of the figure, each with its ticks and labels: left, bottom, right and top."""
LEAST_MS, TOP_MS = 5.0, 200.0
"""Latencies that are always within the axes."""
ROOM = 0.86
"""Share of the height for latencies; above it are the frames without one."""
ALWAYS = (PROCESSED, "overflow", "replaced")
"""Outcomes that are always in the legend."""


class Limits(NamedTuple):
    """Limits of the axes, and the outcomes in the legend besides `ALWAYS`."""

    span_s: float
    fastest_ms: float
    slowest_ms: float
    most_frames: float
    others: tuple[str, ...]

    @classmethod
    def of(cls, arrays: ReplayArrays, start: ReplayArrays) -> "Limits":
        """Return limits that fit a replay and the one of the start settings."""
        span_s = max(arrays.end_s, start.end_s, 0.1)
        slowest = max([TOP_MS, *arrays.sorted_ms[-1:], *start.sorted_ms[-1:]])
        fastest = min([LEAST_MS * 2, *arrays.sorted_ms[:1], *start.sorted_ms[:1]])
        width = bar_seconds(span_s)
        most = max(int(each.counts(width).sum(axis=0).max()) for each in (arrays, start))
        others = tuple(name for name in arrays.names() if name not in ALWAYS)
        return cls(
            ceil(span_s) if span_s < MINUTE_S else round_up(span_s),
            LEAST_MS if fastest >= LEAST_MS else round_up(max(fastest, 0.1) / 2, (1, 2, 5)),
            round_up(slowest, (1, 2, 5)),
            round_up(most * 1.05),
            others,
        )

    def share_of_width(self, latency_ms: float) -> float:
        """Return the position of a latency on the logarithmic axis, 0 to 1."""
        if not latency_ms > 0:
            return 0.0
        return log(latency_ms / self.fastest_ms) / log(self.slowest_ms / self.fastest_ms)


class PanelAxes:
    """The axes of a dashboard; the replay `start` is drawn on them in grey."""

    def __init__(self, figure: "Figure", start: ReplayArrays) -> None:
        from matplotlib.patheffects import withStroke

        self._figure = figure
        self.over_time: Axes = figure.add_axes(OVER_TIME)
        self.outcomes: Axes = figure.add_axes(OUTCOME_BARS, sharex=self.over_time)
        self.ecdf: Axes = figure.add_axes(ECDF)
        for ax in (self.over_time, self.outcomes, self.ecdf):
            on_any_background(ax)
        logarithmic(self.over_time, "y")
        logarithmic(self.ecdf, "x")
        self.target: Any = target_line(self.over_time, "y")
        target_line(self.ecdf, "x")
        self.ecdf.plot(*steps(start), color=GREY, linewidth=1.2)
        self._start = start
        self._others: tuple[str, ...] = ()
        self._make_legend()
        # over bars of any colour, and beside them
        halo = [withStroke(linewidth=3, foreground="#FFFFFFB0")]
        (self.start_line,) = self.outcomes.plot(
            [], [], color=INK, linewidth=1.2, path_effects=halo, drawstyle="steps-post"
        )
        self.over_time.tick_params(labelbottom=False, labelsize=9)
        self.over_time.set_ylabel("round trip (ms)", fontsize=9)
        self.outcomes.set_xlabel("when the frame was due (s)", fontsize=9, labelpad=2)
        self.ecdf.set_xlabel("round trip (ms)", fontsize=9, labelpad=2)
        self.ecdf.set_ylim(0, 1.02)
        self.ecdf.set_yticks([0, 0.25, 0.5, 0.75, 0.95], ["0 %", "25 %", "50 %", "75 %", "95 %"])
        for ax in (self.outcomes, self.ecdf):
            ax.tick_params(labelsize=9)
        light_grid(self.over_time)
        light_grid(self.outcomes)
        light_grid(self.ecdf, "both")

    def heading(self, ax: "Axes") -> Any:
        """Return an empty text above the axes."""
        return ax.text(0, 1.02, "", transform=ax.transAxes, fontsize=9, va="bottom", color=INK)

    def fit(self, limits: Limits) -> None:
        """Set the limits of the axes, and the labels and legend that depend on them."""
        low, high = limits.fastest_ms, limits.slowest_ms
        self.over_time.set_xlim(0, limits.span_s)
        self.over_time.set_ylim(low, low * (high / low) ** (1 / ROOM))
        self.ecdf.set_xlim(low, high)
        self.outcomes.set_ylim(0, limits.most_frames)

        width = bar_seconds(limits.span_s)
        self.outcomes.set_ylabel("frames / s" if width == 1 else f"frames / {width} s", fontsize=9)
        done = self._start.counts(width)[NAMES.index(PROCESSED)]
        self.start_line.set_data(np.arange(len(done) + 1) * width, np.append(done, done[-1:]))
        if limits.others != self._others:
            self._others = limits.others
            self._make_legend()

    def behind(self) -> dict[str, list[Any]]:
        """Return the artists of each part."""
        axes = {"over_time": self.over_time, "outcomes": self.outcomes, "ecdf": self.ecdf}
        return {**{name: [ax] for name, ax in axes.items()}, "legend": self._figure.legends}

    @staticmethod
    def depends(limits: Limits) -> dict[str, Any]:
        """Return the cache key of each part: the values that its appearance depends on."""
        latencies = (limits.fastest_ms, limits.slowest_ms)
        return {
            "over_time": (limits.span_s, latencies),
            "outcomes": (limits.span_s, limits.most_frames),
            "ecdf": latencies,
            "legend": limits.others,
        }

    def _make_legend(self) -> None:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        handles: list[Any] = []
        for name in (*ALWAYS, *self._others):
            look = OUTCOMES[name]
            handles.append(
                Line2D([], [], color=look.colour, marker=look.marker, ls="", label=look.label)
            )
        for state in ("warning", "critical"):
            look = STATE_BANDS[state]
            handles.append(Patch(facecolor=look.colour, edgecolor="#80808080", label=look.label))
        handles += [
            Line2D([], [], color=INK, linestyle=":", label="asked to slow down"),
            Line2D([], [], color=GREY, linewidth=1.4, label="at the start"),
            Line2D([], [], color=INK, linestyle="--", label=f"target {TARGET_MS:g} ms"),
        ]
        for legend in self._figure.legends:
            legend.remove()
        self._figure.legend(
            handles=handles,
            loc="lower center",
            ncols=len(handles),
            fontsize=SMALL,
            labelcolor=INK,
            frameon=False,
            borderaxespad=0.2,
            handlelength=1.6,
            columnspacing=1.1,
            handletextpad=0.4,
        )
