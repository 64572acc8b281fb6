"""Small real profiles: made by the rule from passages whose mappings are given."""

from collections.abc import Sequence
from pathlib import Path

from evidence_mapper.framework import Framework, load_framework
from evidence_mapper.mapping.proportions import find_proportions
from evidence_mapper.positions import MappedPassage, suggest_positions
from evidence_mapper.records import (
    BlockKind,
    DescriptorMatch,
    DocumentKind,
    DocumentSummary,
    Mapping,
    Passage,
    Profile,
    Span,
    Versions,
)

LIBRARY = load_framework(Path(__file__).parent / "frameworks" / "library.toml")
ESTYN = load_framework()

NUMBERS = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def make_passage(  # noqa: PLR0913
    text: str,
    area: str,
    stage: int,
    *,
    framework: Framework = LIBRARY,
    document: str = "ser.pdf",
    page: int | None = 3,
    label: str | None = None,
    heading: str | None = "Our books",
    language: str = "en",
    spans: tuple[Span, ...] | None = None,
) -> MappedPassage:
    """Return a passage that is surely evidence for the area and clearly of the stage."""
    rest = 0.1 / (len(framework.stages) - 1)
    stages = tuple(0.9 if item.number == stage else rest for item in framework.stages)
    areas = {key: 0.9 if key == area else 0.0 for key in framework.area_keys} | {"none": 0.1}
    spans = spans or (Span(page or 1, 0, len(text)),)
    passage = Passage(document, text, spans, heading, BlockKind.PARAGRAPH, language)
    mapping = Mapping(
        areas,
        stages,
        0.9,
        (DescriptorMatch(0, 0.61),),
        (0.1, 0.2, 0.7),
        find_proportions(text, language),
    )
    return MappedPassage(passage, mapping, page, label or f"p. {page}")


def make_profile(
    passages: Sequence[MappedPassage],
    *,
    framework: Framework = LIBRARY,
    notes: tuple[str, ...] = (),
) -> Profile:
    """Return the profile of these passages' documents; the rule suggests its positions."""
    names = sorted({mapped.passage.document for mapped in passages}) or ["ser.pdf"]
    return Profile(
        documents=tuple(
            DocumentSummary(
                name=name,
                kind=DocumentKind.SER,
                digest="0123456789abcdef" * 4,
                is_paged=all(
                    mapped.page_number is not None
                    for mapped in passages
                    if mapped.passage.document == name
                ),
                page_count=12,
                passage_count=sum(mapped.passage.document == name for mapped in passages),
                languages=tuple(
                    sorted(
                        {
                            mapped.passage.language
                            for mapped in passages
                            if mapped.passage.document == name
                        }
                    )
                ),
                notes=notes,
            )
            for name in names
        ),
        positions=suggest_positions(passages, framework),
        versions=Versions("0.1.0", "fast", "a" * 64, framework.title, framework.digest),
    )


def make_library_profile() -> Profile:
    """Return a profile with a suggestion, a conflict and an area without evidence.

    The suggested stage of "collection" is 2, with quotes at 1 and 3; "space" pulls apart.
    """
    collection = [
        make_passage(f"{number} shelves were renewed this year.", "collection", 2)
        for number in NUMBERS[:4]
    ]
    return make_profile(
        [
            *collection,
            make_passage("The atlas is from 1971.", "collection", 1, page=4),
            make_passage("Mae pob disgybl yn cael llyfr.", "collection", 3, language="cy"),
            *(make_passage(f"{n} doors stay locked.", "space", 1) for n in NUMBERS[:3]),
            *(make_passage(f"{n} clubs fill the room.", "space", 3) for n in NUMBERS[:3]),
        ]
    )
