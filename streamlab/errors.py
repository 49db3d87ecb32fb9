"""Every error that streamlab raises on purpose, with the values that it talks about.

The errors of the protocol carry the code that the client reads and the code with which the
WebSocket closes; `str(error)` is the detail that it is sent.
"""

from pathlib import Path
from typing import ClassVar


class _Picklable:
    """Survives pickling, independent of the constructor: attributes are carried as they are.

    An exception is otherwise made anew from its message alone, which most constructors refuse.
    """

    args: tuple[object, ...]

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickled, (type(self), self.args), self.__dict__


def _unpickled(kind: type[BaseException], args: tuple[object, ...]) -> BaseException:
    error = kind.__new__(kind)
    error.args = args
    return error


class StreamlabError(_Picklable, Exception):
    """An error that one line explains to a user; the base of all others."""


class SettingError(StreamlabError):
    """A setting that does not parse or is out of range."""

    def __init__(self, variable: str, value: str, allowed: str) -> None:
        self.variable = variable
        self.value = value
        self.allowed = allowed
        super().__init__(f"{variable}={value!r}: {allowed}")


class DefinitionError(StreamlabError):
    """A pipeline definition that cannot be used."""

    def __init__(self, source: str, problem: str, node: str | None = None) -> None:
        self.source = source
        self.problem = problem
        self.node = node
        where = source if node is None else f"{source}, node {node!r}"
        super().__init__(f"{where}: {problem}")


class ToolUnavailableError(StreamlabError):
    """A tool that cannot be loaded here: weights that are not there, an extra not installed."""


class WeightsError(StreamlabError):
    """Weights that cannot be fetched, kept or exported."""


class ToolResultError(StreamlabError, TypeError):
    """The invalid return value of a tool."""


class ToolFailedError(_Picklable, Exception):
    """Stands for an error in a user's code that ran elsewhere; the cause of what is raised here."""

    def __init__(self, report: str, where: str = "the server") -> None:
        self.report = report
        super().__init__(f"in {where}:\n\n{report}")


class VideoError(StreamlabError):
    """A video that cannot be read or written."""

    def __init__(self, path: str | Path, problem: str) -> None:
        self.path = str(path)
        self.problem = problem
        super().__init__(f"{self.path}: {problem}")


class RecordingError(StreamlabError):
    """A recording that cannot be read or written, or that lacks what is asked of it."""

    def __init__(self, source: str | Path, problem: str) -> None:
        self.source = str(source)
        self.problem = problem
        super().__init__(f"{self.source}: {problem}")


class OptionError(StreamlabError):
    """An argument of the lab that is not allowed."""

    def __init__(self, name: str, value: object, allowed: str) -> None:
        self.name = name
        self.value = value
        self.allowed = allowed
        super().__init__(f"{name}={value!r}: {allowed}")


class NoSettingError(StreamlabError):
    """No setting of a sweep is within what is asked."""

    def __init__(self, problem: str, tried: int) -> None:
        self.problem = problem
        self.tried = tried
        super().__init__(f"of {tried} settings: {problem}")


class ServerError(StreamlabError):
    """A server that cannot be started, reached, or that broke off."""


class WorkerDiedError(StreamlabError):
    """A worker ended while it held a frame."""


class ProtocolError(StreamlabError):
    """An error that ends a session: its client is sent `code` and the detail, then closed."""

    code: ClassVar[str] = "internal_error"
    close_code: ClassVar[int] = 1011

    @property
    def detail(self) -> str:
        """What was wrong and what is allowed, in one line."""
        return str(self)


class InvalidPipelineError(ProtocolError):
    """`pipeline_id` is missing or unknown."""

    code = "invalid_pipeline"
    close_code = 1008

    def __init__(self, pipeline_id: str | None, known: list[str]) -> None:
        self.pipeline_id = pipeline_id
        self.known = known
        what = "is missing" if not pipeline_id else f"{pipeline_id[:100]!r} is unknown"
        super().__init__(f"pipeline_id {what}; known: {', '.join(known) or 'none'}")


