"""Replay against the live server: what a trace predicts, and what then happens.

One `Lab.measure` for each pipeline makes the trace; every scenario is then replayed from it and run
live, in that order, so that no live figure can leak into a prediction. `--quick` runs each scenario
once; otherwise the live figures are medians.
"""

import argparse
import statistics
from typing import Any, NamedTuple

from streamlab.lab import connect

from .table import show

RUNS = 3
VIDEO = "gate_easy"


class Scenario(NamedTuple):
    """A pipeline under a load."""

    pipeline_id: str
    options: dict[str, Any]

    def __str__(self) -> str:
        words = {**self.options}
        fps, sessions = words.pop("fps"), words.pop("sessions", 1)
        words.pop("seconds")
        rest = "".join(f", {name}={value}" for name, value in words.items())
        return f"{self.pipeline_id}, {sessions} x {fps} fps{rest}"


SCENARIOS = [
    Scenario("noop", {"fps": 200, "sessions": 1, "seconds": 8}),
    Scenario("noop", {"fps": 60, "sessions": 8, "seconds": 8}),
    Scenario("yolo", {"fps": 30, "sessions": 1, "seconds": 10}),
    Scenario("yolo", {"fps": 100, "sessions": 1, "seconds": 8}),
    Scenario("yolo", {"fps": 250, "sessions": 1, "seconds": 8}),
    Scenario("yolo", {"fps": 30, "sessions": 6, "seconds": 8}),
    Scenario("yolo", {"fps": 60, "sessions": 6, "seconds": 8}),
    Scenario("yolo_ocr", {"fps": 30, "sessions": 1, "seconds": 13}),
    Scenario("yolo_ocr", {"fps": 80, "sessions": 1, "seconds": 10}),
    Scenario("yolo_ocr", {"fps": 200, "sessions": 1, "seconds": 10}),
    Scenario("yolo_ocr", {"fps": 15, "sessions": 10, "seconds": 13}),
    Scenario("yolo_ocr", {"fps": 30, "sessions": 10, "seconds": 10}),
    Scenario("yolo_ocr", {"fps": 60, "sessions": 4, "seconds": 10}),
    Scenario("yolo_ocr", {"fps": 150, "sessions": 1, "seconds": 6, "policy": "lossless"}),
    Scenario("yolo_ocr", {"fps": 25, "sessions": 4, "seconds": 10, "policy": "lossless"}),
    Scenario("yolo_ocr", {"fps": 150, "sessions": 2, "seconds": 10, "adaptive": True}),
    Scenario(
        "yolo_ocr",
        {"fps": 90, "sessions": 2, "seconds": 10, "drop_threshold": 0.02, "waiting_frames": 5},
    ),
    Scenario("ocr", {"fps": 5, "sessions": 1, "seconds": 10}),
    Scenario("ocr", {"fps": 30, "sessions": 2, "seconds": 10}),
]
FIGURES = ("drop_rate", "p50_ms", "p95_ms")


def main() -> None:
    """Predict, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="run each scenario once")
    parser.add_argument("--only", help="only scenarios of this pipeline")
    arguments = parser.parse_args()
    scenarios = [s for s in SCENARIOS if arguments.only in (None, s.pipeline_id)]
    rows, points, errors = [], [], []
    with connect(where="process") as lab:
        traces = {}
        for pipeline_id in dict.fromkeys(scenario.pipeline_id for scenario in scenarios):
            trace = lab.measure(VIDEO, pipeline_id=pipeline_id, progress=False)
            traces[pipeline_id] = trace
            slowdown = trace.slowdown
            print(
                f"{trace}, idle {slowdown.idle:.2f}, contention {slowdown.contention:.2f}",
                flush=True,
            )
        for scenario in scenarios:
            predicted = traces[scenario.pipeline_id].run(scenario.options).figures()
            runs = [
                lab.stream(
                    VIDEO,
                    pipeline_id=scenario.pipeline_id,
                    loop=True,
                    progress=False,
                    **scenario.options,
                ).overall()
                for _ in range(1 if arguments.quick else RUNS)
            ]
            live = {name: statistics.median(run[name] for run in runs) for name in FIGURES}
            off = 100 * (predicted["drop_rate"] - live["drop_rate"])
            error = 100 * (predicted["p95_ms"] / live["p95_ms"] - 1)
            points.append(abs(off))
            errors.append(abs(error))
            rows.append(
                (
                    str(scenario),
                    f"{100 * live['drop_rate']:.1f}",
                    f"{100 * predicted['drop_rate']:.1f}",
                    f"{off:+.1f}",
                    f"{live['p50_ms']:.1f}",
                    f"{predicted['p50_ms']:.1f}",
                    f"{live['p95_ms']:.1f}",
                    f"{predicted['p95_ms']:.1f}",
                    f"{error:+.0f}",
                )
            )
            print(rows[-1], flush=True)
    header = ("scenario", "dropped % live", "replay", "points", "p50 ms live", "replay",
              "p95 ms live", "replay", "off by %")  # fmt: skip
    show(f"Replay against the live server, {VIDEO}", header, rows)
    print(
        f"median off by {statistics.median(points):.1f} points and "
        f"{statistics.median(errors):.0f} %; most {max(points):.1f} points and {max(errors):.0f} %"
    )


if __name__ == "__main__":
    main()
