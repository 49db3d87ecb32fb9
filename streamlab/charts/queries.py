"""Queries on a recording: frames of a session, outcomes, processed frames, states over time."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from streamlab.backpressure.realtime import STATES, State
from streamlab.charts.style import OUTCOMES
from streamlab.client.record import UNKNOWN_CAUSE
from streamlab.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd

    from streamlab.recording.data import RecordingData


def session_numbers(recording: "RecordingData") -> list[int]:
    """Return the numbers of a recording's sessions, those without frames included."""
    numbers = {int(number) for number in recording.frames["session"].unique()}
    numbers |= {int(session["session"]) for session in recording.sessions if "session" in session}
    return sorted(numbers)


def session_frames(recording: "RecordingData", session: int) -> "pd.DataFrame":
    """Return a session's frames in order; raises `OptionError` for an unknown session.

    A recording without any session has no frames for every session.
    """
    numbers = session_numbers(recording)
    if numbers and session not in numbers:
        allowed = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"only {numbers[0]}"
        raise OptionError("session", session, f"there is no such session; there is {allowed}")
    frames = recording.frames
    return frames[frames["session"] == session].sort_values("frame_index")


def outcomes(frames: "pd.DataFrame") -> "pd.Series[str]":
    """Return each frame's outcome, the cause of those that were dropped; keys of `OUTCOMES`."""
    recorded = frames["fate"].astype(object)
    causes = frames["cause"].astype(object).where(frames["cause"].notna(), UNKNOWN_CAUSE)
    found = recorded.where(recorded != "dropped", causes)
    return found.where(found.isin([*OUTCOMES]), "unanswered")


def processed(frames: "pd.DataFrame") -> "pd.DataFrame":
    """Return the processed frames that have a round trip and a due time."""
    done = frames[frames["fate"] == "processed"]
    return done[done["round_trip_ms"].notna() & done["scheduled_ms"].notna()]


def last_ms(frames: "pd.DataFrame") -> float:
    """Return the latest time at which a frame was due or answered, 0 without frames."""
    times: Any = frames[["scheduled_ms", "answered_ms"]].max().max()
    return float(times) if times == times else 0.0


class Span(NamedTuple):
    """A span of time in one state, milliseconds."""

    state: State
    start_ms: float
    end_ms: float


def state_spans(recording: "RecordingData", session: int) -> list[Span]:
    """Return the spans of a session's states, from its first frame to its last answer."""
    end_ms = last_ms(session_frames(recording, session))
    events = recording.events
    changes = events[(events["session"] == session) & (events["kind"] == "state")]
    spans: list[Span] = []
    state, start_ms = STATES[0], 0.0
    for time_ms, new in zip(changes["time_ms"], changes["state"], strict=True):
        if new not in STATES or not time_ms >= start_ms:
            continue
        spans.append(Span(state, start_ms, float(time_ms)))
        state, start_ms = new, float(time_ms)
    spans.append(Span(state, start_ms, max(end_ms, start_ms)))
    return [span for span in spans if span.end_ms > span.start_ms]


def worst_spans(recording: "RecordingData") -> list[Span]:
    """Return the spans of the worst state of any session."""
    by_session = [state_spans(recording, number) for number in session_numbers(recording)]
    edges = sorted({edge for spans in by_session for span in spans for edge in span[1:]})
    worst: list[Span] = []
    for start_ms, end_ms in pairwise(edges):
        middle = (start_ms + end_ms) / 2
        states = [s.state for spans in by_session for s in spans if s[1] <= middle < s[2]]
        state = max(states, key=STATES.index, default=STATES[0])
        if worst and worst[-1].state == state:
            worst[-1] = worst[-1]._replace(end_ms=end_ms)
        else:
            worst.append(Span(state, start_ms, end_ms))
    return worst
