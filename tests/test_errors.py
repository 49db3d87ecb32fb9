import inspect
import pickle

import pytest

from streamlab import errors

VALUES = {
    "known": ["yolo", "noop"],
    "max_frame_bytes": 1000,
    "max_sessions": 3,
    "timeout_s": 1.5,
    "tried": 7,
    "unsent_bytes": 12,
    "node": "detect",
}
KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__ == errors.__name__
]


def made(kind):
    """Return an error of a kind, made as the package makes it."""
    if "__init__" not in vars(kind):
        return kind("what was wrong")
    names = [*inspect.signature(kind).parameters]
    return kind(**{name: VALUES.get(name, f"the {name}") for name in names})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_error_survives_the_way_between_processes(kind, protocol):
    error = made(kind)
    error.add_note("with a note")
    same = pickle.loads(pickle.dumps(error, protocol))
    assert type(same) is kind
    assert str(same) == str(error)
    assert vars(same) == vars(error)


def test_all_kinds_are_tried():
    assert len(KINDS) > 20
    assert errors.OptionError in KINDS
