"""The recipe of a fine-tuned model, from authored passages to files with digests."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from evidence_mapper.encoders import (
    CompiledEncoder,
    Encoder,
    find_base,
    load_tuned_encoder,
    watch_ranges,
)
from evidence_mapper.encoders.bases import WEIGHTS, find_cache
from evidence_mapper.encoders.difference import cut_difference
from evidence_mapper.errors import LabelledDataError, ModelError
from evidence_mapper.framework import Framework
from evidence_mapper.mapping import HeadOutputs, load_model
from evidence_mapper.mapping.heads import Array
from evidence_mapper.mapping.manifest import FILE_NAME, EncoderRecord, ModelManifest, load_manifest
from evidence_mapper.mapping.packing import pack_heads
from evidence_mapper.mapping.vector_heads import VectorHeads, VectorWeights
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.records import NONE
from evidence_mapper.training.calibrate import (
    Scaling,
    fit_scaling,
    fit_thresholds,
)
from evidence_mapper.training.claims import LabelledClaim, check_claims, fit_claims
from evidence_mapper.training.data import CALIBRATION, CHECK, digest_passages
from evidence_mapper.training.finetune import (
    ENCODER,
    HEADS,
    STATE_FILE,
    Arrays,
    fine_tune,
)
from evidence_mapper.training.fit import Temperatures
from evidence_mapper.training.recipes import ModelRecipe
from evidence_mapper.training.release import (
    Findings,
    ModelFiles,
    add_claim_quality,
    check_manifest,
    describe_model,
    measure_precision,
    measure_quality,
    write_model,
)
from evidence_mapper.training.targets import Targets, make_targets

# So many passages show the range of what products take in; three times as many change nothing.
WATCHED = 300
# Of a helping language every third passage.
HELPER_STEP = 3
# A student learns as much from what its teacher answers as from the labels.
TEACHER_SHARE = 0.5

Progress = Callable[[str, int, int], None]
"""Is told what is done, how much of it, and of how much."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The passages by what they are for."""

    train: tuple[LabelledPassage, ...]
    calibration: tuple[LabelledPassage, ...]
    check: tuple[LabelledPassage, ...]


@dataclass(frozen=True, slots=True)
class _Trained:
    """What training gave: the encoder in 32 bits, the heads, and the encoder's difference."""

    encoder: CompiledEncoder
    heads: VectorHeads
    difference: bytes


def tune_model(
    passages: Sequence[LabelledPassage],
    recipe: ModelRecipe,
    *,
    framework: Framework,
    folder: Path,
    claims: Sequence[LabelledClaim] = (),
    on_progress: Progress | None = None,
) -> ModelManifest:
    """Fine-tune a base on the passages, write the model into a folder and return its manifest.

    The state of the training is kept in the user's cache: a run that was stopped goes on where it
    was. The same passages, recipe and libraries give the same model on the same kind of
    processor.

    Args:
        claims: passages labelled with claim types; without any the model does not tell them.

    Raises:
        LabelledDataError: too little is there to learn from, to calibrate or to measure with.
        ModelError: the base or the teacher is not there.
        OutputError: the folder cannot be written.
    """
    tell = on_progress or (lambda *_: None)
    parts = part_passages(passages, recipe)
    claims = [claim for claim in claims if claim.lang in recipe.languages]
    if claims:
        check_claims(claims)
    check_manifest(folder)
    base = find_base(recipe.base)
    taught = [*parts.train, *_write_descriptors(framework)]
    targets, teacher_digest = _make_targets(taught, recipe, framework, folder)
    state = find_cache() / "training" / _digest_run(taught, recipe, teacher_digest)
    arrays = fine_tune(
        base,
        [passage.text for passage in taught],
        targets,
        recipe.tuning,
        state=state,
        on_progress=lambda step, total, _: tell("training", step, total),
    )
    tell("calibrating and measuring", 0, 1)
    difference = _cut(base, arrays)
    encoder = load_tuned_encoder(recipe.base.name, difference, exact=True)
    heads = _calibrate(parts, encoder, arrays, framework, claims)
    trained = _Trained(encoder, heads, difference)
    manifest = _release(trained, parts, recipe, framework, folder, claims)
    tell("calibrating and measuring", 1, 1)
    (state / STATE_FILE).unlink(missing_ok=True)
    return manifest


