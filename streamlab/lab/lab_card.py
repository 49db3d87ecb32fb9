"""A lab as a notebook shows it: server, address and health; never its token."""

import threading
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from streamlab.cards import TABLE, WORDS, card, shorten
from streamlab.errors import StreamlabError

HEALTH_TIMEOUT_S = 3.0
"""Time that a card waits for a server's health."""


class ShownLab(NamedTuple):
    """The contents of a card; `health` and `pipelines` send requests to the server."""

    what: str
    base_url: str
    token: str | None
    is_closed: bool
    health: Callable[[], Mapping[str, Any]]
    pipelines: Callable[[], list[str]]


def lab_card(lab: ShownLab) -> str:
    """Return a lab as HTML."""
    url = _public(lab.base_url)
    rows = [["server", lab.what], ["address", url]]
    if lab.is_closed:
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


def _health(lab: ShownLab, url: str) -> list[list[str]]:
    """Return rows of the server's health, requested in a thread so that a card does not block."""
    found: dict[str, Any] = {}

    def ask() -> None:
        try:
            found["health"] = lab.health()
            found["pipelines"] = lab.pipelines()
        except StreamlabError as error:
            found["error"] = str(error).replace(lab.base_url, url)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HEALTH_TIMEOUT_S)
    if "error" in found:
        error = found["error"]
        if lab.token:
            error = error.replace(lab.token, "…")
        return [["status", shorten(error, 200)]]
    if "health" not in found:
        return [["status", f"no answer within {HEALTH_TIMEOUT_S:g} s"]]
    health = found["health"]
    if not isinstance(health, dict):
        return [["status", "there is no streamlab at this address"]]
    limit = health.get("max_sessions")
    sessions = f"{health.get('sessions', '?')}{'' if limit is None else f' of at most {limit}'}"
    warm = "warm" if health.get("warm") else "models not loaded yet"
    return [
        ["status", f"{health.get('status', '?')}, version {health.get('version', '?')}"],
        ["workers", f"{health.get('workers', '?')} on {health.get('cores', '?')} cores, {warm}"],
        ["live sessions", sessions],
        ["pipelines", shorten(", ".join(map(str, found.get("pipelines", ["?"]))), 300)],
    ]


def _public(url: str) -> str:
    """Return an address without user, password and query, which may be secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(not an address)"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else parts.path
