"""Virtual time: sessions on the workers of one machine, event by event, as the server does it.

The order of events is that of `Scheduler` and `SessionManager`: the next session's frame is
dispatched before an answer is written, and a session queues again after its frame.
"""

from collections import deque
from collections.abc import Callable, Sequence
from heapq import heappop, heappush

import numpy as np

from streamlab.backpressure.admission import RANK, Decision
from streamlab.backpressure.checked import CheckedPolicy
from streamlab.client.pace import SHOWN_SLACK, FixedPace, shown_frame
from streamlab.client.record import CAUSES
from streamlab.replay.session_load import NO_SLOWDOWN, SessionLoad, SessionOutcome, Slowdown
from streamlab.workers.cores import CoreShares

CAUSE_CODES = {cause: code for code, cause in enumerate(CAUSES)}
DONE, ARRIVE, OPEN = 0, 1, 2
"""Kinds of events, in the order in which those of the same moment happen."""
SEVERAL = 2
"""Cores; what more than one spare a frame was measured when it was recorded."""


class _Worker:
    __slots__ = ("free_at", "queue", "running", "turn")

    def __init__(self, turn: int) -> None:
        self.queue: deque[_Session] = deque()
        self.running: _Session | None = None
        self.free_at = -1e9
        self.turn = turn


