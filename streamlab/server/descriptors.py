"""How many file descriptors this process may have, and what is left of them for connections."""

import os
import sys

if sys.platform != "win32":
    import resource

RESERVED = 64
"""Descriptors kept for workers, models and files, beyond those that are open at the start."""
LEAST_CONNECTIONS = 16
MOST_CONNECTIONS = 10_000


def default_max_connections() -> int:
    """Return how many connections a server may hold such that it keeps descriptors for its work."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    left = limit - len(os.listdir("/dev/fd")) - RESERVED
    return min(max(left, LEAST_CONNECTIONS), MOST_CONNECTIONS)
