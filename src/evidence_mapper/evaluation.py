"""Measure a model on labelled passages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evidence_mapper.language import detect_language
from evidence_mapper.mapping import Model, ModelSet
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
    the likeliest one, and not to be relied on. Where no model can answer in the passage's
    language, `area` is `None` and `reason` says why.
    """

    area: str | None
    area_probabilities: dict[str, float]
    stage: int | None
    stage_probabilities: tuple[float, ...]
    abstained: bool
    reason: str | None = None


def classify_texts(
    models: ModelSet, texts: Sequence[str], languages: Sequence[str] | None = None
) -> tuple[Classification, ...]:
    """Return the answer for each text, in order, by the model of its language.

    Args:
        languages: of each text, its code ("en", "cy"); detected where left out.
    """
    languages = languages or [detect_language(text) for text in texts]
    answers = models.map_texts(texts, languages)
    return tuple(
        Classification(None, {}, None, (), abstained=True, reason=answers.gaps[language])
        if mapping is None
        else _classify(models.by_language[language], mapping)
        for language, mapping in zip(languages, answers.mappings, strict=True)
    )


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


def evaluate_models(
    models: ModelSet,
    passages: Sequence[LabelledPassage],
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Return the quality of the models on labelled passages, with bootstrap intervals.

    Raises:
        ValueError: there are no passages.
        ModelError: no model can answer in one of the languages.
    """
    if not passages:
        raise ValueError("no labelled passage to measure the model on")
    texts = [passage.text for passage in passages]
    languages = [passage.lang for passage in passages]
    answered = list(zip(passages, models.map_all(texts, languages, on_progress), strict=True))
    overall = _score(models, answered)
    present = sorted(set(languages))
    by_language = {present[0]: overall}
    if len(present) > 1:
        by_language = {
            language: _score(models, [pair for pair in answered if pair[0].lang == language])
            for language in present
        }
    return Evaluation(models.name, models.digest, overall, by_language)


def predict_labels(models: ModelSet, passages: Sequence[LabelledPassage]) -> Predictions:
    """Return what the models say of labelled passages; row i is passage i.

    Raises:
        ModelError: no model can answer in one of the languages.
    """
    texts = [passage.text for passage in passages]
    languages = [passage.lang for passage in passages]
    return _make_predictions(models, languages, models.map_all(texts, languages))


def _make_predictions(
    models: ModelSet, languages: Sequence[str], mappings: Sequence[Mapping]
) -> Predictions:
    floors = [models.by_language[language].thresholds for language in languages]
    stages = np.array([mapping.stages for mapping in mappings])
    return Predictions(
        areas=[max(mapping.areas, key=mapping.areas.__getitem__) for mapping in mappings],
        stages=stages,
        has_clue=np.array([mapping.clue for mapping in mappings])
        >= np.array([floor.clue_floor for floor in floors]),
        abstained=stages.max(axis=1) < np.array([floor.stage_floor for floor in floors]),
    )


def _score(models: ModelSet, answered: Sequence[tuple[LabelledPassage, Mapping]]) -> Scores:
    passages, mappings = zip(*answered, strict=True)
    predictions = _make_predictions(models, [passage.lang for passage in passages], mappings)
    return score_predictions(passages, predictions, area_keys=models.framework.area_keys)
