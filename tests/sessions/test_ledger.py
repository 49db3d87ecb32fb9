from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from streamlab.backpressure.realtime import DROP_CAUSES
from streamlab.sessions.ledger import Ledger


class AnyLedger(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.ledger = Ledger()

    @rule()
    def receive(self):
        self.ledger.admit()

    @rule()
    def reject(self):
        self.ledger.reject()

    @precondition(lambda self: self.ledger.waiting)
    @rule()
    def start(self):
        self.ledger.start()

    @precondition(lambda self: self.ledger.waiting)
    @rule()
    def drop(self):
        self.ledger.drop(DROP_CAUSES[self.ledger.received % len(DROP_CAUSES)])

    @precondition(lambda self: self.ledger.in_flight)
    @rule()
    def end(self):
        ends = (self.ledger.complete, self.ledger.fail, self.ledger.refuse)
        ends[self.ledger.received % len(ends)]()

    @rule()
    def close(self):
        self.ledger.close()

    @invariant()
    def it_adds_up(self):
        columns = dict(self.ledger.to_dict())
        received = columns.pop("received")
        dropped = columns.pop("dropped")
        assert received == sum(columns.values()) + sum(dropped.values())
        assert self.ledger.is_balanced


TestAnyLedger = AnyLedger.TestCase


def test_an_impossible_step_unbalances_it():
    ledger = Ledger()
    ledger.complete()
    assert not ledger.is_balanced
