"""How good predicted areas and stages are, with bootstrap intervals (pure functions)."""

import math
import warnings
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.records import NONE

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]

CALIBRATION_BINS = 10
BOOTSTRAP_SAMPLES = 1000
BOOTSTRAP_SEED = 20260101
# The middle 95% of the bootstrap samples.
INTERVAL_PERCENT = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model said of P passages.

    `areas` (P,) holds keys; `stages` float (P, S) probabilities, rows sum to 1; `has_clue` (P,)
    whether it saw a clue to a stage; `abstained` (P,) whether it left the stage open.
    """

    areas: Sequence[str]
    stages: FloatArray
    has_clue: NDArray[np.bool_]
    abstained: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its 95% bootstrap interval; all are NaN where nothing could be measured."""

    value: float
    low: float
    high: float


def format_figure(figure: Figure) -> str:
    """Return a figure with its interval to two digits; a dash where nothing was measured."""
    if math.isnan(figure.value):
        return "–"
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


@dataclass(frozen=True, slots=True)
class Scores:
    """Quality on a set of labelled passages.

    The stage figures count the passages whose label has a stage (`stage_count` of them), by the
    most probable stage whether or not the model abstained. `clue_recall` is the share of them in
    which the model saw a clue; `no_clue_recall` the share of evidence without a stage in which
    it saw none. `answered_share` and `answered_exact` speak of what it did not abstain from.
    """

    passage_count: int
    stage_count: int
    area_accuracy: Figure
    area_accuracy_with_also: Figure
    area_macro_f1: Figure
    stage_exact: Figure
    stage_within_one: Figure
    stage_qwk: Figure
    stage_mean_absolute_error: Figure
    stage_calibration_error: Figure
    answered_share: Figure
    answered_exact: Figure
    clue_recall: Figure
    no_clue_recall: Figure
    area_confusion: tuple[tuple[int, ...], ...]
    stage_confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """Labels and predictions as columns; -1 in `stages` where a label has none."""

    areas: NDArray[np.str_]
    predicted_areas: NDArray[np.str_]
    counts_with_also: NDArray[np.bool_]
    stages: IntArray
    stage_probabilities: FloatArray
    has_clue: NDArray[np.bool_]
    abstained: NDArray[np.bool_]

    def pick(self, rows: IntArray | NDArray[np.bool_]) -> "_Table":
        return _Table(
            self.areas[rows],
            self.predicted_areas[rows],
            self.counts_with_also[rows],
            self.stages[rows],
            self.stage_probabilities[rows],
            self.has_clue[rows],
            self.abstained[rows],
        )

    @property
    def staged(self) -> "_Table":
        return self.pick(self.stages >= 0)

    @property
    def predicted_stages(self) -> IntArray:
        return np.asarray(self.stage_probabilities.argmax(axis=1))


def score_predictions(
    labels: Sequence[LabelledPassage], predictions: Predictions, *, area_keys: Sequence[str]
) -> Scores:
    """Return the quality of the predictions; row i of each part is passage i.

    The bootstrap draws whole documents where the labels name them, because the passages of one
    document are alike; else it draws passages.

    Raises:
        ValueError: there are no labels.
    """
    if not labels:
        raise ValueError("no labelled passage to score")
    table = _make_table(labels, predictions)
    draws = draw_rows([label.doc or f"row {row}" for row, label in enumerate(labels)])

    def measure(metric: Callable[[_Table], float]) -> Figure:
        return measure_figure(lambda rows: metric(table.pick(rows)), len(labels), draws)

    return Scores(
        passage_count=len(labels),
        stage_count=int((table.stages >= 0).sum()),
        area_accuracy=measure(lambda t: _mean(t.areas == t.predicted_areas)),
        area_accuracy_with_also=measure(lambda t: _mean(t.counts_with_also)),
        area_macro_f1=measure(_macro_f1),
        stage_exact=measure(lambda t: _stage_within(t, 0)),
        stage_within_one=measure(lambda t: _stage_within(t, 1)),
        stage_qwk=measure(_weigh_kappa),
        stage_mean_absolute_error=measure(
            lambda t: _mean(abs(t.staged.predicted_stages - t.staged.stages))
        ),
        stage_calibration_error=measure(lambda t: measure_calibration_error(*_top_stage(t))),
        answered_share=measure(lambda t: _mean(~t.staged.abstained)),
        answered_exact=measure(lambda t: _stage_within(t.pick(~t.abstained), 0)),
        clue_recall=measure(lambda t: _mean(t.staged.has_clue)),
        no_clue_recall=measure(
            lambda t: _mean(~t.pick((t.stages < 0) & (t.areas != NONE)).has_clue)
        ),
        area_confusion=_count_areas(table, (*area_keys, NONE)),
        stage_confusion=_count_stages(table),
    )


