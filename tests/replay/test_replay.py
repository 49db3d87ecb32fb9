"""Replay: the same events as the server, in virtual time, to the bit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import calm_recording
from simulation import simulate

from streamlab.backpressure.policies import policy_names
from streamlab.errors import OptionError, RecordingError
from streamlab.lab.recording import Recording
from streamlab.replay.trace import Trace

TRACE = calm_recording(service_ms=20.0, frames=150).trace()


def test_a_replay_of_what_was_recorded_is_what_was_recorded():
    drawn = np.random.default_rng(0)
    recording = calm_recording(service_ms=drawn.uniform(5, 30, 120), frames=120)
    replayed = recording.trace().replay()
    columns = [c for c in recording.frames if c.endswith("_ms")]
    pd.testing.assert_frame_equal(
        replayed.frames[columns], recording.frames[columns], atol=0.002, rtol=0
    )
    for column in ("session", "frame_index", "video_frame", "size_bytes", "fate", "state"):
        assert replayed.frames[column].tolist() == recording.frames[column].tolist()
    assert list(replayed.frames) == list(recording.frames)
    assert replayed.info["source"] == "replay"


def recording_on_all_cores():
    """One session whose network took 20 ms on all cores, and 35 with one thread."""
    recording = calm_recording(service_ms=20.0, frames=120, fps=15.0, workers=2)
    recording.frames["spared_ms"] = 15.0
    return recording


def test_a_session_that_had_all_cores_is_replayed_as_it_was():
    recording = recording_on_all_cores()
    frames = recording.trace().replay().frames
    columns = [c for c in recording.frames if c.endswith("_ms")]
    pd.testing.assert_frame_equal(frames[columns], recording.frames[columns], atol=0.002, rtol=0)


def test_sessions_that_share_the_cores_are_counted_with_one_thread():
    trace = recording_on_all_cores().trace()
    assert trace.capacity_fps() == pytest.approx(1e3 / 35)
    frames = trace.replay(sessions=2).frames
    done = frames[frames["fate"] == "processed"]
    together = done[done["scheduled_ms"] > 200]
    assert (together["total_ms"] - together["queued_ms"]).to_numpy() == pytest.approx(35)
    assert (together["node_detect_ms"] + together["decode_ms"]).to_numpy() == pytest.approx(34.5)
    assert together["spared_ms"].isna().all()


def test_one_session_alone_goes_as_the_simulation_of_one_session():
    """Two engines, written apart, agree on every frame."""
    trace = calm_recording(service_ms=20.0, frames=150, late_ms=0.0, way_ms=0.0).trace()
    run = trace.run(fps=80, seconds=20)
    [out] = run.outcomes
    reference = simulate([k / 80 for k in range(1600)], lambda now: 0.02)
    assert int(out.processed.sum()) == reference.processed
    assert len(out) - int(out.processed.sum()) == reference.dropped
    latencies = (out.decided_s - out.received_s)[out.processed]
    assert latencies == pytest.approx(reference.latencies_s)
    states = [(time, state) for time, kind, state, _ in out.events if kind == "state"]
    assert [state for _, state in states] == [state for _, state in reference.changes]
    assert [time for time, _ in states] == pytest.approx([time for time, _ in reference.changes])


@pytest.mark.parametrize("policy", policy_names())
@pytest.mark.parametrize("load", [{"fps": 30}, {"fps": 90}, {"sessions": 7, "workers": 2}])
def test_the_same_arguments_give_the_same_recording_to_the_bit(policy, load):
    first = TRACE.replay(policy=policy, seed=3, **load)
    second = TRACE.replay(policy=policy, seed=3, **load)
    pd.testing.assert_frame_equal(first.frames, second.frames, check_exact=True)
    pd.testing.assert_frame_equal(first.events, second.events, check_exact=True)


def test_another_seed_gives_other_sessions():
    first, second = (TRACE.replay(sessions=3, seed=seed).frames for seed in (1, 2))
    assert not first["scheduled_ms"].equals(second["scheduled_ms"])


@settings(deadline=None, max_examples=60)
@given(
    policy=st.sampled_from(policy_names()),
    fps=st.floats(1, 300),
    sessions=st.integers(1, 6),
    workers=st.integers(1, 4),
    waiting_frames=st.integers(1, 9),
    window_s=st.floats(0.1, 5),
    drop=st.floats(0, 1),
    adaptive=st.booleans(),
)
def test_every_frame_has_one_outcome_and_times_in_order(
    policy, fps, sessions, workers, waiting_frames, window_s, drop, adaptive
):
    recording = TRACE.replay(
        policy=policy,
        fps=fps,
        sessions=sessions,
        workers=workers,
        waiting_frames=waiting_frames,
        window_s=window_s,
        drop_threshold=drop,
        slowdown_threshold=1.0,
        adaptive=adaptive,
        seconds=2.0,
    )
    frames = recording.frames
    assert set(frames["fate"]) <= {"processed", "dropped"}
    assert (frames["cause"].notna() == (frames["fate"] == "dropped")).all()
    ledger = recording.ledger
    assert (ledger["received"] == ledger.drop(columns="received").sum(axis=1)).all()
    if policy == "lossless":
        assert (frames["fate"] == "processed").all()
    done = frames[frames["fate"] == "processed"]
    assert (done["scheduled_ms"] <= done["sent_ms"]).all()
    assert (done["sent_ms"] <= done["received_ms"] + 1e-3).all()
    assert (done["queued_ms"] >= -1e-3).all()
    parts = done["queued_ms"] + done["decode_ms"] + done["node_detect_ms"]
    assert (parts <= done["total_ms"] + 0.01).all()
    for _, session in done.groupby("session"):
        assert session["answered_ms"].is_monotonic_increasing


def test_sessions_on_a_worker_take_turns():
    frames = TRACE.replay(sessions=4, workers=1, fps=60, seconds=5.0).frames
    processed = frames[frames["fate"] == "processed"].groupby("session").size()
    assert processed.max() - processed.min() <= 2
    begin = frames["received_ms"] + frames["queued_ms"]
    end = frames["received_ms"] + frames["total_ms"]
    done = pd.DataFrame({"begin": begin, "end": end}).dropna().sort_values("begin")
    assert (done["begin"].to_numpy()[1:] >= done["end"].to_numpy()[:-1] - 0.002).all()


def test_twice_the_workers_bear_twice_the_load():
    one = TRACE.run(sessions=8, workers=1, fps=30, seconds=5.0).figures()
    two = TRACE.run(sessions=8, workers=2, fps=30, seconds=5.0).figures()
    assert two["processed"] == pytest.approx(2 * one["processed"], rel=0.05)


def test_a_lossless_replay_is_late_by_what_it_lacks():
    figures = TRACE.run(policy="lossless", fps=100, seconds=2.0).figures()
    # 200 frames of 20 ms each, due within 2 s, take 4 s
    assert figures["processed"] == 200
    assert figures["max_ms"] == pytest.approx(2010, abs=15)


def test_at_another_rate_the_video_keeps_its_pace():
    half = TRACE.replay(fps=15).frames
    assert half["video_frame"].tolist() == list(range(0, 150, 2))
    assert half["scheduled_ms"].iloc[-1] == pytest.approx(74 * 1e3 / 15, abs=0.001)
    double = TRACE.replay(fps=60).frames
    assert double["video_frame"].tolist() == [k // 2 for k in range(300)]


def test_an_adaptive_client_sends_less_after_slow_down():
    recording = TRACE.replay(fps=100, adaptive=True, seconds=6.0)
    rates = recording.events[recording.events["kind"] == "rate"]
    assert len(rates) >= 1
    assert len(recording.frames) < 600
    assert (
        TRACE.replay(fps=100, seconds=6.0).overall()["drop_rate"] > recording.overall()["drop_rate"]
    )


def test_answers_come_along_by_their_place_in_the_video():
    results = [{"detections": [], "text": str(k)} for k in range(90)]
    recording = calm_recording(service_ms=20.0, frames=90, results=results)
    replayed = recording.trace().replay(fps=15)
    assert [result["text"] for result in replayed.results] == [str(k) for k in range(0, 90, 2)]


def test_deferred_work_waits_for_the_next_frame_that_runs():
    """A reading of 30 ms at every tenth frame: dropped or not, it is paid for once."""
    reading = [30.0 if k % 10 == 0 else 0.0 for k in range(150)]
    base = calm_recording(service_ms=[10.0 + r for r in reading], frames=150)
    frames = base.frames.assign(node_detect_ms=8.5, node_read_ms=[0.1 + r for r in reading])
    info = {**base.info, "nodes": ["detect", "read"], "deferring": ["read"]}
    trace = Recording(frames, info, sessions=base.sessions).trace()
    for fps in (30, 15, 60, 120):
        done = trace.replay(fps=fps).frames.query("fate == 'processed'")
        paid = (done["node_read_ms"] - 0.1).sum()
        assert paid == pytest.approx(15 * 30.0, rel=0.08), fps


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fsp": 30}, "no such setting; there are: drop_threshold.*fps"),
        ({"fps": 0}, "above 0"),
        ({"fps": float("inf")}, "above 0"),
        ({"sessions": 0}, "from 1 up"),
        ({"workers": 1.5}, "whole number"),
        ({"policy": "random"}, "'latest'"),
        ({"drop_threshold": 0.9}, "under the drop threshold"),
        ({"seed": -1}, "from 0 up"),
    ],
)
def test_what_cannot_be_replayed_is_refused_in_one_sentence(given, words):
    with pytest.raises(OptionError, match=words) as caught:
        TRACE.run(**given)
    assert "\n" not in str(caught.value)


def test_a_recording_without_a_processed_frame_has_nothing_to_go_by():
    frames = calm_recording(frames=3).frames.assign(fate="unanswered", total_ms=np.nan)
    with pytest.raises(RecordingError, match="no frame of it was processed"):
        Recording(frames, calm_recording(frames=1).info).trace()


def test_recordings_of_different_videos_make_no_trace():
    with pytest.raises(RecordingError, match="video differs"):
        Trace.of(calm_recording(frames=9), calm_recording(frames=9, video="other"))


def test_a_dropped_frames_cost_is_taken_from_its_neighbours():
    base = calm_recording(service_ms=[10.0 + k for k in range(30)], frames=30)
    gone = base.frames.index.isin([10, 11])
    frames = base.frames.copy()
    frames.loc[gone, ["total_ms", "queued_ms", "decode_ms", "node_detect_ms"]] = np.nan
    frames.loc[gone, "fate"] = "dropped"
    frames.loc[gone, "cause"] = "overflow"
    trace = Recording(frames, base.info, sessions=base.sessions).trace()
    own_ms = trace.work[0].own_s * 1e3
    assert own_ms[[9, 10, 11, 12]] == pytest.approx([19.0, 19.0, 22.0, 22.0])
