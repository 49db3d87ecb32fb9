"""`measure`: a trace from four streams of a video, alone and under load."""

from pathlib import Path
from typing import Any

from streamlab.client.options import positive
from streamlab.errors import OptionError
from streamlab.lab.interfaces import StreamingLab
from streamlab.lab.recording import Recording
from streamlab.replay.trace import Trace

OVERLOAD, BUSY = 1.3, 0.75
"""Shares of the capacity that workers are loaded with."""
SESSIONS_A_WORKER = 2
MAX_CLIENT_FPS = 400.0
"""A client that sends more frames would be late itself."""


def measure(
    lab: StreamingLab,
    video: str | Path,
    load_seconds: float,
    progress: bool,
    options: dict[str, Any],
) -> Trace[Recording]:
    """Return the trace that `Lab.measure` describes; raises as that does."""
    positive("load_seconds", load_seconds)
    for name in ("sessions", "policy"):
        if name in options:
            raise OptionError(name, options[name], "measure() chooses this itself")

    def recorded(**more: Any) -> Recording:
        recording = lab.stream(video, progress=progress, **{**options, **more})
        if recording.info.get("interrupted"):
            raise KeyboardInterrupt
        return recording

    calm = recorded(policy="lossless")
    workers = int(lab.health()["workers"])
    capacity = float(calm.trace().capacity_fps())
    several = SESSIONS_A_WORKER * workers
    loads = []
    for sessions, share in ((1, OVERLOAD), (several, BUSY), (several, OVERLOAD)):
        fps = share * capacity * min(workers, sessions) / sessions
        fps = min(fps, MAX_CLIENT_FPS / sessions)
        loads.append(recorded(fps=fps, sessions=sessions, loop=True, seconds=load_seconds))
    trace = Trace.of(calm, *loads)
    trace.settings = trace.settings.changed({"policy": "realtime"})
    return trace
