"""The backlog keeps records in order, within its bounds, until they are settled."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.storage.backlog import Backlog
from tests.support.storage import record

CAPACITY = 5


class BacklogMachine(RuleBasedStateMachine):
    """Any order of adding, taking and settling, against two plain lists."""

    def __init__(self):
        super().__init__()
        self.backlog = Backlog(CAPACITY)
        self.taken = []
        self.waiting = []
        self.added = 0

    @rule()
    def add(self):
        self.added += 1
        new = record(f"r-{self.added}")
        self.waiting.append(new)
        expected = self.waiting.pop(0) if len(self.waiting) > CAPACITY else None
        assert self.backlog.add(new) is expected

    @precondition(lambda self: self.taken or self.waiting)
    @rule(data=st.data())
    def add_again(self, data):
        known = data.draw(st.sampled_from(self.taken + self.waiting))
        assert self.backlog.add(record(known.request_id, status=503)) is None

    @rule(limit=st.integers(1, 4))
    def take(self, limit):
        if not self.taken:
            self.taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        assert self.backlog.take(limit) == self.taken

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def settle(self, data):
        count = data.draw(st.integers(1, len(self.taken)))
        done, self.taken = self.taken[:count], self.taken[count:]
        self.backlog.settle(done)

    @invariant()
    def holds_what_is_not_settled_in_order_and_within_its_bounds(self):
        held = self.taken + self.waiting
        assert list(self.backlog) == held
        assert len(self.backlog) == len(held)
        assert self.backlog.waiting == len(self.waiting) <= CAPACITY
        assert self.backlog.last == self.added
        numbers = [int(r.request_id.removeprefix("r-")) for r in held]
        assert self.backlog.oldest == (numbers[0] if numbers else None)

    @invariant()
    def finds_each_record_it_holds_and_no_other(self):
        for held in self.taken + self.waiting:
            assert self.backlog.get(held.request_id) is held
        assert self.backlog.get("unknown") is None


TestBacklog = BacklogMachine.TestCase
