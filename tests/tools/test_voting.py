import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.tools import reading_budget, voting
from streamlab.tools.reading import NOTHING, Reading
from streamlab.tools.reading_budget import ReadingBudget
from streamlab.tools.voting import Vote, aligned


def reading(text, score=0.98):
    return Reading(text, score, (score,) * len(text)) if text else NOTHING


@pytest.mark.parametrize("module", [voting, reading_budget])
def test_the_documented_examples_run(module):
    results = doctest.testmod(module)
    assert results.attempted
    assert not results.failed


@pytest.mark.parametrize(
    ("readings", "text"),
    [
        ([("KX-4873", 0.98)], "KX-4873"),
        ([("X-4873", 0.99), ("KX-4873", 0.97), ("KX-4873", 0.97)], "KX-4873"),
        # No single reading is right, each character is.
        ([("KX-4878", 0.95), ("KX-9873", 0.95), ("XX-4873", 0.95)], "KX-4873"),
        ([("SVF-665", 0.84), ("VF-665", 0.98), ("BVF-665", 0.84), ("AVF-665", 0.84)], "VF-665"),
        ([("", 0.0), ("", 0.0)], ""),
        ([("", 0.0), ("KX-4873", 0.95)], "KX-4873"),
    ],
)
def test_a_vote_finds_the_text_behind_its_readings(readings, text):
    vote = Vote()
    for read, score in readings:
        vote.add(reading(read, score))
    assert vote.outcome().text == text


def test_agreement_makes_surer_and_dissent_less_so():
    vote, scores = Vote(), []
    for text in ("KX-4873", "KX-4873", "KX-4873", "PX-4873"):
        vote.add(reading(text))
        scores.append(vote.outcome().score)
    assert scores[0] < scores[1] < scores[2]
    assert scores[3] < scores[2]


def test_what_was_read_while_half_hidden_gives_way_to_the_whole():
    vote = Vote()
    for _ in range(3):
        vote.add(reading("KX-4"), view=5.8)
    vote.add(reading("KX-4873"), view=19.4)
    assert vote.outcome().text == "KX-4873"


@given(st.text("AB1", max_size=6), st.text("AB1", max_size=6))
def test_an_alignment_loses_nothing_and_keeps_what_is_the_same_in_its_place(text, pivot):
    places = aligned(text, pivot)
    assert "".join(places) == text
    assert all(len(place) <= 1 for place in places[1::2])
    if text == pivot:
        assert places[1::2] == list(pivot)


@given(st.lists(st.tuples(st.text("AB1", max_size=4), st.floats(0, 1), st.floats(0.1, 9))))
def test_an_outcome_is_a_share_whatever_was_read(readings):
    vote = Vote()
    for text, score, view in readings:
        vote.add(reading(text, score), view)
    outcome = vote.outcome()
    assert 0 <= outcome.score <= 1
    assert outcome.text or not outcome.score or readings
    assert len(vote) == len(readings)


@given(
    st.integers(1, 5),
    st.floats(0.05, 3),
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 9)), min_size=1, max_size=40),
)
def test_a_budget_keeps_each_frame_and_the_mean_whatever_is_wanted(per_frame, mean, wants):
    budget = ReadingBudget(per_frame, mean)
    budget.allowed(0)
    frame_index = spent = 0
    for gap, wanted in wants:
        frame_index += gap
        allowed = budget.allowed(frame_index)
        assert 0 <= allowed <= per_frame
        budget.spend(min(wanted, allowed))
        spent += min(wanted, allowed)
    assert spent <= mean * frame_index + 1e-6
