"""The panels without a browser: their settings are replayed, applied, exported."""

import asyncio
import json
import threading
from typing import Any

import cv2
import numpy as np
import pytest
from recordings import calm_recording

from streamlab.accuracy import DetectionScores
from streamlab.backpressure.policies import policy_names
from streamlab.charts.queries import worst_spans
from streamlab.errors import OptionError, RecordingError, ServerError, VideoError
from streamlab.lab.connection import connect
from streamlab.lab.tuning import tune, tune_detection
from streamlab.lab.tuning.dashboard import Dashboard
from streamlab.lab.tuning.debounce import Debouncer
from streamlab.lab.tuning.knobs import KNOBS, heeds, moved
from streamlab.lab.tuning.metrics_line import REPLAY_METRICS, Metric, metrics_line
from streamlab.lab.tuning.replay_arrays import NAMES, ReplayArrays
from streamlab.media.samples import sample_path
from streamlab.media.truth import Truth
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.replay.grid import run_one
from streamlab.settings import Settings

COSTS = np.random.default_rng(1).uniform(8, 40, 200)
RECORDING = calm_recording(service_ms=COSTS, frames=200)
TRACE = RECORDING.trace()
FRAMES = 60
DEFAULTS = {"drop_threshold": 0.1, "slowdown_threshold": 0.3}


def same(found, expected):
    """Whether two rows of figures are equal, NaN included."""
    assert found.keys() == expected.keys()
    return all(
        found[name] == expected[name] or (found[name] != found[name] and np.isnan(expected[name]))
        for name in expected
    )


def pixels(picture):
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


def detected(every=1, text=True, **info):
    """A recording that finds the truth of a sample, the surer the lower its number in the frame."""
    truth = Truth.of_video(sample_path("gate_easy"))

    def result(number):
        things = []
        for n, thing in enumerate(truth.frames[number]):
            box = {name: thing[name] for name in ("x", "y", "width", "height", "label", "track_id")}
            things.append({**box, "score": max(0.3, 0.95 - 0.1 * n)})
            if text and thing.get("legible"):
                things[-1] |= {"text": thing["text"], "text_score": 0.6 + 0.05 * (n % 5)}
        return {"detections": things}

    about = {"video": "gate_easy", "width": 640, "height": 480, "video_width": 640, **info}
    return calm_recording(
        frames=FRAMES, results=[result(n) for n in range(0, FRAMES, every)], **about
    )


DETECTED = detected(pipeline_id="yolo_ocr")


# the sliders of a threshold panel


def test_sliders_start_where_the_trace_was_recorded():
    panel = tune(calm_recording(sessions=2, workers=3, drop_threshold=0.25, fps=24.0))
    expected: dict[str, float | str] = {
        "drop_threshold": 0.25,
        "slowdown_threshold": 0.3,
        "waiting_frames": 2,
    }
    expected |= {"waiting_frames": 2, "window_s": 2.0}
    expected |= {"fps": 24.0, "sessions": 2, "workers": 3, "policy": "realtime"}
    assert panel.settings == expected
    assert {name: slider.value for name, slider in panel.sliders.items()} == expected


def test_settings_to_start_with_are_given_by_name():
    panel = tune(TRACE, fps=300, policy="latest")
    assert panel.settings["fps"] == 300
    assert panel.sliders["fps"].max == 300
    assert panel.sliders["policy"].value == "latest"


@pytest.mark.parametrize(
    "moves",
    [
        {"drop_threshold": 0.0},
        {"fps": 60.0, "slowdown_threshold": 0.9},
        {"waiting_frames": 5, "fps": 45.0},
        {"sessions": 3, "workers": 2, "window_s": 0.5},
        {"policy": "lifetime_rate"},
        {"fps": 48.0, "policy": "lossless"},
    ],
)
def test_a_moved_slider_shows_what_a_replay_says(moves):
    panel = tune(TRACE)
    for name, value in moves.items():
        panel.sliders[name].value = value
    assert {name: panel.settings[name] for name in moves} == moves
    assert same(panel.figures, run_one(TRACE, panel.settings))
    assert panel.recording.frames.equals(TRACE.replay(panel.settings).frames)
    figures = {
        **panel.figures,
        "processed_share": panel.figures["processed"] / panel.figures["sent"],
    }
    assert panel.picture
    for each in REPLAY_METRICS:
        assert f">{each.value(figures)}<" in panel.line.value


