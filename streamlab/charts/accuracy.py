"""Charts of accuracy: precision and recall, what the viewer sees over time, sweeps, agreement."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlab.accuracy.scores import DetectionScores
from streamlab.charts.canvas import axes_for, label_text, legend_below, light_grid, write_message
from streamlab.charts.style import BLUE, GREEN, GREY, INK, ORANGE, VERMILION, compared_look
from streamlab.client.options import one_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from streamlab.accuracy.comparison import ComparisonData
    from streamlab.accuracy.streaming import StreamingAccuracy
    from streamlab.media.truth import Truth
    from streamlab.recording.data import RecordingData

STEP_S = 0.5
"""Interval over which values by frame are aggregated."""
NEAR_ONE = 0.5
"""If every precision is above this, the axis does not begin at 0."""
MARKED_SCORES = (0.25, 0.50, 0.75)
MARKERS = ("o", "s", "^")
METRICS = {"ap": "average precision", "precision": "precision", "recall": "recall", "f1": "F1"}
AGAINST = (
    ("", "frames that were processed", INK, ":", "o", 9),
    ("offline_", "every moment, without latency", GREEN, "--", "s", 5),
    ("streaming_", "every moment, as the viewer sees it", BLUE, "-", "D", 5),
)


def precision_recall_curve(
    recording: "RecordingData",
    truth: "Truth | None" = None,
    iou_threshold: float = 0.5,
    labels: Iterable[str] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw precision against recall of each label, over all score thresholds.

    Markers are score thresholds of 0.25, 0.5 and 0.75; the AP in the legend is COCO's at this IoU.
    Raises `RecordingError` and `OptionError`.
    """
    scores = DetectionScores(recording, truth, iou_threshold, labels)
    ax = axes_for(ax, height_in=5.0)
    least = 1.0
    for position, label in enumerate(scores.labels):
        colour, style = compared_look(position)
        score, precision, recall = scores.curve(label)
        if not len(score) or np.isnan(recall).all():
            ax.plot([], [], style, color=colour, label=f"{label_text(label)}: no AP")
            continue
        name = f"{label_text(label)}: AP {scores.ap(label):.3f}"
        ax.plot(recall, precision, style, color=colour, label=name, linewidth=1.6)
        least = min(least, float(precision.min()))
        for mark, marker in zip(MARKED_SCORES, MARKERS, strict=True):
            reaching = int(np.sum(score >= mark))
            if reaching > 0 and score[-1] <= mark + 0.05:
                at = reaching - 1
                ax.plot(recall[at], precision[at], marker, color=colour, markersize=7)
    for mark, marker in zip(MARKED_SCORES, MARKERS, strict=True):
        ax.plot([], [], marker, color=GREY, label=f"score threshold {mark:g}")
    ax.set_xlim(0, 1.02)
    bottom = max(0.0, least - 0.05) if least > NEAR_ONE else 0.0
    ax.set_ylim(bottom, 1 + 0.02 * (1 - bottom))
    ax.set_xlabel("recall")
    ax.set_ylabel("precision")
    ax.set_title(f"detections against ground truth, IoU at least {iou_threshold:g}", fontsize=10)
    light_grid(ax, "both")
    legend_below(ax)
    return ax


