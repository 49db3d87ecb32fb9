"""The alternative that one writes first: a Tornado handler that runs the pipeline in `on_message`.

It answers every frame in order, with the same tools, and never drops. `python -m
benchmarks.inline_server` prints its address; the benchmarks start it themselves.
"""

import asyncio
import json
import sys
import time
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from streamlab.pipelines.video import VideoFilePipelineService


class Inline(WebSocketHandler):
    """Runs a frame when it comes, on the event loop."""

    frames: VideoFilePipelineService
    count = 0

    def initialize(self, shared: VideoFilePipelineService) -> None:
        """Open a session of its own on the models that all share."""
        self.frames = VideoFilePipelineService(shared.dag)

    def on_message(self, message: Any) -> None:
        """Answer a frame."""
        start = time.perf_counter()
        done = self.frames.run_on_frame(self.get_argument("pipeline_id"), message)
        total_ms = (time.perf_counter() - start) * 1e3
        answer = {
            "frame_index": self.count,
            "result": done.result,
            "timing": {"queued": 0.0, "decode": done.decode_ms, "nodes": {}, "total": total_ms},
        }
        self.count += 1
        self.write_message(json.dumps(answer))


class Echo(WebSocketHandler):
    """Answers a frame with its size."""

    count = 0

    def on_message(self, message: Any) -> None:
        """Answer a frame."""
        self.write_message(json.dumps({"frame_index": self.count, "result": {}}))
        self.count += 1


async def main() -> None:
    """Serve until killed."""
    shared = VideoFilePipelineService()
    shared.open("yolo_ocr")
    stream = (r"/ws/video/stream", Inline, {"shared": shared})
    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([stream, (r"/echo/ws/video/stream", Echo)]))
    server.add_sockets(sockets)
    print(f"http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
