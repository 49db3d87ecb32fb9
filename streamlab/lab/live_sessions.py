"""Selects the live sessions that a lab's settings apply to."""

import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from streamlab.errors import OptionError, ServerError
from streamlab.lab.jupyter import find_jupyter_server

if TYPE_CHECKING:
    from streamlab.lab.interfaces import StreamingLab

CHOOSE = "choose by id, as in apply(..., session_ids=[{!r}])"


class View(Protocol):
    """The interface of a live view; `server_url` is empty for the server of its page."""

    server_url: str
    source: str
    session_id: str
    running: bool


class _Stream(NamedTuple):
    name: str
    session_ids: list[str]


_views: "weakref.WeakSet[View]" = weakref.WeakSet()


def register_view(view: View) -> None:
    """Register a live view, so that labs of its server find its sessions."""
    _views.add(view)


def sessions_of(lab: "StreamingLab", session_ids: Sequence[str] | None = None) -> list[str]:
    """Return the ids of live sessions to which settings apply.

    The named ones; else those of the only running stream of this lab, in the background or in a
    live view; else the only session of the server. Raises `ServerError`, which lists the sessions,
    if none is live or the choice is ambiguous.
    """
    live = {str(session["session_id"]): session for session in lab.sessions()}
    if session_ids is not None:
        return _named(session_ids, live)
    streams = _streams(lab, live)
    if len(streams) == 1:
        return streams[0].session_ids
    if not streams and len(live) == 1:
        return [*live]
    if not live:
        raise ServerError(
            "no session of this lab is running; start one with lab.streaming() or LiveView(lab)"
        )
    names = {id_: stream.name for stream in streams for id_ in stream.session_ids}
    ids = [*(names or live)]
    listed = ", ".join(_described(live[id_], names.get(id_)) for id_ in ids)
    raise ServerError(f"{len(ids)} sessions are running: {listed}; {CHOOSE.format(ids[0])}")


def _named(session_ids: Sequence[str], live: Mapping[str, Any]) -> list[str]:
    there = ", ".join(_described(session) for session in live.values()) or "none"
    if isinstance(session_ids, str):
        session_ids = [session_ids]
    try:
        ids = [str(id_) for id_ in session_ids]
    except TypeError:
        allowed = f"a list of ids is allowed; live sessions: {there}"
        raise OptionError("session_ids", session_ids, allowed) from None
    for id_ in ids:
        if id_ not in live:
            raise ServerError(f"session {id_!r} is not live; live sessions: {there}")
    if not ids:
        raise OptionError("session_ids", ids, f"at least one is needed; live sessions: {there}")
    return ids


def _streams(lab: "StreamingLab", live: Mapping[str, Any]) -> list[_Stream]:
    """Return the running streams of this kernel at the lab's server, with their live sessions."""
    streams: list[_Stream] = []
    if lab.streamer is not None and lab.streamer.is_running:
        ids = [id_ for id_ in lab.streamer.session_ids if id_ in live]
        streams.append(_Stream("lab.streaming()", ids))
    taken = {id_ for stream in streams for id_ in stream.session_ids}
    around = find_jupyter_server()
    is_around = around is not None and around.url == lab.base_url
    for view in sorted(_views, key=lambda view: view.session_id):
        is_here = view.server_url == lab.base_url or (is_around and not view.server_url)
        if is_here and view.running and view.session_id in live.keys() - taken:
            streams.append(_Stream(f"LiveView of {view.source!r}", [view.session_id]))
    return [stream for stream in streams if stream.session_ids]


def _described(session: Mapping[str, Any], name: str | None = None) -> str:
    what = f"{session['pipeline_id']} for {session['connected_s']:.0f} s"
    return f"{session['session_id']!r} ({f'{name}, {what}' if name else what})"