def _release(
    trained: _Trained,
    parts: Parts,
    recipe: ModelRecipe,
    framework: Framework,
    folder: Path,
    claims: Sequence[LabelledClaim],
) -> ModelManifest:
    """Measure the model, write its files and return its manifest."""
    encoder, heads = trained.encoder, trained.heads
    descriptors = encoder.encode([item.full_text for item in framework.descriptors])
    ranges = b""
    if recipe.is_eight_bit:
        watched = [passage.text for passage in parts.train[:: -(-len(parts.train) // WATCHED)]]
        ranges = watch_ranges(recipe.base.name, trained.difference, watched)
    files = ModelFiles(*pack_heads(heads, descriptors), trained.difference, ranges)
    thresholds = fit_thresholds(_predict(heads, encoder, parts.calibration), parts.calibration)
    used = load_tuned_encoder(recipe.base.name, trained.difference, ranges=ranges)
    outputs = _predict(heads, used, parts.check)
    quality = measure_quality(parts.check, outputs, thresholds, framework.area_keys)
    manifest = describe_model(
        files,
        encoder=EncoderRecord(
            name=recipe.base.name,
            weights_sha256=recipe.base.weights.sha256,
            difference_sha256=hashlib.sha256(trained.difference).hexdigest(),
            ranges_sha256=hashlib.sha256(ranges).hexdigest() if ranges else "",
            dimensions=descriptors.shape[1],
        ),
        passages=parts.train,
        framework=framework,
        findings=Findings(
            thresholds,
            add_claim_quality(quality, claims, heads.claim, used),
            measure_precision(
                parts.check, _predict(heads, encoder, parts.check), outputs, used.arithmetic
            ),
        ),
    )
    write_model(folder, recipe.name, files, manifest)
    return manifest


def part_passages(passages: Sequence[LabelledPassage], recipe: ModelRecipe) -> Parts:
    """Return the passages that a recipe learns from, calibrates with and is measured on.

    Raises:
        LabelledDataError: one of the three is missing.
    """
    spoken = [passage for passage in passages if passage.lang in recipe.languages]
    calibration = tuple(item for item in spoken if item.source.endswith(CALIBRATION))
    check = tuple(item for item in spoken if item.source.endswith(CHECK))
    spoken_here = " and ".join(recipe.languages)
    for kept, ending in ((calibration, CALIBRATION), (check, CHECK)):
        if not any(item.stage for item in kept):
            raise LabelledDataError(
                f"the training passages in {spoken_here}: none with a stage is held back; give a "
                f"file whose name ends in {ending}.jsonl, written apart from the others."
            )
    open_ones = [item for item in passages if not item.source.endswith((CALIBRATION, CHECK))]
    train = [item for item in open_ones if item.lang in recipe.languages]
    if not train:
        raise LabelledDataError(
            f"the training passages in {spoken_here}: all are held back; give others to learn from."
        )
    helping = [item for item in open_ones if item.lang in recipe.helpers]
    return Parts((*train, *helping[::HELPER_STEP]), calibration, check)


def _write_descriptors(framework: Framework) -> list[LabelledPassage]:
    """Return the framework's own sentences as passages: each says what its stage looks like."""
    return [
        LabelledPassage(text=item.full_text, area=item.area, stage=item.stage, source="framework")
        for item in framework.descriptors
    ]


def _make_targets(
    taught: Sequence[LabelledPassage], recipe: ModelRecipe, framework: Framework, folder: Path
) -> tuple[Targets, str]:
    """Return what is to be learned, and the digest of the teacher."""
    targets = make_targets(taught, area_keys=framework.area_keys, stage_count=len(framework.stages))
    if not recipe.teacher:
        return targets, ""
    if not (folder / FILE_NAME).exists() or recipe.teacher not in load_manifest(folder).models:
        raise ModelError(
            f"{folder}: holds no model '{recipe.teacher}', from which '{recipe.name}' learns; "
            "train that one first, into the same folder."
        )
    teacher = load_model(str(folder / recipe.teacher), framework=framework)
    texts = [passage.text for passage in taught]
    answers = teacher.heads.predict(texts, teacher.encoder.encode(texts))
    return targets.blend(answers, TEACHER_SHARE), teacher.digest


def _digest_run(taught: Sequence[LabelledPassage], recipe: ModelRecipe, teacher_digest: str) -> str:
    numbers = repr(sorted(asdict(recipe.tuning).items()))
    parts = (digest_passages(taught), recipe.base.weights.sha256, numbers, teacher_digest)
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
    parts: Parts,
    encoder: Encoder,
    arrays: Arrays,
    framework: Framework,
    claims: Sequence[LabelledClaim],
) -> VectorHeads:
    """Return the heads with the scaling that suits the calibration passages."""
    keys = (*framework.area_keys, NONE)
    raw = _make_heads(arrays, keys)
    scaling = fit_scaling(
        parts.calibration,
        _predict(raw, encoder, parts.calibration),
        area_keys=framework.area_keys,
    )
    claim = fit_claims(claims, encoder) if claims else None
    return _make_heads(arrays, keys, scaling, claim)


def _make_heads(
    arrays: Arrays,
    area_keys: Sequence[str],
    scaling: Scaling | None = None,
    claim: VectorWeights | None = None,
) -> VectorHeads:
    temperatures = scaling.temperatures if scaling else Temperatures()

    def layer(head: str, shift: Array | float = 0.0) -> VectorWeights:
        temperature = getattr(temperatures, head)
        return VectorWeights(
            np.asarray(arrays[f"{HEADS}{head}.weight"], np.float32).T.copy(),
            # The outputs are divided by the temperature, so the shift is multiplied by it.
            np.asarray(arrays[f"{HEADS}{head}.bias"] + shift * temperature, np.float32),
            temperature,
        )

    return VectorHeads(
        area_keys,
        area=layer("area", scaling.area_shift if scaling else 0.0),
        stage=layer("stage", scaling.stage_shift if scaling else 0.0),
        clue=layer("clue"),
        claim=claim,
    )


def _predict(
    heads: VectorHeads, encoder: Encoder, passages: Sequence[LabelledPassage]
) -> HeadOutputs:
    texts = [passage.text for passage in passages]
    return heads.predict(texts, encoder.encode(texts))
