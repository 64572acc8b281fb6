"""The recipe of a model of frozen vectors and words, from authored passages to files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from evidence_mapper.encoders import Encoder
from evidence_mapper.framework import Framework
from evidence_mapper.mapping.manifest import EncoderRecord, ModelManifest
from evidence_mapper.mapping.packing import pack_heads
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.training.calibrate import (
    apply_temperatures,
    fit_temperatures,
    fit_thresholds,
)
from evidence_mapper.training.data import check_training_passages
from evidence_mapper.training.fit import fit_heads, predict_held_back
from evidence_mapper.training.release import (
    Findings,
    ModelFiles,
    describe_model,
    measure_quality,
    write_model,
)


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
    name: str


def train_model(
    passages: Sequence[LabelledPassage],
    encoder: Encoder,
    *,
    framework: Framework,
    settings: TrainingSettings,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> ModelManifest:
    """Train heads on the passages, write the model and return its manifest.

    The same passages, encoder and libraries give the same bytes on the same kind of processor; on
    another, vectors differ in the last bits.

    Raises:
        LabelledDataError: the passages are too few or too alike to learn from.
        OutputError: the folder cannot be written.
    """

    def tell(step: Step) -> None:
        if on_progress:
            on_progress(step, list(Step).index(step), len(Step))

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
    files = ModelFiles(*pack_heads(heads, descriptor_vectors))
    manifest = describe_model(
        files,
        encoder=EncoderRecord(
            name=encoder.name, weights_sha256=encoder.digest, dimensions=vectors.shape[1]
        ),
        passages=passages,
        framework=framework,
        findings=Findings(thresholds, measure_quality(passages, held_back, thresholds, area_keys)),
    )
    write_model(settings.folder, settings.name, files, manifest)
    return manifest
