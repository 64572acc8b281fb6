"""The framework: areas, stages and descriptors, read from a TOML file that a person can edit."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from evidence_mapper.data_files import find_data_folder
from evidence_mapper.errors import FrameworkError
from evidence_mapper.framework_entries import (
    BOLD_MARK,
    FRAMEWORK_TABLES,
    PROPORTION_TABLES,
    AreaEntry,
    FrameworkEntry,
    ProportionsEntry,
    check_framework,
    check_proportions,
)
from evidence_mapper.toml_files import load_entry, show_path, show_value

FRAMEWORK_FILE = "estyn.toml"
PROPORTIONS_FILE = "proportions.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a framework comes from, and the terms of its texts where they are known."""

    author: str
    work: str
    based_on: str | None
    terms: str | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A column of the framework; `number` is 1 for the lowest."""

    number: int
    key: str
    name: str
    welsh_name: str | None

    def name_in(self, language: str) -> str:
        """Return the name in "cy" where there is one, else the name."""
        return (language == "cy" and self.welsh_name) or self.name


@dataclass(frozen=True, slots=True)
class Area:
    """A row of the framework.

    `factors` and `characteristics` are the 1-based numbers of those that the area is read with.
    """

    key: str
    name: str
    short_name: str
    welsh_name: str | None
    welsh_short_name: str | None
    factors: tuple[int, ...]
    characteristics: tuple[int, ...]

    def name_in(self, language: str) -> str:
        """Return the name in "cy" where there is one, else the name."""
        return (language == "cy" and self.welsh_name) or self.name

    def short_name_in(self, language: str) -> str:
        """Return the short name in "cy" where there is one, else the short name."""
        return (language == "cy" and self.welsh_short_name) or self.short_name


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One sentence group of a cell; `index` is its 0-based place among all descriptors."""

    index: int
    area: str
    stage: int
    text: str
    bullets: tuple[str, ...] = ()

    @property
    def full_text(self) -> str:
        """The text and its bullets as one string, as an encoder reads it."""
        if not self.bullets:
            return self.text
        return f"{self.text} {'; '.join(self.bullets)}"


