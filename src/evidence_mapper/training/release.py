"""Write a trained model down: its files, and the manifest that says what it is made of."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from evidence_mapper import __version__
from evidence_mapper.encoders import Encoder
from evidence_mapper.errors import OutputError
from evidence_mapper.framework import Framework
from evidence_mapper.mapping import HeadOutputs
from evidence_mapper.mapping.heads import Array
from evidence_mapper.mapping.manifest import (
    FILE_NAME,
    EncoderRecord,
    Interval,
    LanguageQuality,
    Manifest,
    ModelManifest,
    Precision,
    Thresholds,
    TrainingRecord,
    load_manifest,
    save_manifest,
)
from evidence_mapper.mapping.model import DIFFERENCE_FILE, HEADS_FILE, RANGES_FILE, SETTINGS_FILE
from evidence_mapper.mapping.vector_heads import VectorWeights
from evidence_mapper.metrics import Figure, Predictions, score_predictions
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.records import NONE
from evidence_mapper.training.claims import LabelledClaim, measure_claims
from evidence_mapper.training.data import digest_passages

LIBRARIES = ("numpy", "scikit-learn", "sentence-transformers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The content of a model's files.

    `difference` is empty where the encoder is as published, `ranges` where its products are not
    in 8-bit integers.
    """

    heads: bytes
    settings: bytes
    difference: bytes = b""
    ranges: bytes = b""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was measured of a model: thresholds, quality by language, loss of precision."""

    thresholds: Thresholds
    quality: dict[str, LanguageQuality]
    precision: Precision | None = None


def describe_model(
    files: ModelFiles,
    *,
    encoder: EncoderRecord,
    passages: Sequence[LabelledPassage],
    framework: Framework,
    findings: Findings,
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
        thresholds=findings.thresholds,
        quality=findings.quality,
        precision=findings.precision,
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
            area_accuracy=round_figure(scores.area_accuracy),
            area_accuracy_with_also=round_figure(scores.area_accuracy_with_also),
            area_macro_f1=round_figure(scores.area_macro_f1),
            stage_exact=round_figure(scores.stage_exact),
            stage_within_one=round_figure(scores.stage_within_one),
            stage_qwk=round_figure(scores.stage_qwk),
            stage_calibration_error=round_figure(scores.stage_calibration_error),
            answered_share=round_figure(scores.answered_share),
            answered_exact=round_figure(scores.answered_exact),
        )
    return quality


def add_claim_quality(
    quality: dict[str, LanguageQuality],
    claims: Sequence[LabelledClaim],
    head: VectorWeights | None,
    encoder: Encoder,
) -> dict[str, LanguageQuality]:
    """Return the quality with how well claim types are told in each language."""
    if head is None:
        return quality
    added = {}
    for language, known in quality.items():
        measured = measure_claims(
            [claim for claim in claims if claim.lang == language], head, encoder
        )
        added[language] = known.model_copy(
            update={
                "claim_count": measured.passage_count,
                "claim_accuracy": round_figure(measured.accuracy),
                "claim_macro_f1": round_figure(measured.macro_f1),
            }
            if measured
            else {}
        )
    return added


def measure_precision(
    passages: Sequence[LabelledPassage], exact: HeadOutputs, used: HeadOutputs, arithmetic: str
) -> Precision:
    """Return how answers in the arithmetic of use differ from those in 32 bits."""
    from sklearn.metrics import cohen_kappa_score

    staged = [row for row, passage in enumerate(passages) if passage.stage is not None]
    true = [passages[row].stage for row in staged]

    def agree(outputs: HeadOutputs) -> float:
        said = outputs.stages[staged].argmax(axis=1) + 1
        return float(cohen_kappa_score(true, said, weights="quadratic"))

    def share_alike(one: Array, other: Array) -> float:
        return round(float((one.argmax(axis=1) == other.argmax(axis=1)).mean()), 4)

    return Precision(
        passage_count=len(passages),
        arithmetic=arithmetic,
        qwk_difference=round(agree(used) - agree(exact), 4),
        same_area=share_alike(exact.areas, used.areas),
        same_stage=share_alike(exact.stages, used.stages),
    )


def round_figure(figure: Figure) -> Interval:
    """Return a figure as a manifest holds it."""

    def round_number(number: float) -> float | None:
        return None if math.isnan(number) else round(number, 3)

    return Interval(
        value=round_number(figure.value),
        low=round_number(figure.low),
        high=round_number(figure.high),
    )


def check_manifest(folder: Path) -> None:
    """Check, before any work is done, that a model can be named in a folder's manifest.

    Raises:
        ModelError: it holds a manifest that this version cannot read.
    """
    if (folder / FILE_NAME).exists():
        load_manifest(folder)


def write_model(folder: Path, name: str, files: ModelFiles, manifest: ModelManifest) -> None:
    """Write a model's files and name it in the folder's manifest, beside the others there.

    Raises:
        OutputError: the folder cannot be written.
    """
    try:
        models = load_manifest(folder).models if (folder / FILE_NAME).exists() else {}
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        (target / HEADS_FILE).write_bytes(files.heads)
        (target / SETTINGS_FILE).write_bytes(files.settings)
        for file_name, content in (
            (DIFFERENCE_FILE, files.difference),
            (RANGES_FILE, files.ranges),
        ):
            if content:
                (target / file_name).write_bytes(content)
            else:
                (target / file_name).unlink(missing_ok=True)
        save_manifest(Manifest(models={**models, name: manifest}), folder)
    except OSError as error:
        raise OutputError(
            f"{folder}: the model cannot be written ({error.strerror}); name another folder with "
            "--out."
        ) from error