def measure_calibration_error(probabilities: FloatArray, is_right: NDArray[np.bool_]) -> float:
    """Return the debiased root mean square calibration error of the top answer, 0 to 1.

    Ten bins of equal mass; the variance that chance alone gives a bin's accuracy is taken off
    (Kumar, Liang and Ma, "Verified Uncertainty Calibration", 2019, section 4). NaN for fewer than
    two answers a bin.
    """
    count = len(probabilities)
    if count < 2 * CALIBRATION_BINS:
        return float("nan")
    order = np.argsort(probabilities, kind="stable")
    total = 0.0
    for rows in np.array_split(order, CALIBRATION_BINS):
        accuracy = float(is_right[rows].mean())
        gap = float(probabilities[rows].mean()) - accuracy
        noise = accuracy * (1 - accuracy) / (len(rows) - 1)
        total += len(rows) / count * (gap**2 - noise)
    return float(np.sqrt(max(total, 0.0)))


def _make_table(labels: Sequence[LabelledPassage], predictions: Predictions) -> _Table:
    return _Table(
        np.array([label.area for label in labels]),
        np.array(predictions.areas),
        np.array(
            [
                area == label.area or area in label.also
                for label, area in zip(labels, predictions.areas, strict=True)
            ]
        ),
        np.array([-1 if label.stage is None else label.stage - 1 for label in labels]),
        np.asarray(predictions.stages),
        np.asarray(predictions.has_clue),
        np.asarray(predictions.abstained),
    )


def measure_figure(
    metric: Callable[[IntArray], float], count: int, draws: Sequence[IntArray] | None = None
) -> Figure:
    """Return what a metric gives for all rows, with its interval.

    Args:
        metric: is given the numbers of the rows to measure, some of them several times.
        count: how many rows there are.
        draws: what `draw_rows` gave; left out, each row is drawn by itself.
    """
    draws = draws or draw_rows(range(count))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a draw, or a small file, may hold one class only
        value = metric(np.arange(count))
        values = np.array([metric(rows) for rows in draws])
    values = values[~np.isnan(values)]
    low, high = np.percentile(values, INTERVAL_PERCENT) if len(values) else (np.nan, np.nan)
    return Figure(float(value), float(low), float(high))


def draw_rows(groups: Sequence[Hashable]) -> list[IntArray]:
    """Return the rows of every bootstrap sample; row i is of group i, drawn with all of it."""
    rows_of: dict[Hashable, list[int]] = {}
    for row, group in enumerate(groups):
        rows_of.setdefault(group, []).append(row)
    members = [np.array(rows) for rows in rows_of.values()]
    random = np.random.default_rng(BOOTSTRAP_SEED)
    return [
        np.concatenate(
            [members[group] for group in random.integers(len(members), size=len(members))]
        )
        for _ in range(BOOTSTRAP_SAMPLES)
    ]


def _mean(values: NDArray[np.bool_] | IntArray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _macro_f1(table: _Table) -> float:
    from sklearn.metrics import f1_score

    present = np.unique(table.areas)
    return float(
        f1_score(
            table.areas, table.predicted_areas, labels=present, average="macro", zero_division=0
        )
    )


def _stage_within(table: _Table, distance: int) -> float:
    staged = table.staged
    return _mean(abs(staged.predicted_stages - staged.stages) <= distance)


def _weigh_kappa(table: _Table) -> float:
    from sklearn.metrics import cohen_kappa_score

    staged = table.staged
    if not len(staged.stages):
        return float("nan")
    labels = list(range(table.stage_probabilities.shape[1]))
    return float(
        cohen_kappa_score(
            staged.stages, staged.predicted_stages, weights="quadratic", labels=labels
        )
    )


def _top_stage(table: _Table) -> tuple[FloatArray, NDArray[np.bool_]]:
    staged = table.staged
    return staged.stage_probabilities.max(axis=1), staged.predicted_stages == staged.stages


def _count_areas(table: _Table, keys: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    return _count_pairs(table.areas, table.predicted_areas, keys)


def _count_stages(table: _Table) -> tuple[tuple[int, ...], ...]:
    staged = table.staged
    labels = list(range(table.stage_probabilities.shape[1]))
    return _count_pairs(staged.stages, staged.predicted_stages, labels)


def _count_pairs(
    true: NDArray[np.generic], predicted: NDArray[np.generic], labels: Sequence[object]
) -> tuple[tuple[int, ...], ...]:
    """Return how often each label (row) was given each answer (column)."""
    return tuple(
        tuple(int(((true == row) & (predicted == column)).sum()) for column in labels)
        for row in labels
    )
