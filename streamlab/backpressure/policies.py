"""Admission policies by name: the built-in ones, those of packages, those of a notebook.

What is registered here can be served, replayed, swept and compared.

>>> policy_names()[:2]
('realtime', 'lossless')
>>> meaning_of_policy("latest")
'one frame waits, a newer one replaces it'
"""

import re
import threading
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from inspect import getattr_static
from typing import Any, TypeVar

from streamlab.backpressure.admission import AdmissionPolicy, PolicySettings, QueuePolicy
from streamlab.errors import DefinitionError, OptionError, PolicyError

ENTRY_POINT_GROUP = "streamlab.policies"
BUILT_IN = {
    "realtime": "streamlab.backpressure.realtime:Backpressure",
    "lossless": "streamlab.backpressure.baselines:LosslessPolicy",
    "no_waiting": "streamlab.backpressure.baselines:NoWaitingPolicy",
    "latest": "streamlab.backpressure.baselines:LatestPolicy",
    "fifo": "streamlab.backpressure.baselines:FifoPolicy",
    "lifetime_rate": "streamlab.backpressure.baselines:LifetimeRatePolicy",
}
"""Where each built-in policy is; they are loaded when they are used."""
METHODS = ("arrive", "expire", "start", "finish", "observe", "retune")
NAME = re.compile(r"[A-Za-z][\w.-]{0,63}", re.ASCII)

PolicyClass = type[AdmissionPolicy]
T = TypeVar("T", bound=type)


