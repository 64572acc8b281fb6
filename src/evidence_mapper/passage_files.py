"""JSON Lines files of passages: to classify, and with labels to train on or to measure with."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from evidence_mapper.errors import LabelledDataError
from evidence_mapper.records import NONE

# A line is one passage; the longest page of a report has about 6,000 characters.
MAX_LINE_CHARS = 200_000
MAX_PROBLEMS = 20

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=False)]
Voice = Literal["ser", "inspection", "minutes", "plan", "partner", "other"]


class UnlabelledPassage(BaseModel):
    """A passage to classify. Further keys of the line are passed over."""

    model_config = ConfigDict(frozen=True)

    id: str | int
    text: Text
    voice: Voice = "other"
    lang: str | None = None


class LabelledPassage(BaseModel):
    """A passage with its labels as the annotation guide defines them.

    `area` is a key or "none"; `also` holds at most two further areas; `stage` is 1-based or
    `None` where there is no clue to one. `source` is the file that it came from, without ending.
    """

    model_config = ConfigDict(frozen=True)

    text: Text
    area: str
    also: tuple[str, ...] = Field(default=(), max_length=2)
    stage: int | None = Field(default=None, ge=1)
    voice: Voice = "other"
    lang: str = "en"
    doc: str | None = None
    source: str = ""


def read_unlabelled_passages(path: Path) -> Iterator[UnlabelledPassage]:
    """Yield the passages of a file of `{"id", "text"}` lines, as they are asked for.

    Raises:
        LabelledDataError: the file cannot be read, or a line cannot be used; names the line.
    """
    for number, line in read_lines(path):
        try:
            yield UnlabelledPassage.model_validate_json(line)
        except ValidationError as error:
            raise LabelledDataError(
                f"{path.name}: line {number}: {describe_problems(error)}; put it right and run "
                "again."
            ) from error


def read_labelled_passages(
    path: Path, *, area_keys: Sequence[str], stage_count: int
) -> tuple[LabelledPassage, ...]:
    """Return the passages of a file of `{"text", "area", "also", "stage", "lang"}` lines.

    Raises:
        LabelledDataError: the file cannot be read, holds no passage or lines that cannot be used;
            names up to 20 of them.
    """
    passages: list[LabelledPassage] = []
    problems: list[str] = []
    for number, line in read_lines(path):
        try:
            passage = LabelledPassage.model_validate_json(line)
        except ValidationError as error:
            problems.append(f"line {number}: {describe_problems(error)}")
            continue
        problem = _find_label_problem(passage, area_keys, stage_count)
        if problem:
            problems.append(f"line {number}: {problem}")
        passages.append(passage.model_copy(update={"source": path.stem}))
    if problems:
        shown = problems[:MAX_PROBLEMS]
        noun = "line" if len(problems) == 1 else "lines"
        more = len(problems) - len(shown)
        raise LabelledDataError(
            "\n  ".join([f"{path.name}: {len(problems)} {noun} cannot be used:", *shown])
            + (f"\n  and {more} more" if more else "")
        )
    if not passages:
        raise LabelledDataError(f"{path.name}: holds no passage; give one JSON object a line.")
    return tuple(passages)


def describe_problems(error: ValidationError) -> str:
    """Return what is wrong with a record in one line, each problem with its path."""
    parts = []
    for problem in error.errors():
        place = ".".join(str(step) for step in problem["loc"])
        parts.append(f"{place}: {problem['msg']}" if place else problem["msg"])
    return ", ".join(parts)


def _find_label_problem(
    passage: LabelledPassage, area_keys: Sequence[str], stage_count: int
) -> str | None:
    known = {*area_keys, NONE}
    for key in (passage.area, *passage.also):
        if key not in known:
            return f"area: '{key}' is none of {', '.join(area_keys)}, none"
    if passage.stage is not None and passage.stage > stage_count:
        return f"stage: {passage.stage} is above the highest stage, {stage_count}"
    if passage.area == NONE and passage.stage is not None:
        return "stage: a passage that is no evidence has no stage"
    return None


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number (1-based) and text of every line that is not blank.

    Raises:
        LabelledDataError: the file cannot be read, is not UTF-8, or a line is too long.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            number = 0
            while line := file.readline(MAX_LINE_CHARS):
                number += 1
                if len(line) == MAX_LINE_CHARS:
                    raise LabelledDataError(
                        f"{path.name}: line {number} has more than {MAX_LINE_CHARS} characters; "
                        "give one passage a line."
                    )
                if line.strip():
                    yield number, line
    except UnicodeDecodeError as error:
        raise LabelledDataError(f"{path.name}: is not UTF-8 text; save it as UTF-8.") from error
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise LabelledDataError(
            f"{path.name}: {reason}; give a file with one JSON object a line."
        ) from error
