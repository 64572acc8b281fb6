"""Fit temperatures and thresholds on what heads said of sources that they never saw."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.mapping.heads import Array, HeadOutputs, softmax, stages_from_steps
from evidence_mapper.mapping.manifest import Thresholds
from evidence_mapper.records import NONE
from evidence_mapper.training.fit import Temperatures

if TYPE_CHECKING:
    from evidence_mapper.passage_files import LabelledPassage

# A temperature outside of these means that the heads learned nothing or the data is wrong.
TEMPERATURE_BOUNDS = (0.25, 4.0)
# Four of five passages are answered; the fifth that the model is least sure of is left open.
ANSWERED_SHARE = 0.8
CLUE_FLOORS = np.round(np.arange(0.3, 0.99, 0.01), 2)
SMALLEST = 1e-6

Cool = Callable[[Array, float], Array]


def fit_temperatures(
    passages: Sequence["LabelledPassage"],
    outputs: HeadOutputs,
    *,
    area_keys: Sequence[str],
    cool_stages: Cool | None = None,
) -> Temperatures:
    """Return the temperatures that make the outputs' probabilities most likely true.

    Args:
        cool_stages: `cool_choices` for a head with an output a stage; left out, for one with an
            output a step between stages.
    """
    cool_stages = cool_stages or _cool_stages
    column = {key: index for index, key in enumerate((*area_keys, NONE))}
    areas = np.array([column[passage.area] for passage in passages])
    stages = np.array([-1 if passage.stage is None else passage.stage - 1 for passage in passages])
    is_staged = stages >= 0
    is_evidence = np.array([passage.area != NONE for passage in passages])

    def mean_loss(probabilities: Array, answers: NDArray[np.integer]) -> float:
        picked = probabilities[np.arange(len(answers)), answers]
        return -float(np.log(np.maximum(picked, SMALLEST)).mean())

    return Temperatures(
        area=_minimise(lambda t: mean_loss(cool_choices(outputs.areas, t), areas)),
        stage=_minimise(
            lambda t: mean_loss(cool_stages(outputs.stages[is_staged], t), stages[is_staged])
        ),
        clue=_minimise(
            lambda t: mean_loss(
                _as_pair(_cool(outputs.clues[is_evidence], t)),
                is_staged[is_evidence].astype(int),
            )
        ),
    )


def apply_temperatures(outputs: HeadOutputs, temperatures: Temperatures) -> HeadOutputs:
    """Return the outputs as heads with these temperatures would have given them."""
    return HeadOutputs(
        cool_choices(outputs.areas, temperatures.area),
        _cool_stages(outputs.stages, temperatures.stage),
        _cool(outputs.clues, temperatures.clue),
    )


def fit_thresholds(outputs: HeadOutputs, passages: Sequence["LabelledPassage"]) -> Thresholds:
    """Return thresholds fitted on held-back passages.

    A fifth of the passages with a stage are left open; the clue floor is the one that finds
    passages without a clue best (highest F1).
    """
    is_staged = np.array([passage.stage is not None for passage in passages])
    is_evidence = np.array([passage.area != NONE for passage in passages])
    sure = outputs.stages[is_staged].max(axis=1)
    return Thresholds(
        stage_floor=round(float(np.quantile(sure, 1 - ANSWERED_SHARE)), 4),
        clue_floor=_fit_clue_floor(outputs.clues[is_evidence], ~is_staged[is_evidence]),
    )


def _fit_clue_floor(clues: Array, is_without: NDArray[np.bool_]) -> float:
    def f1(floor: float) -> float:
        found = clues < floor
        both = (found & is_without).sum()
        return float(2 * both / max(found.sum() + is_without.sum(), 1))

    return max(map(float, CLUE_FLOORS), key=f1)


def _minimise(loss: Callable[[float], float]) -> float:
    from scipy.optimize import minimize_scalar

    return round(float(minimize_scalar(loss, bounds=TEMPERATURE_BOUNDS, method="bounded").x), 4)


def cool_choices(probabilities: Array, temperature: float) -> Array:
    """Return probabilities (P, K) with their logarithms divided by the temperature."""
    logits = np.log(np.maximum(probabilities, SMALLEST)) / temperature
    return softmax(logits.astype(np.float32))


def _cool_stages(probabilities: Array, temperature: float) -> Array:
    steps = 1 - np.cumsum(probabilities, axis=1)[:, :-1]
    return stages_from_steps(_cool(steps, temperature))


def _cool(probabilities: Array, temperature: float) -> Array:
    """Return P(yes) with its log odds divided by the temperature."""
    clipped = np.clip(probabilities, SMALLEST, 1 - SMALLEST)
    odds = np.log(clipped / (1 - clipped)) / temperature
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)


def _as_pair(probabilities: Array) -> Array:
    return np.stack([1 - probabilities, probabilities], axis=1)
