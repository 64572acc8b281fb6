"""What the child process tells its parent, and how the parent checks it before believing it."""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from evidence_mapper import errors
from evidence_mapper.records import Block, Page, Span

if TYPE_CHECKING:
    from pydantic import TypeAdapter

# 1,000 full pages give about 60 MB.
MAX_ANSWER_BYTES = 128 * 1024**2
MAX_SENTENCE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, without its name, digest and kind, which the parent knows better."""

    is_paged: bool
    pages: tuple[Page, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file could not be read: the name of a class of errors, and a sentence."""

    error: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the two is given."""

    content: Content | None = None
    failure: Failure | None = None


def write_answer(answer: Answer) -> bytes:
    """Return the answer as JSON in ASCII."""
    return json.dumps(answer, default=_fields, separators=(",", ":"), allow_nan=False).encode()


def _fields(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__slots__}  # type: ignore[attr-defined]


def parse_answer(data: bytes) -> Content:
    """Return the content in a child's answer.

    Raises:
        ReadingError: the child's own error, with its sentence, or DamagedDocument where the
            answer is not one that an undisturbed child gives.
    """
    from pydantic import ValidationError

    try:
        answer = _answer_adapter().validate_json(data, strict=True)
    except ValidationError:
        raise _no_answer() from None
    if answer.failure is not None:
        raise _find_error(answer.failure.error)(clean_sentence(answer.failure.sentence))
    if answer.content is None or not is_consistent(answer.content):
        raise _no_answer()
    return answer.content


def _no_answer() -> errors.DamagedDocument:
    return errors.DamagedDocument("the reader gave no usable answer; save the file anew")


@lru_cache(maxsize=1)
def _answer_adapter() -> "TypeAdapter[Answer]":
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


def _find_error(name: str) -> type[errors.ReadingError]:
    """Return the class of that name if it is a reading error, and never anything else."""
    known = {kind.__name__: kind for kind in errors.ReadingError.__subclasses__()}
    return known.get(name, errors.DamagedDocument)


def clean_sentence(sentence: str) -> str:
    """Return a sentence that cannot disturb a terminal, and is no longer than it needs to be."""
    shown = "".join(char if char.isprintable() else " " for char in sentence)
    return " ".join(shown.split())[:MAX_SENTENCE_CHARS]


def is_consistent(content: Content) -> bool:
    """Return whether every offset of the content points into its pages."""
    texts = [page.text for page in content.pages]
    if [page.number for page in content.pages] != list(range(1, len(texts) + 1)):
        return False
    return (
        all(_is_inside(span, texts) for block in content.blocks for span in block.spans)
        and all(1 <= len(block.spans) <= 2 and block.level >= 0 for block in content.blocks)  # noqa: PLR2004
        and all(_has_good_words(page) for page in content.pages)
    )


def _is_inside(span: Span, texts: list[str]) -> bool:
    return 1 <= span.page <= len(texts) and 0 <= span.start < span.end <= len(texts[span.page - 1])


def _has_good_words(page: Page) -> bool:
    end = 0
    for word in page.words:
        if not end <= word.start < word.end:
            return False
        end = word.end
        if not math.isfinite(word.x0 + word.top + word.x1 + word.bottom):
            return False
    return end <= len(page.text) and math.isfinite(page.width + page.height)
