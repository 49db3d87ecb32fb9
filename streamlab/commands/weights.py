"""`streamlab weights`: which weights are here; `streamlab weights get`: fetch published ones."""

from itertools import groupby

import click

from streamlab.models.catalogue import Entry, describe_weights, found_weights
from streamlab.models.fetch import can_export, export, fetch
from streamlab.models.published import SOURCE_URL


def show_weights() -> None:
    """Print every file of weights that a name finds, by folder."""
    for folder, entries in groupby(found_weights(), key=lambda entry: entry.path.parent):
        click.echo(f"{folder}")
        for entry in entries:
            click.echo(f"  {_line(entry)}")
    click.echo("`streamlab weights get NAME` fetches more, such as yolo26n or yolo26n-seg")


def get_weights(name: str, source_url: str = SOURCE_URL) -> None:
    """Fetch published weights, export them where that is possible, and say how they are used."""
    path = fetch(name, source_url)
    click.echo(f"{path.parent}\n  {_line(describe_weights(path))}")
    if can_export():
        click.echo("exporting it to ONNX")
        path = export(path)
        click.echo(f"{path}")
        click.echo(f"use it: STREAM_YOLO_WEIGHTS={path.name}")
    else:
        click.echo(
            'running it, or exporting it, needs `pip install "jupyter-streamlab[ultralytics]"`'
        )


def _line(entry: Entry) -> str:
    size = f"{entry.size_bytes / 1e6:.1f} MB"
    if entry.problem is not None:
        return f"{entry.path.name:24} {size:>9}  cannot be used: {entry.problem}"
    task = entry.task or "unknown task"
    classes = "unknown classes" if entry.class_count is None else f"{entry.class_count} classes"
    return (
        f"{entry.path.name:24} {size:>9}  {task}, {classes}, {entry.licence or 'unknown licence'}"
    )
