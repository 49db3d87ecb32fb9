"""What a notebook shows of a recording or a lab: small cards, of plain HTML, in any theme.

Names, addresses and errors come from users and servers: all of them are escaped. Colours of text
and background are the notebook's own, so that a card can be read in light and in dark themes.
"""

import math
import threading
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from streamlab.charts.canvas import shorten
from streamlab.charts.rows import outcomes
from streamlab.charts.style import OUTCOMES
from streamlab.errors import StreamlabError

if TYPE_CHECKING:
    from streamlab.lab.lab import Lab
    from streamlab.lab.recording import Recording
    from streamlab.media.samples import Truth

MOST_SESSIONS = 10
MOST_CHARACTERS = 60
ENDED = "ended by"
HEALTH_TIMEOUT_S = 3.0
"""How long a card waits for a server to tell how it is."""

LINE = "border-bottom:1px solid rgba(128,128,128,.35)"
CELL = f"padding:2px 8px;{LINE};vertical-align:top;white-space:normal;"
NUMBER = f"{CELL}text-align:right"
WORDS = f"{CELL}text-align:left;overflow-wrap:anywhere"
TABLE = "border-collapse:collapse;margin:6px 0;color:inherit;font-size:inherit"
FIGURES = (("p50_ms", "p50"), ("p95_ms", "p95"), ("p99_ms", "p99"))
SETTINGS = (
    ("pipeline_id", "pipeline"),
    ("fps", "fps"),
    ("policy", "policy"),
    ("drop_threshold", "drop threshold"),
    ("slowdown_threshold", "slow-down threshold"),
    ("waiting_frames", "waiting frames"),
    ("window_s", "window (s)"),
    ("adaptive", "adaptive"),
    ("workers", "workers"),
    ("created", "recorded"),
)


def recording_card(recording: "Recording") -> str:
    """Return a recording as HTML: what was recorded, how, and what became of its frames."""
    headline = escape(shorten(recording._headline(), 200))
    parts = [
        f'<div style="font-weight:600;overflow-wrap:anywhere">{headline}</div>',
        fates_bar(recording),
        _sessions_table(recording),
        f'<div style="font-size:85%;opacity:.8">{_settings(recording.info)}</div>',
    ]
    if recording.info.get("interrupted"):
        parts.append('<div style="font-size:85%">interrupted before its end</div>')
    if recording.info.get("video_error"):
        error = escape(shorten(recording.info["video_error"], 200))
        parts.append(f'<div style="font-size:85%">{error}</div>')
    return card(parts)


def fates_bar(recording: "Recording") -> str:
    """Return the fates of all frames as one bar, an inline SVG, and its legend."""
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
        # a fate of one frame in thousands is still to be seen
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
        '<svg role="img" aria-label="fates of the frames" viewBox="0 0 100 10" '
        'preserveAspectRatio="none" style="width:100%;height:12px;margin:6px 0 2px;display:block;'
        'outline:1px solid rgba(128,128,128,.5)">'
        f'{"".join(bars)}</svg><div style="font-size:85%">{"".join(names)}</div>'
    )


def _sessions_table(recording: "Recording") -> str:
    summary = recording.summary()
    if not len(summary):
        return ""
    causes = [
        (name, name.removeprefix("dropped_"))
        for name in summary.columns
        if name.startswith("dropped_") and summary[name].any()
    ]
    fates = [name for name in ("rejected", "failed", "unanswered") if summary[name].any()]
    slow_downs = ["slow_downs"] if summary["slow_downs"].any() else []
    header = ["session", "sent", "processed"]
    header += [f"dropped: {cause}" for _, cause in causes] or ["dropped"]
    header += [*fates, *(f"{label} ms" for _, label in FIGURES)]
    header += [name.replace("_", " ") for name in slow_downs]
    has_errors = summary["error"].notna().any()
    if has_errors:
        header.append(ENDED)
    rows = []
    for session, row in summary.head(MOST_SESSIONS).iterrows():
        cells = [str(session), f"{row['sent']}", f"{row['processed']}"]
        cells += [f"{row[name]}" for name, _ in causes] or [f"{row['dropped']}"]
        cells += [f"{row[name]}" for name in fates]
        cells += [_milliseconds(row[name]) for name, _ in FIGURES]
        cells += [f"{row[name]}" for name in slow_downs]
        if has_errors:
            error = row["error"]
            cells.append(shorten(error, MOST_CHARACTERS) if isinstance(error, str) else "")
        rows.append(cells)
    more = len(summary) - MOST_SESSIONS
    shown = table(header, rows)
    return shown + (f'<div style="font-size:85%">and {more} more</div>' if more > 0 else "")


