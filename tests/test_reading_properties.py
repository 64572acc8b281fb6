import re
from collections import Counter

import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import Bullets, Columns, Heading, Item, Table, make_pdf
from evidence_mapper.reading.answers import (
    Answer,
    Content,
    is_consistent,
    parse_answer,
    write_answer,
)
from evidence_mapper.reading.cleaning import clean_word
from evidence_mapper.records import BlockKind
from reading_helpers import read, text_of

WORDS = st.sampled_from(
    [
        "the",
        "pupils",
        "school",
        "well-being",
        "learning",
        "improves",
        "and",
        "of",
        "Governors",
        "visit",
        "2024-25",
        "93.1%",
        "(most)",
        "teachers’",
        "“good”",
        "café",
        "A",
        "o",
        "-",
        "1.",
        "reading,",
        "writing;",
        "ar",
        "ôl",
        "yr",
        "ysgol;",
        "improvement",
        "cyd-destun",
    ]
)
TEXT = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
SHORT = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
ITEM: st.SearchStrategy[Item] = st.one_of(
    TEXT,
    SHORT.map(Heading),
    st.lists(TEXT, min_size=1, max_size=3).map(Bullets),
    st.lists(st.lists(TEXT, min_size=1, max_size=2), min_size=2, max_size=3).map(Columns),
    st.builds(
        Table,
        st.lists(st.lists(SHORT, min_size=3, max_size=3), min_size=1, max_size=3),
        st.sampled_from(["grid", "horizontal", "none"]),
    ),
)
PAGES = st.lists(st.lists(ITEM, min_size=1, max_size=3), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PAGES, st.sampled_from(["", "Ysgol {page} head"]))
def test_whatever_is_on_the_pages_the_offsets_hold_and_no_word_is_lost(pages, head):
    data = make_pdf(pages, head=head, foot="{page}")
    content = read(data)
    check_offsets(content)
    check_words_are_kept(data, content)


def check_offsets(content: Content) -> None:
    """Every span and word lies in its page; blocks never overlap, and leave only signs out."""
    assert is_consistent(content)
    assert parse_answer(write_answer(Answer(content=content))) == content
    for page in content.pages:
        spans = sorted(
            (span.start, span.end)
            for block in content.blocks
            for span in block.spans
            if span.page == page.number
        )
        ends = [0, *(end for _, end in spans)]
        for (start, _), end in zip(spans, ends, strict=False):
            assert start >= end
            assert re.fullmatch(r"\n?(?:\S+ )?", page.text[end:start])
        assert ends[-1] == len(page.text)
        if page.words:
            assert "".join(page.text[w.start : w.end] for w in page.words) == re.sub(
                r" \| |\s", "", page.text
            )
    for block in content.blocks:
        text = text_of(content, block)
        assert text
        assert text == text.strip()
        assert "\n" not in text
        assert block.level == 0 or block.kind is BlockKind.HEADING


def check_words_are_kept(data: bytes, content: Content) -> None:
    """Whatever PDFium finds on a page is in the page's text, up to hyphens at line ends."""
    document = pdfium.PdfDocument(data)
    found = "".join(page.text for page in content.pages)
    letters: Counter[str] = Counter()
    for index in range(len(document)):
        text_page = document[index].get_textpage()
        raw = text_page.get_text_range().replace("\ufffe", "- ")
        text_page.close()
        for word in map(clean_word, raw.split()):
            letters.update(word)
            assert is_found(word, found) or is_found(word.rstrip("-"), found), word
    document.close()
    assert without_joints(Counter(found)) == without_joints(letters)


def is_found(word: str, text: str) -> bool:
    """Return whether the text holds the word; PDFium runs words of two lines together."""
    return word in text or any(
        word[:cut] in text and word[cut:] in text for cut in range(1, len(word))
    )


def without_joints(letters: Counter[str]) -> Counter[str]:
    """Return the letters without what joins words, cells and lines."""
    return Counter({char: n for char, n in letters.items() if char not in "-| \n"})


@pytest.mark.parametrize("text", ["A", "Un gair.", "1.", "\u2022", "(a) b"])
def test_the_smallest_pages_keep_their_offsets(text: str):
    check_offsets(read(make_pdf([text])))
