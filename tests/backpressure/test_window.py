import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.backpressure.window import BusyWindow, EventWindow

steps = st.lists(st.floats(0, 1.5), min_size=1, max_size=60)


@given(steps, st.randoms(use_true_random=False))
def test_an_event_window_counts_what_a_list_would(gaps, random):
    window = EventWindow(2.0)
    events = []
    now = 0.0
    for gap in gaps:
        now += gap
        events.append((now, random.random() < 0.5))
        window.add(*events[-1])
        window.slide(now)
        recent = [marked for at, marked in events if at > now - 2.0]
        assert (window.total, window.marked) == (len(recent), sum(recent))


@given(steps)
def test_a_busy_window_measures_what_its_spans_add_up_to(gaps):
    window = BusyWindow(2.0)
    now = 0.0
    spans = []
    is_on = False
    for gap in gaps:
        now += gap
        if is_on:
            window.switch_off(now)
            spans[-1][1] = now
        else:
            window.switch_on(now)
            spans.append([now, None])
        is_on = not is_on
        expected = sum(
            max(0.0, (now if end is None else end) - max(start, now - 2.0)) for start, end in spans
        )
        assert window.seconds(now) == pytest.approx(expected, abs=1e-9)
