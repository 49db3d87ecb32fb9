"""`ProcessPool`: runs a sweep's jobs in processes that end with their parent.

`multiprocessing` is not used, because its children would import the caller's script again.
"""

import gc
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from streamlab.backpressure import policies
from streamlab.errors import PolicyError, StreamlabError, ToolFailedError
from streamlab.pipelines.faults import policy_failure
from streamlab.replay.grid import Job, run_job
from streamlab.subprocess_env import module_command, module_environment

if TYPE_CHECKING:
    from streamlab.replay.trace import Trace

Answer = tuple[int, dict[str, Any]]
SETTINGS_A_COLLECTION = 50


def pack_policies(names: Iterable[str]) -> bytes:
    """Return those of the policies that were registered in this process, for other processes.

    A class of a module goes by its name, one of a notebook or script as the code that it is.
    Raises what pickling raises, such as for a class that refers to an open file.
    """
    own = policies.REGISTRY.own
    wanted = {name: own[name] for name in names if name in own}
    if not wanted:
        return b""
    import cloudpickle

    packed: bytes = cloudpickle.dumps(wanted)
    return packed


class ProcessPool:
    """Processes that run jobs of a trace; a context manager that ends them.

    `packed_policies` are those that the jobs name, from `pack_policies`.
    """

    def __init__(self, trace: "Trace[Any]", processes: int, packed_policies: bytes = b"") -> None:
        self._trace = trace
        self._packed_policies = packed_policies
        self._processes = [
            subprocess.Popen(
                module_command("streamlab.replay.process_pool"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=module_environment(),
                start_new_session=True,
            )
            for _ in range(processes)
        ]

    def run(self, jobs: Sequence[Job], done: Callable[[Answer], None]) -> None:
        """Run jobs, largest first, and call `done` with each answer; raises what a job raised."""
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in sorted(jobs, key=len, reverse=True):
            waiting.put(job)
        answers: queue.SimpleQueue[Answer | BaseException | None] = queue.SimpleQueue()
        threads = [
            threading.Thread(target=self._serve, args=(process, waiting, answers), daemon=True)
            for process in self._processes
        ]
        for thread in threads:
            thread.start()
        left = len(threads)
        while left:
            answer = answers.get()
            if answer is None:
                left -= 1
            elif isinstance(answer, PolicyError):
                cause = ToolFailedError(answer.report, "a process of the sweep")
                raise answer from (cause if answer.report else None)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                done(answer)

    def _serve(self, process: Any, waiting: Any, answers: Any) -> None:
        try:
            pickle.dump((sys.path, self._packed_policies), process.stdin)
            pickle.dump(self._trace, process.stdin)
            while True:
                try:
                    job = waiting.get_nowait()
                except queue.Empty:
                    break
                pickle.dump(job, process.stdin)
                process.stdin.flush()
                for _ in job:
                    answer = pickle.load(process.stdout)
                    answers.put(answer)
                    if isinstance(answer, BaseException):
                        return
        except (OSError, EOFError, pickle.PickleError):
            answers.put(StreamlabError("a process of the sweep ended early"))
        finally:
            answers.put(None)

    def __enter__(self) -> "ProcessPool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()


def main() -> None:
    """Read policies, a trace and jobs from standard input, write answers to standard output."""
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    # what a policy prints is no answer
    sys.stdout = sys.stderr
    settings = 0
    gc.disable()
    try:
        path, packed_policies = pickle.load(requests)
        sys.path += [folder for folder in path if folder not in sys.path]
        if packed_policies:
            for name, policy_class in pickle.loads(packed_policies).items():
                policies.register(name, policy_class)
        trace = pickle.load(requests)
        while True:
            job = pickle.load(requests)
            try:
                for answer in run_job(trace, job):
                    pickle.dump(answer, replies)
            except PolicyError as error:
                pickle.dump(policy_failure(error), replies)
            except StreamlabError as error:
                pickle.dump(error, replies)
            replies.flush()
            # a run leaves reference cycles; collecting them after each run would take too long
            settings += len(job)
            if settings > SETTINGS_A_COLLECTION:
                settings = 0
                gc.collect()
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return


if __name__ == "__main__":
    main()
