"""Measure a model on labelled passages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evidence_mapper.mapping import Model
from evidence_mapper.metrics import Predictions, Scores, score_predictions
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.records import NONE, Mapping


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Quality of a model on one set of passages: of all, and of each language."""

    model: str
    model_digest: str
    overall: Scores
    by_language: dict[str, Scores]


@dataclass(frozen=True, slots=True)
class Classification:
    """What a model answers for one passage.

    `stage` is `None` where the passage is no evidence or has no clue to a stage. `abstained` is
    true where it has a clue and the model is not sure enough which stage it is: `stage` is then
    the likeliest one, and not to be relied on.
    """

    area: str
    area_probabilities: dict[str, float]
    stage: int | None
    stage_probabilities: tuple[float, ...]
    abstained: bool


def classify_texts(model: Model, texts: Sequence[str]) -> tuple[Classification, ...]:
    """Return the model's answer for each text, in order."""
    return tuple(_classify(model, mapping) for mapping in model.map_texts(texts))


def _classify(model: Model, mapping: Mapping) -> Classification:
    area = max(mapping.areas, key=mapping.areas.__getitem__)
    has_stage = area != NONE and mapping.clue >= model.thresholds.clue_floor
    is_sure = max(mapping.stages) >= model.thresholds.stage_floor
    likeliest = 1 + max(range(len(mapping.stages)), key=mapping.stages.__getitem__)
    return Classification(
        area=area,
        area_probabilities=dict(mapping.areas),
        stage=likeliest if has_stage else None,
        stage_probabilities=mapping.stages,
        abstained=has_stage and not is_sure,
    )


def evaluate_model(
    model: Model,
    passages: Sequence[LabelledPassage],
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Return the quality of the model on labelled passages, with bootstrap intervals.

    Raises:
        ValueError: there are no passages.
    """
    if not passages:
        raise ValueError("no labelled passage to measure the model on")
    mappings = model.map_texts([passage.text for passage in passages], on_progress)
    overall = _score(model, passages, mappings)
    languages = sorted({passage.lang for passage in passages})
    by_language = {languages[0]: overall}
    if len(languages) > 1:
        pairs = list(zip(passages, mappings, strict=True))
        by_language = {
            language: _score(
                model, *zip(*(pair for pair in pairs if pair[0].lang == language), strict=True)
            )
            for language in languages
        }
    return Evaluation(model.name, model.digest, overall, by_language)


def _score(
    model: Model, passages: Sequence[LabelledPassage], mappings: Sequence[Mapping]
) -> Scores:
    stages = np.array([mapping.stages for mapping in mappings])
    predictions = Predictions(
        areas=[max(mapping.areas, key=mapping.areas.__getitem__) for mapping in mappings],
        stages=stages,
        has_clue=np.array([mapping.clue for mapping in mappings]) >= model.thresholds.clue_floor,
        abstained=stages.max(axis=1) < model.thresholds.stage_floor,
    )
    return score_predictions(passages, predictions, area_keys=model.framework.area_keys)
