"""The true text of a document in reading order, and the page that each block begins on."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from builder.errors import BuildError
from builder.looks import CONTENTS_TITLE, Look
from builder.source import Bullet, Heading, Paragraph, Source, Table

Kind = Literal["heading", "paragraph", "bullet", "table_row", "furniture"]
Role = Literal["", "title", "contents", "table head", "running head", "page number"]

# Between two blocks stands at most a running head, a foot and a repeated table head.
MAX_CHARS_BETWEEN = 400
# School and title are set large on every title page.
LARGE_TITLE_LINES = 2


@dataclass(frozen=True, slots=True)
class TruthBlock:
    """A block as it was written.

    `cells` are those of a table row, else empty; `text` joins them by " | ". `level` is that of a
    heading, else 0. `role` says what sort of furniture a block is, and is empty for all others.
    `page` is the 1-based PDF page that the block begins on, or `None` in formats without pages.
    """

    kind: Kind
    text: str
    cells: tuple[str, ...] = ()
    level: int = 0
    role: Role = ""
    page: int | None = None


def list_title_lines(source: Source) -> list[str]:
    """Return the lines of the title page in the order in which every producer prints them."""
    head = source.head
    return [line for line in (head.school, head.title, head.subtitle, head.date) if line]


def list_contents(source: Source, look: Look) -> list[Heading]:
    """Return the headings that stand in the contents."""
    return [
        block
        for block in source.blocks
        if isinstance(block, Heading) and block.level <= look.contents_depth
    ]


def make_truth(source: Source, look: Look, heading_pages: Sequence[int]) -> list[TruthBlock]:
    """Return title page, contents and body in reading order, pages not yet known.

    Args:
        source: the authored document.
        look: how deep its contents go.
        heading_pages: the page printed beside each heading of the contents.
    """
    blocks = [TruthBlock("furniture", line, role="title") for line in list_title_lines(source)]
    blocks.append(TruthBlock("furniture", CONTENTS_TITLE[source.head.language], role="contents"))
    blocks.extend(
        TruthBlock("furniture", f"{heading.text} {page}", role="contents")
        for heading, page in zip(list_contents(source, look), heading_pages, strict=True)
    )
    for block in source.blocks:
        match block:
            case Heading(level, text):
                blocks.append(TruthBlock("heading", text, level=level))
            case Paragraph(text):
                blocks.append(TruthBlock("paragraph", text))
            case Bullet(text):
                blocks.append(TruthBlock("bullet", text))
            case Table(head, rows):
                blocks.append(
                    TruthBlock("furniture", " | ".join(head).strip(), head, role="table head")
                )
                blocks.extend(TruthBlock("table_row", " | ".join(row).strip(), row) for row in rows)
    return blocks


def locate_blocks(
    blocks: Sequence[TruthBlock], pages: Sequence[str], furniture: Sequence[Sequence[str]]
) -> list[TruthBlock]:
    """Return the blocks with their pages, found by their whole text, in order.

    Args:
        blocks: the truth without pages.
        pages: the text of each page in the order in which it was drawn.
        furniture: for each page the running head and page number that it bears.

    Raises:
        BuildError: the text of a block is not there; shows where the search stood.
    """
    text, starts = "", []
    for page, lines in zip(pages, furniture, strict=True):
        starts.append(len(text))
        text += _strip_furniture(reduce_text(page), lines)
    located, cursor = [], 0
    for block in blocks:
        wanted = reduce_text(block.text)
        found = text.find(wanted, cursor, cursor + MAX_CHARS_BETWEEN + len(wanted))
        if found < 0:
            raise BuildError(
                f"not in the PDF: {block.text!r}; there stands {text[cursor:][:200]!r}"
            )
        page_number = sum(start <= found for start in starts)
        located.append(replace(block, page=page_number))
        cursor = found + len(wanted)
    return located


def add_furniture(
    blocks: Sequence[TruthBlock], furniture: Sequence[Sequence[str]], roles: Sequence[Role]
) -> list[TruthBlock]:
    """Return the blocks with each page's running head and number after its last block."""
    result: list[TruthBlock] = []
    for page_number, lines in enumerate(furniture, 1):
        result.extend(block for block in blocks if block.page == page_number)
        result.extend(
            TruthBlock("furniture", line, role=role, page=page_number)
            for line, role in zip(lines, roles, strict=False)
        )
    return result


def reduce_text(text: str) -> str:
    """Return the letters and digits alone, in lower case, so that only wording counts."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _strip_furniture(text: str, lines: Sequence[str]) -> str:
    """Return a page's reduced text without its furniture at the beginning and the end."""
    for line in sorted(map(reduce_text, lines), key=len, reverse=True):
        stripped = text.removeprefix(line)
        text = stripped if stripped != text else text.removesuffix(line)
    return text


def write_truth(
    path: Path, source: Source, document: str, page_count: int | None, blocks: list[TruthBlock]
) -> None:
    """Write the truth as JSON: what the document is, then its blocks, one a line."""
    head = {
        "document": document,
        "kind": source.head.kind,
        "language": source.head.language,
        "page_count": page_count,
    }
    lines = ",\n".join(
        "  " + json.dumps(_leave_out_empty(block), ensure_ascii=False) for block in blocks
    )
    fields = "".join(f" {json.dumps(key)}: {json.dumps(head[key])},\n" for key in head)
    path.write_text(f'{{\n{fields} "blocks": [\n{lines}\n ]\n}}\n', encoding="utf-8")


def _leave_out_empty(block: TruthBlock) -> dict[str, object]:
    """Return the fields of a block that say something; kind and text always do."""
    return {key: value for key, value in asdict(block).items() if value}
