"""A pipeline as its JSON states it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from streamlab.errors import DefinitionError

Identifier = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tool with its parameters; `id` names it in errors and in `timing.nodes`."""

    id: Identifier
    tool: str
    params: dict[str, Any] = {}


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pipeline: nodes, and edges that say which node comes before which.

    >>> parse_definition({"id": "yolo", "nodes": [{"id": "detect", "tool": "yolo_detect"}]}).id
    'yolo'
    """

    id: Identifier
    nodes: Annotated[list[Node], msgspec.Meta(min_length=1)]
    title: str = ""
    edges: list[tuple[str, str]] = []


def parse_definition(raw: Mapping[str, Any] | bytes | Path) -> Definition:
    """Parse a definition from a mapping, JSON text or a JSON file.

    Only the form is checked; `compile_pipeline` checks what it means. Raises `DefinitionError`.
    """
    source = str(raw) if isinstance(raw, Path) else "definition"
    try:
        if isinstance(raw, Mapping):
            source = f"definition {raw.get('id')!r}"
            return msgspec.convert(dict(raw), Definition)
        if isinstance(raw, Path) and raw.exists() and not raw.is_file():
            raise DefinitionError(source, "not a file")
        data = raw.read_bytes() if isinstance(raw, Path) else raw
        return msgspec.json.decode(data, type=Definition)
    except msgspec.ValidationError as error:
        raise DefinitionError(source, _in_words(error)) from None
    except RecursionError:
        raise DefinitionError(source, "nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(source, f"not JSON: {error}") from None
    except OSError as error:
        raise DefinitionError(source, error.strerror or str(error)) from None


def _in_words(error: msgspec.ValidationError) -> str:
    return str(error).replace("`$.", "`").replace("Object", "object")
