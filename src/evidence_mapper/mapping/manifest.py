"""What is known of a shipped model: digests, versions, training data, thresholds, quality."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evidence_mapper.errors import ModelError

FILE_NAME = "manifest.json"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EncoderRecord(_Record):
    """The encoder that the heads were trained on.

    `difference_sha256` is that of the file with what fine-tuning changed; empty where the encoder
    is used as it is. `ranges_sha256` is that of the file that lets its products be 8-bit
    integers; empty where they are not.
    """

    name: str
    weights_sha256: str
    difference_sha256: str = ""
    ranges_sha256: str = ""
    dimensions: int = Field(gt=0)


class Thresholds(_Record):
    """Where a model stops answering; fitted on passages of held-back sources."""

    stage_floor: float = Field(ge=0, le=1, description="below it the stage is left open")
    clue_floor: float = Field(ge=0, le=1, description="below it a passage has no clue to a stage")


class TrainingRecord(_Record):
    """The passages that a model was trained on."""

    sha256: str
    passage_count: int
    passages_by_language: dict[str, int]
    sources: tuple[str, ...]


class Interval(_Record):
    """A figure with its 95% bootstrap interval; `None` where nothing could be measured."""

    value: float | None
    low: float | None
    high: float | None


class LanguageQuality(_Record):
    """How good the model is in one language, on sources that it did not learn from."""

    passage_count: int
    area_accuracy: Interval
    area_accuracy_with_also: Interval
    area_macro_f1: Interval
    stage_exact: Interval
    stage_within_one: Interval
    stage_qwk: Interval
    stage_calibration_error: Interval
    answered_share: Interval
    answered_exact: Interval
    claim_count: int = 0
    claim_accuracy: Interval | None = None
    claim_macro_f1: Interval | None = None


class Precision(_Record):
    """How answers in the arithmetic of use differ from those in 32 bits, on `passage_count`.

    `qwk_difference` is the stage QWK in use less that in 32 bits; `same_area` and `same_stage`
    are shares of passages. `arithmetic` is "int8", or "bf16" or "f32" as the
    processor offers.
    """

    passage_count: int
    arithmetic: str
    qwk_difference: float
    same_area: float
    same_stage: float


class ModelManifest(_Record):
    """One shipped model."""

    encoder: EncoderRecord
    heads_sha256: str
    settings_sha256: str
    program_version: str
    library_versions: dict[str, str]
    framework_digest: str
    training: TrainingRecord
    thresholds: Thresholds
    quality: dict[str, LanguageQuality] = Field(min_length=1)
    precision: Precision | None = None


class Manifest(_Record):
    """All models of a folder, by name."""

    format: int = 1
    models: dict[str, ModelManifest]


def load_manifest(folder: Path) -> Manifest:
    """Return the manifest of a folder of models.

    Raises:
        ModelError: there is none, or it breaks the rules.
    """
    path = folder / FILE_NAME
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder}: holds no {FILE_NAME}; name a folder that `evidence-mapper train --out` "
            "made."
        ) from error
    except (OSError, ValidationError) as error:
        raise ModelError(
            f"{path}: cannot be used as a manifest of models; move it away and train again with "
            "`evidence-mapper train`."
        ) from error


def save_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest of a folder of models, readable by people."""
    (folder / FILE_NAME).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
