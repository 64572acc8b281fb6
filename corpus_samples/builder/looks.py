"""How each sample looks, and which program produces it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from builder.source import Block, Heading

Producer = Literal["word", "libreoffice", "chromium", "reportlab"]


@dataclass(frozen=True, slots=True)
class Look:
    """The look of one document.

    Sizes and spacing are in points, margins in millimetres. `colour` and `tint` are RRGGBB.
    `page_number` may hold {page} and {pages}. `landscape_chars` is the length of text from which
    a table stands on a landscape page (LibreOffice only); 0 is never. `marker` is the glyph before
    a bullet where the template does not choose one; reportlab takes its glyphs in turn, list by
    list. `title_size` is that of the large lines of a title page made with python-docx.
    """

    producer: Producer
    font: str
    size: float
    leading: float
    space_after: float
    margin: float
    colour: str
    tint: str
    page_number: str
    marker: str
    contents_depth: int = 2
    title_size: float = 28
    is_area_on_new_page: bool = False
    landscape_chars: int = 0
    is_scanned_too: bool = False


# Sizes and spacing were chosen so that every document has 8 to 20 pages.
LOOKS: dict[str, Look] = {
    "maesyfelin": Look(
        producer="libreoffice",
        font="Carlito",
        size=11.5,
        leading=1.15,
        space_after=7,
        margin=24,
        colour="1F7A5C",
        tint="E3F3EC",
        page_number="{page}",
        marker="•",
        is_area_on_new_page=True,
    ),
    "bryn-celyn": Look(
        producer="libreoffice",
        font="Liberation Sans",
        size=10,
        leading=1.0,
        space_after=5,
        margin=20,
        colour="000000",
        tint="D9D9D9",
        page_number="Page {page} of {pages}",
        marker="•",
        landscape_chars=1500,
    ),
    "cwmhelyg": Look(
        producer="chromium",
        font="Liberation Sans",
        size=10,
        leading=1.36,
        space_after=6,
        margin=16,
        colour="8A2B53",
        tint="F6E8EF",
        page_number="{page}",
        marker="•",
    ),
    "pen-y-garth": Look(
        producer="reportlab",
        font="Carlito",
        size=11,
        leading=1.3,
        space_after=6,
        margin=19,
        colour="12466B",
        tint="E6F0F7",
        page_number="{page}",
        marker="➢✓❖",
        is_area_on_new_page=True,
    ),
    "llanfedwen": Look(
        producer="libreoffice",
        font="Liberation Serif",
        size=12,
        leading=1.15,
        space_after=8,
        margin=25,
        colour="000000",
        tint="F2F2F2",
        page_number="- {page} -",
        marker="-",
        contents_depth=1,
        is_scanned_too=True,
    ),
    "aberhelyg": Look(
        producer="word",
        font="Carlito",
        size=11,
        leading=1.1,
        space_after=7,
        margin=23,
        colour="7B1E22",
        tint="F7EAEA",
        page_number="Tudalen {page} o {pages}",
        marker="•",
    ),
    "bryn-celyn-inspection": Look(
        producer="chromium",
        font="Liberation Sans",
        size=11,
        leading=1.45,
        space_after=8,
        margin=22,
        colour="1B3B6F",
        tint="EAF0F8",
        page_number="{page}",
        marker="•",
    ),
    "craig-lwyd": Look(
        producer="libreoffice",
        font="DejaVu Serif",
        size=9.5,
        leading=1.15,
        space_after=6,
        margin=27,
        colour="3D3A5C",
        tint="E8E7F0",
        page_number="{page} / {pages}",
        marker="▪",
        title_size=22,
    ),
    "gelli-ddraenen": Look(
        producer="chromium",
        font="DejaVu Sans",
        size=9.5,
        leading=1.5,
        space_after=7,
        margin=25,
        colour="6B4E0F",
        tint="FBF3DC",
        page_number="{page}",
        marker="★",
    ),
    "glan-ystrad": Look(
        producer="chromium",
        font="Carlito",
        size=12,
        leading=1.35,
        space_after=8,
        margin=28,
        colour="00566B",
        tint="E2F1F4",
        page_number="Page {page} of {pages}",
        marker="▪",
    ),
    "penrhos-fach": Look(
        producer="reportlab",
        font="Liberation Sans",
        size=10,
        leading=1.4,
        space_after=6,
        margin=23,
        colour="4F6B1F",
        tint="EFF4E3",
        page_number="{page}",
        marker="►",
    ),
    "bro-hesgin": Look(
        producer="libreoffice",
        font="Liberation Sans Narrow",
        size=11.5,
        leading=1.2,
        space_after=6,
        margin=22,
        colour="5B2C83",
        tint="F0E8F7",
        page_number="Tudalen {page}",
        marker="–",
    ),
    "hafod-onnen": Look(
        producer="word",
        font="Liberation Serif",
        size=11.5,
        leading=1.2,
        space_after=6,
        margin=26,
        colour="A34A12",
        tint="FBEDE3",
        page_number="Page {page}",
        marker="●",
    ),
}


def starts_page(blocks: Sequence[Block], index: int, look: Look) -> bool:
    """Return whether a block begins a new page: the first, and sections with sub-headings."""
    if index == 0:
        return True
    block, following = blocks[index], blocks[index + 1 :]
    if not (look.is_area_on_new_page and isinstance(block, Heading) and block.level == 1):
        return False
    levels = (other.level for other in following if isinstance(other, Heading))
    return next(levels, 1) > 1


CONTENTS_TITLE = {"en": "Contents", "cy": "Cynnwys"}
