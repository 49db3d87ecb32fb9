from hypothesis import given
from hypothesis import strategies as st

from streamlab.server.pacing import Pacer


def test_a_client_at_or_under_the_rate_never_waits():
    pacer = Pacer(per_second=100, burst_s=0.1)
    assert [pacer.delay(k / 100) for k in range(200)] == [0.0] * 200


@given(st.lists(st.floats(0, 0.2), max_size=200))
def test_whatever_comes_no_more_is_read_than_the_rate_and_one_burst(gaps):
    pacer = Pacer(per_second=100, burst_s=0.1)
    now = 0.0
    for count, gap in enumerate(gaps, 1):
        now += pacer.delay(now) + gap
        assert count <= 1 + 10 + 100 * now + 1e-6
