"""Errors of tools and policies: the description for clients, the report for the code's owner.

A client gets the error's type, the first line of its message and the line within the tool's
own code, `line 12 of brightness()`; never a folder of this machine, never a traceback. The whole
traceback is the report, for the log and for the notebook that runs the tool.
"""

import re
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, TracebackType

from streamlab.errors import PipelineFailureError, PolicyError, StreamlabError

OUR_FOLDER = str(Path(__file__).resolve().parents[1])
LIBRARY_FOLDERS = tuple(
    sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")
)
NO_FILE = ("<frozen ", "<__array_function__")
"""How the code that libraries make at run time calls its files."""
MAX_MESSAGE = 300
_QUOTED_FOLDER = re.compile(r"""(?<=['"])(?:[A-Za-z]:|~)?[/\\][^'"\n]*[/\\](?=[^'"/\\\n]+['"])""")
_FOLDER = re.compile(
    r"""(?<![\w:/\\.~<-])(?:[A-Za-z]:|~)?(?:[/\\][^\s'"/\\:]+)+[/\\](?=[^\s'"/\\])"""
)


def failure(node: str, error: BaseException, doing: str = "") -> PipelineFailureError:
    """Return the failure of a node that `error` ended, to be raised from it.

    `doing` says what failed where it was no code of the tool.
    """
    line = _line_of_tool(error)
    if isinstance(error, StreamlabError):
        whole = str(error)
        problem = without_folders(whole)
        report = whole if problem != whole else ""
    else:
        problem = without_folders(_in_one_line(error))
        # what streamlab itself finds wrong with a result needs no traceback
        report = "" if doing and line is None else traceback_of(error)
        if line is not None:
            problem = f"{problem} ({line})"
    return PipelineFailureError(node, f"{doing}: {problem}" if doing else problem, report)


def policy_failure(error: PolicyError) -> PolicyError:
    """Return the error that a client gets for a policy's, with the traceback as its report."""
    cause = error.__cause__
    if cause is None:
        problem, report = without_folders(error.problem), ""
    else:
        line = _line_of_tool(cause)
        problem = f"raised {without_folders(_in_one_line(cause))}" + (f" ({line})" if line else "")
        report = traceback_of(cause)
    return PolicyError(error.policy, error.doing, problem, error.frame_index, report)


def without_folders(text: str) -> str:
    """Return a message with the names of files in place of their paths.

    >>> without_folders("No such file: '/home/ada/my models/gate.onnx'")
    "No such file: 'gate.onnx'"
    >>> without_folders("see https://example.org/a/b, or 1/2 and/or /srv/models/gate.pt: no")
    'see https://example.org/a/b, or 1/2 and/or gate.pt: no'
    """
    return _FOLDER.sub("", _QUOTED_FOLDER.sub("", text))


def _in_one_line(error: BaseException) -> str:
    """Describe an error of third-party code: its type and the first line of its message."""
    name = type(error).__name__
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001 - an error whose own words raise has only its name
        return name
    first = lines[0][:MAX_MESSAGE].encode(errors="replace").decode() if lines else ""
    return f"{name}: {first}" if first else name


def _line_of_tool(error: BaseException) -> str | None:
    """Return where in the tool's own code an error arose; None where it was in none."""
    frames = [(tb.tb_frame.f_code, tb.tb_lineno) for tb in _foreign(error.__traceback__)]
    own = [each for each in frames if not _is_library(each[0].co_filename)]
    if not own:
        # the tool is a library itself: calls into other files are not its own
        own = [each for each in frames if each[0].co_filename == frames[0][0].co_filename]
    if not own:
        return None
    code, line = own[-1]
    name = _name_of(code)
    return f"line {line} of {name}()" if name else f"line {line}"


def _name_of(code: CodeType) -> str:
    """Return the name of a function, of its class too; of a comprehension that around it."""
    names = [name.rstrip(".") for name in code.co_qualname.split("<locals>.")]
    while names and names[-1].startswith("<"):
        names.pop()
    return names[-1] if names else ""


def traceback_of(error: BaseException) -> str:
    """Return the traceback as Python prints it, from the tool's own code on."""
    trace = next(_foreign(error.__traceback__), error.__traceback__)
    try:
        text = "".join(traceback.format_exception(type(error), error, trace))
    except Exception:  # noqa: BLE001 - an error whose own words raise
        text = f"{''.join(traceback.format_tb(trace))}{type(error).__name__}\n"
    return text.encode(errors="replace").decode()


def _foreign(trace: TracebackType | None) -> Iterator[TracebackType]:
    """Yield a traceback from the first frame on that is none of streamlab's."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(OUR_FOLDER):
        trace = trace.tb_next
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_library(filename: str) -> bool:
    return filename.startswith((*LIBRARY_FOLDERS, OUR_FOLDER, *NO_FILE))
