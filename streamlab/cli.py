"""The command line: what can be asked; what it does is in `streamlab.commands`."""

import math
import sys
from collections.abc import Callable
from typing import Any

import click

from streamlab.errors import PipelineFailureError, StreamlabError
from streamlab.version import __version__


class OneLineErrors(click.Group):
    """Tells a user's mistake in one line, and exits with 1; an error in a tool is shown whole."""

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except StreamlabError as error:
            if isinstance(error, PipelineFailureError) and error.report:
                click.echo(error.report.rstrip(), err=True)
            click.echo(f"streamlab: {error}", err=True)
            context.exit(1)
        except BrokenPipeError:
            raise  # whoever read the output has gone; click knows what to do
        except OSError as error:
            # a full disk, a folder that may not be read: the user's to mend
            click.echo(f"streamlab: {error}", err=True)
            context.exit(1)


class FiniteRange(click.FloatRange):
    """A range of numbers, in which NaN is none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse a number of the range."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no finite number", param, ctx)
        return number


POSITIVE = FiniteRange(0, min_open=True)
SHARE = FiniteRange(0, 1)
PIPELINE_HELP = "Which pipeline; unless told, the sample's own, or yolo_ocr for a file."


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """A lab bench for live video analysis: stream, measure, tune, serve."""


def detection_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that limit what a pipeline finds."""
    for option in (
        click.option("--label", "labels", multiple=True, callback=_all_if_none, metavar="LABEL",
                     help="Find only this; all labels unless told. May be repeated."),
        click.option("--min-score", type=SHARE, default=0.0, help="Find nothing less sure."),
    ):  # fmt: skip
        command = option(command)
    return command


def _all_if_none(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> Any:
    return value or None


@main.command()
@click.option("--out", default="streamlab-demo", show_default=True, help="Folder to write into.")
@click.option("--video", default="gate_easy", show_default=True, help="Sample or file to stream.")
def demo(out: str, video: str) -> None:
    """Stream a video through its pipeline (detection, tracking, OCR); show what came of it."""
    from streamlab.commands.demo import run_demo

    run_demo(out, video)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--token", help="What clients must present; required beyond loopback.")
@click.option("--allow-origin", "allow_origins", multiple=True, metavar="ORIGIN",
              help="Let this origin's pages in; * for any. May be repeated.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1), help="Workers; one a core unless told.")
@click.option("--worker-kind", type=click.Choice(["process", "thread"]), default="process")
@click.option("--log-json", is_flag=True, help="Log sessions as JSON, one line an event.")
@click.option("--until-stdin-ends", is_flag=True, hidden=True)
def serve(
    host: str,
    port: int,
    token: str | None,
    allow_origins: tuple[str, ...],
    workers: int | None,
    worker_kind: str,
    log_json: bool,
    until_stdin_ends: bool,
) -> None:
    """Serve pipelines until Ctrl-C."""
    from streamlab.commands.serve import run_server
    from streamlab.workers.pool import WORKER_KINDS

    kind = next(kind for kind in WORKER_KINDS if kind == worker_kind)
    run_server(host, port, token, workers, kind, log_json, allow_origins, until_stdin_ends)


@main.command()
@click.argument("video")
@click.option("--pipeline", help=PIPELINE_HELP)
@click.option("--out", help="Write a JSON line a frame to this file.")
@click.option("--annotate", help="Write the annotated video to this MP4.")
@click.option("--stride", default=1, type=click.IntRange(1), help="Take every N-th frame.")
@click.option("--max-frames", type=click.IntRange(1), help="Take at most so many frames.")
@detection_options
def run(
    video: str,
    pipeline: str | None,
    out: str | None,
    annotate: str | None,
    stride: int,
    max_frames: int | None,
    min_score: float,
    labels: tuple[str, ...] | None,
) -> None:
    """Run a VIDEO (a file, or the name of a sample) through a pipeline, offline."""
    from streamlab.commands.run import run_offline
    from streamlab.media.samples import default_pipeline

    chosen = pipeline or default_pipeline(video)
    run_offline(video, chosen, out, annotate, stride, max_frames, min_score, labels)


@main.command()
@click.argument("video")
@click.option("--url", required=True, help="Server: http://HOST:PORT, base_url included.")
@click.option("--pipeline", "pipeline_id", help=PIPELINE_HELP)
@click.option("--token", help="The server's token.")
@click.option("--fps", type=POSITIVE, help="Rate; the video's own unless told.")
@click.option("--sessions", default=1, show_default=True, type=click.IntRange(1))
@click.option("--loop", is_flag=True, help="Begin the video again at its end.")
@click.option("--seconds", type=POSITIVE, help="Stop after so long.")
@click.option("--policy", default="realtime", show_default=True,
              help="How to treat overload: the name of an admission policy.")  # fmt: skip
@click.option("--drop-threshold", type=SHARE, help="Of these sessions alone.")
@click.option("--slowdown-threshold", type=SHARE, help="Of these sessions alone.")
@click.option("--waiting-frames", type=click.IntRange(1), help="Of these sessions alone.")
@click.option("--window", "window_s", type=POSITIVE, help="Seconds; of these sessions alone.")
@click.option("--adaptive", is_flag=True, help="Send less when asked to slow down.")
@click.option("--realtime", is_flag=True, help="Let the video keep its pace, whatever --fps is.")
@click.option("--width", type=click.IntRange(16, 8192), help="Scale frames to this many pixels.")
@detection_options
@click.option("--record", metavar="FILE", help="Write a recording, for streamlab.lab.")
def stream(
    video: str,
    url: str,
    token: str | None,
    record: str | None,
    realtime: bool,
    pipeline_id: str | None,
    **options: Any,
) -> None:
    """Stream a VIDEO (a file, or the name of a sample) to a server, in real time."""
    from streamlab.client.options import StreamOptions
    from streamlab.commands.stream import StreamJob, run_stream
    from streamlab.media.samples import default_pipeline

    chosen = StreamOptions(
        pipeline_id or default_pipeline(video), **options, every_frame=not realtime
    )
    run_stream(StreamJob(video, url, token, chosen, record))


@main.command()
def pipelines() -> None:
    """Show the pipelines there are, and what is wrong with those that did not load."""
    from streamlab.commands.pipelines import show_pipelines

    show_pipelines()


@main.group(cls=OneLineErrors, invoke_without_command=True)
@click.pass_context
def weights(context: click.Context) -> None:
    """Show the weights that are here: task, classes, size, licence."""
    if context.invoked_subcommand is None:
        from streamlab.commands.weights import show_weights

        show_weights()


@weights.command()
@click.argument("name")
@click.option("--from", "source_url", metavar="URL", help="Folder of another server that has it.")
def get(name: str, source_url: str | None) -> None:
    """Fetch the weights that Ultralytics publishes as NAME, and export them to ONNX."""
    from streamlab.commands.weights import get_weights
    from streamlab.models.published import SOURCE_URL

    get_weights(name, source_url or SOURCE_URL)


if __name__ == "__main__":
    sys.exit(main())