def test_the_picture_moves_along_and_comes_back():
    panel = tune(TRACE)
    before = pixels(panel.picture)
    assert before.shape[1] == 950
    assert not np.array_equal(pixels(panel.set(fps=60).picture), before)
    assert np.array_equal(pixels(panel.reset().picture), before)


@pytest.mark.parametrize("policy", policy_names())
def test_what_a_policy_does_not_heed_makes_no_difference(policy):
    setting = {"policy": policy, "fps": 48.0}
    figures = run_one(TRACE, setting)
    for knob in KNOBS:
        if not heeds(policy, knob.name):
            for value in (knob.least, knob.most):
                moved_there = moved({**DEFAULTS, **setting}, {knob.name: value})
                assert same(run_one(TRACE, moved_there), figures), knob.name


def test_sliders_that_the_policy_does_not_heed_are_grey():
    panel = tune(TRACE)
    panel.sliders["policy"].value = "fifo"
    grey = [name for name, slider in panel.sliders.items() if slider.disabled]
    assert sorted(grey) == ["drop_threshold", "slowdown_threshold", "window_s"]
    panel.sliders["policy"].value = "realtime"
    assert not any(slider.disabled for slider in panel.sliders.values())


def test_a_threshold_pushes_the_other_one():
    panel = tune(TRACE)
    panel.sliders["drop_threshold"].value = 0.5
    assert panel.settings["slowdown_threshold"] == 0.5
    assert panel.sliders["slowdown_threshold"].value == 0.5
    panel.sliders["slowdown_threshold"].value = 0.2
    assert panel.settings["drop_threshold"] == 0.2
    assert panel.sliders["drop_threshold"].value == 0.2


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"drop_threshold": 0.6, "slowdown_threshold": 0.2}, "slowdown_threshold=0.2"),
        ({"drop_threshold": 1.5}, "from 0 to 1"),
        ({"drop_threshold": "much"}, "a number"),
        ({"waiting_frames": 1.5}, "whole number"),
        ({"fps": 0}, "above 0"),
        ({"sessions": 0}, "from 1 up"),
        ({"policy": "best"}, "'realtime' or"),
        ({"speed": 3}, "no such setting"),
    ],
)
def test_what_is_not_allowed_is_told_and_moves_nothing(settings, words):
    panel = tune(TRACE)
    before = panel.settings
    with pytest.raises(OptionError, match=words):
        panel.set(**settings)
    assert panel.settings == before
    with pytest.raises(OptionError, match=words):
        tune(TRACE, **settings)


def test_only_a_trace_or_a_recording_can_be_tuned():
    with pytest.raises(OptionError, match="a recording or its trace"):
        tune("gate_easy")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="a recording is needed"):
        tune_detection(TRACE)


# moves in a burst


def test_of_a_burst_of_moves_only_the_last_is_drawn():
    async def drag(panel):
        for fps in range(31, 61):
            panel.sliders["fps"].value = fps
        assert panel.redraws == 1
        drawn = asyncio.Event()
        panel.image.observe(lambda _: drawn.set(), "value")
        await asyncio.wait_for(drawn.wait(), 30)

    panel = tune(TRACE)
    assert panel.redraws == 1
    asyncio.run(drag(panel))
    assert panel.redraws == 2
    assert panel.image.value == tune(TRACE).set(fps=60.0).picture


def test_without_an_event_loop_a_move_is_drawn_when_it_is_looked_at():
    panel = tune(TRACE)
    panel.set(fps=40).set(fps=50)
    assert panel.redraws == 1
    assert panel.picture == panel.picture
    assert panel.redraws == 2


