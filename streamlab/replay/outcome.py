"""`Replay`: the outcome of a replay as arrays for sweeps, figures, and a recording."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic

import numpy as np

from streamlab.backpressure.realtime import STATES
from streamlab.client.record import CAUSES, FATES
from streamlab.recording.columns import node_column
from streamlab.recording.data import R
from streamlab.recording.summary import PROCESSED, Columns, Floats, figures
from streamlab.replay.plan import ReplayPlan
from streamlab.replay.policies import ReplaySettings
from streamlab.replay.service_times import heaviest_part
from streamlab.replay.session_load import SessionLoad, SessionOutcome
from streamlab.replay.trace_data import TraceData

DROPPED = FATES.index("dropped")
UNANSWERED = FATES.index("unanswered")
DIGITS = 3


class Replay(Generic[R]):
    """The outcomes of all frames of a replay; `recording()` returns them as a `Recording`."""

    def __init__(
        self,
        trace: TraceData[R],
        plan: ReplayPlan,
        settings: ReplaySettings,
        loads: Sequence[SessionLoad],
        rows: Sequence[Any],
        outcomes: Sequence[SessionOutcome],
    ) -> None:
        self.trace = trace
        self.plan = plan
        self.settings = settings
        self.outcomes = list(outcomes)
        self._loads = list(loads)
        self._rows = list(rows)

    @cached_property
    def columns(self) -> Columns:
        """The frames of all sessions, as arrays."""
        counts = [len(outcome) for outcome in self.outcomes]
        received = self._ms("received_s")
        processed = self._joined("processed")
        cause = self._joined("cause").astype(np.int64)
        outcome = np.where(processed, PROCESSED, np.where(cause >= 0, DROPPED, UNANSWERED))
        scheduled, answered = self._ms("scheduled_s"), self._ms("answered_s")
        queued = np.where(processed, self._ms("started_s") - received, np.nan)
        return Columns(
            session=np.repeat(np.arange(len(counts)), counts),
            scheduled_ms=scheduled,
            sent_ms=self._ms("sent_s"),
            queued_ms=queued,
            answered_ms=answered,
            round_trip_ms=answered - scheduled,
            outcome=outcome,
            cause=cause,
        )

    def figures(self) -> dict[str, Any]:
        """Return the figures of all sessions together, as `Recording.overall` has them."""
        return figures(self.columns, float(self.plan.fps or 0), self.moment_ms)

    @property
    def moment_ms(self) -> float:
        """The interval at which the video shows a frame."""
        info = self.trace.info
        return 1e3 / float(
            (self.plan.fps if info.get("every_frame") else None) or info["video_fps"]
        )

    @property
    def state_changes(self) -> int:
        """Number of state changes of all sessions."""
        return sum(event[1] == "state" for out in self.outcomes for event in out.events)

    @property
    def slow_downs(self) -> int:
        """Number of requests to slow down to all clients."""
        return sum(event[1] == "slow_down" for out in self.outcomes for event in out.events)

    def recording(self) -> R:
        """Return a recording: the same columns, events and results as a live one."""
        import pandas as pd

        columns, trace = self.columns, self.trace
        received, decided = self._ms("received_s"), self._ms("decided_s")
        done = columns.outcome == PROCESSED
        position = self._joined("position") % trace.length
        frames: dict[str, Any] = {
            "session": columns.session,
            "frame_index": np.concatenate([np.arange(len(outcome)) for outcome in self.outcomes]),
            "video_frame": position,
            "size_bytes": self._by_position(position, trace.sizes).astype(np.int64),
            "scheduled_ms": columns.scheduled_ms,
            "sent_ms": columns.sent_ms,
            "received_ms": received,
            "queued_ms": columns.queued_ms,
            **self._parts(position, done),
            "total_ms": np.where(done, decided - received, np.nan),
            "spared_ms": self._spared_ms(done),
            "answered_ms": columns.answered_ms,
            "round_trip_ms": columns.round_trip_ms,
        }
        frames = {
            name: values.round(DIGITS) if values.dtype.kind == "f" else values
            for name, values in frames.items()
        }
        frames["fate"] = pd.Categorical.from_codes(columns.outcome, list(FATES))
        frames["cause"] = pd.Categorical.from_codes(columns.cause, list(CAUSES))
        frames["state"] = pd.Categorical.from_codes(self._joined("state"), list(STATES))
        return self.trace.recording_class(
            pd.DataFrame(frames),
            self._info(),
            pd.DataFrame(self._events()),
            self._results(columns, position),
            [
                {"session": n, "worker": n % (self.plan.workers or 1)}
                for n in range(len(self.outcomes))
            ],
        )

    def _joined(self, name: str) -> Any:
        return np.concatenate([getattr(outcome, name) for outcome in self.outcomes])

    def _ms(self, name: str) -> Floats:
        joined: Floats = self._joined(name) * 1e3
        return joined

    def _by_position(self, position: Any, values: Sequence[Any]) -> Any:
        """Return, for each frame, the recorded value at its position in its session's video."""
        made = np.zeros(len(position))
        for number, load in enumerate(self._loads):
            mine = self.columns.session == number
            made[mine] = np.asarray(values[load.source])[self._rows[number][position[mine]]]
        return made

    def _parts(self, position: Any, done: Any) -> dict[str, Any]:
        trace = self.trace
        names = ["decode_ms", *map(node_column, trace.nodes)]
        factor = np.where(done, self._joined("factor"), np.nan) * 1e3
        deferred, spared = self._joined("deferred_s"), self._joined("spared_s")
        whole = {name: np.concatenate([w.parts_s[name] for w in trace.work]) for name in names}
        heaviest = heaviest_part(whole)
        deferring = [node for node in trace.nodes if node in (trace.info.get("deferring") or ())]
        parts = {}
        for name in names:
            own = self._by_position(position, [work.parts_s[name] for work in trace.work])
            if deferring and name == node_column(deferring[0]):
                own = own + deferred
            if name == heaviest:
                own = own - spared
            parts[name] = own * factor
        return parts

    def _spared_ms(self, done: Any) -> Any:
        spared = self._joined("spared_s") * self._joined("factor") * 1e3
        return np.where(done & (spared != 0), spared, np.nan)

    def _info(self) -> dict[str, Any]:
        plan, settings = self.plan, self.settings
        kept = {n: v for n, v in self.trace.info.items() if n not in ("interrupted", "truncated")}
        chosen = {
            "source": "replay",
            "nodes": self.trace.nodes,
            "fps": plan.fps,
            "sessions": plan.sessions,
            "workers": plan.workers,
            "adaptive": plan.adaptive,
            "seconds": plan.seconds,
            "seed": plan.seed,
            "policy": settings.policy,
            **settings.tunable,
        }
        return {**kept, **chosen}

    def _events(self) -> list[dict[str, Any]]:
        events = [
            {
                "session": number,
                "time_ms": round(time * 1e3, DIGITS),
                "kind": kind,
                "state": state,
                "fps": fps,
            }
            for number, outcome in enumerate(self.outcomes)
            for time, kind, state, fps in outcome.events
        ]
        return sorted(events, key=lambda event: (event["time_ms"], event["session"]))

    def _results(self, columns: Columns, position: Any) -> dict[tuple[int, int], Any]:
        """Return the recorded answers of the processed frames, if any were recorded."""
        known = self.trace.results
        if not known:
            return {}
        results = {}
        index = 0
        for session, outcome in enumerate(self.outcomes):
            for frame_index in np.flatnonzero(outcome.processed).tolist():
                found = known.get(int(position[index + frame_index]))
                if found is not None:
                    results[session, frame_index] = found
            index += len(outcome)
        return results
