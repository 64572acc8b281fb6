"""The seam between texts and vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def to_unit_rows(vectors: Vectors) -> Vectors:
    """Return the rows at length 1: those that bfloat16 makes 1 are off by up to 0.002."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny))


class Encoder(Protocol):
    """Whatever turns texts into vectors; tests bring a tiny one of their own."""

    @property
    def name(self) -> str:
        """The name that a model's manifest records."""

    @property
    def digest(self) -> str:
        """SHA-256 of the weights, hex."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (P, D), unit rows; row i is text i. (0, D) when there is no text."""
