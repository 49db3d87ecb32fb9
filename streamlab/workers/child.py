"""The inside of a worker process: `python -m streamlab.workers.child`.

Reads requests from standard input and writes replies to standard output; ends with its input, so
that it never outlives the server. What tools print goes to standard error.
"""

import os
import signal
import traceback
from typing import BinaryIO

import msgspec

from ..errors import InvalidFrameError, PipelineFailureError, StreamlabError
from ..pipelines.dag import DagPipelineService
from ..pipelines.registry import PipelineRegistry
from . import wire
from .host import SessionHost


def main() -> None:
    """Serve until the input ends."""
    # a terminal sends Ctrl-C to every process in it; the server decides when its workers end
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    _spare_threads()
    serve(requests, replies)


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer every request of the stream, in order."""
    decoder = msgspec.msgpack.Decoder(wire.Request)
    host = SessionHost(DagPipelineService(PipelineRegistry()))
    while (body := wire.read(requests)) is not None:
        request = decoder.decode(body)
        reply = wire.pack(wire.Reply(request.number, _outcome(host, request.call)))
        view = memoryview(reply)
        try:
            while view:
                view = view[replies.write(view) :]
        except BrokenPipeError:
            return  # the server has gone, and with it whoever would read this


def _outcome(
    host: SessionHost, call: wire.Preload | wire.Open | wire.Run | wire.Close
) -> wire.Done | wire.Refused | wire.Failed:
    try:
        match call:
            case wire.Run(session_id, frame_index, frame):
                return wire.Done(host.run(session_id, frame_index, frame))
            case wire.Open(session_id, definition):
                host.open(session_id, definition)
            case wire.Close(session_id):
                host.close(session_id)
            case wire.Preload(definition):
                host.preload(definition)
    except InvalidFrameError as error:
        return wire.Refused(error.detail)
    except PipelineFailureError as error:
        return wire.Failed(error.node, error.problem, _traceback(error.__cause__))
    except Exception as error:  # noqa: BLE001 - whatever a tool raises, the session is told
        return wire.Failed(None, f"{type(error).__name__}: {error}", _traceback(error))
    return wire.Done()


def _traceback(error: BaseException | None) -> str:
    """Return the traceback of somebody else's error; our own say all in their one line."""
    if error is None or isinstance(error, StreamlabError):
        return ""
    return "\n" + "".join(traceback.format_exception(error))


def _spare_threads() -> None:
    """Keep OpenCV to this process's one core: there is a worker for each."""
    import cv2

    cv2.setNumThreads(1)


if __name__ == "__main__":
    main()
