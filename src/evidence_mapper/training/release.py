"""Write a trained model down: its files, and the manifest that says what it is made of."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from evidence_mapper import __version__
from evidence_mapper.errors import OutputError
from evidence_mapper.framework import Framework
from evidence_mapper.mapping import HeadOutputs
from evidence_mapper.mapping.manifest import (
    EncoderRecord,
    Interval,
    LanguageQuality,
    Manifest,
    ModelManifest,
    Thresholds,
    TrainingRecord,
    load_manifest,
    save_manifest,
)
from evidence_mapper.mapping.model import DIFFERENCE_FILE, HEADS_FILE, SETTINGS_FILE
from evidence_mapper.metrics import Figure, Predictions, score_predictions
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.records import NONE
from evidence_mapper.training.data import digest_passages

LIBRARIES = ("numpy", "scikit-learn", "sentence-transformers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The content of a model's files; `difference` is empty where the encoder is as published."""

    heads: bytes
    settings: bytes
    difference: bytes = b""


def describe_model(
    files: ModelFiles,
    *,
    encoder: EncoderRecord,
    passages: Sequence[LabelledPassage],
    framework: Framework,
    thresholds: Thresholds,
    quality: dict[str, LanguageQuality],
) -> ModelManifest:
    """Return the manifest of a model."""
    return ModelManifest(
        encoder=encoder,
        heads_sha256=hashlib.sha256(files.heads).hexdigest(),
        settings_sha256=hashlib.sha256(files.settings).hexdigest(),
        program_version=__version__,
        library_versions={library: version(library) for library in LIBRARIES},
        framework_digest=framework.digest,
        training=_describe_training(passages),
        thresholds=thresholds,
        cross_validated=quality,
    )


def _describe_training(passages: Sequence[LabelledPassage]) -> TrainingRecord:
    languages = sorted({passage.lang for passage in passages})
    return TrainingRecord(
        sha256=digest_passages(passages),
        passage_count=len(passages),
        passages_by_language={
            language: sum(passage.lang == language for passage in passages)
            for language in languages
        },
        sources=tuple(sorted({passage.source for passage in passages})),
    )


def measure_quality(
    passages: Sequence[LabelledPassage],
    outputs: HeadOutputs,
    thresholds: Thresholds,
    area_keys: Sequence[str],
) -> dict[str, LanguageQuality]:
    """Return the quality in each language of predictions for held-back sources."""
    keys = (*area_keys, NONE)
    areas = [keys[column] for column in outputs.areas.argmax(axis=1)]
    quality = {}
    for language in sorted({passage.lang for passage in passages}):
        rows = [row for row, passage in enumerate(passages) if passage.lang == language]
        scores = score_predictions(
            [passages[row] for row in rows],
            Predictions(
                [areas[row] for row in rows],
                outputs.stages[rows],
                outputs.clues[rows] >= thresholds.clue_floor,
                outputs.stages[rows].max(axis=1) < thresholds.stage_floor,
            ),
            area_keys=area_keys,
        )
        quality[language] = LanguageQuality(
            passage_count=scores.passage_count,
            area_accuracy=_round_figure(scores.area_accuracy),
            area_accuracy_with_also=_round_figure(scores.area_accuracy_with_also),
            stage_exact=_round_figure(scores.stage_exact),
            stage_within_one=_round_figure(scores.stage_within_one),
            stage_qwk=_round_figure(scores.stage_qwk),
        )
    return quality


def _round_figure(figure: Figure) -> Interval:
    def round_number(number: float) -> float | None:
        return None if math.isnan(number) else round(number, 3)

    return Interval(
        value=round_number(figure.value),
        low=round_number(figure.low),
        high=round_number(figure.high),
    )


def write_model(folder: Path, name: str, files: ModelFiles, manifest: ModelManifest) -> None:
    """Write a model's files and name it in the folder's manifest, beside the others there.

    Raises:
        OutputError: the folder cannot be written.
    """
    try:
        models = load_manifest(folder).models if (folder / "manifest.json").exists() else {}
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        (target / HEADS_FILE).write_bytes(files.heads)
        (target / SETTINGS_FILE).write_bytes(files.settings)
        if files.difference:
            (target / DIFFERENCE_FILE).write_bytes(files.difference)
        save_manifest(Manifest(models={**models, name: manifest}), folder)
    except OSError as error:
        raise OutputError(
            f"{folder}: the model cannot be written ({error.strerror}); name another folder with "
            "--out."
        ) from error
