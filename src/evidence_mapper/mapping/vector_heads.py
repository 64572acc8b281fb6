"""Heads of a fine-tuned encoder: its vectors hold all that they need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evidence_mapper.encoders import Vectors
from evidence_mapper.mapping.heads import (
    Array,
    HeadOutputs,
    make_no_claims,
    make_no_outputs,
    sigmoid,
    softmax,
)


@dataclass(frozen=True, slots=True)
class VectorWeights:
    """A linear layer over a vector; K outputs.

    `vector` float32 (D, K), `bias` float32 (K,). `temperature` divides the outputs: above 1 it
    makes them less sure; fitted on passages of sources held back.
    """

    vector: Array
    bias: Array
    temperature: float = 1.0

    def apply(self, vectors: Vectors) -> Array:
        """Return float32 (P, K): the outputs over the temperature."""
        outputs = vectors @ self.vector + self.bias
        return np.asarray(outputs / self.temperature, dtype=np.float32)


class VectorHeads:
    """Linear heads on one vector: area, stage, clue and, where it was taught, claim type.

    The stage head has an output a stage; it was trained towards the label and, less, its
    neighbours, so that the order of the stages is in its probabilities.
    """

    def __init__(
        self,
        area_keys: Sequence[str],
        *,
        area: VectorWeights,
        stage: VectorWeights,
        clue: VectorWeights,
        claim: VectorWeights | None = None,
    ) -> None:
        self.area_keys = tuple(area_keys)
        self.area = area
        self.stage = stage
        self.clue = clue
        self.claim = claim

    @property
    def stage_count(self) -> int:
        """How many stages there are."""
        return len(self.stage.bias)

    def predict(self, texts: Sequence[str], vectors: Vectors) -> HeadOutputs:
        """Return the probabilities; row i is text i with vector i.

        Raises:
            ValueError: the vectors are not as wide as those that the heads were trained on.
        """
        width = self.area.vector.shape[0]
        if vectors.shape != (len(texts), width):
            raise ValueError(f"vectors of shape {vectors.shape}; the heads take (P, {width})")
        if not texts:
            return make_no_outputs(self)
        return HeadOutputs(
            softmax(self.area.apply(vectors)),
            softmax(self.stage.apply(vectors)),
            sigmoid(self.clue.apply(vectors))[:, 0],
            softmax(self.claim.apply(vectors)) if self.claim else make_no_claims(len(texts)),
        )
