from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.models.letterbox import PADDING, Fit, Letterbox
from streamlab.models.network import InputSize

SIDES = st.integers(1, 3000)


def letterbox_of(height, width, dtype=np.float32):
    return Letterbox(InputSize(height, width, 32, trims=False), dtype)


@pytest.mark.parametrize(
    ("image_size", "own", "frame", "expected"),
    [
        # Whatever takes any size is padded to whole strides only, as Ultralytics does.
        (None, (320, 320), (480, 640), (256, 320)),
        (None, (640, 640), (720, 1280), (384, 640)),
        (320, (640, 640), (640, 480), (320, 256)),
        (100, (640, 640), (480, 640), (96, 128)),
        # A pair is kept to, but for the stride.
        ((256, 320), (640, 640), (720, 1280), (256, 320)),
        ((100, 200), (640, 640), (480, 640), (128, 224)),
    ],
)
def test_the_input_has_the_size_asked_for_in_whole_strides(image_size, own, frame, expected):
    assert InputSize.chosen(image_size, own, 32).of(frame) == expected


@pytest.mark.parametrize(
    ("frame", "network", "expected"),
    [
        # left, top, width, height
        ((480, 640), (256, 320), (0, 8, 320, 240)),
        ((256, 320), (256, 320), (0, 0, 320, 256)),
        ((720, 1280), (640, 640), (0, 140, 640, 360)),
        ((640, 480), (256, 320), (64, 0, 192, 256)),
        ((100, 101), (256, 320), (30, 0, 259, 256)),
        ((1, 3000), (64, 64), (0, 31, 64, 1)),
    ],
)
def test_a_frame_is_fitted_as_ultralytics_fits_it(frame, network, expected):
    fit = Fit.of(frame, *network)
    assert (fit.left, fit.top, fit.width, fit.height) == expected


@given(height=SIDES, width=SIDES, network=st.sampled_from([(64, 96), (256, 320), (640, 640)]))
def test_the_whole_frame_maps_back_to_itself(height, width, network):
    fit = Fit.of((height, width, 3), *network)
    assert 0 <= fit.left <= network[1] - fit.width
    assert 0 <= fit.top <= network[0] - fit.height
    inside = np.array([[fit.left, fit.top, fit.left + fit.width, fit.top + fit.height]])
    np.testing.assert_allclose(fit.to_frame(inside), [[0, 0, width, height]], rtol=1e-5)


def test_boxes_are_clipped_to_the_frame():
    fit = Fit.of((480, 640), 256, 320)
    outside = np.array([[-50.0, -50, 1000, 1000]])
    assert fit.to_frame(outside).tolist() == [[0, 0, 640, 480]]


def reference(image, height, width):
    """Ultralytics' steps, one by one."""
    fit = Fit.of(image.shape, height, width)
    canvas = np.full((height, width, 3), PADDING, np.uint8)
    resized = cv2.resize(image, (fit.width, fit.height), interpolation=cv2.INTER_LINEAR)
    canvas[fit.top : fit.top + fit.height, fit.left : fit.left + fit.width] = resized
    return (canvas[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255).copy()


@pytest.mark.parametrize("shape", [(480, 640, 3), (256, 320, 3), (333, 200, 3)])
def test_the_tensor_is_rgb_planes_from_0_to_1_on_grey(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    tensor, _ = letterbox_of(256, 320)(image)
    assert tensor.dtype == np.float32
    np.testing.assert_array_equal(tensor, reference(image, 256, 320))


def test_a_change_of_frame_size_leaves_nothing_of_the_last_frame():
    letterbox = letterbox_of(64, 96)
    letterbox(np.full((64, 96, 3), 255, np.uint8))
    tall = np.zeros((96, 48, 3), np.uint8)
    tensor, _ = letterbox(tall)
    np.testing.assert_array_equal(tensor, reference(tall, 64, 96))


def test_half_precision_is_given_where_the_network_takes_it():
    tensor, _ = letterbox_of(64, 96, np.float16)(np.full((64, 96, 3), 51, np.uint8))
    assert tensor.dtype == np.float16
    np.testing.assert_allclose(tensor, 0.2, atol=1e-3)


def test_threads_do_not_write_over_each_other():
    letterbox = letterbox_of(64, 96)
    images = [np.full((120, 160, 3), value, np.uint8) for value in range(0, 250, 10)]

    def middle(image):
        values = [letterbox(image)[0][0, :, 32, 48].tolist() for _ in range(40)]
        return {tuple(v) for v in values}, int(image[0, 0, 0])

    with ThreadPoolExecutor(8) as pool:
        for seen, value in pool.map(middle, images):
            assert seen == {(np.float32(value / 255),) * 3}
