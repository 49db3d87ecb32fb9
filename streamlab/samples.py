"""The sample videos that come with streamlab, and the truth about them."""

from streamlab.media.samples import (
    default_pipeline,
    describe_samples,
    find_video,
    sample_names,
    sample_path,
)
from streamlab.media.truth import Truth

__all__ = [
    "Truth",
    "default_pipeline",
    "describe_samples",
    "find_video",
    "sample_names",
    "sample_path",
]
