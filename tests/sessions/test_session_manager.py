"""The whole session but for its socket and its worker, in any order of events."""

import contextlib
import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pictures import make_image

from streamlab import frames
from streamlab.errors import InvalidFrameError, PipelineFailureError, WorkerDiedError
from streamlab.sessions.backpressure import BackpressureSettings
from streamlab.sessions.manager import SessionManager
from streamlab.workers.worker import Answer

JPEG = frames.encode(make_image())


class Worker:
    async def open(self, session_id, definition):
        pass

    async def close(self, session_id):
        pass


class Turns:
    """A worker's turns that the test grants when it likes."""

    def __init__(self):
        self.worker = Worker()
        self.asking = None

    def ask(self, customer):
        assert self.asking is None, "a session asks once at a time"
        self.asking = customer


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
    def frame_received(self, session, size):
        pass

    def frame_dropped(self, session, cause):
        pass

    def frame_processed(self, session, timing):
        pass

    def state_changed(self, session, state, target_fps):
        pass

    def failed(self, session, error):
        pass


class AnySession(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.now = 100.0
        self.turns = Turns()
        self.client = Client()
        self.sent = 0
        self.rejected = False
        self.in_flight = None
        self.session = SessionManager(
            "1",
            "noop",
            self.turns,
            self.client,
            Listener(),
            BackpressureSettings(),
            clock=lambda: self.now,
        )
        with contextlib.suppress(StopIteration):
            self.session.open(b"{}").send(None)

    @property
    def is_over(self):
        return self.client.closed_with is not None or self.session._is_closed

    @rule(seconds=st.sampled_from([0.0, 0.001, 0.02, 0.5, 3.0]))
    def time_passes(self, seconds):
        self.now += seconds
        self.session.observe()

    @precondition(lambda self: not self.is_over)
    @rule(count=st.integers(1, 6))
    def frames_arrive(self, count):
        for _ in range(count):
            self.session.receive(JPEG)
            self.sent += 1

    @precondition(lambda self: not self.is_over)
    @rule(message=st.sampled_from([b"", b"no jpeg", JPEG[: len(JPEG) // 2]]))
    def no_frame_arrives(self, message):
        self.session.receive(message)
        self.sent += 1

    @precondition(lambda self: not self.is_over)
    @rule()
    def text_arrives(self):
        self.session.receive("hello")

    @precondition(lambda self: self.turns.asking is not None)
    @rule()
    def turn_comes(self):
        self.turns.asking = None
        taken = self.session.take_frame()
        assert (taken is None) == self.is_over
        self.in_flight = taken and taken[0]

    @precondition(lambda self: self.in_flight is not None)
    @rule(seconds=st.sampled_from([0.0, 0.01, 0.3]))
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
        )
    )
    def worker_fails(self, error):
        self.in_flight = None
        self.session.frame_failed(error)

    @rule()
    def client_leaves(self):
        self.session.close()

    @invariant()
    def the_ledger_adds_up(self):
        ledger = self.session.ledger
        assert ledger.is_balanced
        assert ledger.received == self.sent
        assert ledger.waiting == self.session.backpressure.waiting <= 2
        assert ledger.in_flight == (self.session.backpressure.in_flight is not None)

    @invariant()
    def every_frame_has_one_answer_at_most_and_none_is_forgotten(self):
        answered = [m["frame_index"] for m in self.client.messages if "frame_index" in m]
        assert len(answered) == len(set(answered))
        results = [m["frame_index"] for m in self.client.messages if "result" in m]
        assert results == sorted(results)
        ledger = self.session.ledger
        open_frames = ledger.waiting + ledger.in_flight
        if not self.is_over:
            assert len(answered) + open_frames == self.sent
        elif self.client.closed_with is not None:
            errors = [m for m in self.client.messages if "error" in m]
            assert len(errors) == 1
            assert self.client.messages[-1] == errors[0]
            answered_by_error = ledger.rejected + ledger.failed
            assert len(answered) + answered_by_error == self.sent
            assert answered_by_error <= 1


AnySession.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnySession = AnySession.TestCase
