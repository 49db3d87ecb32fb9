"""Each bundled model: milliseconds a frame by threads, and the round trip of its pipeline.

Networks take turns, so that whatever else the machine does meets all of them. The frame is of a
sample that the model is for, 640x480: `network` is the inference alone, `detector` is all of
`yolo_detect`.
"""

import os
import time
from collections.abc import Callable

import onnxruntime

from streamlab.media.samples import sample_path
from streamlab.media.video import read_frames
from streamlab.models.letterbox import Letterbox
from streamlab.models.onnx_network import OnnxNetwork
from streamlab.models.weights import BUNDLED
from streamlab.quantiles import quantile
from streamlab.tools.yolo import YoloDetect, YoloParams

from .load import encoded, stream, warm_server
from .table import median, show

# A sample that the model is for, and a pipeline that runs it.
USED = {"gate_conveyor": ("gate_easy", "yolo"), "everyday": ("photographs", "everyday")}
FRAME = 100
THREADS = sorted({1, 2, os.cpu_count() or 1})
WARM_UP, RUNS = 10, 100
RATES_FPS = (15, 30)
SECONDS = 10


def main() -> None:
    """Measure and print."""
    networks()
    round_trips()


def networks() -> None:
    """Time networks and detectors, each with one thread and with several."""
    timed: dict[tuple[str, int], list[Callable[[], object]]] = {}
    about = {}
    for name, path in BUNDLED.items():
        image = list(read_frames(sample_path(USED[name][0])))[FRAME]
        for threads in THREADS:
            network = OnnxNetwork(path, threads=threads, device="cpu")
            tensor = Letterbox(network.size, network.dtype)(image)[0].copy()
            tool = YoloDetect(YoloParams(name, threads=threads, device="cpu"))
            tool.load()
            timed[name, threads] = [
                lambda network=network, tensor=tensor: network.run(tensor),
                lambda tool=tool, image=image: tool.detect(image),
            ]
        about[name] = (f"{path.stat().st_size / 1e6:.1f} MB", "{3}x{2}".format(*tensor.shape))
    engine = f"onnxruntime {onnxruntime.__version__}"
    rows = [
        (name, *about[name], engine, threads, *medians)
        for (name, threads), medians in medians_in_turn(timed).items()
    ]
    header = ("model", "file", "input", "engine", "threads", "network", "detector")
    show(f"Bundled models, medians of {RUNS} runs, ms a frame", header, rows)


def medians_in_turn(
    timed: dict[tuple[str, int], list[Callable[[], object]]],
) -> dict[tuple[str, int], list[float]]:
    """Run everything `RUNS` times, one after the other; return medians in milliseconds."""
    times: dict[tuple[str, int], list[list[float]]] = {
        key: [[] for _ in functions] for key, functions in timed.items()
    }
    for run in range(WARM_UP + RUNS):
        for key, functions in timed.items():
            for function, found in zip(functions, times[key], strict=True):
                start = time.perf_counter()
                function()
                if run >= WARM_UP:
                    found.append(1000 * (time.perf_counter() - start))
    return {key: [median(found) for found in parts] for key, parts in times.items()}


def round_trips() -> None:
    """Stream one session in real time through each model's pipeline."""
    rows = []
    with warm_server() as server:
        for name, (sample, pipeline) in USED.items():
            with encoded(sample_path(sample)) as spool:
                for fps in RATES_FPS:
                    [record] = stream(
                        server.base_url, server.token, [spool], fps, SECONDS, pipeline
                    )
                    trips = record.round_trips_ms()
                    cells = [round(quantile(trips, share), 1) for share in (0.50, 0.95, 0.99)]
                    dropped = f"{record.count('dropped')} of {len(record.rows)}"
                    rows.append((name, pipeline, sample, fps, *cells, dropped))
    header = ("model", "pipeline", "sample", "fps", "p50", "p95", "p99", "dropped")
    show("Round trip, one session, 640x480, ms", header, rows)


if __name__ == "__main__":
    main()
