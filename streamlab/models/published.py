"""The weights that Ultralytics publishes and that run here, by name."""

LICENCE = "AGPL-3.0 (Ultralytics)"

SOURCE_URL = "https://github.com/ultralytics/assets/releases/download/v8.4.0"
"""Where `NAME.pt` is."""

_TASKS = ("", "-seg", "-pose", "-obb", "-cls")

PUBLISHED = frozenset(
    [f"yolov8{size}{task}" for size in "nsmlx" for task in _TASKS]
    + [f"yolo11{size}{task}" for size in "nsmlx" for task in _TASKS]
    + [f"yolo26{size}{task}" for size in "nsmlx" for task in _TASKS]
    + [f"yolo12{size}" for size in "nsmlx"]
    + [f"yolov10{size}" for size in "nsmblx"]
    + [f"yolov9{size}" for size in "tsmce"]
    + ["yolov9c-seg", "yolov9e-seg"]
    + [f"yolov5{size}{larger}u" for size in "nsmlx" for larger in ("", "6")]
    + ["yolov3u", "yolov3-sppu", "yolov3-tinyu"]
    + ["rtdetr-l", "rtdetr-x"]
)

_TASK_OF = {"seg": "segment", "pose": "pose", "obb": "obb", "cls": "classify"}


def task_of(name: str) -> str | None:
    """Return the task of the published weights `name`; `None` for others."""
    if name not in PUBLISHED:
        return None
    return _TASK_OF.get(name.rpartition("-")[2], "detect")
