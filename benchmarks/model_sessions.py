"""Round trips of pipelines with a detector: one session and several, threads by load on and off.

Part of `python -m benchmarks.models`. "By load" is what a pipeline does that does not say
`threads`; beside it stands the same pipeline with `threads: 1`, on the same server, in turn.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from streamlab.client.record import SessionRecord
from streamlab.media.samples import sample_path
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.quantiles import quantile

from .load import encoded, stream, warm_server
from .table import Table, median

RUNS, SECONDS = 3, 10
QUICK_RUNS, QUICK_SECONDS = 1, 4
WARM_UP_SECONDS = 2
THREADS: dict[str, int | None] = {"by load": None, "1": 1}
HEADER = (
    "pipeline", "sessions", "fps", "threads", "p50", "p95", "p99", "dropped %", "on all cores %",
)  # fmt: skip


class Load(NamedTuple):
    """Sessions that send the frames of a sample through a pipeline."""

    pipeline: str
    sample: str
    sessions: int
    fps: float


def loads_of(pipeline: str, sample: str, several: Sequence[tuple[int, float]]) -> list[Load]:
    """Return one session at both rates, and several."""
    return [Load(pipeline, sample, *load) for load in ((1, 15), (1, 30), *several)]


def session_tables(devices: Sequence[str], weights: Path | None, quick: bool) -> Iterator[Table]:
    """Yield a table for each device."""
    loads = loads_of("everyday", "photographs", [(2, 15), (10, 5)])
    loads += loads_of("yolo", "gate_easy", [(2, 15), (10, 15)])
    if weights is not None:
        loads += loads_of(weights.stem, "photographs", [(2, 15)])
    runs, seconds = (QUICK_RUNS, QUICK_SECONDS) if quick else (RUNS, SECONDS)
    for device in devices:
        with tempfile.TemporaryDirectory() as folder:
            write_pipelines(Path(folder), {load.pipeline for load in loads}, weights)
            rows = [*measured(loads, device, folder, runs, seconds)]
        title = (
            f"Round trips on {device}, 640x480, ms; medians of {runs} runs of {seconds} s each, "
            "from the time at which a frame was due"
        )
        yield Table(title, HEADER, rows)


def write_pipelines(folder: Path, names: set[str], weights: Path | None) -> None:
    """Write each pipeline twice, with threads by load and with one."""
    known = PipelineRegistry.load()
    for name in names:
        if name in known:
            definition: dict[str, Any] = msgspec.to_builtins(known[name].definition)
        else:
            detect = {"id": "detect", "tool": "yolo_detect", "params": {"weights": str(weights)}}
            definition = {"title": name, "nodes": [detect], "edges": []}
        for label, threads in THREADS.items():
            for node in definition["nodes"]:
                if node["tool"] == "yolo_detect":
                    node["params"] = {**node["params"], "threads": threads}
            definition["id"] = pipeline_id(name, label)
            (folder / f"{definition['id']}.json").write_text(json.dumps(definition))


def pipeline_id(name: str, threads: str) -> str:
    """Return the id of a pipeline that runs with these threads."""
    return f"{name}_{threads.replace(' ', '_')}"


def measured(
    loads: Sequence[Load], device: str, folder: str, runs: int, seconds: float
) -> Iterator[tuple[object, ...]]:
    """Yield a row for each load and kind of threads."""
    environment = {"STREAM_DEVICE": device, "STREAM_PIPELINES_DIR": folder}
    with warm_server(environment=environment) as server:
        for load in loads:
            ids = {threads: pipeline_id(load.pipeline, threads) for threads in THREADS}
            found: dict[str, list[list[SessionRecord]]] = {threads: [] for threads in THREADS}
            with encoded(sample_path(load.sample)) as spool:
                spools = [spool] * load.sessions
                # loads the networks, in every worker that will run them
                for each in ids.values():
                    stream(server.base_url, server.token, spools, load.fps, WARM_UP_SECONDS, each)
                for _ in range(runs):
                    for threads, each in ids.items():
                        records = stream(
                            server.base_url, server.token, spools, load.fps, seconds, each
                        )
                        found[threads].append(records)
            for threads, repeated in found.items():
                yield (load.pipeline, load.sessions, load.fps, threads, *figures(repeated))


def figures(runs: Sequence[Sequence[SessionRecord]]) -> tuple[float, ...]:
    """Return p50, p95, p99, and the shares dropped and run on all cores, in per cent."""
    cells: list[list[float]] = []
    for records in runs:
        trips = [ms for record in records for ms in record.round_trips_ms()]
        rows = [row for record in records for row in record.rows]
        dropped = sum(record.count("dropped") for record in records)
        wide = sum(row.spared_ms is not None for row in rows)
        done = sum(record.count("processed") for record in records)
        shares = (100 * dropped / len(rows), 100 * wide / max(done, 1))
        cells.append([*(quantile(trips, q) for q in (0.5, 0.95, 0.99)), *shares])
    return tuple(median(column) for column in zip(*cells, strict=True))
