from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_mapper.passages import (
    MAX_PASSAGE_CHARS,
    MAX_SENTENCES,
    MAX_WORDS,
    MIN_WORDS,
    split_document,
)
from evidence_mapper.records import (
    Block,
    BlockKind,
    Document,
    DocumentKind,
    Page,
    Passage,
    Span,
)
from evidence_mapper.sentences import find_sentences

QUIET = {BlockKind.HEADING, BlockKind.FURNITURE}


@dataclass(frozen=True)
class Part:
    """What a block holds; where it has two texts the second stands on the next page."""

    texts: tuple[str, ...]
    kind: BlockKind = BlockKind.PARAGRAPH


def make_document(*parts: Part | str) -> Document:
    """Return a document of these blocks, with text between them that belongs to none."""
    pages: list[str] = [""]
    blocks = []
    heading = None
    for part in parts:
        block = Part((part,)) if isinstance(part, str) else part
        spans = []
        for number, text in enumerate(block.texts):
            if number:
                pages.append("")
            pages[-1] += "\n• "
            start = len(pages[-1])
            pages[-1] += text
            spans.append(Span(len(pages), start, start + len(text)))
        if block.kind is BlockKind.HEADING:
            heading = block.texts[0]
        blocks.append(Block(block.kind, tuple(spans), heading))
    return Document(
        name="ser.pdf",
        kind=DocumentKind.SER,
        digest="0" * 64,
        is_paged=True,
        pages=tuple(Page(n, f"p. {n}", text) for n, text in enumerate(pages, start=1)),
        blocks=tuple(blocks),
    )


def split_texts(*parts: Part | str) -> list[str]:
    return [passage.text for passage in split_document(make_document(*parts))]


def slice_spans(document: Document, passage: Passage) -> list[str]:
    texts = {page.number: page.text for page in document.pages}
    return [texts[span.page][span.start : span.end] for span in passage.spans]


def join_letters(texts: list[str]) -> str:
    return "".join("".join(texts).split())


WORDS = st.sampled_from(["Pupils", "make", "good", "progress", "e.g.", "Yr.", "3", "90%", "Yes"])
SENTENCES = st.lists(WORDS, min_size=1, max_size=40).map(lambda words: " ".join(words) + ".")
TEXTS = st.one_of(
    st.lists(SENTENCES, min_size=1, max_size=12).map(" ".join),
    st.lists(WORDS, min_size=1, max_size=400).map(" ".join),
    st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=30),
)
PARTS = st.builds(
    Part, st.lists(TEXTS, min_size=1, max_size=2).map(tuple), st.sampled_from(list(BlockKind))
)
DOCUMENTS = st.lists(PARTS, max_size=6).map(lambda parts: make_document(*parts))


@given(DOCUMENTS)
@settings(deadline=None)
def test_a_passage_is_a_verbatim_slice_of_its_page_or_of_two(document):
    for passage in split_document(document):
        slices = slice_spans(document, passage)
        assert len(slices) in {1, 2}
        assert passage.text == " ".join(slices)
        assert passage.text == passage.text.strip()
        assert passage.spans == tuple(sorted(passage.spans, key=lambda span: span.page))


@given(DOCUMENTS)
@settings(deadline=None)
def test_nothing_is_lost_but_headings_furniture_and_blocks_of_a_word_or_two(document):
    texts = {page.number: page.text for page in document.pages}
    wanted = []
    for block in document.blocks:
        slices = [texts[span.page][span.start : span.end] for span in block.spans]
        if block.kind not in QUIET and len(" ".join(slices).split()) >= MIN_WORDS:
            wanted += slices
    found = [passage.text for passage in split_document(document)]
    assert join_letters(found) == join_letters(wanted)


@given(DOCUMENTS)
@settings(deadline=None)
def test_a_passage_is_never_too_long_to_be_read(document):
    assert all(len(passage.text) <= MAX_PASSAGE_CHARS for passage in split_document(document))


def write_sentences(lengths: list[int]) -> str:
    return " ".join(" ".join(["Pupils", *["read"] * (n - 1)]) + "." for n in lengths)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20))
@settings(deadline=None)
def test_a_passage_has_at_most_four_sentences(lengths):
    for passage in split_texts(write_sentences(lengths)):
        assert len(list(find_sentences(passage, "en"))) <= MAX_SENTENCES


@given(st.lists(st.integers(1, 2), max_size=8), st.lists(st.integers(10, 70), min_size=8))
@settings(deadline=None)
def test_no_scrap_of_a_word_or_two_is_left_alone(short, long):
    lengths = [number for pair in zip(short, long, strict=False) for number in pair] or long
    for passage in split_texts(write_sentences(lengths)):
        assert len(passage.split()) >= MIN_WORDS


def test_a_short_paragraph_is_one_passage():
    text = "Most pupils read well. They enjoy books. Nearly all borrow some."
    assert split_texts(text) == [text]


def test_five_sentences_make_two_passages_as_even_as_can_be():
    text = (
        "One is here now. Two is here now. Three is here now. Four is here now. Five is here now."
    )
    assert split_texts(text) == [
        "One is here now. Two is here now.",
        "Three is here now. Four is here now. Five is here now.",
    ]


def test_two_long_sentences_are_two_passages():
    long = "Pupils " + "read " * (MAX_WORDS - 10) + "well."
    assert split_texts(f"{long} {long}") == [long, long]


def test_a_short_sentence_after_a_long_one_is_kept_with_it():
    long = "Pupils " + "read " * MAX_WORDS + "well."
    assert split_texts(f"{long} Very good.") == [f"{long} Very good."]
    assert split_texts(f"Excellent. {long}") == [f"Excellent. {long}"]


