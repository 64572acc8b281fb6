"""Running heads and feet, page numbers, contents pages and footnotes: text nobody quotes."""

import re
from collections import defaultdict

from evidence_mapper.reading.cleaning import CONTENTS_TITLE, is_contents_line, is_page_number
from evidence_mapper.reading.drafts import Draft, Line
from evidence_mapper.reading.layout import make_lines, make_segments
from evidence_mapper.reading.pdf_rules import Edge
from evidence_mapper.reading.pdf_words import PdfPage
from evidence_mapper.records import BlockKind

# Running heads and feet stand in the outer part of a page.
_ZONE_SHARE = 0.13
# Text that stands at the same place, within this many points, on this share of the pages runs.
# A third, because left and right pages may have heads of their own, and title pages none.
_SAME_PLACE = 6.0
# In the outermost part nothing but heads and feet stands; further in, they are apart from the
# body by this share of their height.
_MARGIN_SHARE = 0.075
_MIN_INNER_GAP = 0.8
_RUNNING_SHARE = 0.34
_MIN_RUNNING_PAGES = 2
_MAX_RUNNING_WORDS = 15
# A page of contents without leaders: this share of its lines ends with a page number.
_CONTENTS_SHARE = 0.6
_MIN_CONTENTS_LINES = 3
_FOOTNOTE_FACTOR = 0.87

_DIGITS = re.compile(r"\d+")
_ENDS_WITH_NUMBER = re.compile(r"\D\s(\d{1,3})$")
_FOOTNOTE = re.compile(r"[\d*†‡¹²³⁴-⁹]{1,3}\s?\S")


def take_running_lines(pages: list[PdfPage]) -> list[list[Line]]:
    """Return the running heads, feet and page numbers of each page.

    Their words are taken out of `page.words`.
    """
    zones = [_zone_segments(page) for page in pages]
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for index, segments in enumerate(zones):
        for segment in segments:
            places[_running_key(segment)].append((index, _place(segment, pages[index])))
    needed = max(_MIN_RUNNING_PAGES, len(pages) * _RUNNING_SHARE)
    taken: list[list[Line]] = []
    for page, segments in zip(pages, zones, strict=True):
        running: list[Line] = []
        for row in make_lines(segments):
            runs = [_runs(line, page, places, needed) for line in row]
            if _is_running(row, runs) and _stands_apart(row, page):
                running.extend(row)
        words = {id(word) for line in running for word in line.words}
        page.words = [word for word in page.words if id(word) not in words]
        taken.append(running)
    return taken


def _is_running(row: list[Line], runs: list[bool]) -> bool:
    """Return whether a row at the edge of a page is a head or foot, and not part of the text.

    A bullet's sign stands at the same place on many pages too, but its text differs. The title of
    a chapter differs as well, but stands beside the page number.
    """
    numbers = [is_page_number(line.text) for line in row]
    if all(either or other for either, other in zip(runs, numbers, strict=True)):
        return True
    has_number = any(both and other for both, other in zip(runs, numbers, strict=True))
    return has_number and sum(len(line.words) for line in row) <= _MAX_RUNNING_WORDS


def _stands_apart(row: list[Line], page: PdfPage) -> bool:
    """Return whether a row at the edge of a page is no part of a table or text that begins there.

    The head row of a table over several pages stands at the same place on each of them.
    """
    top, bottom = min(line.top for line in row), max(line.bottom for line in row)
    height = bottom - top
    if bottom < page.height * _MARGIN_SHARE or top > page.height * (1 - _MARGIN_SHARE):
        return True
    is_head = bottom < page.height / 2
    if any(_joins_body(edge, top, bottom, page) for edge in page.edges):
        return False
    inner = [
        word.top - bottom if is_head else top - word.bottom
        for word in page.words
        if (word.top > bottom - 1 if is_head else word.bottom < top + 1)
    ]
    return min(inner, default=height) >= height * _MIN_INNER_GAP


def _joins_body(edge: Edge, top: float, bottom: float, page: PdfPage) -> bool:
    """Return whether an upright line leads from the row into the body of the page."""
    zone = page.height * _ZONE_SHARE
    crosses = not edge.is_horizontal and edge.low < bottom and edge.high > top
    return crosses and edge.high > zone and edge.low < page.height - zone


def _zone_segments(page: PdfPage) -> list[Line]:
    zone = page.height * _ZONE_SHARE
    words = [w for w in page.words if w.bottom < zone or w.top > page.height - zone]
    return make_segments(words) if words else []


def _running_key(line: Line) -> str:
    return _DIGITS.sub("#", line.text).casefold()


def _place(line: Line, page: PdfPage) -> float:
    """Return the distance from the nearer edge, negative from the bottom."""
    is_head = line.middle < page.height / 2
    return line.top if is_head else line.bottom - page.height


def _runs(
    line: Line, page: PdfPage, places: dict[str, list[tuple[int, float]]], needed: float
) -> bool:
    place = _place(line, page)
    same = {
        index for index, other in places[_running_key(line)] if abs(other - place) <= _SAME_PLACE
    }
    return len(same) >= needed


def mark_contents(drafts: list[Draft]) -> list[Draft]:
    """Return the blocks of a page with those of a table of contents as furniture."""
    ends = [_contents_share(draft) for draft in drafts]
    title = next(
        (i for i, draft in enumerate(drafts) if CONTENTS_TITLE.match(draft.text.strip())), None
    )
    entries = [entry for draft in drafts for entry in _entries(draft)]
    numbered = sum(bool(_ENDS_WITH_NUMBER.search(entry)) for entry in entries)
    is_contents_page = (
        title is not None
        and numbered >= _MIN_CONTENTS_LINES
        and numbered >= (len(entries) - 1) * _CONTENTS_SHARE
    )
    for index, draft in enumerate(drafts):
        if is_contents_page or ends[index] > 0.5:  # noqa: PLR2004
            draft.kind, draft.marker = BlockKind.FURNITURE, 0
    if title is not None and any(d.kind is BlockKind.FURNITURE for d in drafts[title + 1 :][:2]):
        drafts[title].kind = BlockKind.FURNITURE
    return drafts


def _contents_share(draft: Draft) -> float:
    """Return the share of the block's lines that are entries of a table of contents."""
    if draft.kind is BlockKind.TABLE_ROW:
        return float(is_contents_line(draft.text))
    lines = draft.lines
    return sum(is_contents_line(line.text) for line in lines) / max(len(lines), 1)


def _entries(draft: Draft) -> list[str]:
    """Return what would be the entries, if the block were part of a table of contents."""
    if draft.kind is BlockKind.TABLE_ROW:
        return [draft.text]
    return [line.text for line in draft.lines]


def mark_footnotes(drafts: list[Draft], body_size: float) -> list[Draft]:
    """Return the blocks of a page with the small notes at its foot as furniture."""
    for draft in reversed(drafts):
        is_small = 0 < draft.size <= body_size * _FOOTNOTE_FACTOR
        is_text = draft.kind in (BlockKind.PARAGRAPH, BlockKind.BULLET)
        if not (is_small and is_text and _FOOTNOTE.match(draft.text)):
            break
        draft.kind, draft.marker = BlockKind.FURNITURE, 0
    return drafts
