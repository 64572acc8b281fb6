"""Draw how far the models' probabilities can be relied on, for the model card.

    python benchmarks/pictures.py [--labelled FILE.jsonl]

On the left a reliability diagram of the stage: the share of right answers in ten bins of as many
passages, against the mean probability of the answer given. On the right how many right answers
there are among those that the model is surest of, for every share answered. Measured on authored
passages that no model learned from, and on FILE.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evidence_mapper.data_files import find_data_folder
from evidence_mapper.evaluation import predict_labels
from evidence_mapper.framework import Framework, load_framework
from evidence_mapper.mapping import load_models
from evidence_mapper.metrics import CALIBRATION_BINS
from evidence_mapper.passage_files import LabelledPassage, read_labelled_passages
from evidence_mapper.training import load_training_passages
from evidence_mapper.training.data import CHECK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Blue and orange of Okabe and Ito, told apart by the colour-blind, with markers for print.
STYLES = (("#0072B2", "o"), ("#D55E00", "s"))
# Fewer answers than this make a share that jumps.
LEAST_ANSWERS = 20
CHECKS = {"accurate": "en", "fast": "en", "welsh": "cy"}


def main() -> None:
    """Write a picture of every shipped model into models/pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labelled", type=Path)
    labelled = parser.parse_args().labelled
    framework = load_framework()
    for model, language in CHECKS.items():
        sets = {
            "authored, held back": [
                passage
                for passage in load_training_passages(framework)
                if passage.source.endswith(CHECK) and passage.lang == language
            ]
        }
        if labelled:
            real = read_labelled_passages(
                labelled, area_keys=framework.area_keys, stage_count=len(framework.stages)
            )
            sets["real"] = [passage for passage in real if passage.lang == language]
        draw_model(model, {name: group for name, group in sets.items() if group}, framework)


def draw_model(model: str, sets: dict[str, list[LabelledPassage]], framework: Framework) -> None:
    """Write the picture of one model."""
    import matplotlib as mpl

    mpl.use("svg")
    # The same figures give the same file.
    mpl.rcParams.update({"svg.hashsalt": "evidence-mapper", "font.size": 11})
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    models = load_models(model, framework=framework)
    floor = models.chosen.thresholds.stage_floor
    for (name, passages), (colour, marker) in zip(sets.items(), STYLES, strict=False):
        staged = [passage for passage in passages if passage.stage is not None]
        stages = predict_labels(models, staged).stages
        sure = stages.max(axis=1)
        is_right = stages.argmax(axis=1) + 1 == np.array([passage.stage for passage in staged])
        title = f"{name} ({len(staged)})"
        draw_reliability(left, sure, is_right, title, colour, marker)
        draw_coverage(right, sure, is_right, title, colour, floor)
    finish(left, right, model)
    folder = find_data_folder("models") / "pictures"
    folder.mkdir(exist_ok=True)
    figure.savefig(folder / f"{model}.svg", metadata={"Date": None})
    plt.close(figure)
    print(f"Written: {model}.svg")


def draw_reliability(
    axes: "Axes", sure: np.ndarray, is_right: np.ndarray, title: str, colour: str, marker: str
) -> None:
    """Draw the share of right answers against the mean probability, bin by bin."""
    bins = np.array_split(np.argsort(sure, kind="stable"), CALIBRATION_BINS)
    means = [sure[rows].mean() for rows in bins]
    shares = np.array([is_right[rows].mean() for rows in bins])
    errors = [1.96 * np.sqrt(p * (1 - p) / len(rows)) for p, rows in zip(shares, bins, strict=True)]
    axes.errorbar(
        means, shares, yerr=errors, color=colour, marker=marker, capsize=3, lw=1, label=title
    )


def draw_coverage(
    axes: "Axes", sure: np.ndarray, is_right: np.ndarray, title: str, colour: str, floor: float
) -> None:
    """Draw the share of right answers among the surest, for every share answered."""
    order = np.argsort(-sure, kind="stable")
    counts = np.arange(1, len(order) + 1)
    shares = np.cumsum(is_right[order]) / counts
    axes.plot(
        counts[LEAST_ANSWERS:] / len(order), shares[LEAST_ANSWERS:], color=colour, label=title
    )
    answered = int((sure >= floor).sum())
    if answered:
        axes.plot(answered / len(order), shares[answered - 1], color=colour, marker="D", ms=9)


def finish(left: "Axes", right: "Axes", model: str) -> None:
    """Add titles, the line of perfect calibration and legends."""
    left.plot([0.25, 1], [0.25, 1], color="0.6", ls="--", lw=1, label="as sure as right")
    left.set(
        title=f"{model}: how often a stage is right",
        xlabel="mean probability of the stage given",
        ylabel="share of right stages",
        xlim=(0.25, 1.02),
        ylim=(0, 1.02),
    )
    right.set(
        title="of those it is surest of (◆: its threshold)",
        xlabel="share of passages answered",
        ylabel="share of right stages among them",
        xlim=(0, 1.02),
        ylim=(0.5, 1.02),
    )
    for axes in (left, right):
        axes.grid(color="0.9")
        axes.legend(loc="lower right", frameon=False)


if __name__ == "__main__":
    main()
