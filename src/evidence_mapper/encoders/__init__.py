"""Turn texts into vectors: the `Encoder` seam, the bases that models build on, and their graphs."""

from evidence_mapper.encoders.bases import BASES, E5, FETCHED, MINILM, MPNET, find_base, find_cache
from evidence_mapper.encoders.compiled import CompiledEncoder
from evidence_mapper.encoders.encoder import Encoder, Vectors
from evidence_mapper.encoders.loading import load_encoder, load_tuned_encoder, watch_ranges
from evidence_mapper.encoders.sentence import SentenceEncoder
from evidence_mapper.encoders.setup import Source, set_up

__all__ = [
    "BASES",
    "E5",
    "FETCHED",
    "MINILM",
    "MPNET",
    "CompiledEncoder",
    "Encoder",
    "SentenceEncoder",
    "Source",
    "Vectors",
    "find_base",
    "find_cache",
    "load_encoder",
    "load_tuned_encoder",
    "set_up",
    "watch_ranges",
]
