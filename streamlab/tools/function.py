"""A plain function as a tool."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints, overload

import msgspec

from streamlab.errors import DefinitionError, ToolResultError
from streamlab.tools.tool import NoParams, Step, Tool, Values


class FunctionTool(Tool):
    """A tool that calls one function for every frame and remembers nothing."""

    function: Callable[..., Any]
    """The function as it was written, to be called by hand."""

    def open(self) -> Step:
        """Return a step that hands the function its values and parameters."""
        function, params = type(self).function, msgspec.structs.asdict(self.params)
        inputs = tuple(_inputs_of(inspect.signature(function)))
        produces = self.produces

        def step(values: Values) -> Values:
            returned = function(*[values[name] for name in inputs], **params)
            return _as_values(returned, produces)

        return step


@overload
def tool(function: Callable[..., Any], /) -> type[FunctionTool]: ...
@overload
def tool(
    *,
    produces: str | tuple[str, ...] | None = None,
    name: str | None = None,
    title: str = "",
) -> Callable[[Callable[..., Any]], type[FunctionTool]]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    produces: str | tuple[str, ...] | None = None,
    name: str | None = None,
    title: str = "",
) -> type[FunctionTool] | Callable[[Callable[..., Any]], type[FunctionTool]]:
    """Make a function a tool that a pipeline's node can run.

    >>> import numpy as np
    >>> @tool
    ... def brightness(image: np.ndarray, *, gain: float = 1.0) -> float:
    ...     return gain * float(image.mean())
    >>> step = brightness(brightness.Params(gain=2.0)).open()
    >>> step({"image": np.full((4, 4, 3), 10, np.uint8)})
    {'brightness': 20.0}

    The positional parameters name the values it reads (`image`, HxWx3 uint8 BGR, `frame_index`,
    or what another node produces). The keyword-only ones, which need defaults, are the node's
    params; their annotations are what the params are checked against. It produces one value of
    its own name, or those named by `produces`: one as the bare value, several as a mapping.
    `title` is the heading of what it says, its name made readable unless given. It is called from
    several threads at once, and a `None` it returns is a value like any other.

    Raises `DefinitionError` for a signature that does not fit.
    """

    def decorate(function: Callable[..., Any]) -> type[FunctionTool]:
        own_name = name or function.__name__
        produced = (produces,) if isinstance(produces, str) else produces or (own_name,)
        signature = inspect.signature(function)
        attributes: dict[str, Any] = {
            "__doc__": function.__doc__,
            "__module__": function.__module__,
            "name": own_name,
            "title": title,
            "reads": frozenset(_inputs_of(signature)),
            "produces": frozenset(produced),
            "Params": _params_of(function, signature, own_name),
            "function": staticmethod(function),
        }
        return type(function.__name__, (FunctionTool,), attributes)

    return decorate if function is None else decorate(function)


def _inputs_of(signature: inspect.Signature) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in signature.parameters.values() if p.kind in kinds]


def _params_of(
    function: Callable[..., Any], signature: inspect.Signature, name: str
) -> type[msgspec.Struct]:
    """Turn the keyword-only parameters into the struct that a node's params are checked with."""
    source = f"tool {name!r}"
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise DefinitionError(source, f"an annotation cannot be resolved: {error}") from error
    fields: list[tuple[str, Any, Any]] = []
    for p in signature.parameters.values():
        if p.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            raise DefinitionError(source, f"{p}: name every value and every param")
        if p.kind is not inspect.Parameter.KEYWORD_ONLY:
            if p.default is not inspect.Parameter.empty:
                raise DefinitionError(
                    source,
                    f"{p.name!r} is a value that it reads and takes no default; put a "
                    "lone * before it to make it a param",
                )
            continue
        if p.default is inspect.Parameter.empty:
            raise DefinitionError(source, f"param {p.name!r} needs a default")
        untyped = Any if p.default is None else type(p.default)
        fields.append((p.name, hints.get(p.name, untyped), p.default))
    if not fields:
        return NoParams
    try:
        return msgspec.defstruct("Params", fields, frozen=True, forbid_unknown_fields=True)
    except TypeError as error:
        raise DefinitionError(source, f"params: {error}") from error


def _as_values(returned: Any, produces: frozenset[str]) -> Values:
    if isinstance(returned, Mapping) and returned.keys() == produces:
        return returned
    if len(produces) == 1:
        return {next(iter(produces)): returned}
    what = sorted(returned) if isinstance(returned, Mapping) else type(returned).__name__
    raise ToolResultError(f"returned {what}, not a mapping of {sorted(produces)}")
