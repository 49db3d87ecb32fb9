"""Recommending a setting from a sweep: the Pareto front, the recommendation, and its export."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import calm_recording
from traitlets.config import Config

from streamlab.errors import NoSettingError, OptionError
from streamlab.replay.recommend import pareto, recommend
from streamlab.replay.sweep import sweep
from streamlab.settings import Settings

TABLE = pd.DataFrame(
    {
        "drop_threshold": [0.05, 0.10, 0.20, 0.30, 0.10],
        "policy": ["realtime", "realtime", "realtime", "realtime", "withdrawn"],
        "fps": [10.0, 20.0, 30.0, 40.0, 30.0],
        "p95_ms": [20.0, 30.0, 45.0, 80.0, 10.0],
        "processed_fps": [10.0, 20.0, 28.0, 27.0, 30.0],
        "staleness_p95_ms": [120.0, 80.0, 70.0, 90.0, 20.0],
        "drop_rate": [0.0, 0.0, 0.07, 0.33, 0.0],
    }
)


def test_the_front_has_what_nothing_beats():
    own = TABLE[TABLE["policy"] == "realtime"]
    assert pareto(own).index.tolist() == [0, 1, 2]
    assert pareto(own, ("p95_ms",)).index.tolist() == [0]
    assert pareto(own, {"fps": "max", "p95_ms": "min"}).index.tolist() == [0, 1, 2, 3]
    assert pareto(TABLE).index.tolist() == [4]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=25
    )
)
def test_the_front_is_what_the_definition_says(points):
    table = pd.DataFrame(points, columns=["p95_ms", "processed_fps", "staleness_p95_ms"])
    kept = pareto(table)
    costs = table * [1, -1, 1]

    def beaten(row):
        better = (costs <= row).all(axis=1) & (costs < row).any(axis=1)
        return better.any()

    expected = {tuple(table.loc[i]) for i in table.index if not beaten(costs.loc[i])}
    assert {tuple(row) for row in kept.to_numpy()} == expected
    assert len(kept) == len(expected)


def test_a_recommendation_does_best_within_the_limits_and_says_why():
    found = recommend(TABLE, "staleness_p95_ms", {"p95_ms": 40, "drop_rate": "<= 0.05"})
    assert found.settings == {"drop_threshold": 0.1, "policy": "realtime", "fps": 20.0}
    assert found.expected["staleness_p95_ms"] == 80.0
    assert found.reason == (
        "Of 5 settings, 2 keep p95_ms <= 40 and drop_rate <= 0.05; staleness_p95_ms is lowest "
        "there (80) with drop_threshold=0.1, policy=realtime, fps=20."
    )
    assert recommend(TABLE, "processed_fps").settings["fps"] == 30.0
    assert recommend(TABLE, "p95_ms", {"processed_fps": 25}).settings["fps"] == 30.0


def test_a_policy_that_is_registered_is_recommended_as_any_other():
    table = TABLE.replace({"policy": {"withdrawn": "latest"}})
    assert recommend(table, "p95_ms").stream_options["policy"] == "latest"


def test_among_equals_the_nearest_to_the_defaults_is_taken():
    table = pd.DataFrame(
        {
            "drop_threshold": [0.01, 0.10, 0.25],
            "waiting_frames": [2, 2, 5],
            "p95_ms": [30.0, 30.0, 30.0],
        }
    )
    found = recommend(table, "p95_ms")
    assert found.settings["drop_threshold"] == 0.10
    assert "2 others do as well" in found.reason


def test_no_setting_within_the_limits_says_how_near_it_gets():
    with pytest.raises(NoSettingError, match=r"of 5 settings.*p95_ms <= 5; the nearest is 20"):
        recommend(TABLE, constraints={"p95_ms": 5})
    with pytest.raises(NoSettingError, match=r"processed_fps >= 99"):
        recommend(TABLE, constraints={"processed_fps": 99})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"objective": "speed"}, "speed.*there are: .*p95_ms"),
        ({"constraints": {"latency": 40}}, "latency"),
        ({"constraints": {"p95_ms": "quick"}}, "'<= 40'"),
        ({"constraints": {"p95_ms": "< x"}}, "'<= 40'"),
        ({"objective": "policy"}, "policy"),
    ],
)
def test_a_wrong_request_is_refused_in_one_sentence(arguments, words):
    with pytest.raises(OptionError, match=words):
        recommend(TABLE, **arguments)


def found():
    table = pd.DataFrame(
        {
            "drop_threshold": [0.2],
            "slowdown_threshold": [0.45],
            "waiting_frames": [3],
            "window_s": [1.5],
            "fps": [20.0],
            "p95_ms": [np.float64(30.0)],
            "p99_ms": [float("nan")],
        }
    )
    return recommend(table, "p95_ms")


def test_the_lines_for_an_environment_start_a_server_with_the_settings():
    lines = found().environment().splitlines()
    assert lines[0] == "# client: fps=20"
    environment = dict(line.split("=") for line in lines if not line.startswith("#"))
    settings = Settings.from_environment(environment)
    assert settings.backpressure.drop_threshold == 0.2
    assert settings.backpressure.slowdown_threshold == 0.45
    assert settings.backpressure.waiting_frames == 3
    assert settings.backpressure.window_s == 1.5


def test_the_jupyter_configuration_is_python_that_sets_the_traits():
    config = Config()
    exec(found().jupyter_config(), {"c": config})
    assert config.StreamlabApp == {
        "drop_threshold": 0.2, "slowdown_threshold": 0.45, "waiting_frames": 3, "window_s": 1.5
    }  # fmt: skip


def test_a_recommendation_can_be_replayed_as_it_is():
    trace = calm_recording(service_ms=20.0, frames=60).trace()
    grid: dict[str, Sequence[float]] = {
        "fps": [20, 40],
        "sessions": [1, 2],
        "waiting_frames": [1, 3],
        "window_s": [2.0],
    }
    table = sweep(trace, grid, progress=False)
    choice = recommend(table, "p95_ms")
    figures = trace.run(choice.settings).figures()
    assert figures["p95_ms"] == choice.expected["p95_ms"]


def test_workers_are_the_servers():
    table = pd.DataFrame({"workers": [3], "waiting_frames": [2], "p95_ms": [1.0]})
    choice = recommend(table, "p95_ms")
    assert "# server: --workers 3\n" in choice.environment()
    assert "c.StreamlabApp.workers = 3\n" in choice.jupyter_config()


def test_the_json_has_settings_figures_and_reason():
    told = json.loads(found().json())
    assert told["settings"]["fps"] == 20.0
    assert told["expected"] == {"p95_ms": 30.0, "p99_ms": None}
    assert told["reason"].startswith("Of 1 settings")


@pytest.mark.parametrize(
    ("name", "begins"), [("a.json", "{"), ("a.py", "# client"), ("stream.env", "# client")]
)
def test_it_is_saved_in_the_form_of_its_name(tmp_path, name, begins):
    assert found().save(tmp_path / name).read_text().startswith(begins)
    with pytest.raises(OptionError, match="cannot be written"):
        found().save(tmp_path / "none" / name)


def test_it_shows_its_reason_in_a_notebook():
    assert "is lowest there" in found()._repr_html_()
