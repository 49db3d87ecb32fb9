"""The inside of a worker process: `python -m streamlab.workers.child`.

Reads requests from standard input and writes replies to standard output; ends with its input, so
that it never outlives the server. What tools print goes to standard error.
"""

import ctypes
import os
import signal
import sys
from typing import BinaryIO

import msgspec

from streamlab.errors import InvalidFrameError, PipelineFailureError
from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.faults import traceback_of
from streamlab.pipelines.registry import PipelineRegistry
from streamlab.workers import wire
from streamlab.workers.host import SessionHost

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Serve until the input ends."""
    _die_with_parent()
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    _spare_threads()
    serve(requests, replies)


def _die_with_parent() -> None:
    """Have the system end this process with its server, even in the midst of a frame (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer every request of the stream, in order."""
    decoder = msgspec.msgpack.Decoder(wire.Request)
    host = SessionHost(DagPipelineService(PipelineRegistry()), owns_pipelines=True)
    while (body := wire.read(requests)) is not None:
        request = decoder.decode(body)
        reply = wire.pack(wire.Reply(request.number, _outcome(host, request.call)))
        view = memoryview(reply)
        try:
            while view:
                view = view[replies.write(view) :]
        except BrokenPipeError:
            return  # the server has ended, and no one reads this


def _outcome(
    host: SessionHost, call: wire.Preload | wire.Open | wire.Run | wire.Close
) -> wire.Done | wire.Refused | wire.Failed:
    try:
        match call:
            case wire.Run(session_id, frame_index, frame, detection_filter, cores):
                answer = host.run(session_id, frame_index, frame, detection_filter, cores)
                return wire.Done(answer)
            case wire.Open(session_id, definition):
                host.open(session_id, definition)
            case wire.Close(session_id):
                host.close(session_id)
            case wire.Preload(definition):
                host.preload(definition)
    except InvalidFrameError as error:
        return wire.Refused(error.detail)
    except PipelineFailureError as error:
        return wire.Failed(error.node, error.problem, error.report)
    except BaseException as error:  # noqa: BLE001 - anything a tool raises becomes an answer
        return wire.Failed(None, f"the tool raised {type(error).__name__}", traceback_of(error))
    return wire.Done()


def _spare_threads() -> None:
    """Keep OpenCV to this process's one core: there is a worker for each."""
    import cv2

    cv2.setNumThreads(1)


if __name__ == "__main__":
    main()