def test_a_front_end_without_an_event_loop_sees_every_move():
    panel = tune(TRACE)
    assert "application/vnd.jupyter.widget-view+json" in panel._repr_mimebundle_()
    panel.sliders["fps"].value = 50
    assert panel.redraws == 2


def test_what_is_called_in_a_burst_is_called_once_and_again_for_the_next():
    calls = []

    async def burst(debouncer):
        for _ in range(5):
            debouncer.call()
        debouncer.flush()
        debouncer.flush()
        debouncer.call()
        debouncer.flush()

    asyncio.run(burst(Debouncer(lambda: calls.append(1))))
    assert len(calls) == 2


# what is drawn


def test_every_frame_of_a_replay_is_drawn_by_its_outcome():
    replay = TRACE.run(fps=60, sessions=2)
    arrays = ReplayArrays(replay)
    figures = replay.figures()
    counts = arrays.counts(1).sum(axis=1)
    assert counts.sum() == figures["sent"]
    assert counts[NAMES.index("processed")] == len(arrays.done_s) == figures["processed"]
    for cause in ("overflow", "replaced"):
        assert len(arrays.times_of(cause)) == figures[f"dropped_{cause}"]
    assert len(arrays.slow_down_s) == replay.slow_downs


def test_the_bands_are_the_worst_state_of_any_session():
    replay = TRACE.run(fps=60, sessions=2, workers=2, drop_threshold=0.02)
    arrays = ReplayArrays(replay)
    spans = worst_spans(replay.recording())
    # sessions end one after the other; what is left of a state then is not drawn
    wanted = [s for s in spans if s.state != "normal" and s.start_ms < arrays.end_s * 1e3]
    assert len(wanted) > 1
    assert [state for state, *_ in arrays.spans] == [span.state for span in wanted]
    starts = [start * 1e3 for _, start, _ in arrays.spans]
    assert starts == pytest.approx([span.start_ms for span in wanted], abs=1e-3)


@pytest.mark.parametrize("moves", [{"fps": 1, "seconds": 0.5}, {"fps": 900}, {"sessions": 8}])
def test_odd_replays_are_drawn_as_well(moves):
    picture = Dashboard(TRACE.run()).draw(TRACE.run(**moves))
    assert pixels(picture).shape == (440, 950, 3)


def test_a_difference_is_that_of_the_figures_shown():
    metric = Metric("p50_ms", "p50", "ms", digits=1)
    assert metric.value({"p50_ms": 20.04}) == "20.0 ms"
    assert metric.change({"p50_ms": 20.04}, {"p50_ms": 19.96}) == ""
    assert metric.change({"p50_ms": 20.06}, {"p50_ms": 19.94}) == "+0.2"
    assert metric.change({"p50_ms": 10.0}, {"p50_ms": 12.0}) == "\u22122.0"
    assert metric.value({"p50_ms": float("nan")}) == "n/a"
    assert metric.change({"p50_ms": float("nan")}, {"p50_ms": 1.0}) == ""
    assert "\u22122.0" in metrics_line([metric], {"p50_ms": 10.0}, {"p50_ms": 12.0})


# applying and exporting


def test_settings_reach_the_running_sessions():
    with connect(where="process") as lab:
        panel = lab.tune(TRACE)
        with pytest.raises(ServerError, match="no session of this lab is running"):
            panel.apply()
        answered = threading.Event()
        stream: dict[str, Any] = {"pipeline_id": "noop", "fps": 10, "loop": True, "progress": False}
        with lab.streaming("gate_easy", **stream) as run:
            run.on_answer = lambda row: answered.set()
            assert answered.wait(30)
            panel.set(drop_threshold=0.42, slowdown_threshold=0.77, waiting_frames=5, window_s=1.5)
            [applied] = panel.apply()
            [live] = lab.sessions()
            wanted = {"drop_threshold": 0.42, "slowdown_threshold": 0.77}
            wanted |= {"waiting_frames": 5, "window_s": 1.5}
            for told in (applied, live):
                assert {name: told[name] for name in wanted} == wanted
            assert panel.status.text.startswith("Applied to 1 running session, ")
            assert "(noop): drop_threshold 0.42" in panel.status.text


