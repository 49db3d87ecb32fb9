"""The command line: what can be asked; what it does is in `streamlab.commands`."""

import sys
from typing import Any

import click

from streamlab.client.options import VIDEO_OPTIONS
from streamlab.commands.options import in_flags, options_of, server_options
from streamlab.errors import PipelineFailureError, SettingError, StreamlabError
from streamlab.pipelines.detection_filter import FILTER_SETTINGS
from streamlab.version import __version__


class OneLineErrors(click.Group):
    """Reports a user's mistake in one line, with exit code 1; tools keep their traceback."""

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
            raise  # the reader of the output has closed it; click handles that
        except OSError as error:
            # a full disk, a folder that may not be read: the user's to mend
            click.echo(f"streamlab: {error}", err=True)
            context.exit(1)


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """A lab bench for live video analysis: stream, measure, tune, serve."""


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
@click.option("--token", help="What clients must present; required beyond loopback. Everybody on "
              "this machine can read it in the list of processes: rather use --token-file, or "
              "the variable STREAM_TOKEN.")  # fmt: skip
@click.option("--token-file", metavar="PATH", help="File with the token, and nothing else.")
@click.option("--allow-origin", "allow_origins", multiple=True, metavar="ORIGIN",
              help="Let this origin's pages in; * for any. May be repeated.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1), help="Workers; one a core unless given.")
@click.option("--worker-kind", type=click.Choice(["process", "thread"]), default="process")
@click.option("--log-json", is_flag=True, help="Log sessions as JSON, one line an event.")
@server_options
@click.option("--until-stdin-ends", is_flag=True, hidden=True)
def serve(
    host: str,
    port: int,
    token: str | None,
    token_file: str | None,
    allow_origins: tuple[str, ...],
    workers: int | None,
    worker_kind: str,
    log_json: bool,
    until_stdin_ends: bool,
    **settings: Any,
) -> None:
    """Serve pipelines until Ctrl-C."""
    from streamlab.commands.serve import choose_token, run_server
    from streamlab.settings import Settings
    from streamlab.workers.pool import WORKER_KINDS

    given = {name: value for name, value in settings.items() if value is not None}
    try:
        chosen = Settings.from_environment(**given)
    except SettingError as error:
        raise in_flags(error, given) from None
    kind = next(kind for kind in WORKER_KINDS if kind == worker_kind)
    token = choose_token(token, token_file)
    run_server(host, port, token, workers, kind, log_json, allow_origins, until_stdin_ends, chosen)


@main.command()
@click.argument("video")
@options_of([VIDEO_OPTIONS["pipeline_id"]])
@click.option("--out", help="Write a JSON line a frame to this file.")
@click.option("--annotate", help="Write the annotated video to this MP4.")
@click.option("--stride", default=1, type=click.IntRange(1), help="Take every N-th frame.")
@click.option("--max-frames", type=click.IntRange(1), help="Take at most so many frames.")
@options_of(FILTER_SETTINGS.values())
def run(
    video: str,
    pipeline_id: str | None,
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

    chosen = pipeline_id or default_pipeline(video)
    run_offline(video, chosen, out, annotate, stride, max_frames, min_score, labels)


@main.command()
@click.argument("video")
@click.option("--url", required=True, help="Server: http://HOST:PORT, base_url included.")
@click.option("--token", envvar="STREAM_TOKEN", show_envvar=True, help="The server's token.")
@options_of(VIDEO_OPTIONS.values())
@click.option("--realtime", is_flag=True, hidden=True)
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
    """Stream a VIDEO (a file, or the name of a sample) to a server, in real time.

    The options are those of `lab.stream` in Python, with its defaults. The video plays in real
    time at any --fps, unless --every-frame is given.
    """
    from streamlab.client.options import StreamOptions
    from streamlab.commands.stream import StreamJob, run_stream
    from streamlab.media.samples import default_pipeline

    if realtime:
        if options["every_frame"]:
            raise click.UsageError("--realtime and --every-frame exclude each other")
        notice = "--realtime is the default by now; the option goes with the next release"
        click.echo(f"streamlab: {notice}", err=True)
    chosen = StreamOptions(pipeline_id=pipeline_id or default_pipeline(video), **options)
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
