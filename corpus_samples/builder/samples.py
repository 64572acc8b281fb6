"""Builds one sample: its document, made until the page numbers in its contents are right."""

from collections.abc import Sequence
from pathlib import Path

from builder.convert import convert_docx, convert_html, read_pages
from builder.errors import BuildError
from builder.looks import LOOKS, Look
from builder.press import make_pdf
from builder.scan import scan_pdf
from builder.source import Source, read_source
from builder.truth import (
    TruthBlock,
    add_furniture,
    list_contents,
    locate_blocks,
    make_truth,
    write_truth,
)
from builder.web import make_html
from builder.word import make_docx

# The first pass prints zeros; the numbers may move a page break once.
MAX_PASSES = 4


def build_sample(folder: Path, slug: str) -> str:
    """Write the document and the truth of one source, and return a line that says so.

    Raises:
        BuildError: no such source or look, or a program failed.
    """
    path = folder / "sources" / f"{slug}.md"
    if slug not in LOOKS or not path.exists():
        raise BuildError(f"no source or no look; the samples are {', '.join(LOOKS)}.")
    source, look = read_source(path), LOOKS[slug]
    documents, truth = folder / "documents", folder / "truth"
    documents.mkdir(exist_ok=True)
    truth.mkdir(exist_ok=True)
    pdf, heading_pages, blocks = _build_pdf(source, look)
    page_count = max(block.page or 0 for block in blocks)
    if look.producer == "word":
        name = f"{slug}.docx"
        (documents / name).write_bytes(make_docx(source, look, heading_pages))
        blocks = make_truth(source, look, heading_pages)
        write_truth(truth / f"{slug}.json", source, name, None, blocks)
        return f"{name}: {page_count} pages when printed"
    name = f"{slug}.pdf"
    (documents / name).write_bytes(pdf)
    write_truth(truth / f"{slug}.json", source, name, page_count, blocks)
    if look.is_scanned_too:
        (documents / f"{slug}-scanned.pdf").write_bytes(scan_pdf(pdf))
    return f"{name}: {page_count} pages"


def _build_pdf(source: Source, look: Look) -> tuple[bytes, Sequence[int], list[TruthBlock]]:
    """Return the PDF, the pages in its contents, and its truth."""
    heading_pages: Sequence[int] = [0] * len(list_contents(source, look))
    for _ in range(MAX_PASSES):
        pdf = _print_pdf(source, look, heading_pages)
        pages = read_pages(pdf)
        furniture = [()] + [
            (
                source.head.running_head,
                look.page_number.format(page=number, pages=len(pages)),
            )
            for number in range(2, len(pages) + 1)
        ]
        blocks = locate_blocks(make_truth(source, look, heading_pages), pages, furniture)
        found = _list_heading_pages(blocks, look)
        if found == heading_pages:
            return pdf, found, add_furniture(blocks, furniture, ("running head", "page number"))
        heading_pages = found
    raise BuildError(f"the contents were not right after {MAX_PASSES} passes; change the spacing.")


def _print_pdf(source: Source, look: Look, heading_pages: Sequence[int]) -> bytes:
    """Return the PDF that the look's producer makes."""
    match look.producer:
        case "chromium":
            return convert_html(make_html(source, look, heading_pages))
        case "reportlab":
            return make_pdf(source, look, heading_pages)
        case "libreoffice" | "word":
            return convert_docx(make_docx(source, look, heading_pages))


def _list_heading_pages(blocks: Sequence[TruthBlock], look: Look) -> list[int]:
    """Return the page of each heading that stands in the contents."""
    return [
        block.page or 0
        for block in blocks
        if block.kind == "heading" and block.level <= look.contents_depth
    ]
