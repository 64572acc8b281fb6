"""The authored passages that models are trained on."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from evidence_mapper.data_files import find_data_folder
from evidence_mapper.errors import LabelledDataError
from evidence_mapper.framework import Framework
from evidence_mapper.passage_files import LabelledPassage, read_labelled_passages
from evidence_mapper.records import NONE

# Sources whose names end so are held back from fine-tuning: temperatures, shifts and thresholds are
# fitted on the first, quality is measured on the second.
CALIBRATION, CHECK = "_calibration", "_check"
# Each source is predicted by heads that never saw it; they need every answer from the others.
MIN_SOURCES = 2
MIN_AREAS = 2


def load_training_passages(
    framework: Framework, folder: Path | None = None
) -> tuple[LabelledPassage, ...]:
    """Return the labelled passages of every .jsonl file of a folder, by file name.

    Args:
        framework: its areas and stages are those that a label may name.
        folder: `None` for the shipped passages.

    Raises:
        LabelledDataError: there is no such folder or file, or a line cannot be used.
    """
    folder = folder or find_data_folder("models") / "training"
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise LabelledDataError(
            f"{folder}: holds no .jsonl file of labelled passages; name a folder that does."
        )
    area_keys = framework.area_keys
    return tuple(
        passage
        for file in files
        for passage in read_labelled_passages(
            file, area_keys=area_keys, stage_count=len(framework.stages)
        )
    )


def check_training_passages(passages: Sequence[LabelledPassage], *, stage_count: int) -> None:
    """Refuse passages that hold too few answers to learn from where one source is held back.

    Raises:
        LabelledDataError: a stage, evidence without a stage, or a second area stands in fewer
            than two sources; names what is missing.
    """
    sources: dict[str, set[str]] = {}
    for passage in passages:
        sources.setdefault(f"area {passage.area}", set()).add(passage.source)
        if passage.stage is not None:
            sources.setdefault(f"stage {passage.stage}", set()).add(passage.source)
        elif passage.area != NONE:
            sources.setdefault("no stage", set()).add(passage.source)
    taught = {answer for answer, files in sources.items() if len(files) >= MIN_SOURCES}
    wanted = [*(f"stage {number}" for number in range(1, stage_count + 1)), "no stage"]
    missing = [answer for answer in wanted if answer not in taught]
    if sum(answer.startswith("area ") for answer in taught) < MIN_AREAS:
        missing.append("a second area")
    if missing:
        raise LabelledDataError(
            f"{len(passages)} training passages: too few to learn from; give some in {MIN_SOURCES}"
            f" or more files with the label: {', '.join(missing)}."
        )


def digest_passages(passages: Sequence[LabelledPassage]) -> str:
    """Return the SHA-256 of the passages and their labels, in order."""
    digest = hashlib.sha256()
    for passage in passages:
        digest.update(passage.model_dump_json().encode())
        digest.update(b"\n")
    return digest.hexdigest()
