"""Each model: milliseconds a frame by engine and threads, and round trips of its pipeline.

`python -m benchmarks.models` prints everything about the bundled models, on each engine that is
installed. `--weights FILE` adds another detector, such as an export of Ultralytics; `--json FILE`
writes the tables there, too; `--quick` is for trying it out. Everything that is compared takes
turns, so that whatever else the machine does meets all of it.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import cast

from streamlab.media.samples import sample_path
from streamlab.media.video import read_frames
from streamlab.models.catalogue import describe_weights
from streamlab.models.devices import installed_devices
from streamlab.models.letterbox import Letterbox
from streamlab.models.loading import load_network
from streamlab.models.weights import BUNDLED
from streamlab.quantiles import quantile
from streamlab.tools.params import DeviceName
from streamlab.tools.yolo import YoloDetect, YoloParams

from .model_sessions import session_tables
from .table import Table, median

SAMPLES = {"gate_conveyor": "gate_easy"}
"""Videos that models are for, 640x480; others have `PHOTOGRAPHS`."""
PHOTOGRAPHS = "photographs"
FRAME = 100
DISTRIBUTIONS = {"cpu": "onnxruntime", "openvino": "openvino"}
THREADS = (1, 2)
WARM_UP = 10
RUNS, QUICK_RUNS = 100, 20


def main() -> None:
    """Measure, print, and write the file that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="another detector, .onnx")
    parser.add_argument("--json", type=Path, help="a file for the tables")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs")
    arguments = parser.parse_args()
    models = dict(BUNDLED)
    if arguments.weights:
        models[arguments.weights.stem] = arguments.weights
    devices = [device for device in installed_devices() if device in DISTRIBUTIONS]
    tables = [about(models)]
    tables[0].show()
    tables.append(inference(models, devices, QUICK_RUNS if arguments.quick else RUNS))
    tables[1].show()
    for table in session_tables(devices, arguments.weights, arguments.quick):
        table.show()
        tables.append(table)
    if arguments.json:
        written = {table.title: table.records() for table in tables}
        arguments.json.write_text(json.dumps(written, indent=1) + "\n")


def about(models: Mapping[str, Path]) -> Table:
    """Return what each file is."""
    rows = []
    for name, path in models.items():
        entry = describe_weights(path)
        size = f"{entry.size_bytes / 1e6:.1f} MB"
        rows.append((name, entry.task, entry.class_count, size, entry.licence))
    return Table("Models", ("model", "task", "classes", "file", "licence"), rows)


def inference(models: Mapping[str, Path], devices: list[str], runs: int) -> Table:
    """Time networks alone and all of `yolo_detect`, on each engine, with one thread and two."""
    timed: dict[tuple[object, ...], list[Callable[[], object]]] = {}
    for name, path in models.items():
        image = list(read_frames(sample_path(SAMPLES.get(name, PHOTOGRAPHS))))[FRAME]
        for device in devices:
            engine = f"{DISTRIBUTIONS[device]} {version(DISTRIBUTIONS[device]).split('-')[0]}"
            for threads in THREADS:
                network = load_network(path, ("detect",), threads=threads, device=device)
                letterbox = Letterbox(network.size, network.dtype, network.description.input)
                tensor = letterbox(image)[0].copy()
                params = YoloParams(str(path), threads=threads, device=cast(DeviceName, device))
                tool = YoloDetect(params)
                tool.load()
                timed[name, "{3}x{2}".format(*tensor.shape), engine, threads] = [
                    partial(network.run, tensor),
                    partial(tool.detect, image),
                ]
    rows = [(*key, *figures) for key, figures in in_turn(timed, runs).items()]
    header = (
        "model",
        "input",
        "engine",
        "threads",
        "network",
        "network p95",
        "detector",
        "detector p95",
    )
    return Table(f"Inference, medians and p95 of {runs} runs, ms a frame", header, rows)


def in_turn(
    timed: Mapping[tuple[object, ...], list[Callable[[], object]]], runs: int
) -> dict[tuple[object, ...], list[float]]:
    """Run everything `runs` times, one after the other; return median and p95 of each, in ms."""
    times: dict[tuple[object, ...], list[list[float]]] = {
        key: [[] for _ in functions] for key, functions in timed.items()
    }
    for run in range(WARM_UP + runs):
        for key, functions in timed.items():
            for function, found in zip(functions, times[key], strict=True):
                start = time.perf_counter()
                function()
                if run >= WARM_UP:
                    found.append(1000 * (time.perf_counter() - start))
    return {
        key: [figure for part in parts for figure in (median(part), round(quantile(part, 0.95), 1))]
        for key, parts in times.items()
    }


if __name__ == "__main__":
    main()