@dataclass(frozen=True, slots=True)
class Factor:
    """One of the contributory factors; `number` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch of a text that is bold or not."""

    text: str
    is_bold: bool


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One of the common characteristics of improvement; `parts` joined are `text`."""

    number: int
    text: str
    parts: tuple[TextPart, ...]

    @property
    def marked_text(self) -> str:
        """The text with ** around what is bold, as the file has it."""
        return "".join(
            f"{BOLD_MARK}{part.text}{BOLD_MARK}" if part.is_bold else part.text
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Framework:
    """The table that passages are placed in.

    `descriptors` holds every descriptor by area, then stage, then as written; a descriptor's
    index elsewhere is its place here. `digest` is a SHA-256 in hex over all that the file says,
    whatever its layout and comments.
    """

    title: str
    welsh_title: str | None
    introduction: tuple[str, ...]
    source: Source | None
    translation_note: str | None
    stages: tuple[Stage, ...]
    areas: tuple[Area, ...]
    descriptors: tuple[Descriptor, ...]
    factors_introduction: str | None
    factors: tuple[Factor, ...]
    characteristics_title: str | None
    characteristics_introduction: str | None
    characteristics: tuple[Characteristic, ...]
    digest: str

    @property
    def area_keys(self) -> tuple[str, ...]:
        """The keys of the areas, in order."""
        return tuple(area.key for area in self.areas)

    def find_area(self, name: str) -> Area:
        """Return the area with this key, name or short name, English or Welsh, in any case.

        Raises:
            ValueError: no area is called that; the message lists the keys.
        """
        wanted = name.casefold().strip()
        for area in self.areas:
            names = (
                area.key,
                area.name,
                area.short_name,
                area.welsh_name or "",
                area.welsh_short_name or "",
            )
            if wanted and wanted in {known.casefold() for known in names}:
                return area
        keys = ", ".join(self.area_keys)
        raise ValueError(f"{show_value(name)} is not an area of this framework; areas are {keys}")

    def find_stage(self, number: int) -> Stage:
        """Return the stage with this number.

        Raises:
            ValueError: there is no such stage.
        """
        if not 1 <= number <= len(self.stages):
            raise ValueError(f"{number} is not one of the stages 1 to {len(self.stages)}")
        return self.stages[number - 1]

    def descriptors_of(self, area_key: str, stage_number: int) -> tuple[Descriptor, ...]:
        """Return the descriptors of one cell, at least one.

        Raises:
            ValueError: there is no such area or stage.
        """
        stage = self.find_stage(stage_number).number
        if area_key not in self.area_keys:
            raise ValueError(f"{show_value(area_key)} is not the key of an area")
        return tuple(
            descriptor
            for descriptor in self.descriptors
            if descriptor.area == area_key and descriptor.stage == stage
        )

    def factors_of(self, area: Area) -> tuple[Factor, ...]:
        """Return the factors that the area is read with; empty where the file names none."""
        return tuple(self.factors[number - 1] for number in area.factors)

    def characteristics_of(self, area: Area) -> tuple[Characteristic, ...]:
        """Return the characteristics that the area is read with; empty where there are none."""
        return tuple(self.characteristics[number - 1] for number in area.characteristics)


@dataclass(frozen=True, slots=True)
class Proportion:
    """A word for a share, such as "most", and the band of shares (0 to 1) that it stands for."""

    word: str
    welsh_words: tuple[str, ...]
    definition: str
    lower: float
    lower_included: bool
    upper: float
    upper_included: bool

    def contains(self, share: float) -> bool:
        """Return whether `share`, 0 to 1, lies in the band."""
        above = share >= self.lower if self.lower_included else share > self.lower
        below = share <= self.upper if self.upper_included else share < self.upper
        return above and below


def load_framework(path: Path | None = None) -> Framework:
    """Return the framework of the file at `path`, or the one that comes with the program.

    Raises:
        FrameworkError: the file cannot be read or breaks a rule; holds every problem.
    """
    path = path or find_data_folder("framework") / FRAMEWORK_FILE
    entry = load_entry(path, FrameworkEntry, tables=FRAMEWORK_TABLES, check=check_framework)
    framework = _build_framework(entry)
    if entry.wording_digest is not None and entry.wording_digest != digest_wording(framework):
        problem = (
            "wording_digest: the texts are not the ones that it was made from;"
            " if they were changed on purpose, take this line out"
        )
        raise FrameworkError(show_path(path), (problem,))
    return framework


def load_proportions(path: Path | None = None) -> tuple[Proportion, ...]:
    """Return the proportions of the file at `path`, or those that come with the program.

    Raises:
        FrameworkError: the file cannot be read or breaks a rule; holds every problem.
    """
    path = path or find_data_folder("framework") / PROPORTIONS_FILE
    entry = load_entry(path, ProportionsEntry, tables=PROPORTION_TABLES, check=check_proportions)
    return tuple(Proportion(**proportion.model_dump()) for proportion in entry.proportions)


def digest_wording(framework: Framework) -> str:
    """Return the SHA-256, in hex, of the wording that a framework takes from its source.

    The canonical form is every descriptor in order, each followed by its bullets, then every
    factor, then every characteristic with ** around its bold parts; each text in Unicode NFC, with
    every run of spaces, tabs and line ends as one space and none at its ends; after each text a
    line feed; all as UTF-8. Names, numbers and translations are left out.
    """
    texts = [
        text
        for descriptor in framework.descriptors
        for text in (descriptor.text, *descriptor.bullets)
    ]
    texts += [factor.text for factor in framework.factors]
    texts += [characteristic.marked_text for characteristic in framework.characteristics]
    return hashlib.sha256("".join(f"{text}\n" for text in texts).encode()).hexdigest()


def _build_framework(entry: FrameworkEntry) -> Framework:
    return Framework(
        title=entry.title,
        welsh_title=entry.welsh_title,
        introduction=entry.introduction,
        source=None if entry.source is None else Source(**entry.source.model_dump()),
        translation_note=entry.translation_note,
        stages=tuple(Stage(**stage.model_dump()) for stage in entry.stages),
        areas=tuple(_build_area(area) for area in entry.areas),
        descriptors=_build_descriptors(entry.areas),
        factors_introduction=entry.factors_introduction,
        factors=tuple(Factor(number, text) for number, text in enumerate(entry.factors, start=1)),
        characteristics_title=entry.characteristics_title,
        characteristics_introduction=entry.characteristics_introduction,
        characteristics=tuple(
            _build_characteristic(number, marked_text)
            for number, marked_text in enumerate(entry.characteristics, start=1)
        ),
        digest=_digest_content(entry),
    )


def _build_area(entry: AreaEntry) -> Area:
    fields = entry.model_dump(exclude={"descriptors"})
    return Area(**{**fields, "short_name": entry.short_name or entry.name})


def _build_descriptors(areas: tuple[AreaEntry, ...]) -> tuple[Descriptor, ...]:
    ordered = [
        (area.key, descriptor)
        for area in areas
        for descriptor in sorted(area.descriptors, key=lambda descriptor: descriptor.stage)
    ]
    return tuple(
        Descriptor(index, key, descriptor.stage, descriptor.text, descriptor.bullets)
        for index, (key, descriptor) in enumerate(ordered)
    )


def _build_characteristic(number: int, marked_text: str) -> Characteristic:
    pieces = marked_text.split(BOLD_MARK)
    parts = tuple(
        TextPart(piece, is_bold=place % 2 == 1) for place, piece in enumerate(pieces) if piece
    )
    return Characteristic(number, "".join(pieces), parts)


def _digest_content(entry: FrameworkEntry) -> str:
    # Defaults are left out so that a key added to the format later changes no digest.
    content = entry.model_dump(exclude_defaults=True, exclude={"wording_digest"})
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
