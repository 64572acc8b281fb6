"""Measure quality and speed and write them into docs/figures.md.

    python benchmarks/figures.py [--labelled FILE.jsonl] [--document FILE.pdf ...]

Without options: on what lies in the repository. With them the tables also hold figures on real
labelled passages and real documents, which are not part of it.
"""

import argparse
import os
import platform
import sys
from pathlib import Path

import analyse
import positions

from evidence_mapper import __version__
from evidence_mapper.data_files import find_data_folder
from evidence_mapper.evaluation import evaluate_model
from evidence_mapper.framework import load_framework
from evidence_mapper.mapping import load_model
from evidence_mapper.mapping.manifest import Interval, load_manifest
from evidence_mapper.metrics import Figure
from evidence_mapper.passage_files import read_labelled_passages

TARGET = Path(__file__).resolve().parents[1] / "docs" / "figures.md"
MODEL = "fast"
QUALITIES = (
    ("area_accuracy", "area"),
    ("area_accuracy_with_also", "area counting `also`"),
    ("stage_exact", "stage exact"),
    ("stage_within_one", "stage within one"),
    ("stage_qwk", "stage QWK"),
)


def main() -> None:
    """Write docs/figures.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labelled", type=Path)
    parser.add_argument("--document", type=Path, action="append", default=[])
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    parts = [
        "# Figures\n\nWritten by `python benchmarks/figures.py`; do not edit. Version "
        f"{__version__}, model `{MODEL}`, {os.cpu_count()} cores ({platform.machine()}). Brackets: "
        "95% bootstrap interval.",
        _describe_quality(arguments.labelled),
        "## Positions of the sample schools\n\n"
        + positions.format_table(positions.collect_answers(MODEL)),
        _describe_speed(arguments.document, arguments.repeat),
    ]
    TARGET.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"Written: {TARGET.name}")


def _describe_quality(labelled: Path | None) -> str:
    manifest = load_manifest(find_data_folder("models")).models[MODEL]
    columns = {
        f"authored, {language}, each source held back ({quality.passage_count})": [
            _show(getattr(quality, name)) for name, _ in QUALITIES
        ]
        for language, quality in manifest.cross_validated.items()
    }
    if labelled:
        framework = load_framework()
        passages = read_labelled_passages(
            labelled, area_keys=framework.area_keys, stage_count=len(framework.stages)
        )
        scores = evaluate_model(load_model(MODEL, framework=framework), passages).overall
        columns[f"real passages, {labelled.stem} ({len(passages)})"] = [
            _show(getattr(scores, name)) for name, _ in QUALITIES
        ]
    lines = [
        "## Quality of the mapping",
        "",
        "| | " + " | ".join(columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    for row, (_, title) in enumerate(QUALITIES):
        lines.append(f"| {title} | " + " | ".join(cells[row] for cells in columns.values()) + " |")
    return "\n".join(lines)


def _show(figure: Figure | Interval) -> str:
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


FIRST_VECTOR = (
    "from evidence_mapper.encoders import load_encoder; load_encoder().encode(['Pupils learn.'])",
    "from evidence_mapper.encoders import MINILM, find_base, load_encoder; "
    "load_encoder(str(find_base(MINILM))).encode(['Pupils learn.'])",
)


def _describe_speed(documents: list[Path], repeat: int) -> str:
    files = [analyse.find_longest_sample(), *documents]
    help_run = analyse.measure(analyse.tool("--help"), repeat)
    ours, theirs = (
        analyse.measure([sys.executable, "-c", code], repeat).seconds for code in FIRST_VECTOR
    )
    return "\n".join(
        [
            "## Speed",
            "",
            "Whole commands in fresh processes, the quickest of "
            f"{repeat}. `--help`: {help_run.seconds:.2f} s. From nothing to the first vector: "
            f"{ours:.1f} s, by sentence-transformers {theirs:.1f} s ({theirs / ours:.1f} times).",
            "",
            *analyse.compare(files, repeat),
        ]
    )


if __name__ == "__main__":
    main()
