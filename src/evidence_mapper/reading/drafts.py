"""Blocks on their way: words in order, before a page's text is written down."""

from collections import Counter
from dataclasses import dataclass, field

from evidence_mapper.reading.pdf_words import PdfWord
from evidence_mapper.records import BlockKind

# A line is bold where this share of its characters is.
_BOLD_SHARE = 0.9


@dataclass(slots=True)
class Line:
    """Words on one line, from left to right, and the box around them."""

    words: list[PdfWord]
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    is_bold: bool
    table: object | None = None
    is_numbered: bool = False

    @property
    def text(self) -> str:
        """The line's words with one space between."""
        return " ".join(word.text for word in self.words)

    @property
    def middle(self) -> float:
        """The height at which the line's middle stands."""
        return (self.top + self.bottom) / 2


def make_line(words: list[PdfWord]) -> Line:
    """Return a line of words, which need not be sorted; there must be one at least."""
    ordered = sorted(words, key=lambda word: word.x0) if len(words) > 1 else words
    sizes: Counter[float] = Counter()
    bold = total = 0
    for word in ordered:
        length = len(word.text)
        sizes[round(word.size * 4) / 4] += length
        total += length
        bold += length if word.is_bold else 0
    size = sizes.most_common(1)[0][0]
    # The line's height is that of its own size: signs of another font stand out of it.
    own = [word for word in ordered if abs(word.size - size) < 1] or ordered
    return Line(
        ordered,
        ordered[0].x0,
        min(word.top for word in own),
        max(word.x1 for word in ordered),
        max(word.bottom for word in own),
        size,
        bold >= total * _BOLD_SHARE,
    )


@dataclass(slots=True)
class Draft:
    """A block in the making.

    `cells` holds the lines of each table cell, or of the whole block in one cell. `marker` says
    how many of the first words are a bullet's sign. `head` is the text of the table's head row.
    `is_open` says that the last line is full and its sentence unfinished, `goes_on` that the
    block has its end on the next page. `columns` are the numbers of the table columns of `cells`.
    """

    kind: BlockKind
    cells: list[list[Line]]
    marker: int = 0
    level: int = 0
    head: str = ""
    is_open: bool = False
    goes_on: bool = False
    is_boxed: bool = False
    columns: tuple[int, ...] = ()

    @property
    def lines(self) -> list[Line]:
        """The lines of all cells."""
        return [line for cell in self.cells for line in cell]

    @property
    def size(self) -> float:
        """The font size that most characters have."""
        return main_size(self.lines)

    @property
    def is_bold(self) -> bool:
        """Whether every line is bold."""
        return all(line.is_bold for line in self.lines)

    @property
    def text(self) -> str:
        """The words with one space between, before hyphens are joined."""
        return " ".join(line.text for line in self.lines)


def main_size(lines: list[Line]) -> float:
    """Return the font size that most characters have, 0 where there are none."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += sum(len(word.text) for word in line.words)
    return sizes.most_common(1)[0][0] if sizes else 0.0


@dataclass(slots=True)
class DraftPage:
    """A page in the making: its blocks in reading order, furniture last."""

    number: int
    label: str
    width: float
    height: float
    drafts: list[Draft] = field(default_factory=list)
