"""Recordings that tests make by hand: what a server would have told, exactly."""

import numpy as np
import pandas as pd

from streamlab.lab.recording import Recording

INFO = {
    "source": "live",
    "video": "made by hand",
    "pipeline_id": "yolo",
    "video_fps": 30.0,
    "fps": 30.0,
    "policy": "realtime",
    "drop_threshold": 0.1,
    "slowdown_threshold": 0.3,
    "waiting_frames": 2,
    "window_s": 2.0,
    "adaptive": False,
    "every_frame": False,
    "workers": 1,
    "nodes": ["detect"],
    "deferring": [],
}


def calm_recording(
    service_ms=10.0, frames=90, sessions=1, fps=30.0, late_ms=0.5, way_ms=0.25, results=None, **info
):
    """A recording in which every frame is processed; `service_ms` may be one for each frame."""
    service = np.broadcast_to(np.asarray(service_ms, dtype=float), (frames,))
    rows = []
    for session in range(sessions):
        for index in range(frames):
            due = index * 1e3 / fps
            received = due + late_ms + way_ms
            rows.append(
                {
                    "session": session,
                    "frame_index": index,
                    "video_frame": int(index * 30 / fps + 1e-6),
                    "size_bytes": 40_000 + index,
                    "scheduled_ms": round(due, 3),
                    "sent_ms": round(due + late_ms, 3),
                    "received_ms": round(received, 3),
                    "queued_ms": 0.0,
                    "decode_ms": 1.0,
                    "node_detect_ms": service[index] - 1.5,
                    "total_ms": service[index],
                    "answered_ms": round(received + service[index] + way_ms, 3),
                    "round_trip_ms": round(late_ms + 2 * way_ms + service[index], 3),
                    "fate": "processed",
                    "cause": None,
                    "state": "normal",
                }
            )
    given = {(0, index): result for index, result in enumerate(results or ())}
    table = [{"session": n, "session_id": str(n + 1), "worker": n} for n in range(sessions)]
    told = {**INFO, "fps": fps, "sessions": sessions, **info}
    return Recording(pd.DataFrame(rows), told, results=given, sessions=table)
