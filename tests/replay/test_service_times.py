"""What recordings show of idle workers and contention."""

import numpy as np
import pandas as pd
import pytest
from recordings import INFO

from streamlab.lab.recording import Recording
from streamlab.replay.service_times import fit_slowdown, observe
from streamlab.replay.session_load import Slowdown
from streamlab.replay.trace import Trace

IDLE, CONTENTION = 0.2, 0.15


def worked(sessions, gap_ms, frames=120, noise=0.01, seed=0):
    """A recording slowed down by `IDLE` and `CONTENTION`: all workers run at once."""
    drawn = np.random.default_rng(seed)
    base_ms = 8 + 3 * np.sin(np.arange(frames) / 7)
    rows, clock = [], np.zeros(sessions)
    for index in range(frames):
        cache_loss = -np.expm1(-gap_ms / 8)
        factor = (1 + IDLE * cache_loss) * (1 + CONTENTION * (sessions - 1))
        for session in range(sessions):
            total = base_ms[index] * factor * (1 + noise * drawn.standard_normal())
            begin = clock[session] + gap_ms
            clock[session] = begin + total
            rows.append(
                {
                    "session": session, "frame_index": index, "video_frame": index,
                    "size_bytes": 1, "scheduled_ms": begin, "sent_ms": begin,
                    "received_ms": begin, "queued_ms": 0.0, "decode_ms": 1.0,
                    "node_detect_ms": total - 1.2, "total_ms": total,
                    "answered_ms": begin + total, "round_trip_ms": total, "fate": "processed",
                    "state": "normal",
                }
            )  # fmt: skip
    table = [{"session": n, "worker": n} for n in range(sessions)]
    return Recording(pd.DataFrame(rows), {**INFO, "workers": 2}, sessions=table)


def test_idle_time_and_neighbours_are_measured():
    recording = worked(2, 0.0)
    observed = observe(recording, [])
    assert observed.busy_neighbours.mean() == pytest.approx(1.0, abs=0.05)
    assert np.median(observed.gap_s) == pytest.approx(0.0, abs=1e-9)
    assert np.median(observe(worked(1, 25.0), []).gap_s) == pytest.approx(0.025)


def test_what_slows_a_worker_down_is_found():
    calm, alone, contended = worked(1, 25.0), worked(1, 0.0, seed=1), worked(2, 0.0, seed=2)
    found = fit_slowdown([observe(recording, []) for recording in (calm, alone, contended)])
    assert found.idle == pytest.approx(IDLE, abs=0.03)
    assert found.contention == pytest.approx(CONTENTION, abs=0.03)
    trace = Trace.of(calm, alone, contended)
    base_ms = 8 + 3 * np.sin(np.arange(120) / 7)
    assert trace.work[0].own_s * 1e3 == pytest.approx(base_ms, rel=0.06)


def test_one_calm_recording_says_nothing_about_either():
    assert fit_slowdown([observe(worked(1, 25.0), [])]) == Slowdown()


def test_the_cost_of_contention_depends_on_the_frames_that_come():
    ratios = (1.2, 1.4)
    slowdown = Slowdown(0.0, ratios, 1, ((100.0, 0.15), (300.0, 0.3)))
    assert slowdown.contention == pytest.approx(0.3)
    assert slowdown.at_rate(300).contention == pytest.approx(0.3)
    assert slowdown.at_rate(200).contention == pytest.approx(0.225)
    assert slowdown.at_rate(1).contention == pytest.approx(0.15)
    assert slowdown.at_rate(9999).contention == pytest.approx(0.3)


def test_half_the_neighbours_cost_half():
    slowdown = Slowdown(0.0, (1.4,), 2)
    assert [slowdown.contention_factor(busy, 0) for busy in (1, 2, 5)] == pytest.approx(
        [1.2, 1.4, 1.4]
    )
