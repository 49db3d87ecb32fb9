"""What every kind of worker does inside: keep sessions' pipelines and run frames through them."""

from streamlab.errors import DefinitionError, PipelineFailureError
from streamlab.models.cores import frame_cores
from streamlab.pipelines.dag import DagPipelineService
from streamlab.pipelines.definition import Definition, parse_definition
from streamlab.pipelines.detection_filter import DetectionFilter
from streamlab.pipelines.video import VideoFilePipelineService
from streamlab.workers.worker import Answer


class SessionHost:
    """The sessions of one worker; not thread-safe, each worker calls its own from one thread.

    With `owns_pipelines` it alone fills the registry: a definition that differs from the one of its
    id is a newer one.
    """

    def __init__(self, dag: DagPipelineService, owns_pipelines: bool = False) -> None:
        self._dag = dag
        self._owns_pipelines = owns_pipelines
        self._sessions: dict[str, tuple[VideoFilePipelineService, str]] = {}

    def preload(self, definition: bytes) -> None:
        """Load the tools of a pipeline and run a blank frame: the first real one is quick then."""
        import numpy as np

        pipeline_id = self._known(definition)
        self._dag.open(pipeline_id)(np.zeros((480, 640, 3), np.uint8), 0)

    def open(self, session_id: str, definition: bytes) -> None:
        """Open a pipeline for a session; raises `PipelineFailureError`."""
        pipeline_id = self._known(definition)
        service = VideoFilePipelineService(self._dag)
        service.open(pipeline_id)
        self._sessions[session_id] = service, pipeline_id

    def run(
        self,
        session_id: str,
        frame_index: int,
        frame: bytes,
        detection_filter: DetectionFilter,
        cores: int = 1,
    ) -> Answer:
        """Run one JPEG that was checked; raises `InvalidFrameError` or `PipelineFailureError`."""
        service, pipeline_id = self._sessions[session_id]
        with frame_cores(cores) as used:
            done = service.run_checked(pipeline_id, frame, frame_index, detection_filter)
        return Answer(done.result, done.decode_ms, done.nodes_ms, used.threads, used.spared_ms)

    def close(self, session_id: str) -> None:
        """Forget a session."""
        self._sessions.pop(session_id, None)

    def _known(self, definition: bytes) -> str:
        parsed: Definition = parse_definition(definition)
        pipelines = self._dag.pipelines
        is_known = parsed.id in pipelines
        if is_known and self._owns_pipelines:
            is_known = pipelines[parsed.id].definition == parsed
        if not is_known:
            try:
                pipelines.add(parsed, replace=True)
            except DefinitionError as error:
                raise PipelineFailureError(
                    error.node,
                    f"{error.problem}; a tool that only one process knows needs thread workers",
                ) from error
        return parsed.id
