"""The whole session but for its socket and its worker, in any order of events."""

import contextlib
import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from pictures import make_image

from streamlab.backpressure.realtime import DROP_CAUSES, BackpressureSettings
from streamlab.errors import InvalidFrameError, PipelineFailureError, WorkerDiedError
from streamlab.media import frames
from streamlab.sessions.manager import SessionManager
from streamlab.workers.worker import Answer

JPEG = frames.encode(make_image())
SECONDS = st.sampled_from([0.0, 0.02, 0.3, 3.0])


class Worker:
    async def open(self, session_id, definition):
        pass

    async def close(self, session_id):
        pass


class Scheduler:
    """A worker's scheduler that dispatches when the test says so."""

    number = 0

    def __init__(self):
        self.worker = Worker()
        self.queued = None

    def enqueue(self, client):
        assert self.queued is None, "a session queues once at a time"
        self.queued = client


class Client:
    """The session's client: it keeps what it is told."""

    def __init__(self):
        self.messages = []
        self.closed_with = None
        self.unsent_bytes = 0

    def send(self, message):
        assert self.closed_with is None, "nothing is said after the close"
        self.messages.append(json.loads(message))

    def end(self, error):
        assert self.closed_with is None
        self.closed_with = error.close_code


class Listener:
    """What metrics and logs hear of: the counts of one session."""

    def __init__(self):
        self.received = 0
        self.processed = 0
        self.dropped = dict.fromkeys(DROP_CAUSES, 0)
        self.states = []
        self.slow_downs = 0
        self.errors = []

    def frame_received(self, session, size):
        self.received += 1

    def frame_dropped(self, session, cause):
        self.dropped[cause] += 1

    def frame_processed(self, session, timing):
        self.processed += 1

    def state_changed(self, session, state, target_fps):
        self.states.append(state)
        self.slow_downs += target_fps is not None

    def failed(self, session, error):
        self.errors.append(error.code)


class AnySession(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.now = 100.0
        self.scheduler = Scheduler()
        self.client = Client()
        self.listener = Listener()
        self.sent = 0
        self.in_flight = None
        self.told_of_end = True
        self.session = SessionManager(
            "1",
            "noop",
            self.scheduler,  # type: ignore[arg-type]
            self.client,
            self.listener,
            BackpressureSettings(),
            clock=lambda: self.now,
        )
        with contextlib.suppress(StopIteration):
            self.session.open(b"{}").send(None)

    @property
    def is_over(self):
        return self.client.closed_with is not None or self.session._is_closed

    @rule(seconds=SECONDS)
    def time_passes(self, seconds):
        self.now += seconds

    @rule()
    def the_server_looks(self):
        self.session.observe()

    @precondition(lambda self: not self.is_over)
    @rule(count=st.integers(1, 6), worker_is_free=st.booleans())
    def frames_arrive(self, count, worker_is_free=False):
        for _ in range(count):
            self.session.receive(JPEG)
            self.sent += 1
            if worker_is_free and self.scheduler.queued is not None:
                self.turn_comes()

    @precondition(lambda self: not self.is_over)
    @rule(
        end=st.sampled_from(["", "no jpeg", "half a jpeg", "text", "oversize", "left", "stopped"])
    )
    def the_client_or_the_server_ends_it(self, end):
        """All the ends in one rule, so that most runs get past the warm-up before they end."""
        if end in ("left", "stopped"):
            self.told_of_end = end == "stopped"
            self.session.close(notify=self.told_of_end)
        elif end == "text":
            self.session.receive("hello")
        else:
            self.sent += 1
            if end == "oversize":
                self.session.refuse_oversize()
            else:
                self.session.receive(JPEG[: len(JPEG) // 2] if "half" in end else end.encode())

    @precondition(lambda self: self.scheduler.queued is not None)
    @rule()
    def turn_comes(self):
        self.scheduler.queued = None
        taken = self.session.take_frame()
        assert (taken is None) == self.is_over
        self.in_flight = taken and taken[0]

    @initialize(count=st.sampled_from([0, 4]))
    def models_warm_up(self, count):
        self.frames_come_and_go(count, 0.02)

    @precondition(lambda self: not self.is_over and self.in_flight is None)
    @rule(count=st.integers(1, 12), seconds=SECONDS)
    def frames_come_and_go(self, count, seconds):
        """Frames at a steady pace, each processed before the next: past the warm-up in a step."""
        for _ in range(count):
            self.frames_arrive(1, worker_is_free=True)
            self.worker_answers(seconds)

    @precondition(lambda self: self.in_flight is not None)
    @rule(seconds=SECONDS)
    def worker_answers(self, seconds):
        self.now += seconds
        self.in_flight = None
        self.session.frame_done(Answer(b"{}", 1.0, {"noop": 0.1}))

    @precondition(lambda self: self.in_flight is not None)
    @rule(
        error=st.sampled_from(
            [
                InvalidFrameError("cannot be decoded"),
                PipelineFailureError("noop", "it raised"),
                WorkerDiedError("it died"),
            ]
        ),
        seconds=SECONDS,
    )
    def worker_fails(self, error, seconds):
        self.now += seconds
        self.in_flight = None
        self.session.frame_failed(error)

    @invariant()
    def the_ledger_adds_up(self):
        ledger = self.session.ledger
        assert ledger.is_balanced
        assert ledger.received == self.sent
        assert ledger.waiting == self.session.policy.waiting <= 2
        assert ledger.in_flight == (self.session.policy.in_flight is not None)

    @invariant()
    def the_client_knows_what_the_ledger_knows(self):
        ledger, messages = self.session.ledger, self.client.messages
        answered = [m["frame_index"] for m in messages if "frame_index" in m]
        results = [m["frame_index"] for m in messages if "result" in m]
        errors = [m for m in messages if "error" in m]
        assert len(answered) == len(set(answered))
        assert results == sorted(results)
        assert len(results) == ledger.processed
        answered_by_error = ledger.rejected + ledger.failed
        assert answered_by_error <= 1
        assert len(errors) == (self.client.closed_with is not None)
        if errors:
            assert messages[-1] == errors[0]
        if self.told_of_end:
            # every frame has one answer, or is still waiting for it
            assert len(answered) - len(results) == sum(ledger.dropped.values())
            assert (
                len(answered) + answered_by_error + ledger.waiting + ledger.in_flight == self.sent
            )

    @invariant()
    def the_metrics_know_what_the_ledger_knows(self):
        ledger, heard = self.session.ledger, self.listener
        assert heard.received == ledger.received
        assert heard.processed == ledger.processed
        assert heard.dropped == ledger.dropped
        assert heard.errors == [m["error"] for m in self.client.messages if "error" in m]
        assert heard.slow_downs == sum("warning" in m for m in self.client.messages)
        if heard.states:
            assert heard.states[-1] == self.session.policy.state


AnySession.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestAnySession = AnySession.TestCase


def test_a_frame_that_gives_way_while_another_fails_is_answered():
    """A long frame brings the session to `warning` at the moment at which it fails."""
    machine = AnySession()
    machine.frames_come_and_go(count=4, seconds=0.02)
    machine.frames_arrive(3, worker_is_free=True)
    machine.worker_fails(InvalidFrameError("cannot be decoded"), seconds=3.0)
    answers = [m for m in machine.client.messages if "dropped" in m or "error" in m]
    assert [m.get("frame_index", m.get("error")) for m in answers] == [5, 6, "invalid_frame"]
    machine.the_client_knows_what_the_ledger_knows()
    machine.the_metrics_know_what_the_ledger_knows()
