"""What a framework file and a file of proportions hold, and the rules that bind their parts."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from evidence_mapper.records import NONE
from evidence_mapper.toml_files import format_location, show_value

# The longest descriptor of Estyn's table has 289 characters.
MAX_TEXT_CHARS = 2_000

# More descriptors than this in one area are no table that a person could have read.
MAX_DESCRIPTORS = 500

MAX_AREAS = 50
MIN_STAGES = 2
MAX_STAGES = 9

BOLD_MARK = "**"


def _check_text(text: str) -> str:
    text = re.sub(r"[ \t\r\n]+", " ", unicodedata.normalize("NFC", text)).strip(" ")
    if not text:
        raise PydanticCustomError("empty_text", "is empty")
    if not text.isprintable() and any(unicodedata.category(char) == "Cc" for char in text):
        raise PydanticCustomError("control_character", "holds a control character")
    return text


def _check_key(key: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", key):
        shown = show_value(key)
        raise PydanticCustomError(
            "key",
            "{shown} is not a key: small letters a to z, digits and _, a letter first, at most 60",
            {"shown": shown},
        )
    if key == NONE:
        raise PydanticCustomError("reserved_key", "'none' is kept for passages without an area")
    return key


def _check_marks(text: str) -> str:
    pieces = text.split(BOLD_MARK)
    if len(pieces) % 2 == 0:
        raise PydanticCustomError("bold", "a ** is not closed by a second one")
    if not all(piece.strip() for piece in pieces[1::2]):
        raise PydanticCustomError("bold", "there is nothing between a pair of **")
    return text


Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS), AfterValidator(_check_text)]
Key = Annotated[str, AfterValidator(_check_key)]
MarkedText = Annotated[Text, AfterValidator(_check_marks)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _list_field(max_length: int, **options: Any) -> Any:  # noqa: ANN401
    # TOML has lists, the records tuples; only this step is not strict.
    return Field(strict=False, max_length=max_length, **options)


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class SourceEntry(_Entry):
    """Where a framework comes from."""

    author: Text
    work: Text
    based_on: Text | None = None
    terms: Text | None = None


class StageEntry(_Entry):
    """A stage of a framework file."""

    number: int
    key: Key
    name: Text
    welsh_name: Text | None = None


class DescriptorEntry(_Entry):
    """A descriptor of a framework file."""

    stage: int
    text: Text
    bullets: tuple[Text, ...] = _list_field(50, default=())


class AreaEntry(_Entry):
    """An area of a framework file, with its descriptors."""

    key: Key
    name: Text
    short_name: Text | None = None
    welsh_name: Text | None = None
    welsh_short_name: Text | None = None
    factors: tuple[int, ...] = _list_field(100, default=())
    characteristics: tuple[int, ...] = _list_field(100, default=())
    descriptors: tuple[DescriptorEntry, ...] = _list_field(MAX_DESCRIPTORS)


class FrameworkEntry(_Entry):
    """A whole framework file."""

    title: Text
    welsh_title: Text | None = None
    introduction: tuple[Text, ...] = _list_field(100, default=())
    translation_note: Text | None = None
    wording_digest: str | None = None
    factors_introduction: Text | None = None
    factors: tuple[Text, ...] = _list_field(100, default=())
    characteristics_title: Text | None = None
    characteristics_introduction: Text | None = None
    characteristics: tuple[MarkedText, ...] = _list_field(100, default=())
    source: SourceEntry | None = None
    stages: tuple[StageEntry, ...] = _list_field(MAX_STAGES, min_length=MIN_STAGES)
    areas: tuple[AreaEntry, ...] = _list_field(MAX_AREAS, min_length=1)


class ProportionEntry(_Entry):
    """A word for a share, with the band of shares that it stands for."""

    word: Text
    welsh_words: tuple[Text, ...] = _list_field(10, default=())
    definition: Text
    lower: Share
    lower_included: bool
    upper: Share
    upper_included: bool


class ProportionsEntry(_Entry):
    """A whole file of proportions."""

    source: Text
    proportions: tuple[ProportionEntry, ...] = _list_field(50, min_length=1)


FRAMEWORK_TABLES: dict[tuple[str, ...], type[BaseModel]] = {
    (): FrameworkEntry,
    ("source",): SourceEntry,
    ("stages",): StageEntry,
    ("areas",): AreaEntry,
    ("areas", "descriptors"): DescriptorEntry,
}

PROPORTION_TABLES: dict[tuple[str, ...], type[BaseModel]] = {
    (): ProportionsEntry,
    ("proportions",): ProportionEntry,
}


def check_framework(content: dict[str, Any]) -> list[str]:
    """Return the problems between the parts of a framework file, each with its path.

    It looks at the content before validation and passes over what has the wrong type, so that
    these problems are told together with those of single values.
    """
    stages = _tables(content, "stages")
    areas = _tables(content, "areas")
    problems = _check_numbering(stages)
    for list_name, tables in (("stages", stages), ("areas", areas)):
        problems += _find_repeated(list_name, tables, "key")
        problems += _find_repeated(list_name, tables, "name")
    counts = {
        "factors": len(_list(content, "factors")),
        "characteristics": len(_list(content, "characteristics")),
    }
    for index, area in areas:
        location = ("areas", index)
        problems += _check_cells(location, area, len(_list(content, "stages")))
        for list_name, count in counts.items():
            problems += _check_references((*location, list_name), area, count)
    return problems


def check_proportions(content: dict[str, Any]) -> list[str]:
    """Return the problems between the parts of a file of proportions, each with its path."""
    tables = _tables(content, "proportions")
    problems = list(_find_repeated("proportions", tables, "word"))
    for index, table in tables:
        lower, upper = table.get("lower"), table.get("upper")
        if isinstance(lower, int | float) and isinstance(upper, int | float) and lower > upper:
            location = format_location(("proportions", index, "lower"))
            problems.append(f"{location}: {show_value(lower)} is above upper, {show_value(upper)}")
    return problems


def _list(table: dict[str, Any], key: str) -> list[Any]:
    value = table.get(key)
    return value if isinstance(value, list) else []


def _tables(table: dict[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    return [(i, item) for i, item in enumerate(_list(table, key)) if isinstance(item, dict)]


def _is_whole_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_numbering(stages: list[tuple[int, dict[str, Any]]]) -> list[str]:
    return [
        f"{format_location(('stages', index, 'number'))}: {show_value(stage['number'])} should be"
        f" {index + 1}; stages are numbered from 1, lowest first"
        for index, stage in stages
        if _is_whole_number(stage.get("number")) and stage["number"] != index + 1
    ]


def _find_repeated(
    list_name: str, tables: list[tuple[int, dict[str, Any]]], key: str
) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for index, table in tables:
        value = table.get(key)
        if not isinstance(value, str):
            continue
        folded = " ".join(value.casefold().split())
        seen[folded] += 1
        if seen[folded] > 1:
            times = "twice" if seen[folded] == 2 else f"{seen[folded]} times"  # noqa: PLR2004
            yield f"{format_location((list_name, index, key))}: {show_value(value)} is used {times}"


def _check_cells(
    location: tuple[str | int, ...], area: dict[str, Any], stage_count: int
) -> Iterator[str]:
    if not isinstance(area.get("descriptors"), list):
        return
    location = (*location, "descriptors")
    seen: set[tuple[int, str]] = set()
    filled: set[int] = set()
    for index, descriptor in _tables(area, "descriptors"):
        stage, text = descriptor.get("stage"), descriptor.get("text")
        if not isinstance(stage, int) or isinstance(stage, bool):
            continue
        filled.add(stage)
        if not 1 <= stage <= stage_count:
            yield (
                f"{format_location((*location, index, 'stage'))}: {show_value(stage)} is not one"
                f" of the stages 1 to {stage_count}"
            )
        if isinstance(text, str) and (stage, text) in seen:
            shown = format_location((*location, index, "text"))
            yield f"{shown}: repeats a descriptor of its stage"
        seen.add((stage, str(text)))
    for stage in range(1, min(stage_count, MAX_STAGES) + 1):
        if stage not in filled:
            yield f"{format_location(location)}: there is none for stage {stage}"


def _check_references(
    location: tuple[str | int, ...], area: dict[str, Any], count: int
) -> Iterator[str]:
    list_name = str(location[-1])
    seen = set()
    for index, number in enumerate(_list(area, list_name)):
        if not _is_whole_number(number):
            continue
        shown = f"{format_location((*location, index))}: {show_value(number)}"
        if not count:
            yield f"{shown} refers to {list_name}, of which the file has none"
        elif not 1 <= number <= count:
            yield f"{shown} is not one of the {list_name} 1 to {count}"
        elif number in seen:
            yield f"{shown} is named twice"
        seen.add(number)
