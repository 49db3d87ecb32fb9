"""The file format of a recording: gzipped JSON Lines.

The first line is a header, each further line one frame or event, and the last line has their
numbers: a file without it is truncated. `docs/recordings.md` describes every field.
"""

import contextlib
import gzip
import json
import math
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from streamlab.errors import RecordingError
from streamlab.recording.columns import EVENT_COLUMNS, frame_columns

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "streamlab-recording"
VERSION = 1
COMPRESSION = 6


class RecordingTables(NamedTuple):
    """The contents of a file; see `RecordingData`."""

    frames: "pd.DataFrame"
    info: Mapping[str, Any]
    events: "pd.DataFrame"
    results: Mapping[tuple[int, int], Mapping[str, Any]]
    sessions: Sequence[Mapping[str, Any]]


def write_recording(recording: RecordingTables, path: Path) -> Path:
    """Write a recording atomically; raises `RecordingError`."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with gzip.open(unfinished, "wb", COMPRESSION) as file:
            for line in _lines(recording):
                file.write(line)
                file.write(b"\n")
        unfinished.replace(path)
    except (OSError, TypeError, ValueError) as error:
        problem = f"cannot be written: {getattr(error, 'strerror', None) or error}"
        raise RecordingError(path, problem) from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return path


def _lines(recording: RecordingTables) -> Iterator[bytes]:
    encode = msgspec.json.encode
    header = {"format": FORMAT, "version": VERSION, "info": recording.info}
    yield encode({**header, "sessions": recording.sessions})
    names = [column.name for column in frame_columns(recording.info.get("nodes", ()))]
    columns = [_plain(recording.frames[name]) for name in names]
    for values in zip(*columns, strict=True):
        row = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        result = recording.results.get((row["session"], row["frame_index"]))
        if result is not None:
            row["result"] = result
        yield encode({"frame": row})
    names = [column.name for column in EVENT_COLUMNS]
    columns = [_plain(recording.events[name]) for name in names]
    for values in zip(*columns, strict=True):
        row = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        yield encode({"event": row})
    yield encode({"end": {"frames": len(recording.frames), "events": len(recording.events)}})


def _plain(column: Any) -> list[Any]:
    values = column.tolist()
    return [None if isinstance(v, float) and math.isnan(v) else v for v in values]


def read_recording(path: Path, partial: bool) -> RecordingTables:
    """Read a recording; with `partial`, the readable part of a truncated one."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    results: dict[tuple[int, int], Any] = {}
    header: dict[str, Any] | None = None
    is_whole = False
    try:
        for line in _objects(path):
            if header is None:
                header = _checked_header(path, line)
            elif "frame" in line:
                row = line["frame"]
                if (result := row.pop("result", None)) is not None:
                    results[row["session"], row["frame_index"]] = result
                rows.append(row)
            elif "event" in line:
                events.append(line["event"])
            elif "end" in line:
                is_whole = line["end"] == {"frames": len(rows), "events": len(events)}
    except (
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
        json.JSONDecodeError,
        UnicodeDecodeError,
    ) as error:
        if header is None:
            raise RecordingError(path, f"not a recording: {_first_line(error)}") from None
    except (KeyError, TypeError, AttributeError):
        raise RecordingError(path, f"damaged behind frame {len(rows)}") from None
    if header is None:
        raise RecordingError(path, "not a recording: the file is empty")
    if not is_whole and not partial:
        advice = (
            f"Recording.load({path.name!r}, partial=True) gives the {len(rows)} frames there are"
        )
        raise RecordingError(path, f"truncated after {len(rows)} frames; {advice}")
    info = dict(header["info"])
    if not is_whole:
        info["truncated"] = True
    try:
        tables = pd.DataFrame(rows), pd.DataFrame(events)
    except (ValueError, TypeError) as error:
        raise damaged(path, error) from None
    return RecordingTables(tables[0], info, tables[1], results, header.get("sessions", ()))


def damaged(path: Path, error: Exception) -> RecordingError:
    """Return the error for a file whose lines are valid JSON but no valid tables."""
    return RecordingError(path, f"damaged: {_first_line(error)}")


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                yield json.loads(line)
    except FileNotFoundError:
        raise RecordingError(path, "no such file") from None
    except gzip.BadGzipFile:
        raise
    except OSError as error:
        raise RecordingError(path, f"cannot be read: {error.strerror or error}") from None


def _checked_header(path: Path, line: Any) -> dict[str, Any]:
    if not isinstance(line, dict) or line.get("format") != FORMAT:
        raise RecordingError(path, "not a recording: it does not begin with a recording's header")
    version = line.get("version")
    if version != VERSION:
        age = "a newer" if isinstance(version, int) and version > VERSION else "another"
        problem = f"written by {age} streamlab: format {version!r}, and this one reads {VERSION}"
        raise RecordingError(path, problem)
    if not isinstance(line.get("info"), dict):
        raise RecordingError(path, "damaged: its header has no info")
    return line


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