class _Session:
    """A session: its policy, its worker, and how far it has come."""

    __slots__ = (
        "arrivals", "blocked", "downloads", "is_delayed_anew", "is_open", "load", "most", "out",
        "owed", "passed", "policy", "queued", "summed", "worker",
    )  # fmt: skip

    def __init__(self, load: SessionLoad, policy: CheckedPolicy, worker: _Worker) -> None:
        self.load = load
        self.policy = policy
        self.worker = worker
        self.most = load.most_frames
        self.out = SessionOutcome(self.most)
        self.downloads: list[float] = []
        self.arrivals: list[float] | None = None
        self.plan()
        self.queued = False
        self.is_open = load.opened_at_s <= 0
        self.blocked = False
        self.is_delayed_anew = False
        self.owed = 0.0
        self.passed = -1
        # deferred work up to each position of the video, so that what lies between is a difference
        total, self.summed = 0.0, [0.0]
        for work in load.deferred_s:
            total += work
            self.summed.append(total)

    def plan(self) -> None:
        """Lay out all frames at once, if nothing that happens can change when they are due."""
        load, out = self.load, self.out
        if not isinstance(load.pace, FixedPace):
            return
        due = np.arange(self.most) / load.pace.fps
        if load.seconds is not None:
            due = due[due < load.seconds]
        self.most = len(due)
        shown = np.arange(self.most)
        if load.video_fps is not None:
            shown = (due * load.video_fps + SHOWN_SLACK).astype(np.int64)
        late, upload, download = np.resize(np.array(load.delays), (self.most, 3)).T
        due += load.phase_s
        out.position, out.scheduled_s = shown.tolist(), due.tolist()
        out.sent_s = (due + late).tolist()
        self.downloads = download.tolist()
        self.arrivals = (due + late + upload).tolist()

    def schedule(self, index: int) -> float | None:
        """Return when frame `index` would be received; None if the session has sent all it will."""
        if index >= self.most:
            return None
        if self.arrivals is not None:
            return self.arrivals[index]
        load, out = self.load, self.out
        due = load.pace.due(index)
        if load.seconds is not None and due >= load.seconds:
            return None
        out.position.append(index if load.video_fps is None else shown_frame(due, load.video_fps))
        late, upload, download = load.delays[index % len(load.delays)]
        self.downloads.append(download)
        due += load.phase_s
        out.scheduled_s.append(due)
        sent = due + late
        out.sent_s.append(sent)
        return sent + upload

    def work(self, position: int) -> tuple[float, float, float]:
        """Return the seconds of a frame alone: its own, the usual, and those of deferred work."""
        load = self.load
        count = len(load.service_s)
        own, usual = load.service_s[position % count], load.usual_s[position % count]
        cap = load.deferred_cap_s
        if not cap:
            return own, usual, 0.0
        if position > self.passed:
            self.owed = min(2 * cap, self.owed + self._between(self.passed + 1, position + 1))
            self.passed = position
        paid = min(cap, self.owed)
        self.owed -= paid
        return own, usual, paid

    def spared(self, position: int) -> float:
        """Return the seconds that all cores spare a frame."""
        spared = self.load.spared_s
        return spared[position % len(spared)] if spared else 0.0

    def _between(self, first: int, behind: int) -> float:
        count, total = len(self.load.service_s), self.summed[-1]
        return (
            total * (behind // count - first // count)
            + self.summed[behind % count]
            - self.summed[first % count]
        )


class Machine:
    """Some sessions on some workers that share cores; `run` returns the outcomes of the frames.

    `make_policy` is called once for each session.
    """

    def __init__(
        self,
        loads: Sequence[SessionLoad],
        make_policy: Callable[[], CheckedPolicy],
        workers: int,
        slowdown: Slowdown = NO_SLOWDOWN,
    ) -> None:
        # each worker meets the recorded bursts of its neighbours' work at another time
        met = len(slowdown.contention_ratios)
        self._workers = [_Worker(number * met // workers) for number in range(workers)]
        self._sessions = [
            _Session(load, make_policy(), self._workers[number % workers])
            for number, load in enumerate(loads)
        ]
        self._slowdown = slowdown
        self._busy = 0
        self._shares = CoreShares(SEVERAL) if any(load.spared_s for load in loads) else None
        self._events: list[tuple[float, int, int, _Session]] = []
        self._order = 0

    def run(self) -> list[SessionOutcome]:
        """Run to the end; raises `PolicyError` for a policy that fails."""
        for session in self._sessions:
            if not session.is_open:
                self._push(session.load.opened_at_s, OPEN, session)
            self._schedule(session, 0, 0.0)
        events = self._events
        while events:
            now, kind, _, session = heappop(events)
            if kind == DONE:
                self._done(now, session)
            elif kind == ARRIVE:
                self._arrive(now, session)
            else:
                session.is_open = True
                self._request_dispatch(now, session)
        return [session.out.pack() for session in self._sessions]

    def _push(self, time: float, kind: int, session: _Session) -> None:
        self._order += 1
        heappush(self._events, (time, kind, self._order, session))

    def _schedule(self, session: _Session, index: int, now: float) -> None:
        at = session.schedule(index)
        if at is not None:
            self._push(at if at > now else now, ARRIVE, session)

    def _arrive(self, now: float, session: _Session) -> None:
        policy = session.policy
        index = len(session.out.received_s)
        if (
            session.load.delays_by_busy
            and not session.is_delayed_anew
            and self._delay_anew(now, session, index)
        ):
            return
        session.is_delayed_anew = False
        if policy.pauses and not policy.has_room:
            session.blocked = session.is_delayed_anew = True
            return
        session.out.received_s.append(now)
        decision = policy.arrive(now, index)
        if decision.dropped or decision.state is not None:
            self._apply(now, session, decision)
        self._request_dispatch(now, session)
        self._schedule(session, index + 1, now)

    def _delay_anew(self, now: float, session: _Session, index: int) -> bool:
        """Take the way that busy workers leave open, if it is not the recorded one.

        Says whether the frame has yet to arrive.
        """
        delays = session.load.delays_with_busy(index, self._busy)
        if delays is None:
            return False
        late, upload, session.downloads[index] = delays
        out = session.out
        sent = out.sent_s[index] = out.scheduled_s[index] + late
        at = sent + upload
        if at <= now:
            return False
        session.is_delayed_anew = True
        self._push(at, ARRIVE, session)
        return True

    def _request_dispatch(self, now: float, session: _Session) -> None:
        policy = session.policy
        if session.is_open and not session.queued and policy.in_flight is None and policy.held:
            session.queued = True
            session.worker.queue.append(session)
            self._dispatch(now, session.worker)

    def _dispatch(self, now: float, worker: _Worker) -> None:
        slowdown = self._slowdown
        while worker.running is None and worker.queue:
            session = worker.queue.popleft()
            session.queued = False
            policy = session.policy
            if policy.expires:
                decision = policy.expire(now)
                if decision.dropped or decision.state is not None:
                    self._apply(now, session, decision)
            index = policy.start(now)
            if index is None:
                if session.blocked:
                    self._unblock(now, session)
                continue
            out = session.out
            own, usual, paid = session.work(out.position[index])
            factor = slowdown.warm_up_factor(now - worker.free_at) if slowdown.idle else 1.0
            if self._busy and slowdown.contention_ratios:
                factor *= usual / own * slowdown.contention_factor(self._busy, worker.turn)
                worker.turn += 1
            spared = 0.0
            if self._shares is not None and self._shares.begin(session, now) > 1:
                spared = session.spared(out.position[index])
            worker.running = session
            self._busy += 1
            out.started_s[index] = now
            out.factor[index] = factor
            out.deferred_s[index] = paid
            out.spared_s[index] = spared
            self._push(now + (own + paid - spared) * factor, DONE, session)
            if session.blocked:
                self._unblock(now, session)

    def _unblock(self, now: float, session: _Session) -> None:
        """Receive the frame that waited for room, if there is room now."""
        if session.policy.has_room:
            session.blocked = False
            self._push(now, ARRIVE, session)

    def _done(self, now: float, session: _Session) -> None:
        worker, policy, out = session.worker, session.policy, session.out
        worker.running = None
        worker.free_at = now
        self._busy -= 1
        if self._shares is not None:
            self._shares.end(session, now)
        self._dispatch(now, worker)
        index = policy.in_flight
        assert index is not None
        out.processed[index] = True
        out.decided_s[index] = now
        out.answered_s[index] = now + session.downloads[index]
        out.state[index] = RANK[policy.state]
        decision = policy.finish(now)
        if decision.dropped or decision.state is not None:
            self._apply(now, session, decision)
        if session.blocked:
            self._unblock(now, session)
        self._request_dispatch(now, session)

    def _apply(self, now: float, session: _Session, decision: Decision) -> None:
        out, load, state = session.out, session.load, session.policy.state
        cause = CAUSE_CODES[decision.cause]
        for index in decision.dropped:
            out.cause[index] = cause
            out.decided_s[index] = now
            learned = now + session.downloads[index]
            out.answered_s[index] = learned
            out.state[index] = RANK[state]
            load.pace.dropped(learned - load.phase_s)
        learned = now + session.downloads[-1]
        if decision.state is not None:
            out.events.append((learned, "state", state, None))
        if decision.target_fps is not None:
            out.events.append((learned, "slow_down", None, decision.target_fps))
            fps = load.pace.slow_down(learned - load.phase_s, decision.target_fps)
            if fps is not None:
                out.events.append((learned, "rate", None, fps))
