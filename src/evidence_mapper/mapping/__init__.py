"""Map passages to areas and stages: an encoder, heads on its vectors, and descriptor similarity."""

from evidence_mapper.mapping.encoder import Encoder, SentenceEncoder, Vectors, load_encoder
from evidence_mapper.mapping.heads import Features, HeadOutputs, Heads, LinearHeads
from evidence_mapper.mapping.manifest import Manifest, ModelManifest, Thresholds
from evidence_mapper.mapping.model import Model, load_model

__all__ = [
    "Encoder",
    "Features",
    "HeadOutputs",
    "Heads",
    "LinearHeads",
    "Manifest",
    "Model",
    "ModelManifest",
    "SentenceEncoder",
    "Thresholds",
    "Vectors",
    "load_encoder",
    "load_model",
]
