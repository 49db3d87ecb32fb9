# matplotlib types what a chart holds as any array-like
# mypy: disable-error-code="arg-type, misc, str-unpack"

"""Charts of sweeps and of capacity."""

import matplotlib
import pandas as pd
import pytest
from recordings import calm_recording

from streamlab.charts import capacity_curve, pareto_chart
from streamlab.replay.capacity import capacity
from streamlab.replay.recommend import pareto, recommend
from streamlab.replay.sweep import sweep

matplotlib.use("Agg")
TRACE = calm_recording(service_ms=20.0, frames=120).trace()


@pytest.fixture(scope="module")
def table():
    return sweep(TRACE, {"fps": [10, 30, 60, 90], "waiting_frames": [1, 4]}, progress=False)


def test_every_setting_is_a_point_and_the_front_is_ringed(table):
    choice = recommend(table, "staleness_p95_ms", {"p95_ms": 60})
    points, rings, star = pareto_chart(table, choice).collections[:3]
    assert len(points.get_offsets()) == len(table)
    assert len(rings.get_offsets()) == len(pareto(table))
    [[x, y]] = star.get_offsets()
    assert (x, y) == (choice.expected["p95_ms"], choice.expected["processed_fps"])


def test_settings_that_processed_nothing_have_no_place(table):
    gone = table.assign(p95_ms=float("nan"))
    ax = pareto_chart(gone)
    assert not ax.collections
    assert "processed a frame" in ax.texts[0].get_text()


def test_capacity_has_a_line_for_each_number_of_workers():
    found = capacity(TRACE, sessions=[1, 3, 6], workers=[1, 2], fps=15, seconds=3, progress=False)
    lines = [line for line in capacity_curve(found).lines if "worker" in line.get_label()]
    assert [line.get_label() for line in lines] == ["1 worker", "2 workers"]
    for line, (_, part) in zip(lines, found.groupby("workers"), strict=True):
        assert line.get_xdata().tolist() == [1, 3, 6]
        assert line.get_ydata().tolist() == part["p95_ms"].tolist()


def test_a_latency_of_few_frames_is_marked():
    found = capacity(TRACE, sessions=[1, 3, 40], workers=[1], fps=30, seconds=3, progress=False)
    dropping = found[found["drop_rate"] > 0.01]["sessions"].tolist()
    assert dropping
    assert dropping != [1, 3, 40]
    ax = capacity_curve(found)
    [rings] = [line for line in ax.lines if str(line.get_gid()).startswith("dropping")]
    assert rings.get_xdata().tolist() == dropping
    assert "more than 1 % of the frames dropped" in [line.get_label() for line in ax.lines]
    rates = capacity_curve(found, "drop_rate")
    assert not [line for line in rates.lines if "more than" in line.get_label()]


def test_nothing_replayed_is_said():
    assert "Nothing" in capacity_curve(pd.DataFrame()).texts[0].get_text()