def accuracy_over_time(accuracy: "StreamingAccuracy", ax: "Axes | None" = None) -> "Axes":
    """Draw precision and recall of the answers on screen, by half-second."""
    ax = axes_for(ax)
    moments = accuracy.moments
    if not len(moments):
        return write_message(ax, "No moment of this session has a known truth.")
    counts = moments[["tp", "fp", "fn"]].groupby(moments["time_ms"] // (1e3 * STEP_S)).sum()
    times = (counts.index.to_numpy() + 0.5) * STEP_S
    real, shown = counts["tp"] + counts["fn"], counts["tp"] + counts["fp"]
    lines = (
        ("precision", counts["tp"] / shown.where(shown > 0), ORANGE, "--", "s", accuracy.precision),
        ("recall", counts["tp"] / real.where(real > 0), BLUE, "-", "o", accuracy.recall),
    )
    for name, values, colour, style, marker, overall in lines:
        label = f"{name}, {overall:.3f} over all"
        ax.plot(times, values, style, color=colour, marker=marker, markersize=4, label=label)
    for position, (first, last) in enumerate(_runs((real == 0).to_numpy())):
        empty = "nothing to find" if position == 0 else None
        ax.axvspan(first * STEP_S, (last + 1) * STEP_S, color="#80808030", label=empty, zorder=0)
    ax.set_xlim(0, float(moments["time_ms"].max()) / 1e3 + STEP_S / 10)
    ax.set_ylim(0, 1.03)
    ax.set_xlabel("time in the session (s)")
    ax.set_ylabel("of the answers on screen")
    cost = f"AP {accuracy.ap:.3f}, without latency {accuracy.offline_ap:.3f}"
    ax.set_title(f"what the viewer sees: {cost}", fontsize=10)
    light_grid(ax)
    legend_below(ax)
    return ax


def staleness_over_time(accuracy: "StreamingAccuracy", ax: "Axes | None" = None) -> "Axes":
    """Draw the age of the answer on screen at each moment, and the time before the first one."""
    ax = axes_for(ax)
    moments = accuracy.moments
    if not len(moments):
        return write_message(ax, "No moment of this session has a known truth.")
    times = moments["time_ms"].to_numpy() / 1e3
    stale = moments["staleness_ms"].to_numpy()
    ax.step(times, stale, where="post", color=BLUE, linewidth=1.2, label="age of the answer")
    for name, value, style in (
        ("p50", accuracy.staleness_p50_ms, "-"),
        ("p95", accuracy.staleness_p95_ms, "--"),
    ):
        if np.isfinite(value):
            ax.axhline(value, color=INK, linestyle=style, linewidth=0.9)
            ax.plot([], [], style, color=INK, linewidth=0.9, label=f"{name} {value:.0f} ms")
    if accuracy.unanswered:
        answered = times[np.isfinite(stale)]
        until = answered[0] if len(answered) else times[-1]
        ax.axvspan(0, max(until, times[-1] / 400), color=VERMILION, alpha=0.35, label="no answer")
    ax.set_xlim(0, times[-1])
    ax.set_ylim(0, 1.08 * float(np.nanmax(stale, initial=1.0)))
    ax.set_xlabel("time in the session (s)")
    ax.set_ylabel("staleness (ms)")
    ax.set_title("how old the answer on screen is", fontsize=10)
    light_grid(ax)
    legend_below(ax)
    return ax


def accuracy_against_value(
    table: "pd.DataFrame", name: str = "value", metric: str = "ap", ax: "Axes | None" = None
) -> "Axes":
    """Draw accuracy over a swept value: a table of `accuracy_against` or `accuracy_by_score`.

    `name` is the label of the values; `metric` is `ap`, `precision`, `recall` or `f1`. The area
    between the two curves of every moment is the cost of latency; the distance above both, the cost
    of frames that were dropped or never sent.
    """
    one_of("metric", metric, tuple(METRICS))
    ax = axes_for(ax)
    if not len(table):
        return write_message(ax, "This table has no rows.")
    is_number = all(isinstance(value, int | float) for value in table["value"])
    if is_number:
        table = table.sort_values("value")
        places: Any = table["value"].to_numpy()
    else:
        places = np.arange(len(table))
        ax.set_xticks(places, [label_text(value, 16) for value in table["value"]])
        ax.set_xlim(-0.5, len(table) - 0.5)
    offline, live = (table[f"{which}_{metric}"].to_numpy() for which in ("offline", "streaming"))
    ax.fill_between(places, live, offline, color=BLUE, alpha=0.15, label="what latency costs")
    for which, label, colour, style, marker, size in AGAINST:
        values = table[f"{which}{metric}"].to_numpy()
        look: dict[str, Any] = {
            "markersize": size,
            "markerfacecolor": "none" if not which else colour,
        }
        ax.plot(places, values, style, color=colour, marker=marker, label=label, **look)
    ax.set_ylim(0, 1.03)
    ax.set_xlabel(label_text(name))
    ax.set_ylabel(METRICS[metric])
    ax.set_title(f"accuracy against {label_text(name)}", fontsize=10)
    light_grid(ax)
    legend_below(ax)
    return ax


def agreement_over_time(comparison: "ComparisonData[Any]", ax: "Axes | None" = None) -> "Axes":
    """Draw the agreement of each pair of pipelines by half-second of video, and their costs.

    Agreement of detections where both pipelines have some, else of the words read.
    """
    ax = axes_for(ax)
    costs = comparison.costs()["total_p50_ms"]
    drawn = 0
    for row in comparison.agreement().to_dict("records"):
        pairs = comparison.pairs
        pairs = pairs[(pairs["a"] == row["a"]) & (pairs["b"] == row["b"])]
        column = "agreement" if pairs["agreement"].notna().any() else "text_agreement"
        values = pairs.set_index("video_frame")[column].dropna()
        if not len(values):
            continue
        fps = float(comparison.recordings[row["a"]].info.get("video_fps") or 1.0)
        by_step = values.groupby((values.index.to_numpy() / fps) // STEP_S).mean()
        colour, style = compared_look(drawn)
        drawn += 1
        names = (f"{label_text(id_, 24)} ({costs[id_]:.1f} ms)" for id_ in (row["a"], row["b"]))
        kind = "detections" if column == "agreement" else "words"
        label = f"{' and '.join(names)}: {kind} {values.mean():.3f}"
        times = (by_step.index.to_numpy() + 0.5) * STEP_S
        ax.plot(times, by_step, style, color=colour, marker="o", markersize=4, label=label)
    if not drawn:
        return write_message(ax, "These pipelines have no comparable answers; see costs().")
    ax.set_ylim(0, 1.03)
    ax.set_xlim(left=0)
    ax.set_xlabel("time in the video (s)")
    ax.set_ylabel("agreement")
    ax.set_title("how far the answers agree, by half-second; p50 in the server", fontsize=10)
    light_grid(ax)
    legend_below(ax)
    return ax


def _runs(flags: Any) -> list[tuple[int, int]]:
    """Return the first and last position of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(first), int(end) - 1) for first, end in edges.reshape(-1, 2)]
