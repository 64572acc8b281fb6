"""Turn texts into vectors: the `Encoder` seam, the bases that models build on, and their graphs."""

from evidence_mapper.encoders.bases import BASES, MINILM, MPNET, find_base
from evidence_mapper.encoders.compiled import CompiledEncoder
from evidence_mapper.encoders.encoder import Encoder, Vectors
from evidence_mapper.encoders.loading import load_encoder, load_tuned_encoder
from evidence_mapper.encoders.sentence import SentenceEncoder
from evidence_mapper.encoders.setup import Source, set_up

__all__ = [
    "BASES",
    "MINILM",
    "MPNET",
    "CompiledEncoder",
    "Encoder",
    "SentenceEncoder",
    "Source",
    "Vectors",
    "find_base",
    "load_encoder",
    "load_tuned_encoder",
    "set_up",
]
