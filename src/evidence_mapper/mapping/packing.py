"""Heads as two files: safetensors weights, and JSON settings."""

import json

import numpy as np

from evidence_mapper.encoders import Vectors
from evidence_mapper.mapping.heads import Features, LinearHeads, LinearWeights
from evidence_mapper.mapping.vector_heads import VectorHeads, VectorWeights

HEADS = ("area", "stage", "clue")
# Of heads on vectors alone, and only where there are passages labelled with claim types.
CLAIM = "claim"


def pack_heads(
    heads: LinearHeads | VectorHeads, descriptor_vectors: Vectors
) -> tuple[bytes, bytes]:
    """Return the bytes of the two files: weights and descriptors, and settings."""
    from safetensors.numpy import save

    arrays = {"descriptors": descriptor_vectors}
    temperatures = {}
    has_claims = isinstance(heads, VectorHeads) and heads.claim is not None
    for head in (*HEADS, CLAIM) if has_claims else HEADS:
        layer = getattr(heads, head)
        temperatures[head] = layer.temperature
        arrays |= {f"{head}.vector": layer.vector, f"{head}.bias": layer.bias}
        if isinstance(layer, LinearWeights):
            arrays[f"{head}.words"] = layer.words
    settings: dict[str, object] = {"area_keys": heads.area_keys, "temperatures": temperatures}
    if isinstance(heads, LinearHeads):
        arrays["idf"] = heads.features.idf
        settings["vocabulary"] = heads.features.vocabulary
    contiguous = {key: np.ascontiguousarray(array) for key, array in arrays.items()}
    return save(contiguous), (json.dumps(settings, ensure_ascii=False, indent=0) + "\n").encode()


def unpack_heads(weights: bytes, settings: bytes) -> tuple[LinearHeads | VectorHeads, Vectors]:
    """Return the heads and the descriptors' vectors of two files."""
    from safetensors.numpy import load

    arrays = load(weights)
    fields = json.loads(settings)
    layers = {
        head: VectorWeights(
            arrays[f"{head}.vector"], arrays[f"{head}.bias"], fields["temperatures"][head]
        )
        for head in fields["temperatures"]
    }
    keys, descriptors = fields["area_keys"], arrays["descriptors"]
    if "vocabulary" not in fields:
        return VectorHeads(keys, **layers), descriptors
    with_words = {
        head: LinearWeights(layer.vector, arrays[f"{head}.words"], layer.bias, layer.temperature)
        for head, layer in layers.items()
    }
    features = Features(fields["vocabulary"], arrays["idf"])
    return LinearHeads(keys, features, **with_words), descriptors
