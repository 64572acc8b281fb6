"""The computation of a BERT or MPNet encoder as an OpenVINO graph, filled with given weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.encoders.runtime import load_openvino

if TYPE_CHECKING:
    from openvino import Model, Node

Weights = Mapping[str, NDArray[np.generic]]

# A passage is one to four sentences; the longest 0.1% lose their end.
MAX_TOKENS = 256
MASKED = -10_000.0


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a graph needs to know beside the weights; read from a model's config.json."""

    kind: str
    layers: int
    heads: int
    hidden: int
    epsilon: float
    buckets: int = 0

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Architecture":
        """Return the architecture that a transformers configuration describes.

        Raises:
            ValueError: it is neither BERT nor MPNet with exact GELU.
        """
        kind = str(config.get("model_type"))
        if kind not in {"bert", "mpnet"} or config.get("hidden_act") != "gelu":
            raise ValueError(f"an encoder of type '{kind}' cannot be computed here")
        return cls(
            kind,
            int(config["num_hidden_layers"]),
            int(config["num_attention_heads"]),
            int(config["hidden_size"]),
            float(config["layer_norm_eps"]),
            int(config.get("relative_attention_num_buckets", 0)),
        )


# The names of one layer's parts, after `encoder.layer.N.`.
PARTS = {
    "bert": {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "mixed": "attention.output.dense",
        "mixed_norm": "attention.output.LayerNorm",
    },
    "mpnet": {
        "query": "attention.attn.q",
        "key": "attention.attn.k",
        "value": "attention.attn.v",
        "mixed": "attention.attn.o",
        "mixed_norm": "attention.LayerNorm",
    },
}
SHARED_PARTS = {
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "narrow_norm": "output.LayerNorm",
}
# MPNet counts positions after its padding index, 1.
FIRST_POSITION = {"bert": 0, "mpnet": 2}


def build_graph(architecture: Architecture, weights: Weights) -> "Model":
    """Return a graph from `ids` and `mask`, int32 (P, T), to `vectors`, float32 (P, D).

    The vectors are means over the tokens, with rows of length 1.

    Raises:
        KeyError: a weight is missing.
    """
    return GraphBuilder(architecture, weights).build()


