"""Frozen records that travel between the steps: document, passage, mapping, position, profile."""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from enum import StrEnum

# Stands beside the area keys for a passage that is evidence for no area.
NONE = "none"


class DocumentKind(StrEnum):
    """What sort of document a file is; a person says it, or it is guessed from the text."""

    SER = "ser"
    INSPECTION = "inspection"
    PLAN = "plan"
    MINUTES = "minutes"
    OTHER = "other"


class BlockKind(StrEnum):
    """What a block of a page is. Furniture is text that no reader would quote."""

    PARAGRAPH = "paragraph"
    BULLET = "bullet"
    TABLE_ROW = "table_row"
    HEADING = "heading"
    FURNITURE = "furniture"


class Role(StrEnum):
    """How a quote stands to the stage that is suggested for its area."""

    FOR = "for"
    AGAINST = "against"
    NEIGHBOUR = "neighbour"


class ClaimType(StrEnum):
    """What a passage claims: what will be, what is done, or what difference it made."""

    INTENTION = "intention"
    ACTION = "action"
    IMPACT = "impact"


class Outcome(StrEnum):
    """How the question for an area's stage was answered."""

    SUGGESTED = "suggested"
    INSUFFICIENT = "insufficient evidence"
    CONFLICTING = "conflicting evidence"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a page and the box that it covers.

    `start` and `end` are 0-based half-open offsets into the page's text; the box is in points
    from the top left corner of the page as a reader sees it.
    """

    start: int
    end: int
    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Span:
    """A slice of one page: its 1-based number and 0-based, half-open offsets into its text."""

    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, bullet, table row or heading, in reading order.

    A block has two spans where it runs over a page break, else one. `heading` is the text of the
    heading that it stands under, or `None` before the first. `level` is 1 for the highest
    headings and 0 for what is no heading.
    """

    kind: BlockKind
    spans: tuple[Span, ...]
    heading: str | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One citable unit: a PDF page, or a heading section of a format without pages.

    `number` is 1-based; `label` is what people call it ("p. 7", "Leadership"). `text` is cleaned
    once and then frozen: every offset of the program points into it. `width` and `height` are in
    points, 0 where there is no paper. `words` is empty where there is no paper.
    """

    number: int
    label: str
    text: str
    width: float = 0.0
    height: float = 0.0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One file that was read.

    `digest` is the SHA-256 of the file's bytes, in hex. `is_paged` is true where page numbers are
    those that a reader turns to. `notes` are sentences about what was left out.
    """

    name: str
    kind: DocumentKind
    digest: str
    is_paged: bool
    pages: tuple[Page, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A verbatim slice of a document: 1 to 4 sentences, a bullet or a table row.

    `text` is the page's text between `start` and `end`; where a passage runs over a page break it
    has two spans, and `text` is their slices with one space between. `language` is "en" or "cy".
    """

    document: str
    text: str
    spans: tuple[Span, ...]
    heading: str | None
    kind: BlockKind
    language: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the model says of one passage; every probability is calibrated, 0 to 1.

    `areas` holds a probability for each area key and for "none", and sums to 1. `stages` holds
    one for each stage, lowest first, and sums to 1. `clue` is the probability that the passage
    says anything about a stage at all. `descriptors` are the closest descriptors, best first.
    `claims` holds a probability for each claim type and sums to 1; it is empty where the model
    was not taught them. `proportions` are the words for shares, in their order in the text.
    """

    areas: MappingType[str, float]
    stages: tuple[float, ...]
    clue: float
    descriptors: tuple["DescriptorMatch", ...] = ()
    claims: tuple[float, ...] = ()
    proportions: tuple["ProportionMention", ...] = ()

    @property
    def claim(self) -> ClaimType | None:
        """The likeliest claim type, or `None` where the model was not taught them."""
        if not self.claims:
            return None
        return tuple(ClaimType)[max(range(len(self.claims)), key=self.claims.__getitem__)]


@dataclass(frozen=True, slots=True)
class DescriptorMatch:
    """A descriptor near a passage: its index in the framework and the cosine, -1 to 1."""

    descriptor: int
    match_score: float


@dataclass(frozen=True, slots=True)
class ProportionMention:
    """A word for a share in a passage: 0-based, half-open offsets into its text.

    `word` is Estyn's English word, such as "most", and `definition` what it is said to mean.
    """

    start: int
    end: int
    word: str
    definition: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage shown as evidence for one area.

    `page` is the 1-based number of the page that it begins on, or `None` in formats without
    pages; `page_label` is for people. `stage` is the stage that the passage itself describes.
    `weight` says how surely it is evidence for the area, 0 to 1; `language` is "en" or "cy".
    `claim` is `None` where the model was not taught claim types.
    """

    text: str
    document: str
    page: int | None
    page_label: str
    heading: str | None
    language: str
    spans: tuple[Span, ...]
    role: Role
    stage: int
    stage_probability: float
    weight: float
    claim: ClaimType | None = None
    proportions: tuple[ProportionMention, ...] = ()
    descriptors: tuple[DescriptorMatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """What is suggested for one area: a stage (1 to 4), or `None` with the reason.

    `stage_probabilities` sum to 1, lowest stage first; without evidence all are alike.
    `passage_count` and `page_count` are the passages that count as evidence for the area and the
    pages, or heading sections, that they stand on.
    """

    area: str
    outcome: Outcome
    stage: int | None
    reason: str
    stage_probabilities: tuple[float, ...]
    passage_count: int
    page_count: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """The positions of one school, in the framework's order, and what they were made from."""

    documents: tuple["DocumentSummary", ...]
    positions: tuple[Position, ...]
    versions: "Versions"


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """What a profile keeps of a document that was read.

    `page_count` counts heading sections where `is_paged` is false.
    """

    name: str
    kind: DocumentKind
    digest: str
    is_paged: bool
    page_count: int
    passage_count: int
    languages: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Versions:
    """What a profile was made with, so that it can be made again."""

    program: str
    model: str
    model_digest: str
    framework: str
    framework_digest: str
