"""The recipe of the shipped model, from authored passages to files with digests."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

from evidence_mapper import __version__
from evidence_mapper.encoders import Encoder
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
from evidence_mapper.mapping.model import HEADS_FILE, SETTINGS_FILE, pack_heads
from evidence_mapper.metrics import Figure, Predictions, score_predictions
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.records import NONE
from evidence_mapper.training.calibrate import (
    apply_temperatures,
    fit_temperatures,
    fit_thresholds,
)
from evidence_mapper.training.data import check_training_passages, digest_passages
from evidence_mapper.training.fit import fit_heads, predict_held_back

LIBRARIES = ("numpy", "scikit-learn", "sentence-transformers", "torch", "transformers")


class Step(StrEnum):
    """What training is at."""

    ENCODE = "encoding passages"
    CROSS_VALIDATE = "measuring on held-back sources"
    FIT = "fitting on all passages"
    SAVE = "writing the model"


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Where a trained model goes and what it is called there."""

    folder: Path
    name: str = "fast"


def train_model(
    passages: Sequence[LabelledPassage],
    encoder: Encoder,
    *,
    framework: Framework,
    settings: TrainingSettings,
    on_step: Callable[[Step], None] | None = None,
) -> ModelManifest:
    """Train heads on the passages, write the model and return its manifest.

    The same passages, encoder and libraries give the same bytes on the same kind of processor; on
    another, vectors differ in the last bits.

    Raises:
        LabelledDataError: the passages are too few or too alike to learn from.
        OutputError: the folder cannot be written.
    """
    tell = on_step or (lambda _: None)
    area_keys = framework.area_keys
    stage_count = len(framework.stages)
    check_training_passages(passages, stage_count=stage_count)
    tell(Step.ENCODE)
    vectors = encoder.encode([passage.text for passage in passages])
    descriptor_vectors = encoder.encode([item.full_text for item in framework.descriptors])
    tell(Step.CROSS_VALIDATE)
    raw = predict_held_back(passages, vectors, area_keys=area_keys, stage_count=stage_count)
    temperatures = fit_temperatures(passages, raw, area_keys=area_keys)
    held_back = apply_temperatures(raw, temperatures)
    thresholds = fit_thresholds(held_back, passages)
    tell(Step.FIT)
    heads = fit_heads(
        passages, vectors, area_keys=area_keys, stage_count=stage_count, temperatures=temperatures
    )
    tell(Step.SAVE)
    weights, head_settings = pack_heads(heads, descriptor_vectors)
    manifest = ModelManifest(
        encoder=EncoderRecord(
            name=encoder.name, weights_sha256=encoder.digest, dimensions=vectors.shape[1]
        ),
        heads_sha256=hashlib.sha256(weights).hexdigest(),
        settings_sha256=hashlib.sha256(head_settings).hexdigest(),
        program_version=__version__,
        library_versions={library: version(library) for library in LIBRARIES},
        framework_digest=framework.digest,
        training=_describe_training(passages),
        thresholds=thresholds,
        cross_validated=_measure_quality(passages, held_back, thresholds, area_keys),
    )
    _write_model(settings, weights, head_settings, manifest)
    return manifest


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


def _measure_quality(
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


def _write_model(
    settings: TrainingSettings, weights: bytes, head_settings: bytes, manifest: ModelManifest
) -> None:
    folder = settings.folder
    try:
        models = load_manifest(folder).models if (folder / "manifest.json").exists() else {}
        files = folder / settings.name
        files.mkdir(parents=True, exist_ok=True)
        (files / HEADS_FILE).write_bytes(weights)
        (files / SETTINGS_FILE).write_bytes(head_settings)
        save_manifest(Manifest(models={**models, settings.name: manifest}), folder)
    except OSError as error:
        raise OutputError(
            f"{folder}: the model cannot be written ({error.strerror}); name another folder with "
            "--out."
        ) from error
