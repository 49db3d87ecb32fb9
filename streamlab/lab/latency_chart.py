"""Latency over time: where each frame's round trip went, and which frames were dropped."""

from pathlib import Path
from typing import Any

import numpy as np

from ..client.record import SessionRecord
from ..client.summary import quantile

TARGET_MS = 40.0
"""The round trip that streamlab aims at."""

# Okabe and Ito's palette, as in the annotated frames
PARTS = (
    ("queued", "#E69F00"),
    ("decode", "#56B4E9"),
)
NODE_COLOURS = ("#0072B2", "#009E73", "#CC79A7", "#F0E442")
REST_COLOUR = "#999999"
DROP_COLOUR = "#D55E00"


def draw_latency(record: SessionRecord, title: str, path: Path) -> None:
    """Write a chart of a session to a PNG: the parts of each round trip, drops, and quantiles."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5), layout="constrained")
    axes, distribution = figure.subplots(1, 2, width_ratios=(3.2, 1), sharey=True)
    _draw_parts(axes, record)
    _draw_distribution(distribution, record)
    figure.suptitle(title, fontsize=12)
    figure.savefig(path, dpi=110)


def _draw_parts(axes: Any, record: SessionRecord) -> None:
    done = [row for row in record.rows if row.fate == "processed"]
    times = np.array([row.scheduled_ms for row in done]) / 1e3
    nodes = list(done[0].nodes_ms) if done else []
    parts = [
        ("queued", np.array([row.queued_ms or 0.0 for row in done]), PARTS[0][1]),
        ("decode", np.array([row.decode_ms or 0.0 for row in done]), PARTS[1][1]),
    ]
    for position, node in enumerate(nodes):
        colour = NODE_COLOURS[position % len(NODE_COLOURS)]
        parts.append((node, np.array([row.nodes_ms.get(node, 0.0) for row in done]), colour))
    round_trips = np.array([row.round_trip_ms or 0.0 for row in done])
    known = np.sum([values for _, values, _ in parts], axis=0) if done else np.zeros(0)
    rest = np.maximum(0.0, round_trips - known)
    parts.append(("transport, waiting for a worker", rest, REST_COLOUR))
    bottom = np.zeros(len(done))
    for name, values, colour in parts:
        width = 1 / record.fps
        axes.bar(times, values, width, bottom, color=colour, label=name, align="edge", linewidth=0)
        bottom = bottom + values
    top = max(TARGET_MS * 1.25, quantile(list(round_trips), 0.99) * 1.25 if done else 0.0)
    axes.set_ylim(0, top)
    dropped = [row.scheduled_ms / 1e3 for row in record.rows if row.fate == "dropped"]
    if dropped:
        axes.plot(
            dropped,
            np.full(len(dropped), top * 0.98),
            "v",
            color=DROP_COLOUR,
            label=f"dropped ({len(dropped)})",
            clip_on=False,
        )
    axes.axhline(TARGET_MS, color="black", linewidth=1, linestyle="--")
    axes.annotate(
        f"target {TARGET_MS:g} ms", (0, TARGET_MS), xytext=(4, 3), textcoords="offset points"
    )
    axes.set_xlim(0, max((row.scheduled_ms for row in record.rows), default=1e3) / 1e3)
    axes.set_xlabel("time in the video (s)")
    axes.set_ylabel("round trip (ms)")
    axes.legend(loc="upper right", fontsize=8, ncols=2)


def _draw_distribution(axes: Any, record: SessionRecord) -> None:
    values = np.sort(record.round_trips_ms())
    if len(values):
        axes.step(100 * np.arange(1, len(values) + 1) / len(values), values, color="#0072B2")
        for share in (0.50, 0.95, 0.99):
            value = quantile(list(values), share)
            axes.axhline(value, color="#999999", linewidth=0.7)
            axes.annotate(
                f"p{share * 100:.0f} {value:.1f} ms",
                (2, value),
                xytext=(0, 2),
                textcoords="offset points",
                fontsize=8,
            )
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of the processed frames\nanswered within")
