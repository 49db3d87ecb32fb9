"""A session under any policy, sane or not: the ledger adds up, and every frame has one answer."""

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import make_image
from policies import registered

from streamlab.backpressure.admission import NOTHING, Decision
from streamlab.backpressure.realtime import BackpressureSettings
from streamlab.errors import PolicyError
from streamlab.media import frames
from streamlab.sessions.manager import SessionManager
from streamlab.workers.worker import Answer

JPEG = frames.encode(make_image())


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

    def enqueue(self, session):
        assert self.queued is None, "a session queues once at a time"
        self.queued = session


class Client:
    """The session's client and its listener: what they are told."""

    unsent_bytes = 0

    def __init__(self):
        self.messages = []
        self.errors = []
        self.closed_with = None

    def send(self, message):
        assert self.closed_with is None, "nothing is said after the close"
        self.messages.append(json.loads(message))

    def end(self, error):
        self.closed_with = error.close_code

    def failed(self, session, error):
        self.errors.append(error)

    def frame_received(self, session, size):
        pass

    frame_dropped = frame_processed = frame_received

    def state_changed(self, session, state, target_fps):
        pass


def random_policy(choices):
    """Return a policy class whose every step is one of `choices`, mostly sane ones."""
    left = iter(choices)

    class Random:
        """Does anything."""

        def __init__(self, settings):
            self.held = []
            self.last = None

        def choose(self, count):
            return next(left, 0) % count

        @property
        def has_room(self):
            return self.choose(4) != 3

        def decide(self):
            step = self.choose(24)
            if step < 12 or not self.held:
                return NOTHING if step % 2 else Decision()
            if step < 16:
                dropped = self.held.pop(self.choose(len(self.held)))
                return Decision((dropped,), "replaced")
            if step < 18:
                dropped, self.held = tuple(self.held), []
                return Decision(dropped, "overflow", "critical", 10.0)
            if step == 18:
                raise ValueError("nonsense")
            if step == 19:
                return None
            if step == 20:
                return Decision((self.choose(20),))
            if step == 21:
                return Decision((self.held.pop(),), "closed")
            return Decision(state=("normal", "warning", "critical")[self.choose(3)])

        def arrive(self, now, frame_index):
            self.held.append(frame_index)
            return self.decide()

        def start(self, now):
            step = self.choose(24)
            if step == 23:
                raise SystemExit
            if step == 22:
                return None
            if step == 21:
                return self.choose(20)
            if not self.held:
                return None
            return self.held.pop(0 if step < 18 else self.choose(len(self.held)))

        def expire(self, now):
            return self.decide()

        def finish(self, now):
            return self.decide()

        def observe(self, now):
            return self.decide()

        def retune(self, now, settings):
            return self.decide()

    return Random


EVENTS = st.lists(st.sampled_from("aaaaattttddddorf"), max_size=60)


def run(choices, events, ends):
    """Run a session; return it and its client."""
    scheduler, client = Scheduler(), Client()
    now, sent, in_flight = 100.0, 0, False
    settings = BackpressureSettings(policy="random")
    with registered(random=random_policy(choices)):
        session = SessionManager(
            "1",
            "noop",
            scheduler,  # type: ignore[arg-type]
            client,
            client,
            settings,
            clock=lambda: now,
            detail="full",
        )
    with contextlib.suppress(StopIteration):
        session.open(b"{}").send(None)
    for event in events:
        now += 0.03
        if event == "a" and client.closed_with is None:
            session.receive(JPEG)
            sent += 1
        elif event == "t" and scheduler.queued is not None:
            scheduler.queued = None
            in_flight = session.take_frame() is not None
        elif event == "d" and in_flight:
            in_flight = False
            session.frame_done(Answer(b"{}", 1.0, {"noop": 0.1}))
        elif event == "o":
            session.observe()
        elif event == "r":
            session.retune(BackpressureSettings(policy="random", waiting_frames=3))
        assert session.ledger.is_balanced
        assert session.ledger.received == sent
        assert session.ledger.waiting == session.policy.waiting
    if ends:
        session.close(notify=True)
    return session, client, sent


@settings(max_examples=400, deadline=None)
@given(st.lists(st.integers(0, 1000), max_size=120), EVENTS)
def test_the_ledger_adds_up_and_every_frame_has_one_answer(choices, events):
    session, client, sent = run(choices, events, ends=True)
    answered = [m["frame_index"] for m in client.messages if "frame_index" in m]
    results = [m["frame_index"] for m in client.messages if "result" in m]
    assert sorted(answered) == list(range(sent))
    assert results == sorted(results)
    assert session.ledger.is_balanced
    assert session.ledger.waiting == session.ledger.in_flight == 0
    assert len(results) == session.ledger.processed
    errors = [m for m in client.messages if "error" in m]
    assert len(errors) == len(client.errors) == (client.closed_with is not None)
    if errors:
        assert client.messages[-1] == errors[0]
        assert isinstance(client.errors[0], PolicyError)


def test_sane_and_insane_policies_are_both_met():
    assert run([], "atdatd", ends=False)[0].ledger.processed == 2
    for choices, words in (
        ([0, 0, 0, 18], "raised ValueError: nonsense"),
        ([0, 0, 0, 19], "returned None"),
        ([0, 0, 0, 20, 9], "dropped frame 9"),
    ):
        _, client, _ = run(choices, "aa", ends=False)
        assert words in client.messages[-1]["detail"]
