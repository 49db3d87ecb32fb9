"""Who may use all cores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.workers.cores import QUIET_S, CoreShares


def test_a_session_that_is_alone_has_all_cores_from_its_first_frame_on():
    shares = CoreShares(4)
    for now in (0.0, 0.1, 5.0):
        assert shares.begin("a", now) == 4
        shares.end("a", now + 0.05)


def test_two_sessions_that_take_turns_have_one_core_each():
    shares = CoreShares(4)
    found = []
    for turn in range(6):
        session, now = "ab"[turn % 2], turn * 0.07
        found.append(shares.begin(session, now))
        shares.end(session, now + 0.05)
    assert found == [4, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(("later_s", "cores"), [(QUIET_S - 0.01, 1), (QUIET_S, 4)])
def test_a_session_has_them_again_when_the_others_have_been_silent(later_s, cores):
    shares = CoreShares(4)
    for session, now in (("a", 0.0), ("b", 0.5)):
        shares.begin(session, now)
        shares.end(session, now + 0.5)
    for now in (1.1, 1.2):
        shares.begin("a", now)
        shares.end("a", now + 0.01)
    assert shares.begin("a", 1.0 + later_s) == cores


def test_a_frame_that_takes_long_counts_until_it_ends():
    shares = CoreShares(4)
    assert shares.begin("slow", 0.0) == 4
    assert shares.begin("a", 30.0) == 1
    shares.end("a", 30.1)
    shares.end("slow", 31.0)
    assert shares.begin("a", 31.5) == 1
    shares.end("a", 31.6)
    assert shares.begin("a", 32.0) == 4


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 2)), max_size=60))
def test_it_is_what_a_search_of_all_earlier_frames_says(frames):
    shares, now, seen = CoreShares(2), 0.0, []
    for session, after_s in frames:
        now += after_s
        others = [at for other, at in seen if other != session and now - at < QUIET_S]
        assert shares.begin(session, now) == (1 if others else 2)
        shares.end(session, now)
        seen.append((session, now))
