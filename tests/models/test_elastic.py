"""One network with one thread or all cores, whichever is quicker for a frame that has them."""

from typing import NoReturn

import numpy as np
import pytest

from streamlab.media.samples import sample_path
from streamlab.media.video import read_frames
from streamlab.models.cores import current_cores, frame_cores
from streamlab.models.elastic import SAMPLES, TRY_EVERY, ElasticEngine
from streamlab.models.engines import open_engine
from streamlab.models.onnx_network import OnnxNetwork
from streamlab.models.weights import BUNDLED
from streamlab.tools.yolo import YoloDetect, YoloParams


class Timed:
    """A network that takes a time of the test's choice, on the test's clock."""

    device, file = "cpu", None

    def __init__(self, machine, threads):
        self.machine, self.threads = machine, threads

    def run(self, tensor):
        self.machine.now += self.machine.takes_s[self.threads]
        return [np.array([self.threads])]


class Machine:
    def __init__(self, one_ms, all_ms):
        self.now = 0.0
        self.takes_s = {1: one_ms / 1e3, 4: all_ms / 1e3}
        self.opened = []
        self.engine = ElasticEngine(self.open, lambda: self.now)

    def open(self, threads):
        self.opened.append(threads)
        return Timed(self, threads)

    def frame(self, allowed=4, side=8):
        """Run a frame; return the threads that it ran with, and what is told of it."""
        with frame_cores(allowed) as told:
            [[threads]] = self.engine.run(np.zeros((1, 3, side, side)))
        if self.engine._loading is not None:
            self.engine._loading.join()
        return threads, told


def test_a_network_goes_over_to_all_cores_where_they_are_quicker():
    machine = Machine(one_ms=30, all_ms=12)
    ran = [machine.frame() for _ in range(SAMPLES + 10)]
    assert [threads for threads, _ in ran] == [1] * (SAMPLES + 1) + [4] * 9
    assert (ran[0][1].threads, ran[0][1].spared_ms) == (1, 0)
    assert ran[-1][1].threads == 4
    assert ran[-1][1].spared_ms == pytest.approx(18)
    assert machine.opened == [1, 4]


def test_a_frame_that_may_use_one_core_does():
    machine = Machine(one_ms=30, all_ms=12)
    for _ in range(SAMPLES + 10):
        machine.frame()
    threads, told = machine.frame(allowed=1)
    assert (threads, told.threads, told.spared_ms) == (1, 1, 0)
    assert machine.frame()[0] == 4


def test_a_quick_network_is_not_loaded_twice():
    machine = Machine(one_ms=5, all_ms=3)
    assert {machine.frame()[0] for _ in range(100)} == {1}
    assert machine.opened == [1]


def test_all_cores_that_do_not_pay_are_given_up_and_tried_again_now_and_then():
    machine = Machine(one_ms=30, all_ms=29)
    ran = [machine.frame()[0] for _ in range(2 * SAMPLES + 1 + 2 * TRY_EVERY)]
    assert ran.count(4) == SAMPLES + 2
    machine.takes_s[4] = 0.012
    ran = [machine.frame()[0] for _ in range(SAMPLES * TRY_EVERY)]
    assert ran[-2] == 4


def test_frames_of_another_size_are_measured_anew():
    machine = Machine(one_ms=30, all_ms=12)
    for _ in range(SAMPLES + 10):
        machine.frame()
    ran = [machine.frame(side=16)[0] for _ in range(SAMPLES + 2)]
    assert ran == [1] * SAMPLES + [4] * 2
    assert machine.opened == [1, 4]


def test_one_that_cannot_be_loaded_again_stays_with_one_thread(caplog):
    machine = Machine(one_ms=30, all_ms=12)

    def fail(threads: int) -> NoReturn:
        raise OSError(threads)

    machine.engine._open_engine = fail
    assert {machine.frame()[0] for _ in range(2 * SAMPLES)} == {1}
    assert "could not be loaded for all cores" in caplog.text


def test_outside_of_a_worker_a_frame_has_one_core():
    assert current_cores().allowed == 1


@pytest.mark.parametrize("device", ["cpu", "openvino"])
@pytest.mark.parametrize(
    ("weights", "clip"), [("gate_conveyor", "gate_easy"), ("everyday", "photographs")]
)
def test_the_same_is_found_with_several_threads(weights, clip, device):
    if device == "openvino":
        pytest.importorskip("openvino", reason="needs jupyter-streamlab[openvino]")
    tools = [YoloDetect(YoloParams(weights, threads=n, device=device)) for n in (1, 2)]
    for tool in tools:
        tool.load()
    total = 0
    for index, image in enumerate(read_frames(sample_path(clip))):
        if index % 40:
            continue
        one, two = (tool.detect(image) for tool in tools)
        assert [d.label for d in one] == [d.label for d in two]
        for d, k in zip(one, two, strict=True):
            box, same = ([b.x, b.y, b.width, b.height] for b in (d, k))
            np.testing.assert_allclose(box, same, atol=0.5)
            assert d.score == pytest.approx(k.score, abs=0.005)
        total += len(one)
    assert total > 5


def test_threads_that_are_given_are_kept_to():
    path = BUNDLED["gate_conveyor"]
    assert isinstance(open_engine(path, "cpu", None), ElasticEngine)
    assert not isinstance(open_engine(path, "cpu", 2), ElasticEngine)
    assert OnnxNetwork(path, threads=2, device="cpu").device == "cpu"
