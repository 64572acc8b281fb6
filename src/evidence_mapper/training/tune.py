"""The recipe of a fine-tuned model, from authored passages to files with digests."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from evidence_mapper.encoders import Encoder, find_base, load_tuned_encoder
from evidence_mapper.encoders.bases import WEIGHTS, Base, find_cache
from evidence_mapper.encoders.difference import cut_difference
from evidence_mapper.errors import LabelledDataError
from evidence_mapper.framework import Framework
from evidence_mapper.mapping import HeadOutputs
from evidence_mapper.mapping.manifest import EncoderRecord, ModelManifest
from evidence_mapper.mapping.packing import pack_heads
from evidence_mapper.mapping.vector_heads import VectorHeads, VectorWeights
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.records import NONE
from evidence_mapper.training.calibrate import (
    cool_choices,
    fit_temperatures,
    fit_thresholds,
)
from evidence_mapper.training.data import digest_passages
from evidence_mapper.training.finetune import ENCODER, HEADS, Arrays, FineTuning, fine_tune
from evidence_mapper.training.fit import Temperatures
from evidence_mapper.training.release import (
    ModelFiles,
    describe_model,
    measure_quality,
    write_model,
)
from evidence_mapper.training.targets import make_targets

# Sources whose names end so are never trained on: temperatures and thresholds are fitted on the
# first, quality is measured on the second.
CALIBRATION, CHECK = "_calibration", "_check"

Progress = Callable[[str, int, int], None]
"""Is told what is done, how much of it, and of how much."""


@dataclass(frozen=True, slots=True)
class TuningSettings:
    """Where a fine-tuned model goes, what it is called there, its base and its recipe."""

    folder: Path
    name: str
    base: Base
    languages: tuple[str, ...]
    recipe: FineTuning = field(default_factory=FineTuning)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The passages by what they are for."""

    train: tuple[LabelledPassage, ...]
    calibration: tuple[LabelledPassage, ...]
    check: tuple[LabelledPassage, ...]


def tune_model(
    passages: Sequence[LabelledPassage],
    *,
    framework: Framework,
    settings: TuningSettings,
    on_progress: Progress | None = None,
) -> ModelManifest:
    """Fine-tune a base on the passages, write the model and return its manifest.

    The state of the training is kept in the user's cache: a run that was stopped goes on where it
    was. The same passages, settings and libraries give the same model on the same kind of
    processor.

    Raises:
        LabelledDataError: no source is held back to calibrate or to measure with.
        ModelError: the base is not on this machine.
        OutputError: the folder cannot be written.
    """
    tell = on_progress or (lambda *_: None)
    parts = _part(passages, settings.languages)
    base = find_base(settings.base)
    taught = [*parts.train, *_write_descriptors(framework)]
    state = find_cache() / "training" / _digest_run(taught, settings)
    arrays = fine_tune(
        base,
        [passage.text for passage in taught],
        make_targets(taught, area_keys=framework.area_keys, stage_count=len(framework.stages)),
        settings.recipe,
        state=state,
        on_progress=lambda step, total, _: tell("training", step, total),
    )
    difference = _cut(base, arrays)
    encoder = load_tuned_encoder(settings.base.name, difference, exact=True)
    tell("calibrating", 0, 1)
    heads = _calibrate(parts, encoder, arrays, framework)
    tell("calibrating", 1, 1)
    descriptors = encoder.encode([item.full_text for item in framework.descriptors])
    files = ModelFiles(*pack_heads(heads, descriptors), difference)
    thresholds = fit_thresholds(_predict(heads, encoder, parts.calibration), parts.calibration)
    manifest = describe_model(
        files,
        encoder=EncoderRecord(
            name=settings.base.name,
            weights_sha256=settings.base.weights.sha256,
            difference_sha256=hashlib.sha256(difference).hexdigest(),
            dimensions=descriptors.shape[1],
        ),
        passages=parts.train,
        framework=framework,
        thresholds=thresholds,
        quality=measure_quality(
            parts.check, _predict(heads, encoder, parts.check), thresholds, framework.area_keys
        ),
    )
    write_model(settings.folder, settings.name, files, manifest)
    (state / "state.safetensors").unlink(missing_ok=True)
    return manifest


def _part(passages: Sequence[LabelledPassage], languages: tuple[str, ...]) -> _Parts:
    spoken = [passage for passage in passages if passage.lang in languages]
    calibration = tuple(item for item in spoken if item.source.endswith(CALIBRATION))
    check = tuple(item for item in spoken if item.source.endswith(CHECK))
    train = tuple(item for item in spoken if not item.source.endswith((CALIBRATION, CHECK)))
    for kept, ending in ((calibration, CALIBRATION), (check, CHECK)):
        if not kept:
            raise LabelledDataError(
                f"the training passages in {' and '.join(languages)}: none is held back; give a "
                f"file whose name ends in {ending}.jsonl, written apart from the others."
            )
    return _Parts(train, calibration, check)


def _write_descriptors(framework: Framework) -> list[LabelledPassage]:
    """Return the framework's own sentences as passages: each says what its stage looks like."""
    return [
        LabelledPassage(text=item.full_text, area=item.area, stage=item.stage, source="framework")
        for item in framework.descriptors
    ]


def _digest_run(taught: Sequence[LabelledPassage], settings: TuningSettings) -> str:
    recipe = repr(sorted(asdict(settings.recipe).items()))
    parts = (digest_passages(taught), settings.base.weights.sha256, recipe)
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]


def _cut(base: Path, arrays: Arrays) -> bytes:
    """Return the encoder's difference from its base as the bytes of a safetensors file."""
    from safetensors.numpy import load_file, save

    tuned = {
        name.removeprefix(ENCODER): array
        for name, array in arrays.items()
        if name.startswith(ENCODER)
    }
    cut = cut_difference(load_file(base / WEIGHTS), tuned)
    return save({name: np.ascontiguousarray(array) for name, array in cut.items()})


def _calibrate(
    parts: _Parts, encoder: Encoder, arrays: Arrays, framework: Framework
) -> VectorHeads:
    """Return the heads with the temperatures that suit the calibration passages."""
    keys = (*framework.area_keys, NONE)
    raw = _make_heads(arrays, keys, Temperatures())
    temperatures = fit_temperatures(
        parts.calibration,
        _predict(raw, encoder, parts.calibration),
        area_keys=framework.area_keys,
        cool_stages=cool_choices,
    )
    return _make_heads(arrays, keys, temperatures)


def _make_heads(
    arrays: Arrays, area_keys: Sequence[str], temperatures: Temperatures
) -> VectorHeads:
    def layer(head: str) -> VectorWeights:
        return VectorWeights(
            np.asarray(arrays[f"{HEADS}{head}.weight"], np.float32).T.copy(),
            np.asarray(arrays[f"{HEADS}{head}.bias"], np.float32),
            getattr(temperatures, head),
        )

    return VectorHeads(area_keys, area=layer("area"), stage=layer("stage"), clue=layer("clue"))


def _predict(
    heads: VectorHeads, encoder: Encoder, passages: Sequence[LabelledPassage]
) -> HeadOutputs:
    texts = [passage.text for passage in passages]
    return heads.predict(texts, encoder.encode(texts))
