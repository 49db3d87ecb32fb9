import itertools
import subprocess
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from streamlab import charts
from streamlab.backpressure.realtime import DROP_CAUSES, STATES
from streamlab.charts.canvas import label_text
from streamlab.charts.latency_breakdown import segments
from streamlab.charts.queries import outcomes, state_spans, worst_spans
from streamlab.charts.style import BLUE, OUTCOMES, STATE_BANDS, VERMILION, node_look
from streamlab.client.record import FATES
from streamlab.errors import OptionError
from streamlab.lab.recording import TARGET_MS, Recording
from streamlab.lab.recording_card import outcome_bar
from streamlab.media.painting import PALETTE
from streamlab.quantiles import quantile

matplotlib.use("Agg")

CAUSES = ("overflow", "replaced", "closed", "unknown", None)
NODES = ("detect", "read")
METHODS = (
    "plot_latency",
    "plot_ecdf",
    "plot_waterfall",
    "plot_outcomes",
    "plot_nodes",
    "dashboard",
)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def make_frames(count=120, sessions=1, fps=30.0, nodes=NODES, drop_every=4):
    rows = []
    for session, index in itertools.product(range(sessions), range(count)):
        due = index / fps * 1e3
        trip = 20.0 + index % 7 + session
        row = {
            "session": session,
            "frame_index": index,
            "video_frame": index,
            "size_bytes": 1000,
            "scheduled_ms": due,
            "sent_ms": due + 1,
            "answered_ms": due + trip,
            "fate": "processed",
            "state": "normal",
        }
        if drop_every and index % drop_every == 1:
            row |= {"fate": "dropped", "cause": CAUSES[index // drop_every % len(CAUSES)]}
        else:
            row |= {"received_ms": due + 2, "queued_ms": 3.0, "decode_ms": 1.0}
            row |= {f"node_{node}_ms": 4.0 for node in nodes}
            row |= {"total_ms": trip - 4, "round_trip_ms": trip}
        rows.append(row)
    return pd.DataFrame(rows)


def make(frames=None, events=(), nodes=NODES, **info):
    frames = make_frames(nodes=nodes) if frames is None else frames
    info = {"video": "gate_easy", "pipeline_id": "yolo_ocr", "fps": 30, "nodes": nodes, **info}
    return Recording(frames, info, pd.DataFrame(list(events)))


def with_outcomes(found, **columns):
    frames = make_frames(len(found), drop_every=0)
    frames["fate"] = found
    for name, values in columns.items():
        frames[name] = values
    return frames


def artists(ax, gid):
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


EVENTS = (
    {"session": 0, "time_ms": 1000.0, "kind": "state", "state": "warning"},
    {"session": 0, "time_ms": 1200.0, "kind": "state", "state": "critical"},
    {"session": 0, "time_ms": 1210.0, "kind": "slow_down", "fps": 17.0},
    {"session": 0, "time_ms": 3000.0, "kind": "state", "state": "normal"},
)


def test_the_style_names_every_outcome_cause_and_state():
    assert set(OUTCOMES) == {*FATES, *DROP_CAUSES, "unknown"} - {"dropped"}
    assert set(STATE_BANDS) == set(STATES)
    assert len({look.colour for look in OUTCOMES.values()}) == len(OUTCOMES)
    assert len({look.marker for look in OUTCOMES.values()}) == len(OUTCOMES)


def test_the_colours_are_those_of_the_annotated_frames():
    assert (BLUE, VERMILION) == ("#0072B2", "#D55E00")
    assert PALETTE[0] == (0xB2, 0x72, 0x00)


def test_nodes_look_different_even_where_there_are_more_than_colours():
    looks = [(look.colour, look.hatch) for look in map(node_look, range(20))]
    assert len(set(looks)) == 20


def test_every_drop_is_marked_once_in_the_row_of_its_cause():
    recording = make()
    ax = recording.plot_latency()
    expected = outcomes(recording.frames).value_counts()
    assert expected["unknown"] == 12
    for name in set(OUTCOMES):
        marked = sum(len(line.get_xdata()) for line in artists(ax, name))
        assert marked == expected.get(name, 0), name
    (overflow,) = artists(ax, "overflow")
    due = recording.frames["scheduled_ms"][outcomes(recording.frames) == "overflow"] / 1e3
    assert list(overflow.get_xdata()) == pytest.approx(due.tolist())


def test_the_points_are_the_round_trips_and_stay_under_the_rug():
    frames = make_frames()
    frames["round_trip_ms"] *= 5
    recording = make(frames)
    ax = recording.plot_latency()
    (points,) = artists(ax, "processed")
    done = recording.frames[recording.frames["fate"] == "processed"]
    assert list(points.get_ydata()) == done["round_trip_ms"].tolist()
    rug = min(line.get_ydata()[0] for name in DROP_CAUSES for line in artists(ax, name))
    highest = ax.transLimits.transform((0, max(points.get_ydata())))[1]
    assert highest < rug


def test_bands_and_requests_stand_where_the_events_were():
    ax = make(events=EVENTS).plot_latency()
    (warning,), (critical,) = artists(ax, "warning"), artists(ax, "critical")
    assert (warning.get_x(), warning.get_width()) == pytest.approx((1.0, 0.2))
    assert (critical.get_x(), critical.get_width()) == pytest.approx((1.2, 1.8))
    colour = to_hex(critical.get_facecolor(), keep_alpha=True).upper()
    assert colour == STATE_BANDS["critical"].colour
    (line,) = artists(ax, "slow_down")
    assert line.get_xdata()[0] == pytest.approx(1.21)
    assert "to 17 fps" in [text.get_text() for text in ax.texts]


def test_states_cover_a_session_without_gaps():
    recording = make(events=EVENTS)
    spans = state_spans(recording, 0)
    assert [span.state for span in spans] == ["normal", "warning", "critical", "normal"]
    assert spans[0].start_ms == 0
    assert spans[-1].end_ms == recording.frames["answered_ms"].max()
    for before, after in itertools.pairwise(spans):
        assert before.end_ms == after.start_ms


def test_of_several_sessions_the_worst_state_is_shown():
    other = {"session": 1, "time_ms": 2500.0, "kind": "state", "state": "warning"}
    spans = worst_spans(make(make_frames(sessions=2), [*EVENTS, other]))
    assert [(span.state, span.start_ms) for span in spans] == [
        ("normal", 0.0),
        ("warning", 1000.0),
        ("critical", 1200.0),
        ("warning", 3000.0),
    ]


def test_several_sessions_are_drawn_as_quantiles_unless_one_is_asked_for():
    recording = make(make_frames(sessions=3))
    ax = recording.plot_latency()
    frames = recording.frames
    first = frames[(frames["scheduled_ms"] < 500) & (frames["fate"] == "processed")]
    (p95,) = artists(ax, "p95")
    assert p95.get_ydata()[0] == quantile(first["round_trip_ms"].tolist(), 0.95)
    (losses,) = (other for other in ax.figure.axes if other.get_gid() == "losses")
    lost = sum(bar.get_height() for bar in losses.patches)
    assert lost == (frames["fate"] == "dropped").sum()
    one = recording.plot_latency(session=2)
    (points,) = artists(one, "processed")
    assert len(points.get_ydata()) == 90
    assert "session 2" in one.get_title()


def test_quantile_lines_stand_at_the_quantiles_of_the_summary():
    recording = make()
    ax = recording.plot_ecdf()
    summary = recording.summary().loc[0]
    for name in ("p50", "p95", "p99"):
        (line,) = artists(ax, name)
        assert line.get_xdata()[0] == summary[f"{name}_ms"]
    (curve,) = artists(ax, "ecdf")
    x, y = curve.get_data()
    assert y[-1] == 1.0
    assert np.interp(summary["p50_ms"], x, y) >= 0.5


def test_a_few_slow_frames_do_not_press_the_others_flat():
    frames = make_frames(drop_every=0)
    frames.loc[50, "round_trip_ms"] = 5000.0
    assert make(frames).plot_ecdf().get_xscale() == "log"
    assert make(frames).plot_latency().get_yscale() == "log"
    assert make().plot_ecdf().get_xscale() == "linear"


@pytest.mark.parametrize(("count", "fps"), [(120, 30.0), (6, 30.0), (900, 1.0)])
def test_the_bars_of_all_seconds_add_up_to_the_frames(count, fps):
    frames = make_frames(count, fps=fps)
    recording = make(frames)
    ax = recording.plot_outcomes()
    expected = outcomes(recording.frames).value_counts()
    for name in expected.index:
        assert sum(bar.get_height() for bar in artists(ax, name)) == expected[name]
    assert len({round(bar.get_x(), 3) for bar in ax.patches}) <= 120


def test_the_outcomes_of_a_second_are_stacked_on_each_other():
    ax = make().plot_outcomes()
    bars = [bar for bar in ax.patches if bar.get_x() == 1.0 and bar.get_height()]
    assert len(bars) > 3
    for below, above in itertools.pairwise(bars):
        assert below.get_y() + below.get_height() == above.get_y()
    assert bars[-1].get_y() + bars[-1].get_height() == 30


def test_a_second_has_the_frames_that_were_due_in_it():
    ax = make(make_frames(75, drop_every=0)).plot_outcomes()
    assert [bar.get_height() for bar in artists(ax, "processed")] == [30, 30, 15]


def test_the_parts_of_a_round_trip_join_from_when_it_was_due_to_the_answer():
    recording = make()
    row = recording.frames.iloc[0]
    parts = segments(row, recording.nodes)
    assert [part.part for part in parts] == [
        "late", "upload", "queued", "decode", "node:detect", "node:read", "rest", "answer",
    ]  # fmt: skip
    # a round trip of 20 ms, sent 1 and received 2 ms after it was due, 16 of them in the server
    assert [part.length_ms for part in parts] == pytest.approx([1, 1, 3, 1, 4, 4, 4, 2])
    for before, after in itertools.pairwise(parts):
        assert before.start_ms + before.length_ms == pytest.approx(after.start_ms)
    assert parts[0].start_ms == 0
    assert parts[-1].start_ms + parts[-1].length_ms == pytest.approx(row["round_trip_ms"])


def test_clocks_that_disagree_a_little_make_no_negative_part():
    frames = make_frames(4, drop_every=0)
    frames["received_ms"] = frames["sent_ms"] - 0.4
    for _, row in make(frames).frames.iterrows():
        parts = segments(row, [*NODES])
        assert all(part.length_ms > 0 for part in parts)
        end = parts[-1].start_ms + parts[-1].length_ms
        assert end == pytest.approx(row["round_trip_ms"])


def test_a_waterfall_shows_the_frames_asked_for_and_how_dropped_ones_ended():
    recording = make()
    ax = recording.plot_waterfall([0, 1, 2])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0", "1", "2"]
    (dropped,) = [bar for bar in artists(ax, "overflow") if bar.get_width()]
    row = recording.frames.iloc[1]
    assert dropped.get_x() + dropped.get_width() == pytest.approx(
        row["answered_ms"] - row["scheduled_ms"]
    )
    assert any("overflow" in text.get_text() for text in ax.texts)
    assert sum(bar.get_width() > 0 for bar in artists(ax, "node:detect")) == 2


def test_a_waterfall_chooses_frames_around_the_first_loss_else_the_slowest():
    frames = make_frames(drop_every=0)
    frames.loc[70, "round_trip_ms"] = 39.0
    shown = [label.get_text() for label in make(frames).plot_waterfall().get_yticklabels()]
    assert "70" in shown
    assert len(shown) == 12
    frames.loc[100, ["fate", "cause"]] = ("dropped", "replaced")
    shown = [label.get_text() for label in make(frames).plot_waterfall().get_yticklabels()]
    assert "100" in shown


def test_node_costs_are_those_of_the_table_in_the_order_of_the_pipeline():
    recording = make()
    ax = recording.plot_nodes()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["decode", *NODES]
    costs = recording.node_costs()
    assert [bar.get_width() for bar in ax.patches] == costs["p50_ms"].tolist()


def test_a_compared_recording_ends_at_the_share_that_it_processed():
    recordings = {
        "all": make(make_frames(drop_every=0)),
        "some": make(),
        "none": make(with_outcomes(["failed"] * 9)),
    }
    ax = charts.compare_recordings(recordings)
    assert artists(ax, "all")[0].get_ydata()[-1] == 1.0
    assert artists(ax, "some")[0].get_ydata()[-1] == 0.75
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert any(label.startswith("none: 9 frames, none processed") for label in labels)
    assert artists(ax, "all")[0].get_color() != artists(ax, "some")[0].get_color()


def test_an_outcome_has_one_colour_in_every_chart_and_in_the_card():
    recording = make()
    drawn = {
        "latency": {n: artists(recording.plot_latency(), n)[0].get_color() for n in DROP_CAUSES},
        "outcomes": {
            n: artists(recording.plot_outcomes(), n)[0].get_facecolor() for n in DROP_CAUSES
        },
        "waterfall": {
            n: artists(recording.plot_waterfall(range(40)), n)[0].get_facecolor()
            for n in DROP_CAUSES
        },
    }
    card = outcome_bar(recording)
    for name in DROP_CAUSES:
        colours = {to_hex(chart[name]).upper() for chart in drawn.values()}
        assert colours == {OUTCOMES[name].colour}
        assert f'fill="{OUTCOMES[name].colour}"><title>dropped: {name}' in card


def without_times():
    frames = make_frames()
    frames[[name for name in frames if name.endswith("_ms")]] = np.nan
    return frames


def with_gaps():
    frames = make_frames()
    times = [name for name in frames if name.endswith("_ms") and name != "scheduled_ms"]
    for place, name in enumerate(times):
        frames.loc[place::11, name] = np.nan
    return frames


MANY_NODES = tuple(f"node_{n}$x$ {'long ' * n}" for n in range(9))
ODD = {
    "empty": lambda: make(pd.DataFrame(), nodes=()),
    "bare": lambda: Recording(pd.DataFrame(), {}),
    "one frame": lambda: make(make_frames(1)),
    "nothing processed": lambda: make(with_outcomes(["dropped"] * 30, cause="closed")),
    "no times": lambda: make(without_times()),
    "gaps": lambda: make(with_gaps(), EVENTS),
    "every outcome": lambda: make(with_outcomes([*FATES] * 5), EVENTS),
    "no nodes": lambda: make(make_frames(nodes=()), nodes=()),
    "many nodes": lambda: make(nodes=MANY_NODES),
    "many sessions": lambda: make(make_frames(30, sessions=25), EVENTS),
    "rows joined without a new index": lambda: make(
        pd.concat([make_frames(), make_frames().assign(session=1)])
    ),
    "long and marked up": lambda: make(
        events=[*EVENTS, {"session": 0, "time_ms": 9e3, "kind": "error", "detail": "x: " * 999}],
        video="$a$_{b" * 50,
        pipeline_id="_$",
    ),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("name", "method"),
    # the dashboard's title has rates, which frames that were never due do not have
    [pair for pair in itertools.product(ODD, METHODS) if pair != ("no times", "dashboard")],
)
def test_odd_recordings_are_drawn_as_well(name, method):
    drawn = getattr(ODD[name](), method)()
    figure = drawn if method == "dashboard" else drawn.figure
    figure.canvas.draw()


def test_an_empty_chart_says_why_in_a_sentence():
    for method in METHODS[:-1]:
        (text,) = getattr(make(pd.DataFrame()), method)().texts
        assert text.get_text().endswith(".")


def test_a_chart_is_drawn_into_the_axes_given():
    recording = make(make_frames(sessions=2), EVENTS)
    for method in METHODS[:-1]:
        figure, ax = plt.subplots()
        assert getattr(recording, method)(ax=ax) is ax
        assert plt.get_fignums() == [figure.number]
        plt.close(figure)


def test_no_text_of_the_dashboard_is_cut_off():
    figure = make(events=EVENTS, nodes=MANY_NODES[:6]).dashboard()
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    for ax in figure.axes:
        legend = ax.get_legend()
        for text in [*ax.texts, ax.title, ax.xaxis.label, *(legend.get_texts() if legend else [])]:
            box = text.get_window_extent()
            assert box.x0 >= -1, text
            assert box.x1 <= width + 1, text
            assert box.y0 >= -1, text
            assert box.y1 <= height + 1, text


def test_a_notebook_shows_a_figure_that_is_returned_once():
    recording = make()
    recording.dashboard()
    assert len(plt.get_fignums()) == 1
    plt.close("all")
    try:
        plt.switch_backend("module://matplotlib_inline.backend_inline")
        recording.dashboard()
        assert plt.get_fignums() == []
        recording.plot_ecdf()
        assert len(plt.get_fignums()) == 1
    finally:
        plt.switch_backend("Agg")


def test_what_there_is_not_is_told_with_what_there_is():
    recording = make(make_frames(10, sessions=3))
    with pytest.raises(OptionError, match=r"session=7: .* 0 to 2"):
        recording.plot_latency(session=7)
    with pytest.raises(OptionError, match="session=-1"):
        recording.plot_waterfall(session=-1)
    with pytest.raises(OptionError, match=r"frame=10: .* 0 to 9"):
        recording.plot_waterfall([3, 10])
    with pytest.raises(OptionError, match="a whole number"):
        recording.plot_waterfall([1.5])
    with pytest.raises(OptionError, match="a list"):
        recording.plot_waterfall(3)
    assert plt.get_fignums() == []


def test_labels_are_short_and_never_markup():
    assert label_text("a\n b") == "a b"
    assert label_text("$x$") == r"\$x\$"
    assert not label_text("_hidden").startswith("_")
    assert len(label_text("x" * 500)) == 40


def test_the_target_is_on_every_chart_of_latency():
    recording = make()
    assert any(line.get_ydata()[0] == TARGET_MS for line in recording.plot_latency().lines)
    for ax in (recording.plot_ecdf(), charts.compare_recordings({"a": recording})):
        assert any(line.get_xdata()[0] == TARGET_MS for line in ax.lines)


def test_charts_load_matplotlib_only_when_something_is_drawn():
    code = (
        "import sys, streamlab.charts, streamlab.charts.pictures, streamlab.lab.recording_card;"
        "print(*({'matplotlib', 'pandas', 'cv2'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == []


def test_the_old_names_of_the_outcomes_chart_go_on_working_with_a_warning():
    with pytest.warns(DeprecationWarning, match="plot_outcomes"):
        ax = make().plot_fates()
    assert ax.get_legend() is not None
    with pytest.warns(DeprecationWarning, match="outcomes_by_second"):
        assert charts.fates_by_second is charts.outcomes_by_second
