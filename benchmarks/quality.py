"""Measure the models on labelled passages, beside three obvious ways to answer.

    python benchmarks/quality.py FILE.jsonl [--model NAME]     tables as Markdown
    python benchmarks/quality.py --gate                        compare with benchmarks/floors.toml

The gate measures on the authored passages that no model learned from, and fails where a figure
is below its floor or the data are not those that the floors were set on.
"""

import argparse
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import positions

from evidence_mapper.encoders import load_encoder
from evidence_mapper.evaluation import predict_labels
from evidence_mapper.framework import Framework, load_framework
from evidence_mapper.mapping import load_models
from evidence_mapper.metrics import Figure, Predictions, Scores, format_figure, score_predictions
from evidence_mapper.passage_files import LabelledPassage, read_labelled_passages
from evidence_mapper.records import NONE
from evidence_mapper.training import load_training_passages
from evidence_mapper.training.data import CALIBRATION, CHECK, digest_passages
from evidence_mapper.training.fit import fit_heads

FLOORS = Path(__file__).with_name("floors.toml")
# Below so many passages a figure says next to nothing.
TELLING = 20
LENGTHS = ((1, 15), (16, 30), (31, 60), (61, 1000))
FIGURES = {
    "area_accuracy": "area",
    "area_accuracy_with_also": "area counting `also`",
    "area_macro_f1": "area macro F1",
    "stage_exact": "stage exact",
    "stage_within_one": "stage within one",
    "stage_qwk": "stage QWK",
    "stage_calibration_error": "calibration error of the stage",
    "answered_share": "answered when abstaining: coverage",
    "answered_exact": "answered when abstaining: stage exact",
    "clue_recall": "clue seen where there is one",
    "no_clue_recall": "none seen where there is none",
}
Passages = Sequence[LabelledPassage]


