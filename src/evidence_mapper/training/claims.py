"""Learn claim types (intention, action, impact) from labelled passages, on an encoder's vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evidence_mapper.data_files import find_data_folder
from evidence_mapper.encoders import Encoder
from evidence_mapper.errors import LabelledDataError
from evidence_mapper.mapping.vector_heads import VectorWeights
from evidence_mapper.metrics import Figure, measure_figure
from evidence_mapper.passage_files import describe_problems, read_lines
from evidence_mapper.records import ClaimType
from evidence_mapper.training.data import CHECK

# The inverse of the regularisation, the one of these with the highest likelihood on sources held
# back.
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)
FOLDS = 5
MIN_SOURCES = 2
MAX_ITERATIONS = 2000


class LabelledClaim(BaseModel):
    """A passage and its claim type; `source` is the file of training passages it came from."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    text: str = Field(min_length=1)
    claim: ClaimType
    lang: str
    source: str = Field(alias="from")
    is_check: bool = False


@dataclass(frozen=True, slots=True)
class ClaimQuality:
    """How well claim types are told on passages that nothing was learned from."""

    passage_count: int
    accuracy: Figure
    macro_f1: Figure


def load_claims(folder: Path | None = None) -> tuple[LabelledClaim, ...]:
    """Return the labelled claims of every .jsonl file of a folder; those to check by are marked.

    Args:
        folder: `None` for the shipped ones.

    Raises:
        LabelledDataError: a line cannot be used.
    """
    folder = folder or find_data_folder("models") / "training" / "claims"
    claims = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in read_lines(file):
            try:
                claim = LabelledClaim.model_validate_json(line)
            except ValidationError as error:
                raise LabelledDataError(
                    f"{file.name}: line {number}: {describe_problems(error)}; put it right and "
                    "run again."
                ) from error
            claims.append(claim.model_copy(update={"is_check": file.stem.endswith(CHECK)}))
    return tuple(claims)


def check_claims(claims: Sequence[LabelledClaim]) -> None:
    """Refuse claims of which a type is missing where one source is held back.

    Raises:
        LabelledDataError: a claim type stands in fewer than two sources.
    """
    taught = [claim for claim in claims if not claim.is_check]
    missing = [
        kind
        for kind in ClaimType
        if len({claim.source for claim in taught if claim.claim is kind}) < MIN_SOURCES
    ]
    if missing:
        raise LabelledDataError(
            f"{len(taught)} labelled claims: too few to learn from; label some from {MIN_SOURCES} "
            f"or more files of passages as: {', '.join(missing)}."
        )


def fit_claims(claims: Sequence[LabelledClaim], encoder: Encoder) -> VectorWeights:
    """Return the head that tells claim types, from those that are not to check by.

    Raises:
        LabelledDataError: as `check_claims`.
    """
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import GroupKFold

    check_claims(claims)
    taught = [claim for claim in claims if not claim.is_check]
    sources = [claim.source for claim in taught]
    vectors = encoder.encode([claim.text for claim in taught])
    types = list(ClaimType)
    labels = np.array([types.index(claim.claim) for claim in taught])
    folds = GroupKFold(min(FOLDS, len(set(sources)))).split(vectors, labels, sources)
    model = LogisticRegressionCV(
        Cs=STRENGTHS,
        l1_ratios=(0,),
        cv=list(folds),
        scoring="neg_log_loss",
        max_iter=MAX_ITERATIONS,
        use_legacy_attributes=False,
    ).fit(vectors, labels)
    return VectorWeights(
        np.ascontiguousarray(model.coef_.T, dtype=np.float32),
        np.asarray(model.intercept_, dtype=np.float32),
    )


def measure_claims(
    claims: Sequence[LabelledClaim], head: VectorWeights, encoder: Encoder
) -> ClaimQuality | None:
    """Return how well the head tells the claims to check by; `None` where there are none."""
    from sklearn.metrics import f1_score

    held = [claim for claim in claims if claim.is_check]
    if not held:
        return None
    types = list(ClaimType)
    true = np.array([types.index(claim.claim) for claim in held])
    said = head.apply(encoder.encode([claim.text for claim in held])).argmax(axis=1)
    return ClaimQuality(
        len(held),
        measure_figure(lambda rows: float((true[rows] == said[rows]).mean()), len(held)),
        measure_figure(
            lambda rows: float(f1_score(true[rows], said[rows], average="macro")), len(held)
        ),
    )