class PolicyRegistry:
    """Policy classes by the name that `policy=` calls them.

    >>> registry = PolicyRegistry()
    >>> registry.get("fifo").__name__, registry.get("no_such_policy")
    ('FifoPolicy', None)

    Packages add policies through entry points in the group `streamlab.policies`; the name of the
    entry point is that of the policy. One that cannot be used is skipped and named in `problems`.
    Of policies of one name the first is kept: the built-in ones, then packages in order of name.
    """

    def __init__(self) -> None:
        self._problems: list[str] = []
        self._of_packages: dict[str, PolicyClass] = {}
        self._own: dict[str, PolicyClass] = {}
        self._are_packages_loaded = False
        self._loading = threading.RLock()

    @property
    def problems(self) -> list[str]:
        """One line for each policy of a package that cannot be used, with the reason."""
        self._load_packages()
        return list(self._problems)

    @property
    def own(self) -> dict[str, PolicyClass]:
        """The policies that were registered by a call in this process."""
        return dict(self._own)

    def get(self, name: str) -> PolicyClass | None:
        """Return the policy called `name`, or `None` where there is none."""
        if name in BUILT_IN:
            module, _, attribute = BUILT_IN[name].partition(":")
            found: PolicyClass = getattr(import_module(module), attribute)
            return found
        if name not in self._own:
            self._load_packages()
        return self._own.get(name) or self._of_packages.get(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all policies: the built-in ones, then others, sorted."""
        self._load_packages()
        return (*BUILT_IN, *sorted({*self._of_packages, *self._own}))

    def register(self, name: str, policy_class: T) -> T:
        """Add a policy, as a notebook does; registering a name again replaces it.

        Sessions that run keep the policy that they began with. Raises `DefinitionError` for what
        is no usable policy, or has the name of a built-in one.
        """
        problem = _problem_of(name, policy_class)
        if problem is None and name in BUILT_IN:
            problem = "a built-in policy has this name; choose another"
        if problem is not None:
            raise DefinitionError(f"policy {name!r}", problem)
        self._own[name] = policy_class
        return policy_class

    def _load_packages(self) -> None:
        with self._loading:
            if self._are_packages_loaded:
                return
            self._are_packages_loaded = True
            found = entry_points(group=ENTRY_POINT_GROUP)
            for entry_point in sorted(found, key=lambda each: (each.name, each.value)):
                self._load(entry_point)

    def _load(self, entry_point: EntryPoint) -> None:
        name = entry_point.name
        try:
            policy_class = entry_point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code must not stop the start
            problem: str | None = f"{type(error).__name__}: {error}"
        else:
            problem = _problem_of(name, policy_class)
            if problem is None and (name in BUILT_IN or name in self._of_packages):
                problem = "another policy has this name"
        if problem is None:
            self._of_packages[name] = policy_class
        else:
            self._problems.append(f"policy {name!r} ({entry_point.value}): {problem}")


def _problem_of(name: object, policy_class: object) -> str | None:
    """Say what keeps a class from being a session's policy."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return "a name is a letter and up to 63 letters, digits, '_', '-' or '.'"
    if not isinstance(policy_class, type):
        return "not a class; derive one from streamlab.QueuePolicy"
    for method in METHODS:
        if not callable(getattr(policy_class, method, None)):
            return f"has no method {method}(); a class derived from streamlab.QueuePolicy has it"
    if not hasattr(policy_class, "has_room"):
        return "has no has_room; a class derived from streamlab.QueuePolicy has it"
    heeds = getattr(policy_class, "heeds", None)
    if heeds is not None and not isinstance(heeds, frozenset):
        return "heeds is not a frozenset of names of settings"
    return None


REGISTRY = PolicyRegistry()
"""The policies of this process."""


def policy(name: str) -> Callable[[T], T]:
    """Register a class as the admission policy `name`: it can be served, replayed and compared.

    A server in this process (`connect(where="kernel")`) serves it with `policy=name`, replays and
    sweeps decide by it. Registering a name again replaces it. Packages do the same with an entry
    point in the group `streamlab.policies`. Raises `DefinitionError` for what is no usable policy.

    >>> import streamlab
    >>> @streamlab.policy("every_other")
    ... class EveryOther(streamlab.QueuePolicy):
    ...     \"\"\"Only every other frame is processed.\"\"\"
    ...
    ...     def arrive(self, now, frame_index):
    ...         if frame_index % 2:
    ...             return streamlab.Decision((frame_index,))
    ...         return super().arrive(now, frame_index)
    >>> replayed = trace.replay(policy="every_other")
    """

    def decorate(policy_class: T) -> T:
        return register(name, policy_class)

    return decorate


def register(name: str, policy_class: T) -> T:
    """Register a class as the admission policy `name`, as `policy` does; return the class."""
    return REGISTRY.register(name, policy_class)


def policy_names() -> tuple[str, ...]:
    """Return the names of all policies of this process, the default one first."""
    return REGISTRY.names()


def check_policy(name: object) -> None:
    """Raise `OptionError`, which lists the policies there are, unless `name` is one of them."""
    if isinstance(name, str) and name in BUILT_IN:
        return
    allowed = policy_names()
    if name not in allowed:
        raise OptionError("policy", name, f"{' or '.join(map(repr, allowed))} is allowed")


def policy_class(name: str) -> PolicyClass:
    """Return the class of a policy; raises `OptionError` where there is none."""
    found = REGISTRY.get(name)
    if found is None:
        check_policy(name)
        raise OptionError("policy", name, "it is no longer registered")
    return found


def make_policy(settings: PolicySettings) -> AdmissionPolicy:
    """Return a new session's policy, the one that its settings name.

    Raises `OptionError` where there is none, and `PolicyError` where it cannot be made.
    """
    kind: Callable[[PolicySettings], Any] = policy_class(settings.policy)
    try:
        made: AdmissionPolicy = kind(settings)
    except (Exception, SystemExit) as error:
        raise PolicyError(settings.policy, f"{kind.__name__}()") from error
    return made


def meaning_of_policy(name: str) -> str:
    """Return what a policy does: the first line of its docstring, as a part of a sentence."""
    lines = (policy_class(name).__doc__ or "").strip().splitlines()
    text = lines[0].rstrip(".") if lines else "no description"
    return text[:1].lower() + text[1:]


def heeds(name: str, setting: str) -> bool:
    """Whether a setting makes a difference to a policy; one that says nothing may heed any."""
    named: frozenset[str] | None = getattr(policy_class(name), "heeds", None)
    return named is None or setting in named


def pauses(name: str) -> bool:
    """Whether a policy may stop reading from its client; an unknown one is taken for one of none.

    >>> pauses("lossless"), pauses("realtime")
    (True, False)
    """
    found = REGISTRY.get(name)
    return found is not None and may_pause(found)


def may_pause(policy_class: type) -> bool:
    """Whether a class has a `has_room` of its own."""
    return getattr_static(policy_class, "has_room") is not getattr_static(QueuePolicy, "has_room")
