"""Fit temperatures and thresholds on what heads said of sources that they never saw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
# The same holds for an answer that is right 20 times as often as the heads expect.
SHIFT_BOUND = 3.0
# Four of five passages are answered; the fifth that the model is least sure of is left open.
ANSWERED_SHARE = 0.8
CLUE_FLOORS = np.round(np.arange(0.02, 0.99, 0.01), 2)
SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Scaling:
    """What makes the probabilities of heads with an output an answer true.

    The logarithms of the probabilities are divided by the temperatures; then `area_shift` (A,) and
    `stage_shift` (S,) are added, which say how much more often each answer is right than the heads
    expect: they learned from passages of which each answer had as many.
    """

    temperatures: Temperatures
    area_shift: Array
    stage_shift: Array


@dataclass(frozen=True, slots=True)
class _Answers:
    """The right answers as columns of the outputs; -1 where a passage has no stage."""

    areas: NDArray[np.integer]
    stages: NDArray[np.integer]
    is_evidence: NDArray[np.bool_]

    @property
    def is_staged(self) -> NDArray[np.bool_]:
        return np.asarray(self.stages >= 0)


def fit_temperatures(
    passages: Sequence["LabelledPassage"], outputs: HeadOutputs, *, area_keys: Sequence[str]
) -> Temperatures:
    """Return the temperatures of heads whose stage has an output a step between stages."""
    answers = _list_answers(passages, area_keys)
    stages = answers.stages[answers.is_staged]
    return Temperatures(
        area=_minimise(lambda t: _mean_loss(_cool_choices(outputs.areas, t), answers.areas)),
        stage=_minimise(
            lambda t: _mean_loss(_cool_stages(outputs.stages[answers.is_staged], t), stages)
        ),
        clue=_fit_clue_temperature(outputs, answers),
    )


def fit_scaling(
    passages: Sequence["LabelledPassage"], outputs: HeadOutputs, *, area_keys: Sequence[str]
) -> Scaling:
    """Return the scaling of heads whose stage has an output a stage.

    Temperature and shifts are fitted together (Alexandari, Kundaje and Shrikumar, "Maximum
    likelihood with bias-corrected calibration", 2020), each shift with a standard normal prior.
    """
    answers = _list_answers(passages, area_keys)
    is_staged = answers.is_staged
    area_temperature, area_shift = _fit_choices(outputs.areas, answers.areas)
    stage_temperature, stage_shift = _fit_choices(
        outputs.stages[is_staged], answers.stages[is_staged]
    )
    clue_temperature = _fit_clue_temperature(outputs, answers)
    temperatures = Temperatures(area_temperature, stage_temperature, clue_temperature)
    return Scaling(temperatures, area_shift, stage_shift)


def _list_answers(passages: Sequence["LabelledPassage"], area_keys: Sequence[str]) -> _Answers:
    column = {key: index for index, key in enumerate((*area_keys, NONE))}
    return _Answers(
        np.array([column[passage.area] for passage in passages]),
        np.array([-1 if passage.stage is None else passage.stage - 1 for passage in passages]),
        np.array([passage.area != NONE for passage in passages]),
    )


def _mean_loss(probabilities: Array, answers: NDArray[np.integer]) -> float:
    picked = probabilities[np.arange(len(answers)), answers]
    return -float(np.log(np.maximum(picked, SMALLEST)).mean())


def _fit_clue_temperature(outputs: HeadOutputs, answers: _Answers) -> float:
    clues = outputs.clues[answers.is_evidence]
    has_clue = answers.is_staged[answers.is_evidence].astype(int)
    return _minimise(lambda t: _mean_loss(_as_pair(_cool(clues, t)), has_clue))


def _fit_choices(probabilities: Array, answers: NDArray[np.integer]) -> tuple[float, Array]:
    """Return the temperature and the shifts that make the answers most likely."""
    from scipy.optimize import minimize

    logs = np.log(np.maximum(probabilities, SMALLEST)).astype(np.float64)
    rows = np.arange(len(answers))

    def loss(numbers: NDArray[np.floating]) -> float:
        scaled = logs / np.exp(numbers[0]) + numbers[1:]
        peaks = scaled.max(axis=1)
        totals = np.log(np.exp(scaled - peaks[:, None]).sum(axis=1)) + peaks
        prior = (numbers[1:] ** 2).sum() / (2 * len(answers))
        return float((totals - scaled[rows, answers]).mean() + prior)

    edges = [tuple(np.log(TEMPERATURE_BOUNDS)), *[(-SHIFT_BOUND, SHIFT_BOUND)] * logs.shape[1]]
    found = minimize(loss, np.zeros(1 + logs.shape[1]), bounds=edges, method="L-BFGS-B").x
    return round(float(np.exp(found[0])), 4), np.round(found[1:], 4).astype(np.float32)


def apply_temperatures(outputs: HeadOutputs, temperatures: Temperatures) -> HeadOutputs:
    """Return the outputs as heads with these temperatures would have given them."""
    return HeadOutputs(
        _cool_choices(outputs.areas, temperatures.area),
        _cool_stages(outputs.stages, temperatures.stage),
        _cool(outputs.clues, temperatures.clue),
        outputs.claims,
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

    scores = np.array([f1(floor) for floor in CLUE_FLOORS])
    best = CLUE_FLOORS[scores == scores.max()]
    return float(best[len(best) // 2])


def _minimise(loss: Callable[[float], float]) -> float:
    from scipy.optimize import minimize_scalar

    return round(float(minimize_scalar(loss, bounds=TEMPERATURE_BOUNDS, method="bounded").x), 4)


def _cool_choices(probabilities: Array, temperature: float) -> Array:
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