def main() -> None:
    """Print tables, or hold the figures against their floors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--model", default="accurate")
    parser.add_argument("--gate", action="store_true")
    arguments = parser.parse_args()
    framework = load_framework()
    if arguments.gate:
        sys.exit(run_gate(framework))
    if arguments.file is None:
        parser.error("give a file of labelled passages, or --gate")
    passages = read_labelled_passages(
        arguments.file, area_keys=framework.area_keys, stage_count=len(framework.stages)
    )
    print(describe_quality(passages, framework, arguments.model))


def describe_quality(passages: Passages, framework: Framework, model: str) -> str:
    """Return three tables: ours beside the others; ours by group; what the data cannot tell."""
    predictions = predict_labels(load_models(model, framework=framework), passages)
    ways = {f"`{model}`": predictions}
    if model != "fast":
        ways["`fast`"] = predict_labels(load_models("fast", framework=framework), passages)
    ways["frozen MiniLM + logistic regression"] = predict_frozen(passages, framework)
    ways["nearest descriptor"] = predict_nearest(passages, framework)
    ways["always 3"] = predict_always(passages, framework, 3)
    scores = {
        way: score_predictions(passages, said, area_keys=framework.area_keys)
        for way, said in ways.items()
    }
    return "\n\n".join(
        [
            format_ways(scores),
            "By group:\n\n" + format_groups(passages, predictions, framework),
            "What these passages cannot tell: " + describe_gaps(passages, framework),
        ]
    )


def format_ways(scores: dict[str, Scores]) -> str:
    """Return a table: a row a figure, a column a way to answer."""
    lines = ["| | " + " | ".join(scores) + " |", "| --- |" + " --- |" * len(scores)]
    for name, title in FIGURES.items():
        cells = [format_figure(getattr(of_way, name)) for of_way in scores.values()]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    first = next(iter(scores.values()))
    return "\n".join(lines) + (
        f"\n\n{first.passage_count} passages, {first.stage_count} with a stage; stage figures "
        "count these alone."
    )


def format_groups(passages: Passages, predictions: Predictions, framework: Framework) -> str:
    """Return a table of the figures by area, voice and length."""
    lines = [
        "| | passages | area counting `also` | stage exact | within one | QWK |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for title, rows in list_groups(passages, framework):
        scores = score_predictions(
            [passages[row] for row in rows],
            Predictions(
                [predictions.areas[row] for row in rows],
                predictions.stages[rows],
                predictions.has_clue[rows],
                predictions.abstained[rows],
            ),
            area_keys=framework.area_keys,
        )
        names = ("area_accuracy_with_also", "stage_exact", "stage_within_one", "stage_qwk")
        cells = [format_figure(getattr(scores, name)) for name in names]
        lines.append(f"| {title} | {len(rows)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def list_groups(passages: Passages, framework: Framework) -> list[tuple[str, list[int]]]:
    """Return the title and rows of each group that has passages."""

    def pick(test: Callable[[LabelledPassage], bool]) -> list[int]:
        return [row for row, item in enumerate(passages) if test(item)]

    groups = {}
    for key in (*framework.area_keys, NONE):
        groups[f"area {key}"] = pick(lambda item, key=key: item.area == key)
    groups["evidence without a stage"] = pick(lambda item: item.area != NONE and not item.stage)
    for voice in sorted({passage.voice for passage in passages}):
        groups[f"voice {voice}"] = pick(lambda item, voice=voice: item.voice == voice)
    for low, high in LENGTHS:
        groups[f"{low} to {high} words"] = pick(
            lambda item, low=low, high=high: low <= len(item.text.split()) <= high
        )
    return [(title, rows) for title, rows in groups.items() if rows]


def describe_gaps(passages: Passages, framework: Framework) -> str:
    """Return which languages, voices, areas and stages have too few passages to tell."""
    kinds = {
        "language": (("en", "cy"), lambda item: item.lang),
        "voice": (("ser", "inspection", "minutes", "plan", "partner"), lambda item: item.voice),
        "area": ((*framework.area_keys, NONE), lambda item: item.area),
        "stage": ((1, 2, 3, 4, None), lambda item: item.stage),
    }
    found = []
    for kind, (values, read) in kinds.items():
        for value in values:
            count = sum(read(passage) == value for passage in passages)
            if count < TELLING:
                found.append(f"{kind} {value} ({count})")
    return ", ".join(found) + f" have fewer than {TELLING} passages." if found else "nothing here."


def predict_frozen(passages: Passages, framework: Framework) -> Predictions:
    """Return what heads on frozen MiniLM vectors and words say; they learn from both languages."""
    taught = [
        passage
        for passage in load_training_passages(framework)
        if not passage.source.endswith((CHECK, CALIBRATION))
    ]
    encoder = load_encoder(exact=True)
    heads = fit_heads(
        taught,
        encoder.encode([passage.text for passage in taught]),
        area_keys=framework.area_keys,
        stage_count=len(framework.stages),
    )
    texts = [passage.text for passage in passages]
    outputs = heads.predict(texts, encoder.encode(texts))
    areas = [heads.area_keys[column] for column in outputs.areas.argmax(axis=1)]
    return answer_all(areas, outputs.stages)


def predict_nearest(passages: Passages, framework: Framework) -> Predictions:
    """Return area and stage of the descriptor with the highest cosine."""
    encoder = load_encoder()
    descriptors = framework.descriptors
    known = encoder.encode([descriptor.full_text for descriptor in descriptors])
    nearest = (encoder.encode([item.text for item in passages]) @ known.T).argmax(axis=1)
    stages = np.zeros((len(passages), len(framework.stages)))
    stages[np.arange(len(passages)), [descriptors[index].stage - 1 for index in nearest]] = 1
    return answer_all([descriptors[index].area for index in nearest], stages)


def predict_always(passages: Passages, framework: Framework, stage: int) -> Predictions:
    """Return one stage, and the commonest area, for all."""
    areas = [passage.area for passage in passages]
    stages = np.zeros((len(passages), len(framework.stages)))
    stages[:, stage - 1] = 1
    return answer_all([max(set(areas), key=areas.count)] * len(passages), stages)


def answer_all(areas: Sequence[str], stages: np.ndarray) -> Predictions:
    """Return predictions that abstain from nothing and see a clue everywhere."""
    everywhere = np.ones(len(areas), bool)
    return Predictions(areas, stages, everywhere, ~everywhere)


def run_gate(framework: Framework) -> int:
    """Print every figure with its floor; return 1 where one is missed or the data changed."""
    floors = tomllib.loads(FLOORS.read_text(encoding="utf-8"))
    problems: list[str] = []
    for entry in floors["passages"]:
        passages = [
            passage
            for passage in load_training_passages(framework)
            if passage.source == entry["source"]
        ]
        title = f"{entry['model']} on {entry['source']} ({len(passages)} passages)"
        digest = digest_passages(passages)
        if digest != entry["digest"]:
            problems.append(f"{title}: the data changed; their digest is {digest}")
            continue
        predictions = predict_labels(load_models(entry["model"], framework=framework), passages)
        scores = score_predictions(passages, predictions, area_keys=framework.area_keys)
        figures = {name: getattr(scores, name) for name in FIGURES}
        problems += hold_against(title, figures, entry)
    for entry in floors["positions"]:
        title = f"{entry['model']} on the sample schools"
        digest = positions.digest_samples()
        if digest != entry["digest"]:
            problems.append(f"{title}: the samples changed; their digest is {digest}")
            continue
        figures = positions.measure_way(positions.collect_answers(entry["model"]))
        problems += hold_against(title, figures, entry)
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    print("All figures are at or above their floors." if not problems else "")
    return 1 if problems else 0


def hold_against(
    title: str, figures: dict[str, Figure], entry: dict[str, dict[str, float]]
) -> list[str]:
    """Print the figures and return a sentence for each that misses its limit."""
    print(f"\n{title}")
    limits = {**entry["floors"], **entry.get("ceilings", {})}
    problems = [f"{title}: no figure '{name}'" for name in limits if name not in figures]
    for name, figure in figures.items():
        floor, ceiling = entry["floors"].get(name), entry.get("ceilings", {}).get(name)
        limit = f"  at least {floor}" if floor is not None else ""
        limit += f"  at most {ceiling}" if ceiling is not None else ""
        print(f"  {FIGURES.get(name, name):42} {format_figure(figure)}{limit}")
        is_low = floor is not None and not figure.value >= floor
        is_high = ceiling is not None and not figure.value <= ceiling
        if is_low or is_high:
            problems.append(f"{title}: {FIGURES.get(name, name)} is {figure.value:.3f};{limit}")
    return problems


if __name__ == "__main__":
    main()