def _settings(info: dict[str, Any]) -> str:
    told = [
        f"{label} {escape(shorten(info[name], MOST_CHARACTERS))}"
        for name, label in SETTINGS
        if info.get(name) is not None and info[name] is not False
    ]
    if info.get("width") and info.get("height"):
        told.append(f"{escape(shorten(info['width'], 8))}x{escape(shorten(info['height'], 8))}")
    return " · ".join(told)


def lab_card(lab: "Lab") -> str:
    """Return a lab as HTML: which server, where, and how it is; never its token."""
    url = _public(lab.base_url)
    rows = [["server", lab.what], ["address", url]]
    if lab._is_closed:
        rows.append(["status", "closed; connect() gives another"])
    else:
        rows += _health(lab, url)
    body = [
        f'<tr><th style="{WORDS}">{escape(name)}</th><td style="{WORDS}">{escape(value)}</td></tr>'
        for name, value in rows
    ]
    return card(
        [
            '<div style="font-weight:600">streamlab</div>',
            f'<table style="{TABLE}">{"".join(body)}</table>',
        ]
    )


def truth_card(truth: "Truth") -> str:
    """Return a ground truth as HTML: what is to be found, and to be read."""
    if truth.problem():
        return card([f"<div>{escape(repr(truth))}</div>"])
    labels = truth.labels()
    rows = [[shorten(label, MOST_CHARACTERS), str(count)] for label, count in labels.items()]
    texts = sorted(truth.texts().values())
    said = f"{len(texts)} texts to read: {', '.join(texts)}" if texts else "nothing to read"
    return card(
        [
            f'<div style="font-weight:600">ground truth of {len(truth.frames)} frames</div>',
            table(["label", "boxes"], rows) if rows else "<div>nothing to find</div>",
            f'<div style="font-size:85%">{escape(shorten(said, 300))}</div>',
        ]
    )


def _health(lab: "Lab", url: str) -> list[list[str]]:
    """Ask the server how it is, for a moment: a card must not keep a notebook waiting."""
    told: dict[str, Any] = {}

    def ask() -> None:
        try:
            told["health"] = lab.health()
            told["pipelines"] = lab.pipelines()
        except StreamlabError as error:
            told["error"] = str(error).replace(lab.base_url, url)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HEALTH_TIMEOUT_S)
    if "error" in told:
        error = told["error"]
        if lab.token:
            error = error.replace(lab.token, "…")
        return [["status", shorten(error, 200)]]
    if "health" not in told:
        return [["status", f"no answer within {HEALTH_TIMEOUT_S:g} s"]]
    health = told["health"]
    if not isinstance(health, dict):
        return [["status", "there is no streamlab at this address"]]
    limit = health.get("max_sessions")
    sessions = f"{health.get('sessions', '?')}{'' if limit is None else f' of at most {limit}'}"
    warm = "warm" if health.get("warm") else "models not loaded yet"
    return [
        ["status", f"{health.get('status', '?')}, version {health.get('version', '?')}"],
        ["workers", f"{health.get('workers', '?')} on {health.get('cores', '?')} cores, {warm}"],
        ["live sessions", sessions],
        ["pipelines", shorten(", ".join(map(str, told.get("pipelines", ["?"]))), 300)],
    ]


def _public(url: str) -> str:
    """Return an address without what may be secret in it: a user, a password, a query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(not an address)"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else parts.path


def card(parts: Iterable[str]) -> str:
    """Return parts of HTML in a frame."""
    style = (
        "border:1px solid rgba(128,128,128,.45);border-radius:4px;padding:8px 12px;"
        "max-width:60em;overflow-x:auto;color:inherit;background:transparent"
    )
    return f'<div class="streamlab-card" style="{style}">{"".join(parts)}</div>'


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of plain texts, which are escaped."""
    styles = [WORDS if name == ENDED else NUMBER for name in header]
    made = []
    for tag, cells in [("th", header), *(("td", cells) for cells in rows)]:
        drawn = [
            f'<{tag} style="{style}">{escape(cell)}</{tag}>'
            for style, cell in zip(styles, cells, strict=True)
        ]
        made.append(f"<tr>{''.join(drawn)}</tr>")
    return f'<table style="{TABLE}">{"".join(made)}</table>'


def _milliseconds(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f}"  # noqa: RUF001 - an empty cell


def _percent(count: int, total: int) -> str:
    share = 100 * count / total
    return f"{share:.1f} %" if share >= 0.1 else "under 0.1 %"