class InvalidParameterError(ProtocolError):
    """A query parameter that does not parse or is out of range."""

    code = "invalid_parameter"
    close_code = 1008

    def __init__(self, parameter: str, value: str, allowed: str) -> None:
        self.parameter = parameter
        self.value = value
        self.allowed = allowed
        super().__init__(f"{parameter}={value[:100]!r}: {allowed}")


class InvalidMessageError(ProtocolError):
    """A text message; frames are binary."""

    code = "invalid_message"
    close_code = 1003

    def __init__(self) -> None:
        super().__init__("a text message; send each frame as one binary message, a JPEG")


class InvalidFrameError(ProtocolError):
    """A message that is no usable JPEG."""

    code = "invalid_frame"
    close_code = 1007


class FrameTooLargeError(ProtocolError):
    """A frame over the size limit."""

    code = "frame_too_large"
    close_code = 1009

    def __init__(self, max_frame_bytes: int) -> None:
        self.max_frame_bytes = max_frame_bytes
        super().__init__(
            f"a frame may have at most {max_frame_bytes} bytes "
            f"({max_frame_bytes / 2**20:g} MiB, STREAM_MAX_FRAME_SIZE_MB)"
        )


class PipelineFailureError(ProtocolError):
    """A tool raised, or the worker that ran it died."""

    code = "pipeline_failure"
    close_code = 1011

    def __init__(self, node: str | None, problem: str, report: str = "") -> None:
        self.node = node
        self.problem = problem
        self.report = report
        """What the owner of the tool is shown and no client: the traceback of its own code."""
        super().__init__(problem if node is None else f"node {node!r}: {problem}")


class SessionLimitError(ProtocolError):
    """`STREAM_MAX_SESSIONS` sessions are live already."""

    code = "session_limit"
    close_code = 1013

    def __init__(self, max_sessions: int) -> None:
        self.max_sessions = max_sessions
        super().__init__(f"{max_sessions} sessions are live, the limit (STREAM_MAX_SESSIONS)")


class SlowConsumerError(ProtocolError):
    """The client does not read its answers."""

    code = "slow_consumer"
    close_code = 1008

    def __init__(self, unsent_bytes: int) -> None:
        self.unsent_bytes = unsent_bytes
        super().__init__(f"{unsent_bytes} bytes of answers wait to be read; read them as they come")


class IdleTimeoutError(ProtocolError):
    """The client has sent no frame for as long as the server lets it."""

    code = "idle_timeout"
    close_code = 1008

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        super().__init__(f"no frame came for {timeout_s:g} s (STREAM_IDLE_TIMEOUT_SECONDS)")


class PolicyError(ProtocolError):
    """An admission policy raised, or decided what cannot be; it ends its session or its replay.

    `doing` is the method, `problem` what is wrong with what it did; where that is empty, it raised
    the error's cause. `frame_index` is the frame that it was about, if it was about one.
    """

    code = "internal_error"
    close_code = 1011

    def __init__(
        self,
        policy: str,
        doing: str,
        problem: str = "",
        frame_index: int | None = None,
        report: str = "",
    ) -> None:
        self.policy = policy
        self.doing = doing
        self.problem = problem
        self.frame_index = frame_index
        self.report = report
        """What the owner of the policy is shown and no client: the traceback of its own code."""
        super().__init__(policy, doing, problem, frame_index, report)

    def __str__(self) -> str:
        where = "" if self.frame_index is None else f", frame {self.frame_index}"
        problem = self.problem
        if not problem:
            cause = self.__cause__
            problem = "raised" if cause is None else f"raised {type(cause).__name__}: {cause}"
        return f"policy {self.policy!r}{where}: {self.doing} {problem}"


class InternalError(ProtocolError):
    """Anything else; the traceback is in the server's log."""

    def __init__(self) -> None:
        super().__init__("internal error; the server's log has more")

    @classmethod
    def because_of(cls, cause: BaseException) -> "InternalError":
        """Return the error that a client is sent, with its cause for the log."""
        error = cls()
        error.__cause__ = cause
        return error