def test_a_scrap_after_four_sentences_takes_two_of_them_along():
    four = [write_sentences([14])] * 4
    long = write_sentences([110])
    assert split_texts(" ".join([*four, "Very good.", long])) == [
        " ".join(four[:2]),
        " ".join([*four[2:], "Very good."]),
        long,
    ]


def test_a_paragraph_without_full_stops_is_cut_at_spaces_into_pieces_alike():
    text = " ".join(f"word{number}" for number in range(400))
    passages = split_texts(text)
    assert " ".join(passages) == text
    assert len(passages) == 3
    lengths = [len(passage) for passage in passages]
    assert max(lengths) <= MAX_PASSAGE_CHARS
    assert max(lengths) - min(lengths) < 20


def test_a_word_longer_than_a_passage_is_cut():
    text = f"See this: {'x' * 3000}"
    passages = split_texts(text)
    assert join_letters(passages) == join_letters([text])
    assert max(map(len, passages)) <= MAX_PASSAGE_CHARS


def test_a_table_row_is_one_passage_however_many_sentences_it_has():
    row = "Aim met. | Staff trained. | Pupils read. | Parents help. | Cost nil. | Review in May."
    assert split_texts(Part((row,), BlockKind.TABLE_ROW)) == [row]
    assert len(split_texts(row)) == 2


def test_a_table_row_as_long_as_a_page_is_split_like_a_paragraph():
    row = "Pupils make good progress in reading. " * 50
    passages = split_texts(Part((row.strip(),), BlockKind.TABLE_ROW))
    assert len(passages) > 5
    assert all(len(list(find_sentences(text, "en"))) <= MAX_SENTENCES for text in passages)


def test_headings_and_furniture_give_no_passage():
    assert split_texts(
        Part(("Leadership and management at our school",), BlockKind.HEADING),
        Part(("Ysgol Bryn Glas, self-evaluation 2024",), BlockKind.FURNITURE),
        Part(("Leaders plan well.",), BlockKind.BULLET),
    ) == ["Leaders plan well."]


@pytest.mark.parametrize(("text", "count"), [("Yes", 0), ("Very good.", 0), ("It is good.", 1)])
def test_a_block_of_a_word_or_two_is_nothing_that_could_be_quoted(text, count):
    assert len(split_texts(text)) == count


def test_a_passage_knows_its_heading_its_kind_and_its_document():
    document = make_document(
        "Before any heading stands this.",
        Part(("Leadership",), BlockKind.HEADING),
        Part(("Leaders plan well together.",), BlockKind.BULLET),
    )
    first, second = split_document(document)
    assert (first.heading, first.kind) == (None, BlockKind.PARAGRAPH)
    assert (second.heading, second.kind) == ("Leadership", BlockKind.BULLET)
    assert {first.document, second.document} == {"ser.pdf"}


def test_a_sentence_over_a_page_break_stands_on_both_pages():
    document = make_document(Part(("Leaders plan well. They check", "that plans are carried out.")))
    (passage,) = split_document(document)
    assert passage.text == "Leaders plan well. They check that plans are carried out."
    assert [span.page for span in passage.spans] == [1, 2]
    assert slice_spans(document, passage) == [
        "Leaders plan well. They check",
        "that plans are carried out.",
    ]


def test_passages_on_either_side_of_a_page_break_stand_on_one_page_each():
    long = "Pupils " + "read " * (MAX_WORDS - 10) + "well."
    first, second = split_document(make_document(Part((long, long))))
    assert [span.page for span in first.spans] == [1]
    assert [span.page for span in second.spans] == [2]


def test_each_block_of_a_bilingual_document_has_its_own_language():
    document = make_document(
        "Nearly all pupils make strong progress and behave very well.",
        "Mae bron pob disgybl yn gwneud cynnydd cryf ac yn ymddwyn yn dda.",
    )
    assert [passage.language for passage in split_document(document)] == ["en", "cy"]


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Nearly all pupils make strong progress and behave very well.", "en"),
        ("Mae bron pob disgybl yn gwneud cynnydd cryf ac yn ymddwyn yn dda.", "cy"),
    ],
)
def test_a_row_of_numbers_has_the_language_of_the_document(sentence, language):
    document = make_document(sentence, Part(("2024 | 94.5 | 96.1",), BlockKind.TABLE_ROW))
    assert split_document(document)[-1].language == language


def test_a_document_without_blocks_or_pages_has_no_passage():
    assert split_document(make_document()) == ()
    empty = Document("a.txt", DocumentKind.OTHER, "0" * 64, False, (), ())
    assert split_document(empty) == ()


POLISH = (
    "Szkoła zaprasza rodziców na spotkanie w sprawie postępów ich dzieci i planu zajęć. "
    "Nauczyciele opowiedzą o tym, czego uczniowie nauczyli się w tym roku."
)


def test_a_document_in_another_language_is_not_taken_for_english():
    passages = split_document(make_document(POLISH, "Dziękujemy za pomoc."))
    assert {passage.language for passage in passages} == {"pl"}


def test_a_letter_in_another_language_does_not_change_that_of_the_rest():
    english = "The school invites parents to a meeting on the progress of their children. " * 6
    pages = Part((english, english, english))
    passages = split_document(make_document(pages, "Pupils are proud.", POLISH))
    languages = {passage.text: passage.language for passage in passages}
    assert languages["Pupils are proud."] == "en"
    assert languages[POLISH] == "pl"
