"""What a model should answer for each passage, as numbers to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.mapping import HeadOutputs
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.records import NONE

Array = NDArray[np.float32]

# A passage stands for each area that it also speaks to with half the weight of its primary one.
ALSO_WEIGHT = 0.5
# A neighbouring stage is a seventh as right, the next one a fiftieth: missing by one costs less.
STAGE_SHARPNESS = 2.0


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets of P passages.

    `areas` (P, A) and `stages` (P, S) are probabilities, rows sum to 1; `clues` (P,) is 1 where
    the label has a stage. `has_stage` and `is_evidence` (P,) are 1 where the stage and the clue
    are to be learned from.
    """

    areas: Array
    stages: Array
    clues: Array
    has_stage: Array
    is_evidence: Array

    def pick(self, rows: NDArray[np.integer]) -> Self:
        """Return the targets of some passages."""
        return type(self)(
            self.areas[rows],
            self.stages[rows],
            self.clues[rows],
            self.has_stage[rows],
            self.is_evidence[rows],
        )

    def blend(self, taught: HeadOutputs, share: float) -> Self:
        """Return targets that are to this share what another model answers (distillation)."""

        def mix(own: Array, other: Array) -> Array:
            return np.asarray((1 - share) * own + share * other, dtype=np.float32)

        has_stage = self.has_stage[:, None]
        return type(self)(
            mix(self.areas, taught.areas),
            np.where(has_stage, mix(self.stages, taught.stages), self.stages),
            mix(self.clues, taught.clues),
            self.has_stage,
            self.is_evidence,
        )


def make_targets(
    passages: Sequence[LabelledPassage], *, area_keys: Sequence[str], stage_count: int
) -> Targets:
    """Return the targets that the labels of the passages ask for."""
    column = {key: index for index, key in enumerate((*area_keys, NONE))}
    areas = np.zeros((len(passages), len(column)), np.float32)
    stages = np.full((len(passages), stage_count), 1 / stage_count, np.float32)
    for row, passage in enumerate(passages):
        areas[row, column[passage.area]] = 1
        for key in passage.also:
            areas[row, column[key]] += ALSO_WEIGHT
        if passage.stage is not None:
            distance = np.abs(np.arange(1, stage_count + 1) - passage.stage)
            stages[row] = np.exp(-STAGE_SHARPNESS * distance)
    has_stage = np.array([passage.stage is not None for passage in passages], np.float32)
    return Targets(
        areas / areas.sum(axis=1, keepdims=True),
        stages / stages.sum(axis=1, keepdims=True),
        clues=has_stage,
        has_stage=has_stage,
        is_evidence=np.array([passage.area != NONE for passage in passages], np.float32),
    )
