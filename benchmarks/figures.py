"""Measure quality and speed and write them into docs/figures.md.

    python benchmarks/figures.py [--labelled FILE.jsonl] [--document FILE.pdf ...]

Without options: on what lies in the repository. With them the tables also hold figures on real
labelled passages and real documents, which are not part of it.
"""

import argparse
import platform
import sys
from pathlib import Path

import analyse
import inference
import positions
import quality

from evidence_mapper import __version__
from evidence_mapper.data_files import find_data_folder
from evidence_mapper.encoders.compiled import count_cores
from evidence_mapper.framework import Framework, load_framework
from evidence_mapper.mapping.manifest import Interval, load_manifest
from evidence_mapper.passage_files import read_labelled_passages

TARGET = Path(__file__).resolve().parents[1] / "docs" / "figures.md"
POSITION_MODELS = ("accurate", "fast")
QUALITIES = (
    ("area_accuracy", "area"),
    ("area_accuracy_with_also", "area counting `also`"),
    ("stage_exact", "stage exact"),
    ("stage_within_one", "stage within one"),
    ("stage_qwk", "stage QWK"),
    ("stage_calibration_error", "calibration error of the stage"),
    ("answered_share", "answered when abstaining: coverage"),
    ("answered_exact", "answered when abstaining: stage exact"),
    ("claim_accuracy", "claim type"),
    ("claim_macro_f1", "claim type, macro F1"),
)


def main() -> None:
    """Write docs/figures.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labelled", type=Path)
    parser.add_argument("--document", type=Path, action="append", default=[])
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    framework = load_framework()
    parts = [
        "# Figures\n\nWritten by `python benchmarks/figures.py`; do not edit. Version "
        f"{__version__}, {count_cores()} cores ({platform.machine()}). Brackets: 95% bootstrap "
        "interval.",
        _describe_authored(),
        *([_describe_real(arguments.labelled, framework)] if arguments.labelled else []),
        *(_describe_positions(model) for model in POSITION_MODELS),
        "## Speed of the models\n\n" + inference.format_table(inference.measure_models(256)),
        _describe_speed(arguments.document, arguments.repeat),
    ]
    TARGET.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"Written: {TARGET.name}")


def _describe_authored() -> str:
    """Return what the manifest says of each model on sources that it did not learn from."""
    columns = {
        f"`{name}`, {language} ({known.passage_count})": [
            _show(getattr(known, field)) for field, _ in QUALITIES
        ]
        for name, manifest in load_manifest(find_data_folder("models")).models.items()
        for language, known in manifest.quality.items()
    }
    lines = [
        "## Quality of the mapping on authored passages held back",
        "",
        "| | " + " | ".join(columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    for row, (_, title) in enumerate(QUALITIES):
        lines.append(f"| {title} | " + " | ".join(cells[row] for cells in columns.values()) + " |")
    return "\n".join(lines)


def _describe_real(labelled: Path, framework: Framework) -> str:
    passages = read_labelled_passages(
        labelled, area_keys=framework.area_keys, stage_count=len(framework.stages)
    )
    title = f"## Quality of the mapping on real passages ({labelled.stem})"
    return f"{title}\n\n{quality.describe_quality(passages, framework, 'accurate')}"


def _describe_positions(model: str) -> str:
    answers = positions.collect_answers(model)
    exact = positions.collect_answers(model, exact=True)
    same = sum(one.suggested == two.suggested for one, two in zip(answers, exact, strict=True))
    return (
        f"## Positions of the sample schools, `{model}`\n\n{positions.format_table(answers)} "
        f"In 32-bit arithmetic {same} of {len(answers)} positions are the same."
    )


def _show(figure: Interval | None) -> str:
    if figure is None or figure.value is None:
        return "–"
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
            "## Speed of whole commands",
            "",
            f"In fresh processes, the quickest of {repeat}. `--help`: {help_run.seconds:.2f} s. "
            f"From nothing to the first vector of the fast model's base: {ours:.1f} s, by "
            f"sentence-transformers {theirs:.1f} s ({theirs / ours:.1f} times).",
            "",
            *analyse.compare(files, repeat),
        ]
    )


if __name__ == "__main__":
    main()
