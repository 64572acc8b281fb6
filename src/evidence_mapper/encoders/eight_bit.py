"""The products of an encoder in 8-bit integers, with ranges that were seen on real passages."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.encoders.graph import Architecture, GraphBuilder, Weights

if TYPE_CHECKING:
    from openvino import Model, Node

Floats = NDArray[np.float32]
Ranges = Mapping[str, Floats]
"""For each place where a product takes something in: float32 (2, D), least and greatest value of
each of its D numbers."""

# How much of a number's spread is moved from what a product takes in over to its matrix, which is
# rounded row by row (Xiao et al., "SmoothQuant", 2023). Measured on MiniLM: cosine to 32 bits 0.981
# at their 0.5, 0.998 at 0.8.
MOVED_SHARE = 0.8
SMALLEST = 1e-5
MATRIX_LEVELS, STATE_LEVELS = 255, 256


def build_watched_graph(architecture: Architecture, weights: Weights) -> "Model":
    """Return a graph from `ids` and `mask` to the least and greatest value at every place.

    The outputs are float32 (2, D), in the order of `list_sites`.
    """
    return _WatchingBuilder(architecture, weights).build()


def build_eight_bit_graph(architecture: Architecture, weights: Weights, ranges: Ranges) -> "Model":
    """Return the graph of `build_graph` with its products in 8-bit integers."""
    return _EightBitBuilder(architecture, weights, ranges).build()


def list_sites(architecture: Architecture) -> list[str]:
    """Return the names of the places where a product takes something in, in order."""
    return [
        f"encoder.layer.{layer}.{part}"
        for layer in range(architecture.layers)
        for part in ("read", "mixed", "wide", "narrow")
    ]


class _WatchingBuilder(GraphBuilder):
    """Puts out the range of what every product takes in."""

    def __init__(self, architecture: Architecture, weights: Weights) -> None:
        super().__init__(architecture, weights)
        self.seen: dict[str, Node] = {}

    def build(self) -> "Model":
        model = super().build()
        outputs = [self.seen[site] for site in list_sites(self.architecture)]
        return self.openvino.Model(outputs, model.get_parameters(), "watched")

    def _prepare(self, states: "Node", site: str) -> "Node":
        axes = self._ints(0, 1)
        ends = [
            self.ops.unsqueeze(reduce(states, axes), self._int(0))
            for reduce in (self.ops.reduce_min, self.ops.reduce_max)
        ]
        self.seen[site] = self.ops.concat(ends, 0)
        return states


class _EightBitBuilder(GraphBuilder):
    """Rounds what products take in, and their matrices, to 8 bits."""

    def __init__(self, architecture: Architecture, weights: Weights, ranges: Ranges) -> None:
        super().__init__(architecture, weights)
        self.ranges = ranges
        self.scales: dict[str, Floats] = {}

    def _prepare(self, states: "Node", site: str) -> "Node":
        scale = self._find_scale(site)
        low, high = (float(end) for end in self._find_ends(site, scale))
        scaled = self.ops.multiply(states, self._floats(1 / scale))
        ends = (self._floats(low), self._floats(high))
        return self.ops.fake_quantize(scaled, *ends, *ends, STATE_LEVELS)

    def _find_ends(self, site: str, scale: Floats) -> tuple[np.float32, np.float32]:
        low, high = self.ranges[site] / scale
        return min(low.min(), np.float32(0)), max(high.max(), np.float32(SMALLEST))

    def _find_scale(self, site: str) -> Floats:
        """Return what each number is divided by before the product, and its column multiplied."""
        if site not in self.scales:
            states = np.maximum(abs(np.asarray(self.ranges[site])).max(axis=0), SMALLEST)
            matrices = np.concatenate(
                [np.asarray(self.weights[f"{name}.weight"]) for name in self._list_readers(site)]
            )
            columns = np.maximum(abs(matrices).max(axis=0), SMALLEST)
            scale = states**MOVED_SHARE / columns ** (1 - MOVED_SHARE)
            self.scales[site] = np.asarray(scale, np.float32)
        return self.scales[site]

    def _list_readers(self, site: str) -> list[str]:
        """Return the names of the matrices that read from a place."""
        prefix, part = site.rsplit(".", 1)
        parts = ("query", "key", "value") if part == "read" else (part,)
        return [f"{prefix}.{self.parts[part]}" for part in parts]

    def _matrix(self, name: str, site: str) -> "Node":
        matrix = np.asarray(self.weights[f"{name}.weight"], np.float32) * self._find_scale(site)
        ends = np.maximum(abs(matrix).max(axis=1, keepdims=True), SMALLEST)
        low, high = self._floats(-ends), self._floats(ends)
        return self.ops.fake_quantize(self._floats(matrix), low, high, low, high, MATRIX_LEVELS)
