"""Annotations of a chart of latency over time: drops, states, requests to slow down, errors."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from streamlab.charts.canvas import SMALL, ink, label_text
from streamlab.charts.queries import Span, outcomes
from streamlab.charts.style import INK, OUTCOMES, PROCESSED, STATE_BANDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from streamlab.recording.data import RecordingData

RUG_ROW = 0.045
"""Height of a row of markers, as a share of the axes."""
LABELLED_SHARE = 0.12
"""Share of the time from which on a band is labelled with its state."""
MOST_LABELS = 6
"""Number of requests to slow down up to which each is labelled."""


def draw_rug(ax: "Axes", frames: Any) -> int:
    """Mark the frames that were not processed along the top; return the number of rows."""
    found = outcomes(frames)
    rows = 0
    for name, look in OUTCOMES.items():
        times = frames["scheduled_ms"][found == name].dropna() / 1e3
        if name == PROCESSED or not len(times):
            continue
        rows += 1
        ax.plot(
            times,
            [1 - RUG_ROW * (rows - 0.4)] * len(times),
            look.marker,
            color=look.colour,
            markersize=4,
            markeredgewidth=0.8,
            transform=ax.get_xaxis_transform(),
            label=f"{look.label} ({len(times)})",
            gid=name,
        )
    return rows


def draw_bands(ax: "Axes", spans: Iterable[Span], suffix: str = "") -> None:
    """Draw states other than normal as bands behind everything else."""
    named: set[str] = set()
    spans = [*spans]
    whole_ms = sum(span.end_ms - span.start_ms for span in spans)
    for span in spans:
        look = STATE_BANDS[span.state]
        if span.state == "normal":
            continue
        ax.axvspan(
            span.start_ms / 1e3,
            span.end_ms / 1e3,
            facecolor=look.colour,
            linewidth=0,
            zorder=0,
            label=None if span.state in named else f"{look.label}{suffix}",
            gid=span.state,
        )
        named.add(span.state)
        if span.end_ms - span.start_ms > LABELLED_SHARE * whole_ms:
            ax.text(
                (span.start_ms + span.end_ms) / 2e3,
                0.01,
                look.label,
                transform=ax.get_xaxis_transform(),
                fontsize=SMALL,
                color=INK,
                ha="center",
                va="bottom",
                clip_on=True,
            )


def draw_events(ax: "Axes", recording: "RecordingData", session: int) -> None:
    """Mark the server's requests to slow down, and the error that ended the session."""
    events = recording.events[recording.events["session"] == session]
    slow_downs = events[(events["kind"] == "slow_down") & events["time_ms"].notna()]
    for number, (time_ms, fps) in enumerate(
        zip(slow_downs["time_ms"], slow_downs["fps"], strict=True)
    ):
        label = f"asked to slow down ({len(slow_downs)})" if not number else None
        line = ax.axvline(time_ms / 1e3, color=INK, linestyle=":", linewidth=1.2, label=label)
        line.set_gid("slow_down")
        if len(slow_downs) <= MOST_LABELS and fps == fps:
            _beside(ax, time_ms / 1e3, f"to {fps:.0f} fps")
    for time_ms, detail in zip(
        *(events[events["kind"] == "error"][c] for c in ("time_ms", "detail")), strict=True
    ):
        if time_ms == time_ms:
            ax.axvline(time_ms / 1e3, color=INK, linewidth=1.6, label="ended by an error")
            _beside(
                ax, time_ms / 1e3, label_text(str(detail or "error").split(":")[0]), right=False
            )


def _beside(ax: "Axes", x: float, text: str, right: bool = True) -> None:
    ax.annotate(
        text,
        (x, 0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(3 if right else -3, 4),
        textcoords="offset points",
        rotation=90,
        ha="left" if right else "right",
        va="bottom",
        annotation_clip=True,
        fontsize=SMALL,
        color=ink(ax),
    )
