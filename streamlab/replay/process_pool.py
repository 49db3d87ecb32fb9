"""Jobs on all cores: processes of this package that end with whoever started them.

They are no `multiprocessing` children, which would start the caller's own script once more.
"""

import gc
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from streamlab.errors import StreamlabError
from streamlab.replay.grid import Job, run_job
from streamlab.subprocess_env import module_command, module_environment

if TYPE_CHECKING:
    from streamlab.replay.trace import Trace

Answer = tuple[int, dict[str, Any]]
SETTINGS_A_COLLECTION = 50


class Crew:
    """So many processes that run a trace's jobs; a context manager that ends them."""

    def __init__(self, trace: "Trace[Any]", processes: int) -> None:
        self._trace = trace
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
        """Run jobs, largest first, and tell each answer to `done`; raises what a job raised."""
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
            elif isinstance(answer, BaseException):
                raise answer
            else:
                done(answer)

    def _serve(self, process: Any, waiting: Any, answers: Any) -> None:
        try:
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

    def __enter__(self) -> "Crew":
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
    """Read a trace and jobs from standard input, write answers to standard output."""
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    settings = 0
    gc.disable()
    try:
        trace = pickle.load(requests)
        while True:
            job = pickle.load(requests)
            try:
                for answer in run_job(trace, job):
                    pickle.dump(answer, replies)
            except StreamlabError as error:
                pickle.dump(StreamlabError(str(error)), replies)
            replies.flush()
            # a run leaves its sessions as garbage, which is looked for now and then only
            settings += len(job)
            if settings > SETTINGS_A_COLLECTION:
                settings = 0
                gc.collect()
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return


if __name__ == "__main__":
    main()
