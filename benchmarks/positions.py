"""Measure suggested positions on the sample schools, beside two obvious answers.

    python benchmarks/positions.py [--model NAME]

The samples were authored to a profile by writers who had not seen the rule. Beside the rule stand
"always Building momentum" and the rounded mean stage of all passages whose likeliest area it is.
"""

import argparse
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evidence_mapper import Mapper
from evidence_mapper.data_files import find_data_folder
from evidence_mapper.framework import load_framework
from evidence_mapper.mapping import load_models
from evidence_mapper.metrics import Figure, draw_rows, format_figure, measure_figure
from evidence_mapper.pipeline import Assessment


@dataclass(frozen=True, slots=True)
class Answer:
    """One area of one school: the true stage, and what each way answers; `None`: insufficient."""

    school: str
    true: int | None
    suggested: int | None
    mean: int | None


def main() -> None:
    """Print the answers and a table of figures with bootstrap intervals over schools."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="accurate")
    answers = collect_answers(parser.parse_args().model)
    print(format_table(answers))


def collect_answers(model: str, *, exact: bool = False) -> list[Answer]:
    """Return the answers for every area of every sample profile, in 32 bits where `exact`."""
    mapper = Mapper(load_models(model, framework=load_framework(), exact=exact))
    folder = find_data_folder("corpus_samples")
    answers: list[Answer] = []
    for path in sorted((folder / "profiles").glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        files = [_find_document(folder, slug) for slug in truth["documents"]]
        assessment = mapper.assess_fully(files)
        suggested = [position.stage for position in assessment.profile.positions]
        true = [truth["positions"][area.key] for area in mapper.framework.areas]
        print(f"{path.stem:24} true      {_show(true)}\n{'':24} suggested {_show(suggested)}")
        means = _mean_stages(assessment, [area.key for area in mapper.framework.areas])
        answers += [Answer(path.stem, *row) for row in zip(true, suggested, means, strict=True)]
    return answers


def digest_samples() -> str:
    """Return the SHA-256 of all documents and profiles."""
    folder = find_data_folder("corpus_samples")
    files = [*(folder / "documents").iterdir(), *(folder / "profiles").iterdir()]
    digests = sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _find_document(folder: Path, slug: str) -> Path:
    return next(iter(sorted((folder / "documents").glob(f"{slug}.*"))))


def _show(stages: list[int | None]) -> str:
    return " ".join("-" if stage is None else str(stage) for stage in stages)


def _mean_stages(assessment: Assessment, keys: list[str]) -> list[int | None]:
    stages: dict[str, list[float]] = {}
    for mapped in assessment.passages:
        areas = mapped.mapping.areas
        expected = sum(stage * p for stage, p in enumerate(mapped.mapping.stages, start=1))
        stages.setdefault(max(areas, key=areas.__getitem__), []).append(expected)
    return [round(float(np.mean(stages[key]))) if key in stages else None for key in keys]


MEASURES = ("stage exact", "within one", "insufficient: precision", "insufficient: recall")


def format_table(answers: list[Answer]) -> str:
    """Return the figures of each way as Markdown."""
    lines = ["| | " + " | ".join(MEASURES) + " |", "| --- |" + " --- |" * len(MEASURES)]
    for name, pick in WAYS.items():
        cells = [format_figure(figure) for figure in measure_way(answers, pick).values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    schools = len({answer.school for answer in answers})
    return (
        "\n".join(lines)
        + f"\n\n{len(answers)} positions of {schools} profiles; 95% intervals \
by bootstrap over profiles. A stage where none is true, or none where one is, counts as wrong in \
the first two columns."
    )


WAYS: dict[str, Callable[[Answer], int | None]] = {
    "the rule": lambda answer: answer.suggested,
    "mean of all passages": lambda answer: answer.mean,
    "always 3": lambda _: 3,
}


def measure_way(
    answers: list[Answer], pick: Callable[[Answer], int | None] = WAYS["the rule"]
) -> dict[str, Figure]:
    """Return the figures of one way to answer, drawn by document."""
    pairs = [(answer.true, pick(answer)) for answer in answers]
    draws = draw_rows([answer.school for answer in answers])
    return {
        name: measure_figure(
            lambda rows, index=index: _measure([pairs[row] for row in rows])[index],
            len(pairs),
            draws,
        )
        for index, name in enumerate(MEASURES)
    }


def _measure(pairs: list[tuple[int | None, int | None]]) -> tuple[float, float, float, float]:
    staged = [(true, said) for true, said in pairs if true is not None]
    exact = np.mean([true == said for true, said in staged])
    within = np.mean([said is not None and abs(true - said) <= 1 for true, said in staged])
    said_none = [true is None for true, said in pairs if said is None]
    true_none = [said is None for true, said in pairs if true is None]
    precision = np.mean(said_none) if said_none else np.nan
    recall = np.mean(true_none) if true_none else np.nan
    return float(exact), float(within), float(precision), float(recall)


if __name__ == "__main__":
    main()
