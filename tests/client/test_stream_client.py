"""The client against a real server: every frame accounted for, whatever happens."""

import asyncio
import math
import re

import pytest
from gate import Gate
from hypothesis import given
from hypothesis import strategies as st

from streamlab.client.connection import stream_url
from streamlab.client.record import FrameRow, SessionRecord
from streamlab.client.session import StreamClient
from streamlab.client.spool import FrameSpool
from streamlab.client.summary import summary_lines
from streamlab.errors import ServerError, VideoError
from streamlab.media.samples import sample_path
from streamlab.quantiles import quantile
from streamlab.testing import TestClient


class Repeated:
    """The same frame, so many times."""

    def __init__(self, frame, count):
        self.frame = frame
        self.count = count

    def is_ready(self, index):
        return True

    def read(self, index):
        return self.frame if index < self.count else None


def stream(client, frames, pipeline_id="noop", fps=200, **options):
    query = options.pop("query", {})
    url = stream_url(client.base_url, pipeline_id=pipeline_id, detail="full", **query)
    return asyncio.run(StreamClient(url, pipeline_id, fps).run(frames, **options))


@pytest.fixture(scope="module")
def client():
    with TestClient() as client:
        yield client


def test_a_parameter_of_several_values_is_repeated():
    url = stream_url(
        "http://host", pipeline_id="yolo", labels=["a, b", "c"], min_score=0.5, fps=None
    )
    assert url.partition("?")[2] == "pipeline_id=yolo&labels=a%2C%20b&labels=c&min_score=0.5"


def test_every_frame_has_a_fate_and_its_times(client, jpeg):
    record = stream(client, Repeated(jpeg, 60), query={"policy": "lossless"})
    assert record.error is None
    assert record.close_code == 1000
    assert [row.frame_index for row in record.rows] == list(range(60))
    for row in record.rows:
        assert row.fate == "processed"
        assert row.scheduled_ms == pytest.approx(row.frame_index * 5)
        assert row.scheduled_ms <= row.sent_ms <= row.answered_ms
        assert row.round_trip_ms == row.answered_ms - row.scheduled_ms
        assert row.total_ms <= row.answered_ms - row.sent_ms
        assert row.size_bytes == len(jpeg)
        assert set(row.nodes_ms) == {"noop"}


def test_an_overload_is_recorded_drop_by_drop(client, slow_jpeg):
    record = stream(client, Repeated(slow_jpeg, 60), fps=500)
    assert record.count("processed") + record.count("dropped") == 60
    assert record.count("dropped") > 20
    assert sum(record.causes().values()) == record.count("dropped")
    assert set(record.causes()) <= {"overflow", "replaced"}


def test_a_video_can_be_looped_and_cut(client, jpeg):
    half_second = {"fps": 40, "seconds": 0.5}
    assert len(stream(client, Repeated(jpeg, 5), loop_video=True, **half_second).rows) == 20
    assert len(stream(client, Repeated(jpeg, 50), **half_second).rows) == 20
    assert len(stream(client, Repeated(jpeg, 0), loop_video=True).rows) == 0


def test_a_session_that_is_behind_its_schedule_stops_by_the_clock(client, slow_jpeg):
    """At this rate the schedule of a second has a million frames."""
    record = stream(
        client,
        Repeated(slow_jpeg, 10**9),
        fps=1e6,
        seconds=1.0,
        query={"policy": "lossless"},
    )
    assert 0 < len(record.rows) < 10_000
    assert record.count("unanswered") == 0


@pytest.mark.parametrize(
    ("frame", "fate", "error"),
    [(b"no jpeg", "rejected", "invalid_frame"), (bytes(6 << 20), "rejected", "frame_too_large")],
)
def test_a_session_that_the_server_ends_says_how(client, frame, fate, error):
    record = stream(client, Repeated(frame, 3))
    assert record.rows[0].fate == fate
    assert record.error.startswith(error)
    assert all(row.fate in (fate, "unanswered") for row in record.rows)


def test_a_failing_tool_fails_one_frame(jpeg):
    with TestClient(pipelines=Gate().pipelines) as client:
        record = stream(client, Repeated(jpeg, 3), "broken")
    assert record.count("failed") == 1
    assert record.count("processed") == 0
    told = "pipeline_failure: node 'node': ZeroDivisionError: a secret"
    assert re.fullmatch(re.escape(told) + r" \(line \d+ of step\(\)\)", record.error)


