"""The file beside a detector of another maker that says how to use it: `NAME.json`."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from streamlab.errors import ToolUnavailableError
from streamlab.models.description import OWN_SIZE, InputForm, ModelDescription, OutputForm
from streamlab.models.onnx_metadata import class_names

_Names = Annotated[list[str], msgspec.Meta(min_length=1)] | dict[str, str]


class Descriptor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the file; `docs/models.md` describes it."""

    names: _Names
    """The labels in the order of the model's classes, or by class index."""
    task: Literal["detect"] = "detect"
    input: InputForm = InputForm()
    output: OutputForm = OutputForm()
    stride: Annotated[int, msgspec.Meta(ge=1, le=512)] = 32
    """What the input's sides are multiples of, for a model that takes any size."""
    licence: str | None = None


def descriptor_path(weights: Path) -> Path:
    """Return where the description of a file of weights would stand."""
    return weights.with_suffix(".json")


def read_descriptor(path: Path) -> ModelDescription:
    """Read a description; raises `ToolUnavailableError`, one line, for one that does not hold."""
    try:
        given = msgspec.json.decode(path.read_bytes(), type=Descriptor)
        pairs = given.names.items() if isinstance(given.names, dict) else enumerate(given.names)
        names = dict(sorted((int(index), name) for index, name in pairs))
    except msgspec.ValidationError as error:
        problem = str(error).replace("`$.", "`").replace("Object", "the description")
        raise ToolUnavailableError(f"{path}: {problem}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ToolUnavailableError(f"{path}: not JSON: {error}") from None
    except ValueError:
        raise ToolUnavailableError(f"{path}: names go by class index, a whole number") from None
    except OSError as error:
        raise ToolUnavailableError(f"{path}: {error.strerror or error}") from None
    wrong = _problem_of(names, given)
    if wrong is not None:
        raise ToolUnavailableError(f"{path}: {wrong}")
    return ModelDescription(
        given.task,
        names,
        own_size=given.input.size or OWN_SIZE,
        stride=given.stride,
        input=given.input,
        output=given.output,
        licence=given.licence,
    )


def known_labels(weights: Path) -> tuple[str, ...] | None:
    """Return the labels that a file of weights knows, without loading it; `None` if it cannot say.

    Raises `ToolUnavailableError` for a description that does not hold.
    """
    if weights.suffix.lower() != ".onnx":
        return None
    beside = descriptor_path(weights)
    if beside.is_file():
        return tuple(read_descriptor(beside).names.values())
    return class_names(weights)


def _problem_of(names: dict[int, str], given: Descriptor) -> str | None:
    if sorted(names) != list(range(len(names))):
        return f"names must go by the class indices 0 to {len(names) - 1}, with none left out"
    form = given.input
    if form.scale <= 0 or min(form.std) <= 0:
        return "scale and std must be above 0"
    if not 0 <= form.padding <= 255:
        return "padding must be from 0 to 255"
    if form.size is not None and min(form.size) < 1:
        return "size must be a height and a width from 1 up"
    if given.output.layout == "detr" and not (given.output.boxes and given.output.logits):
        return "the layout detr needs the names of two outputs: boxes and logits"
    return None