class GraphBuilder:
    """Holds what every step needs: the operations, the weights and the batch's mask."""

    def __init__(self, architecture: Architecture, weights: Weights) -> None:
        self.openvino = load_openvino()
        self.ops: Any = self.openvino.opset15
        self.architecture = architecture
        self.weights = weights
        self.parts = PARTS[architecture.kind] | SHARED_PARTS

    def build(self) -> "Model":
        """Return the graph."""
        ids = self.ops.parameter([-1, -1], dtype=np.int32, name="ids")
        mask = self.ops.parameter([-1, -1], dtype=np.int32, name="mask")
        present = self.ops.convert(mask, "f32")
        count = self.ops.gather(self.ops.shape_of(ids), self._ints(1), self._int(0))
        bias = self._bias(present, count)
        states = self._embed(ids, count)
        for layer in range(self.architecture.layers):
            states = self._apply_layer(states, bias, f"encoder.layer.{layer}.")
        return self.openvino.Model([self._pool(states, present)], [ids, mask], "encoder")

    def _ints(self, *values: int) -> "Node":
        return self.ops.constant(np.array(values, np.int64))

    def _int(self, value: int) -> "Node":
        return self.ops.constant(np.array(value, np.int64))

    def _floats(self, array: NDArray[np.generic] | float) -> "Node":
        return self.ops.constant(np.ascontiguousarray(np.asarray(array, dtype=np.float32)))

    def _weight(self, name: str) -> "Node":
        return self._floats(self.weights[name])

    def _embed(self, ids: "Node", count: "Node") -> "Node":
        words = self.ops.gather(
            self._weight("embeddings.word_embeddings.weight"), ids, self._int(0)
        )
        first = FIRST_POSITION[self.architecture.kind]
        table = self.weights["embeddings.position_embeddings.weight"][first : first + MAX_TOKENS]
        if self.architecture.kind == "bert":
            table = table + self.weights["embeddings.token_type_embeddings.weight"][0]
        positions = self._cut(self._floats(table), count, axes=(0,))
        return self._normalise(self.ops.add(words, positions), "embeddings.LayerNorm")

    def _cut(self, table: "Node", count: "Node", *, axes: tuple[int, ...]) -> "Node":
        """Return the first `count` entries of a table along each axis."""
        for axis in axes:
            table = self.ops.slice(table, self._ints(0), count, self._ints(1), self._ints(axis))
        return table

    def _bias(self, present: "Node", count: "Node") -> "Node":
        """Return what is added to the attention scores: (P, 1, 1, T), with heads for MPNet."""
        absent = self.ops.subtract(self._floats(1.0), present)
        masked = self.ops.multiply(
            self.ops.unsqueeze(absent, self._ints(1, 2)), self._floats(MASKED)
        )
        if self.architecture.kind == "bert":
            return masked
        table = np.asarray(self.weights["encoder.relative_attention_bias.weight"], np.float32)
        relative = table[list_buckets(MAX_TOKENS, self.architecture.buckets)]
        near = self._floats(relative.transpose(2, 0, 1)[None])
        return self.ops.add(masked, self._cut(near, count, axes=(2, 3)))

    def _apply_layer(self, states: "Node", bias: "Node", prefix: str) -> "Node":
        def name(part: str) -> str:
            return prefix + self.parts[part]

        read = self._prepare(states, f"{prefix}read")
        query, key, value = (
            self._split_heads(self._project(read, name(part), f"{prefix}read"))
            for part in ("query", "key", "value")
        )
        attended = self.ops.scaled_dot_product_attention(query, key, value, bias)
        joined = self.ops.reshape(
            self.ops.transpose(attended, self._ints(0, 2, 1, 3)),
            self._ints(0, 0, self.architecture.hidden),
            special_zero=True,
        )
        mixed = self.ops.add(self._prepare_and_project(joined, prefix, "mixed"), states)
        states = self._normalise(mixed, name("mixed_norm"))
        wide = self.ops.gelu(self._prepare_and_project(states, prefix, "wide"), "erf")
        narrow = self.ops.add(self._prepare_and_project(wide, prefix, "narrow"), states)
        return self._normalise(narrow, name("narrow_norm"))

    def _prepare_and_project(self, states: "Node", prefix: str, part: str) -> "Node":
        site = f"{prefix}{part}"
        return self._project(self._prepare(states, site), prefix + self.parts[part], site)

    def _prepare(self, states: "Node", site: str) -> "Node":  # noqa: ARG002
        """Return what a product takes in; `site` names the place, for other arithmetic."""
        return states

    def _matrix(self, name: str, site: str) -> "Node":  # noqa: ARG002
        return self._weight(f"{name}.weight")

    def _project(self, states: "Node", name: str, site: str) -> "Node":
        product = self.ops.matmul(
            states, self._matrix(name, site), transpose_a=False, transpose_b=True
        )
        return self.ops.add(product, self._weight(f"{name}.bias"))

    def _split_heads(self, states: "Node") -> "Node":
        heads = self.architecture.heads
        split = self.ops.reshape(
            states, self._ints(0, 0, heads, self.architecture.hidden // heads), special_zero=True
        )
        return self.ops.transpose(split, self._ints(0, 2, 1, 3))

    def _normalise(self, states: "Node", name: str) -> "Node":
        normal = self.ops.mvn(
            states, self._ints(-1), True, self.architecture.epsilon, "inside_sqrt"
        )
        scaled = self.ops.multiply(normal, self._weight(f"{name}.weight"))
        return self.ops.add(scaled, self._weight(f"{name}.bias"))

    def _pool(self, states: "Node", present: "Node") -> "Node":
        weighted = self.ops.multiply(states, self.ops.unsqueeze(present, self._ints(2)))
        # The mean's divisor falls away when rows are brought to length 1.
        total = self.ops.reduce_sum(weighted, self._ints(1))
        return self.ops.normalize_l2(total, self._ints(1), 1e-12, "max")


def list_buckets(length: int, buckets: int) -> NDArray[np.integer]:
    """Return the bucket of each pair of positions, (T, T): MPNet's relative distances.

    Half of the buckets are for positions before, half for those after; near distances have one
    each, far ones share logarithmic ones up to 128 (Song et al., "MPNet", 2020, after T5).
    """
    distance = np.arange(length)[:, None] - np.arange(length)[None, :]
    half = buckets // 2
    exact = half // 2
    far = np.abs(distance)
    shared = exact + (
        np.log(np.maximum(far, 1) / exact) / np.log(128 / exact) * (half - exact)
    ).astype(np.int64)
    bucket = np.where(far < exact, far, np.minimum(shared, half - 1))
    return np.asarray(bucket + np.where(distance < 0, half, 0))