def test_a_server_that_goes_away_leaves_what_was_recorded(jpeg):
    with TestClient() as client:
        url = stream_url(client.base_url, pipeline_id="noop")

        async def run():
            loop = asyncio.get_running_loop()
            done = []

            def answered(row):
                done.append(row.fate == "processed")
                if sum(done) == 5 and done[-1]:
                    loop.run_in_executor(None, client.stop_server)

            return await StreamClient(url, "noop", 200, on_answer=answered).run(
                Repeated(jpeg, 10**6)
            )

        record = asyncio.run(run())
    assert record.close_code == 1001
    assert record.count("processed") >= 5


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1", "cannot connect"),
        ("http://no-such-host.invalid", "cannot connect"),
        ("{base}/elsewhere", "no streamlab"),
    ],
)
def test_a_server_that_is_not_there_is_told_in_one_line(client, jpeg, url, words):
    address = stream_url(url.format(base=client.base_url), pipeline_id="noop")
    with pytest.raises(ServerError, match=words) as caught:
        asyncio.run(StreamClient(address, "noop", 30).run(Repeated(jpeg, 1)))
    assert "\n" not in str(caught.value)


def test_a_wrong_token_is_told(jpeg):
    with TestClient(token="right") as client:
        url = stream_url(client.base_url, pipeline_id="noop")
        with pytest.raises(ServerError, match="token"):
            asyncio.run(StreamClient(url, "noop", 30, token="wrong").run(Repeated(jpeg, 1)))
        record = asyncio.run(StreamClient(url, "noop", 30, token="right").run(Repeated(jpeg, 1)))
    assert record.count("processed") == 1


@pytest.mark.parametrize(
    ("base", "query", "expected"),
    [
        ("http://h:1", {"pipeline_id": "p"}, "ws://h:1/ws/video/stream?pipeline_id=p"),
        ("https://h/lab/", {"pipeline_id": "p"}, "wss://h/lab/ws/video/stream?pipeline_id=p"),
        ("h:1", {}, "ws://h:1/ws/video/stream"),
        (
            "ws://h:1/ws/video/stream?token=t",
            {"policy": "lossless", "detail": None},
            "ws://h:1/ws/video/stream?token=t&policy=lossless",
        ),
    ],
)
def test_addresses_are_completed(base, query, expected):
    assert stream_url(base, **query) == expected


def test_a_spool_has_the_frames_of_a_video_as_jpegs():
    with FrameSpool(sample_path("gate_easy"), max_frames=12) as spool:
        frames = [spool.read(index) for index in range(13)]
        assert spool.is_complete
    assert frames[12] is None
    assert all(frame.startswith(b"\xff\xd8") for frame in frames[:12])


def test_a_spool_says_what_is_wrong_with_a_video(tmp_path):
    with pytest.raises(VideoError):
        FrameSpool(tmp_path / "none.mp4")


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_a_value_that_the_share_does_not_exceed(values, share):
    value = quantile(values, share)
    assert value in values
    assert sum(v <= value for v in values) >= share * len(values) - 1e-6


def test_a_summary_of_nothing_is_still_a_summary():
    assert math.isnan(quantile([], 0.5))
    assert summary_lines(SessionRecord("noop", 30)) == [
        "0 sent, 0 processed, 0 dropped",
        "round trip: no frame was processed",
    ]


def test_a_summary_counts_fates_and_causes():
    record = SessionRecord("noop", 30, error="slow_consumer: read")
    record.rows = [
        FrameRow(0, 0, 0, 9, fate="processed", round_trip_ms=12.0),
        FrameRow(1, 0, 0, 9, fate="dropped", cause="overflow"),
        FrameRow(2, 0, 0, 9, fate="dropped", cause="replaced"),
        FrameRow(3, 0, 0, 9, fate="dropped", cause="replaced"),
        FrameRow(4, 0, 0, 9),
    ]
    record.slow_downs.append((1500.0, 12.5))
    assert summary_lines(record) == [
        "5 sent, 1 processed, 3 dropped (1 overflow, 2 replaced), 1 unanswered",
        "round trip p50 12.0 ms, p95 12.0 ms, p99 12.0 ms",
        "asked to slow down: 12.5 fps at 1.5 s",
        "ended by the server: slow_consumer: read",
    ]
