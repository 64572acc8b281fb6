"""Compare settings of the rule for positions on schools put together from authored passages.

    python benchmarks/position_settings.py

A made-up school draws its passages from those that the model was calibrated on and did not learn
from; a true stage has 70% of its passages, its neighbours the rest. So no sample school and no real
text has a part in choosing the numbers of `PositionSettings`.
"""

import argparse
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evidence_mapper.framework import Framework, load_framework
from evidence_mapper.mapping import load_models
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.positions import MappedPassage, PositionSettings, suggest_positions
from evidence_mapper.records import NONE, BlockKind, Mapping, Passage, Span
from evidence_mapper.training import load_training_passages
from evidence_mapper.training.data import CALIBRATION

SEED = 7
NULL_SHARE = 0.15
PASSAGES_PER_AREA = (5, 13)
NONE_PASSAGES = (20, 60)
SHARE_AT_STAGE = 0.7


@dataclass(frozen=True, slots=True)
class School:
    """Passages of one made-up school and its true stages, by area key."""

    passages: list[MappedPassage]
    stages: dict[str, int | None]


def main() -> None:
    """Print a table of settings and what they reach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=200)
    count = parser.parse_args().schools
    framework = load_framework()
    schools = make_schools(framework, count)
    base = PositionSettings()
    print(
        f"{count} schools\n"
        "floor  min  weight indep | exact within1 | insufficient precision recall F1 | log loss"
    )
    for floor, passages, weight, independence in itertools.product(
        (0.25, 0.35, 0.45, 0.55), (3, 4), (1.5, 2.0, 2.5, 3.0), (0.3, 0.5, 1.0)
    ):
        settings = replace(
            base,
            area_floor=floor,
            min_passages=passages,
            min_weight=weight,
            independence=independence,
        )
        print(
            f"{floor:.2f}   {passages}    {weight:.1f}    {independence:.1f}   | "
            + describe(schools, framework, settings)
        )


def make_schools(framework: Framework, count: int) -> list[School]:
    """Return made-up schools from English passages."""
    passages = [
        item
        for item in load_training_passages(framework)
        if item.lang == "en" and item.source.endswith(CALIBRATION)
    ]
    texts = [item.text for item in passages]
    answers = load_models(framework=framework).map_texts(texts, ["en"] * len(texts))
    pairs = zip(passages, answers.mappings, strict=True)
    mapped = [_wrap(item, mapping) for item, mapping in pairs]
    random = np.random.default_rng(SEED)
    rows: dict[tuple[str, int | None], list[int]] = {}
    for row, item in enumerate(passages):
        rows.setdefault((item.area, item.stage), []).append(row)
    return [_make_school(random, rows, mapped, framework.area_keys) for _ in range(count)]


def _make_school(
    random: np.random.Generator,
    rows: dict[tuple[str, int | None], list[int]],
    mapped: list[MappedPassage],
    keys: Sequence[str],
) -> School:
    chosen: list[int] = list(random.choice(rows[NONE, None], random.integers(*NONE_PASSAGES)))
    stages: dict[str, int | None] = {}
    middle = random.normal(2.5, 0.8)
    for key in keys:
        if random.random() < NULL_SHARE:
            stages[key] = None
            bare = rows.get((key, None), [])
            chosen += list(random.choice(bare, min(len(bare), random.integers(0, 3))))
            continue
        stage = int(np.clip(round(random.normal(middle, 0.7)), 1, 4))
        stages[key] = stage
        for _ in range(random.integers(*PASSAGES_PER_AREA)):
            near = [other for other in (stage - 1, stage + 1) if 1 <= other <= 4]
            drawn = stage if random.random() < SHARE_AT_STAGE else int(random.choice(near))
            chosen.append(random.choice(rows[key, drawn]))
    return School([mapped[row] for row in set(chosen)], stages)


def _wrap(passage: LabelledPassage, mapping: Mapping) -> MappedPassage:
    span = (Span(1, 0, len(passage.text)),)
    record = Passage("made up", passage.text, span, None, BlockKind.PARAGRAPH, passage.lang)
    return MappedPassage(record, mapping, 1, "p. 1")


def describe(schools: list[School], framework: Framework, settings: PositionSettings) -> str:
    """Return what the settings reach in one line."""
    exact, within, losses = [], [], []
    said, open_, both = 0, 0, 0
    for school in schools:
        for position in suggest_positions(school.passages, framework, settings):
            true = school.stages[position.area]
            said += position.stage is None
            open_ += true is None
            both += position.stage is None and true is None
            if true is not None and position.stage is not None:
                exact.append(position.stage == true)
                within.append(abs(position.stage - true) <= 1)
                losses.append(-np.log(max(position.stage_probabilities[true - 1], 1e-6)))
    f1 = 2 * both / (said + open_)
    return (
        f"{np.mean(exact):.3f}  {np.mean(within):.3f}  | {both / max(said, 1):.3f}  "
        f"{both / open_:.3f}  {f1:.3f} | {np.mean(losses):.3f}"
    )


if __name__ == "__main__":
    main()
