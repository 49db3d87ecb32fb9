"""A recording as a notebook shows it: its source, settings, outcomes and sessions."""

import math
from collections.abc import Mapping
from html import escape

from streamlab.backpressure.settings import TUNABLE
from streamlab.cards import ENDED, MOST_CHARACTERS, card, shorten, table
from streamlab.charts.queries import outcomes
from streamlab.charts.style import OUTCOMES
from streamlab.recording.data import RecordingData
from streamlab.recording.info import RecordingInfo

MOST_SESSIONS = 10
FIGURES = (("p50_ms", "p50"), ("p95_ms", "p95"), ("p99_ms", "p99"))
SETTINGS = (
    ("pipeline_id", "pipeline"),
    ("fps", "fps"),
    ("policy", "policy"),
    *((name, setting.title_with_unit.lower()) for name, setting in TUNABLE.items()),
    ("adaptive", "adaptive"),
    ("workers", "workers"),
    ("created", "recorded"),
)


def recording_card(recording: RecordingData) -> str:
    """Return a recording as HTML: its source, outcomes, sessions and settings."""
    headline = escape(shorten(recording.headline(), 200))
    parts = [
        f'<div style="font-weight:600;overflow-wrap:anywhere">{headline}</div>',
        outcome_bar(recording),
        _sessions_table(recording),
        f'<div style="font-size:85%;opacity:.8">{_settings(recording.info)}</div>',
    ]
    if recording.info.get("interrupted"):
        parts.append('<div style="font-size:85%">interrupted before its end</div>')
    if recording.info.get("video_error"):
        error = escape(shorten(recording.info["video_error"], 200))
        parts.append(f'<div style="font-size:85%">{error}</div>')
    return card(parts)


def outcome_bar(recording: RecordingData) -> str:
    """Return the outcomes of all frames as one bar, an inline SVG, and its legend."""
    counts = outcomes(recording.frames).value_counts()
    total = int(counts.sum())
    if not total:
        return "<div>no frame was sent</div>"
    bars, names, x = [], [], 0.0
    for outcome, look in OUTCOMES.items():
        count = int(counts.get(outcome, 0))
        if not count:
            continue
        width = 100 * count / total
        # an outcome of one frame in thousands stays visible
        drawn = max(width, 0.4)
        bars.append(
            f'<rect x="{min(x, 100 - drawn):.3f}" y="0" width="{drawn:.3f}" height="10" '
            f'fill="{look.colour}"><title>{look.label}: {count}</title></rect>'
        )
        swatch = (
            "display:inline-block;width:.7em;height:.7em;margin-right:.3em;"
            f"border:1px solid rgba(128,128,128,.6);background:{look.colour}"
        )
        names.append(
            f'<span style="margin-right:1em;white-space:nowrap"><span style="{swatch}"></span>'
            f"{look.label} {count} ({_percent(count, total)})</span>"
        )
        x += width
    return (
        '<svg role="img" aria-label="outcomes of the frames" viewBox="0 0 100 10" '
        'preserveAspectRatio="none" style="width:100%;height:12px;margin:6px 0 2px;display:block;'
        'outline:1px solid rgba(128,128,128,.5)">'
        f'{"".join(bars)}</svg><div style="font-size:85%">{"".join(names)}</div>'
    )


def _sessions_table(recording: RecordingData) -> str:
    summary = recording.summary()
    if not len(summary):
        return ""
    causes = [
        (name, name.removeprefix("dropped_"))
        for name in summary.columns
        if name.startswith("dropped_") and summary[name].any()
    ]
    others = [name for name in ("rejected", "failed", "unanswered") if summary[name].any()]
    slow_downs = ["slow_downs"] if summary["slow_downs"].any() else []
    header = ["session", "sent", "processed"]
    header += [f"dropped: {cause}" for _, cause in causes] or ["dropped"]
    header += [*others, *(f"{label} ms" for _, label in FIGURES)]
    header += [name.replace("_", " ") for name in slow_downs]
    has_errors = summary["error"].notna().any()
    if has_errors:
        header.append(ENDED)
    rows = []
    for session, row in summary.head(MOST_SESSIONS).iterrows():
        cells = [str(session), f"{row['sent']}", f"{row['processed']}"]
        cells += [f"{row[name]}" for name, _ in causes] or [f"{row['dropped']}"]
        cells += [f"{row[name]}" for name in others]
        cells += [_milliseconds(row[name]) for name, _ in FIGURES]
        cells += [f"{row[name]}" for name in slow_downs]
        if has_errors:
            error = row["error"]
            cells.append(shorten(error, MOST_CHARACTERS) if isinstance(error, str) else "")
        rows.append(cells)
    more = len(summary) - MOST_SESSIONS
    shown = table(header, rows)
    return shown + (f'<div style="font-size:85%">and {more} more</div>' if more > 0 else "")


def _settings(info: RecordingInfo) -> str:
    known: Mapping[str, object] = {**info}
    parts = [
        f"{label} {escape(shorten(known[name], MOST_CHARACTERS))}"
        for name, label in SETTINGS
        if known.get(name) is not None and known[name] is not False
    ]
    if info.get("width") and info.get("height"):
        parts.append(f"{escape(shorten(info['width'], 8))}x{escape(shorten(info['height'], 8))}")
    return " · ".join(parts)


def _milliseconds(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f}"  # noqa: RUF001 - an empty cell


def _percent(count: int, total: int) -> str:
    share = 100 * count / total
    return f"{share:.1f} %" if share >= 0.1 else "under 0.1 %"
