"""Fit the linear heads: logistic regressions on an encoder's vectors and on words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.errors import LabelledDataError
from evidence_mapper.mapping.heads import (
    Array,
    Features,
    HeadOutputs,
    LinearHeads,
    LinearWeights,
    make_no_claims,
    vectorizer_settings,
)
from evidence_mapper.records import NONE
from evidence_mapper.training.targets import ALSO_WEIGHT

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    from evidence_mapper.encoders import Vectors
    from evidence_mapper.passage_files import LabelledPassage

# A word that stands in fewer passages says more about the writer than about the stage.
MIN_DOCUMENT_FREQUENCY = 3
# Weights of the words beside the vector and the inverse of the regularisation, the best of six
# pairs by area accuracy and stage QWK on the authored files, each predicted without itself.
AREA_WORD_WEIGHT, AREA_C = 1.0, 10.0
STAGE_WORD_WEIGHT, STAGE_C = 2.0, 5.0
MAX_ITERATIONS = 2000
# More would hold each source back with fewer others, and take longer: 6 in five minutes.
MAX_FOLDS = 6


@dataclass(frozen=True, slots=True)
class Temperatures:
    """What the outputs of each head are divided by; 1 where nothing was fitted."""

    area: float = 1.0
    stage: float = 1.0
    clue: float = 1.0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Features of the passages: `vectors` (P, D) and `words` (P, V)."""

    vectors: "Vectors"
    words: "csr_matrix"

    def stack(self, word_weight: float, keep: Sequence[int]) -> "csr_matrix":
        from scipy.sparse import csr_matrix, hstack

        index = np.asarray(keep)
        return hstack(
            [csr_matrix(self.vectors[index]), self.words[index] * word_weight], format="csr"
        )


def fit_heads(
    passages: Sequence["LabelledPassage"],
    vectors: "Vectors",
    *,
    area_keys: Sequence[str],
    stage_count: int,
    temperatures: Temperatures | None = None,
) -> LinearHeads:
    """Return heads fitted to the passages; row i of `vectors` is passage i."""
    temperatures = temperatures or Temperatures()
    features = _fit_features([passage.text for passage in passages])
    rows = _Rows(vectors, features.transform([passage.text for passage in passages]))
    keys = (*area_keys, NONE)
    return LinearHeads(
        keys,
        features,
        area=_fit_area(passages, rows, keys, temperatures.area),
        stage=_fit_stage(passages, rows, stage_count, temperatures.stage),
        clue=_fit_clue(passages, rows, temperatures.clue),
    )


def _fit_features(texts: Sequence[str]) -> Features:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        min_df=MIN_DOCUMENT_FREQUENCY, dtype=np.float32, **vectorizer_settings()
    )
    try:
        vectorizer.fit(texts)
    except ValueError as error:
        raise LabelledDataError(
            f"{len(texts)} training passages: no word stands in {MIN_DOCUMENT_FREQUENCY} of them;"
            " give more passages."
        ) from error
    return Features(
        [str(word) for word in vectorizer.get_feature_names_out()],
        vectorizer.idf_.astype(np.float32),
    )


def _fit_area(
    passages: Sequence["LabelledPassage"], rows: _Rows, keys: Sequence[str], temperature: float
) -> LinearWeights:
    column = {key: index for index, key in enumerate(keys)}
    labels = [
        (index, column[key], 1.0 if key == passage.area else ALSO_WEIGHT)
        for index, passage in enumerate(passages)
        for key in (passage.area, *passage.also)
    ]
    kept, areas, weights = zip(*labels, strict=True)
    model = _fit_logistic(rows.stack(AREA_WORD_WEIGHT, kept), areas, AREA_C, weights)
    coefficients = np.zeros((len(keys), model.coef_.shape[1]))
    bias = np.full(len(keys), -20.0)  # an area without a passage is never the answer
    coefficients[model.classes_] = model.coef_
    bias[model.classes_] = model.intercept_
    return _make_weights(coefficients, bias, rows, AREA_WORD_WEIGHT, temperature)


def _fit_stage(
    passages: Sequence["LabelledPassage"], rows: _Rows, stage_count: int, temperature: float
) -> LinearWeights:
    kept = [index for index, passage in enumerate(passages) if passage.stage is not None]
    stages = np.array([passages[index].stage for index in kept])
    stacked = rows.stack(STAGE_WORD_WEIGHT, kept)
    steps = [
        _fit_logistic(stacked, (stages > stage).astype(int), STAGE_C)
        for stage in range(1, stage_count)
    ]
    return _make_weights(
        np.concatenate([step.coef_ for step in steps]),
        np.concatenate([step.intercept_ for step in steps]),
        rows,
        STAGE_WORD_WEIGHT,
        temperature,
    )


def _fit_clue(
    passages: Sequence["LabelledPassage"], rows: _Rows, temperature: float
) -> LinearWeights:
    kept = [index for index, passage in enumerate(passages) if passage.area != NONE]
    clues = [int(passages[index].stage is not None) for index in kept]
    model = _fit_logistic(rows.stack(STAGE_WORD_WEIGHT, kept), clues, STAGE_C)
    return _make_weights(model.coef_, model.intercept_, rows, STAGE_WORD_WEIGHT, temperature)


def _fit_logistic(
    rows: "csr_matrix",
    labels: Sequence[int] | NDArray[np.integer],
    inverse_regularisation: float,
    weights: Sequence[float] | None = None,
) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=inverse_regularisation, max_iter=MAX_ITERATIONS)
    return model.fit(rows, np.asarray(labels), sample_weight=weights)


def _make_weights(
    coefficients: "Array", bias: "Array", rows: _Rows, word_weight: float, temperature: float
) -> LinearWeights:
    """Return the layer with the words' weight folded into it; `coefficients` is (K, D + V)."""
    width = rows.vectors.shape[1]
    return LinearWeights(
        coefficients[:, :width].T.astype(np.float32),
        (coefficients[:, width:].T * word_weight).astype(np.float32),
        np.asarray(bias, dtype=np.float32),
        temperature,
    )


def predict_held_back(
    passages: Sequence["LabelledPassage"],
    vectors: "Vectors",
    *,
    area_keys: Sequence[str],
    stage_count: int,
) -> HeadOutputs:
    """Return what each passage is given by heads that never saw its source file.

    Uncalibrated: the temperatures are 1. Whole sources make up the folds.
    """
    from sklearn.model_selection import GroupKFold

    sources = [passage.source for passage in passages]
    count = len(passages)
    areas = np.zeros((count, len(area_keys) + 1), np.float32)
    stages = np.zeros((count, stage_count), np.float32)
    clues = np.zeros(count, np.float32)
    folds = GroupKFold(min(MAX_FOLDS, len(set(sources)))).split(sources, groups=sources)
    for rest, held_back in folds:
        heads = fit_heads(
            [passages[index] for index in rest],
            vectors[rest],
            area_keys=area_keys,
            stage_count=stage_count,
        )
        outputs = heads.predict([passages[index].text for index in held_back], vectors[held_back])
        areas[held_back] = outputs.areas
        stages[held_back] = outputs.stages
        clues[held_back] = outputs.clues
    return HeadOutputs(areas, stages, clues, make_no_claims(count))
