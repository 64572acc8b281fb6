"""Linear heads: what a passage's vector and its words say about area, stage and clue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.encoders import Vectors

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Array = NDArray[np.float32]

# Words with Welsh and English apostrophes, and the percent sign: "90%" is a proportion.
TOKEN_PATTERN = r"(?u)\b\w[\w'’]*\b|%"  # noqa: S105
NGRAM_RANGE = (1, 2)


@dataclass(frozen=True, slots=True)
class HeadOutputs:
    """Calibrated probabilities of P passages.

    `areas` float32 (P, A): the area keys of the heads and last "none", rows sum to 1. `stages`
    float32 (P, S): lowest stage first, rows sum to 1. `clues` float32 (P,): whether the passage
    says anything about a stage. `claims` float32 (P, C): the claim types, rows sum to 1; C is 0
    where the heads were not taught them. All are empty where P is 0.
    """

    areas: Array
    stages: Array
    clues: Array
    claims: Array


class Heads(Protocol):
    """Whatever turns vectors into probabilities."""

    @property
    def area_keys(self) -> tuple[str, ...]:
        """The area keys in the order of the columns, "none" last."""

    @property
    def stage_count(self) -> int:
        """How many stages there are."""

    def predict(self, texts: Sequence[str], vectors: Vectors) -> HeadOutputs:
        """Return the probabilities; row i is text i with vector i.

        Raises:
            ValueError: the vectors are not as wide as those that the heads were trained on.
        """


def make_no_outputs(heads: Heads) -> HeadOutputs:
    """Return what the heads say of no text."""
    return HeadOutputs(
        np.zeros((0, len(heads.area_keys)), np.float32),
        np.zeros((0, heads.stage_count), np.float32),
        np.zeros(0, np.float32),
        make_no_claims(0),
    )


def make_no_claims(count: int) -> Array:
    """Return the claims of heads that were not taught them: float32 (P, 0)."""
    return np.zeros((count, 0), np.float32)


class Features:
    """Word and word-pair frequencies (TF-IDF) of texts, by a vocabulary that was learned once.

    The vector of an encoder sees the topic; words such as "most", "not yet" and "for six years"
    carry the stage, in English and in Welsh.
    """

    def __init__(self, vocabulary: Sequence[str], idf: Array) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.vocabulary = tuple(vocabulary)
        self.idf = idf
        self._vectorizer = TfidfVectorizer(
            vocabulary=list(vocabulary), **vectorizer_settings(), dtype=np.float32
        )
        self._vectorizer.idf_ = idf

    def transform(self, texts: Sequence[str]) -> "csr_matrix":
        """Return sparse float32 (P, V), rows of length 1 (or 0 where no word is known)."""
        return self._vectorizer.transform(texts)


def vectorizer_settings() -> dict[str, object]:
    """Return how texts are cut into words, the same in training and in use."""
    return {"ngram_range": NGRAM_RANGE, "sublinear_tf": True, "token_pattern": TOKEN_PATTERN}


@dataclass(frozen=True, slots=True)
class LinearWeights:
    """A linear layer over a vector and TF-IDF words; K outputs.

    `vector` float32 (D, K), `words` float32 (V, K), `bias` float32 (K,). `temperature` divides
    the outputs: above 1 it makes them less sure; fitted on passages of sources held back.
    """

    vector: Array
    words: Array
    bias: Array
    temperature: float

    def apply(self, vectors: Vectors, words: "csr_matrix") -> Array:
        """Return float32 (P, K): the outputs over the temperature."""
        outputs = vectors @ self.vector + words @ self.words + self.bias
        return np.asarray(outputs / self.temperature, dtype=np.float32)


class LinearHeads:
    """Three linear heads that share their features: area, stage (ordinal) and clue.

    The stage head holds one output for each step between neighbouring stages, P(stage > s)
    (Frank and Hall, "A simple approach to ordinal classification", 2001).
    """

    def __init__(
        self,
        area_keys: Sequence[str],
        features: Features,
        *,
        area: LinearWeights,
        stage: LinearWeights,
        clue: LinearWeights,
    ) -> None:
        self.area_keys = tuple(area_keys)
        self.features = features
        self.area = area
        self.stage = stage
        self.clue = clue

    @property
    def stage_count(self) -> int:
        """How many stages there are."""
        return len(self.stage.bias) + 1

    def predict(self, texts: Sequence[str], vectors: Vectors) -> HeadOutputs:
        """Return the probabilities; row i is text i with vector i.

        Raises:
            ValueError: the vectors are not as wide as those that the heads were trained on.
        """
        width = self.area.vector.shape[0]
        if vectors.ndim != 2 or vectors.shape[1] != width:  # noqa: PLR2004
            raise ValueError(f"vectors of shape {vectors.shape}; the heads take (P, {width})")
        if not texts:
            return make_no_outputs(self)
        words = self.features.transform(texts)
        return HeadOutputs(
            softmax(self.area.apply(vectors, words)),
            stages_from_steps(sigmoid(self.stage.apply(vectors, words))),
            sigmoid(self.clue.apply(vectors, words))[:, 0],
            make_no_claims(len(texts)),
        )


def softmax(logits: Array) -> Array:
    """Return float32 (P, K) whose rows are positive and sum to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def sigmoid(logits: Array) -> Array:
    """Return float32 of the same shape, between 0 and 1."""
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def stages_from_steps(steps: Array) -> Array:
    """Return float32 (P, S) stage probabilities from (P, S - 1) probabilities of stage > s.

    Steps that were fitted apart may cross; each is held at or below the one before it.
    """
    falling = np.minimum.accumulate(steps, axis=1)
    ones = np.ones((len(steps), 1), np.float32)
    edges = np.concatenate([ones, falling, ones * 0], axis=1)
    return np.asarray(edges[:, :-1] - edges[:, 1:], dtype=np.float32)
