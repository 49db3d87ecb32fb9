"""What a notebook is told where a pipeline found nothing in a video of the user's own."""

import numpy as np
import pytest

import streamlab
from streamlab.media import video


@pytest.fixture(scope="module")
def lab():
    with streamlab.connect() as lab:
        yield lab


@pytest.fixture(scope="module")
def grey_clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("grey") / "grey.mp4"
    with video.VideoWriter(path, 30) as writer:
        for _ in range(5):
            writer.write(np.full((120, 160, 3), 128, np.uint8))
    return path


def test_a_stream_that_found_nothing_names_the_pipeline_of_real_things(lab, grey_clip, capsys):
    lab.stream(grey_clip, progress=False)
    told = capsys.readouterr().err
    assert (
        'nothing was found: yolo_ocr knows vehicle, plate, parcel, label; pipeline_id="everyday"'
        in told
    )


@pytest.mark.parametrize(
    "options", [{"pipeline_id": "noop"}, {"pipeline_id": "everyday"}, {"labels": ["plate"]}]
)
def test_there_is_no_such_advice_where_it_would_not_help(lab, grey_clip, capsys, options):
    lab.stream(grey_clip, progress=False, **options)
    assert "nothing was found" not in capsys.readouterr().err
