"""Map passages to areas and stages: heads on an encoder's vectors, and descriptor similarity."""

from evidence_mapper.mapping.heads import Features, HeadOutputs, Heads, LinearHeads
from evidence_mapper.mapping.manifest import Manifest, ModelManifest, Thresholds
from evidence_mapper.mapping.model import Model, load_model
from evidence_mapper.mapping.model_set import ModelSet, load_models

__all__ = [
    "Features",
    "HeadOutputs",
    "Heads",
    "LinearHeads",
    "Manifest",
    "Model",
    "ModelManifest",
    "ModelSet",
    "Thresholds",
    "load_model",
    "load_models",
]