def test_a_button_tells_in_a_sentence_what_went_wrong():
    panel = tune(TRACE)
    panel.status.showing_errors(panel.apply)()
    assert "no lab to apply to" in panel.status.text
    assert panel.status.text in panel.status.widget.value
    with pytest.raises(ServerError, match="no lab to apply to"):
        panel.apply()


def test_what_is_exported_is_what_a_server_reads(tmp_path):
    panel = tune(
        TRACE, drop_threshold=0.15, slowdown_threshold=0.55, waiting_frames=4, window_s=1.3
    )
    path = tmp_path / "tuned.env"
    text = panel.export("env", path)
    assert path.read_text() == text == panel._export.text.value
    lines = [each.split("=", 1) for each in text.splitlines() if not each.startswith("#")]
    read = Settings.from_environment(dict(lines))
    assert read == Settings(0.15, 0.55, 4, 1.3)
    told = json.loads(panel.export("json"))
    assert told["settings"] == panel.settings
    assert told["expected"]["p95_ms"] == panel.figures["p95_ms"]
    assert "c.StreamlabApp.window_s = 1.3" in panel.export("jupyter").splitlines()


def test_an_export_that_cannot_be_made_is_told(tmp_path):
    panel = tune(TRACE)
    with pytest.raises(OptionError, match="'env' or 'json' or 'jupyter'"):
        panel.export("toml")
    with pytest.raises(OptionError, match="cannot be written"):
        panel.export("env", tmp_path / "nowhere" / "tuned.env")


# detection


def test_a_detection_panel_counts_as_the_scores_do():
    panel = tune_detection(DETECTED)
    scores = DetectionScores(DETECTED)
    assert panel.settings["score_threshold"] <= DETECTED.detections["score"].min()
    for threshold, least in ((0.5, 0.0), (0.8, 0.75), (0.99, 1.0)):
        panel.sliders["score_threshold"].value = threshold
        panel.sliders["min_text_score"].value = least
        wanted = scores.at(threshold, least)
        for name in ("precision", "recall", "tp", "fp", "fn", "texts_right", "texts_unread"):
            found, expected = panel.figures[name], getattr(wanted, name)
            assert found == expected or (found != found and expected != expected)
        detections = DETECTED.detections
        shown = detections[detections["score"] >= threshold]
        assert panel.figures["detections"] == len(shown)
        assert panel.figures["texts"] == (shown["text_score"] >= least).sum()


def test_what_is_not_sure_enough_is_not_on_the_frame():
    panel = tune_detection(DETECTED)
    everything = panel.result["detections"]
    before = panel.picture
    panel.set(score_threshold=0.8, min_text_score=0.7)
    kept = panel.result["detections"]
    assert kept == [
        thing if thing.get("text_score", 1) >= 0.7 else without_text(thing)
        for thing in everything
        if thing["score"] >= 0.8
    ]
    assert 0 < len(kept) < len(everything)
    assert panel.figures["here"] == len(kept)
    assert panel.picture != before
    assert panel.reset().picture == before


def test_the_frame_moves_along_with_its_slider():
    panel = tune_detection(DETECTED)
    panel.sliders["frame"].value = 7
    assert panel.result == DETECTED.result(7)
    seventh = panel.picture
    assert pixels(seventh).shape == (480, 640, 3)
    assert panel.set(frame=59).picture != seventh


def test_a_frame_without_an_answer_shows_the_latest_before_it():
    recording = calm_recording(frames=20, results=[{"detections": []}] * 10, video="gate_easy")
    panel = tune_detection(recording)
    panel.set(frame=15)
    assert panel.tuning.frames[panel.tuning.answered_place] == 9


