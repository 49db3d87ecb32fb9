"""`Trace`: load and service times of recordings, and their replay in virtual time."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from html import escape
from typing import Any, Unpack

import numpy as np

from streamlab.cards import card
from streamlab.client.pace import make_pace
from streamlab.client.together import phases
from streamlab.errors import OptionError, RecordingError
from streamlab.recording.data import R, RecordingData
from streamlab.recording.summary import Floats
from streamlab.replay.delays import delays_by_busy, session_delays
from streamlab.replay.engine import Machine
from streamlab.replay.outcome import Replay
from streamlab.replay.plan import PLAN_NAMES, ReplayOptionsDict, ReplayPlan
from streamlab.replay.policies import ReplaySettings
from streamlab.replay.service_times import fit_slowdown, observe
from streamlab.replay.session_load import SessionLoad, SessionOutcome
from streamlab.replay.trace_data import SETTING_NAMES, TraceData
from streamlab.replay.video_work import video_work

NEIGHBOURS = 3
"""Sessions beyond the recorded ones have the service times of frames at most this far away."""
SAME = ("video", "pipeline_id", "every_frame", "width", "video_fps")


class Trace(TraceData[R]):
    """Arrivals, sizes and service times of a recording, ready to be run under other settings.

    >>> trace = recording.trace()
    >>> trace.replay(drop_threshold=0.2, fps=60).summary()
    """

    @classmethod
    def of(cls, recording: R, *others: RecordingData) -> "Trace[R]":
        """Return the trace of a recording; others of the same video and pipeline add to it.

        Recordings with more sessions, or at other rates, give estimates of cache warm-up and
        contention. Raises `RecordingError` if no frame was processed, or the recordings are of
        different videos, pipelines or sizes.
        """
        for other in others:
            if not hasattr(other, "info"):
                raise OptionError("recording", other, "a recording is needed")
            for name in SAME:
                if other.info.get(name) != recording.info.get(name):
                    problem = f"{name} differs: {other.info.get(name)!r}"
                    what = f"{recording.info.get(name)!r} of the first recording"
                    raise RecordingError("trace", f"{problem}, not {what}")
        source = str(recording.info.get("video", "recording"))
        deferring = list(recording.info.get("deferring") or ())
        observed = observe(recording, deferring)
        if not len(observed):
            raise RecordingError(source, "no frame of it was processed, so it has no service times")
        others_observed = [found for other in others if len(found := observe(other, deferring))]
        slowdown = fit_slowdown([observed, *others_observed])
        positions = [int(recording.frames["video_frame"].max()), int(observed.position.max())]
        positions += [int(found.position.max()) for found in others_observed]
        length = max(positions) + 1
        sessions = sorted(recording.frames["session"].unique())
        work = [video_work(s, observed, others_observed, slowdown, length) for s in sessions]
        delays = [session_delays(recording, session) for session in sessions]
        sizes = [_sizes(recording, session, length) for session in sessions]
        return cls(
            recording.info,
            recording.nodes,
            work,
            delays,
            slowdown,
            sizes,
            _results(recording),
            delays_by_busy([recording, *others]),
            type(recording),
        )

    def replay(
        self,
        settings: Mapping[str, Any] | None = None,
        **changes: Unpack[ReplayOptionsDict],
    ) -> R:
        """Run the trace under other settings and return the recording that results.

        `changes`, and the mapping, name fields of `ReplaySettings` and `ReplayPlan`; others are as
        recorded. Deterministic: the same arguments give the same recording, to the bit. Raises
        `OptionError`.
        """
        return self.run(settings, **changes).recording()

    def run(
        self,
        settings: Mapping[str, Any] | None = None,
        **changes: Unpack[ReplayOptionsDict],
    ) -> Replay[R]:
        """Run as `replay` does and return the outcome as arrays, which takes less time."""
        if settings is not None and not isinstance(settings, Mapping):
            raise OptionError("settings", settings, "a dict of settings by name is allowed")
        given = {**(settings or {}), **changes}
        for name, value in given.items():
            if name not in PLAN_NAMES and name not in SETTING_NAMES:
                allowed = ", ".join((*SETTING_NAMES, *PLAN_NAMES))
                raise OptionError(name, value, f"no such setting; there are: {allowed}")
        if self.missing_policy is not None and "policy" not in given:
            given["policy"] = self.missing_policy
        plan = ReplayPlan(**{name: given[name] for name in PLAN_NAMES if name in given})
        rules = self.settings.changed({n: v for n, v in given.items() if n in SETTING_NAMES})
        plan = replace(
            plan,
            fps=plan.fps or self.fps,
            sessions=plan.sessions or len(self.work),
            workers=plan.workers or self.machine_workers,
            adaptive=bool(self.info.get("adaptive")) if plan.adaptive is None else plan.adaptive,
        )
        loads, rows = self._loads(plan)
        received_fps = float((plan.sessions or 1) * (plan.fps or 0.0))
        outcomes = self._outcomes(loads, rules, plan.workers or 1, received_fps)
        return Replay(self, plan, rules, loads, rows, outcomes)

    def without_results(self) -> "Trace[R]":
        """Return the same trace without the pipeline's answers, which a run does not need."""
        made = copy(self)
        made.results = {}
        return made

    def _outcomes(
        self,
        loads: Sequence[SessionLoad],
        rules: ReplaySettings,
        workers: int,
        received_fps: float,
    ) -> list[SessionOutcome]:
        """Run each machine with the sessions that are assigned to its workers round-robin."""
        outcomes: list[SessionOutcome | None] = [None] * len(loads)
        size = self.machine_workers
        machines = -(-workers // size)
        slowdown = self.slowdown.at_rate(received_fps / machines)
        for first in range(0, workers, size):
            here = min(size, workers - first)
            mine = [n for n in range(len(loads)) if first <= n % workers < first + here]
            if not mine:
                continue
            machine = Machine(
                [loads[n] for n in mine],
                rules.make_policy,
                here,
                slowdown,
            )
            for number, outcome in zip(mine, machine.run(), strict=True):
                outcomes[number] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    def _loads(self, plan: ReplayPlan) -> tuple[list[SessionLoad], list[Floats]]:
        """Return each session's load, and the recorded position for each position of its video."""
        assert plan.fps is not None
        assert plan.sessions is not None
        every_frame = bool(self.info.get("every_frame"))
        video_fps = None if every_frame else float(self.info["video_fps"])
        seconds, max_frames = plan.seconds, None
        if seconds is None:
            max_frames = len(self.session_delays[0].delays)
            if not every_frame and (plan.fps != self.fps or plan.adaptive):
                seconds, max_frames = max_frames / self.fps, None
        drawn = np.random.default_rng(plan.seed)
        begins = phases(plan.sessions, plan.fps, plan.seed)
        loads: list[SessionLoad] = []
        rows: list[Any] = []
        for number in range(plan.sessions):
            source = number % len(self.work)
            work, recorded = self.work[source], self.session_delays[source]
            row = np.arange(self.length)
            if number >= len(self.work):
                row = row + drawn.integers(-NEIGHBOURS, NEIGHBOURS + 1, self.length)
                row = np.clip(row, 0, self.length - 1)
            rows.append(row)
            loads.append(
                SessionLoad(
                    pace=make_pace(plan.fps, bool(plan.adaptive)),
                    phase_s=begins[number],
                    service_s=work.own_s[row].tolist(),
                    usual_s=work.usual_s.tolist(),
                    deferred_s=work.deferred_s.tolist(),
                    deferred_cap_s=work.deferred_cap_s,
                    delays=recorded.delays,
                    busy_workers=recorded.busy_workers,
                    delays_by_busy=self.delays_by_busy,
                    opened_at_s=recorded.opened_at_s,
                    video_fps=video_fps,
                    max_frames=max_frames,
                    seconds=seconds,
                    spared_s=work.spared_s[row].tolist() if work.spared_s.any() else [],
                    source=source,
                )
            )
        return loads, rows

    def __repr__(self) -> str:
        return f"<Trace: {self.headline()}>"

    def _repr_html_(self) -> str:
        slowdown = self.slowdown
        idle = f"{100 * slowdown.idle:.0f} % longer after idle time"
        contention = f"{100 * slowdown.contention:.0f} % longer for each busy neighbour"
        text = f"A frame takes {idle}, {contention}."
        return card([f"<div>{escape(self.headline())}</div>", f"<div>{text}</div>"])


def as_trace(given: "Trace[Any] | RecordingData") -> Trace[Any]:
    """Return a trace as it is, or the trace of a recording."""
    if isinstance(given, Trace):
        return given
    if not isinstance(given, RecordingData):
        raise OptionError("trace", given, "a recording or its trace is needed")
    return Trace.of(given)


def _sizes(recording: RecordingData, session: int, length: int) -> list[int]:
    frames = recording.frames[recording.frames["session"] == session]
    sizes = np.full(length, int(frames["size_bytes"].median()))
    sizes[frames["video_frame"].to_numpy() % length] = frames["size_bytes"].to_numpy()
    made: list[int] = sizes.tolist()
    return made


def _results(recording: RecordingData) -> dict[int, Mapping[str, Any]]:
    """Return answers by position in the video, from the first session that has one there."""
    results: dict[int, Mapping[str, Any]] = {}
    frames = recording.frames[recording.frames["fate"] == "processed"]
    names = ("session", "frame_index", "video_frame")
    for session, index, position in zip(*(frames[name] for name in names), strict=True):
        result = recording.result(int(index), int(session))
        if result is not None:
            results.setdefault(int(position), result)
    return results