def test_larger_frames_are_made_to_fit_with_their_boxes():
    small = tune_detection(DETECTED).set(frame=40)
    doubled = [
        {
            "detections": [
                {**thing, **{s: 2 * thing[s] for s in ("x", "y", "width", "height")}}
                for thing in DETECTED.result(n)["detections"]
            ]
        }
        for n in range(FRAMES)
    ]
    about = {"video": "gate_easy", "width": 1280, "height": 960, "video_width": 640}
    large = calm_recording(frames=FRAMES, results=doubled, pipeline_id="yolo_ocr", **about)
    assert (
        np.mean(pixels(tune_detection(large).set(frame=40).picture) == pixels(small.picture)) > 0.9
    )


def test_without_truth_there_are_the_frames_and_counts(tmp_path):
    video = tmp_path / "mine.mp4"
    video.write_bytes(sample_path("gate_easy").read_bytes())
    panel = tune_detection(detected(video=str(video)))
    assert panel.tuning.scores is None
    assert "there is no ground truth beside this video" in panel.tuning.no_scores_reason
    assert "precision" not in panel.figures
    assert panel.figures["detections"] == len(DETECTED.detections)
    assert pixels(panel.picture).shape == (480, 640, 3)
    assert panel.chart == b""
    truth = Truth.of_video(sample_path("gate_easy"))
    assert tune_detection(detected(video=str(video)), truth).figures["recall"] > 0


def test_the_chart_moves_along():
    panel = tune_detection(DETECTED)
    before = pixels(panel.chart)
    assert not np.array_equal(pixels(panel.set(score_threshold=0.9).chart), before)


def test_what_was_tuned_is_a_pipeline_that_a_server_takes(tmp_path):
    panel = tune_detection(DETECTED).set(score_threshold=0.45, min_text_score=0.75)
    panel.export("json", tmp_path / "tuned.json")
    registry = PipelineRegistry.load(tmp_path)
    assert registry.problems == []
    tuned = {node.id: node.params for node in registry["yolo_ocr_tuned"].definition.nodes}
    assert tuned == {
        "detect": {"score_threshold": 0.45},
        "track": {},
        "read": {"min_text_score": 0.75},
    }


def test_of_an_unknown_pipeline_only_what_is_tuned_is_exported():
    panel = tune_detection(detected(text=False, pipeline_id="mine")).set(score_threshold=0.45)
    params = {"score_threshold": 0.45}
    nodes = [{"id": "detect", "tool": "yolo_detect", "params": params}]
    assert json.loads(panel.export()) == {"nodes": nodes}
    assert panel.sliders["min_text_score"].disabled


@pytest.mark.parametrize(
    ("recording", "error", "words"),
    [
        (calm_recording(video="gate_easy"), RecordingError, "no answer to look at"),
        (
            calm_recording(results=[{"text": ""}], pipeline_id="ocr"),
            RecordingError,
            "the pipeline 'ocr' have no detections",
        ),
        (detected(video="nowhere.mp4"), VideoError, "nowhere.mp4"),
        (detected(video=None), RecordingError, "names no video"),
    ],
)
def test_what_cannot_be_tuned_is_told_in_one_sentence(recording, error, words):
    with pytest.raises(error, match=words) as told:
        tune_detection(recording)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"score_threshold": 1.2}, "from 0 to 1"),
        ({"min_text_score": "sure"}, "from 0 to 1"),
        ({"frame": 60}, "no such frame"),
        ({"speed": 1}, "no such setting"),
    ],
)
def test_what_detection_cannot_be_set_to_is_told(settings, words):
    panel = tune_detection(DETECTED)
    before = panel.settings
    with pytest.raises(OptionError, match=words):
        panel.set(**settings)
    assert panel.settings == before


def without_text(thing):
    return {name: value for name, value in thing.items() if name not in ("text", "text_score")}
