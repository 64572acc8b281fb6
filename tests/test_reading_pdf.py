import io

import pypdfium2 as pdfium
import pytest

from builders import (
    A4,
    At,
    Bullets,
    Canvas,
    Columns,
    Heading,
    Lines,
    Picture,
    Table,
    make_pdf,
    wrap_over_pages,
)
from evidence_mapper import errors
from evidence_mapper.records import BlockKind
from reading_helpers import find, read, text_of, texts

LONG = (
    "Nearly all pupils behave well and many show real pride in what they do, because staff keep to"
    " the routines that were agreed two years ago and talk calmly with those who forget them. The"
    " school has listened to what pupils say about lunch times and has changed them twice"
)


def test_a_paragraph_is_one_block_though_it_has_many_lines():
    content = read(make_pdf([[LONG + ".", "Another paragraph begins here."]]))
    assert texts(content) == [LONG + ".", "Another paragraph begins here."]


def test_page_text_is_blocks_on_lines_with_single_spaces():
    content = read(make_pdf([[LONG + ".", "Second."]], foot="Page {page}"))
    assert content.pages[0].text == f"{LONG}.\nSecond.\nPage 1"


def test_every_word_has_its_offsets_and_a_box_on_the_page():
    content = read(make_pdf([At(100, 200, "Ysgol dda")]))
    (page,) = content.pages
    first, second = page.words
    assert page.text[first.start : first.end] == "Ysgol"
    assert page.text[second.start : second.end] == "dda"
    assert first.x0 == pytest.approx(100, abs=0.6)
    assert first.top < 200 < first.bottom
    assert first.bottom - first.top == pytest.approx(11, abs=1)
    assert first.x1 < second.x0
    assert (page.width, page.height) == pytest.approx(A4, abs=0.1)


def test_a_heading_is_larger_or_bold_and_travels_with_its_blocks():
    content = read(
        make_pdf(
            [
                [
                    Heading("Leadership", 18),
                    "Leaders share a vision.",
                    Heading("Governors", 13),
                    "Governors visit. They ask good questions.",
                ]
            ]
        )
    )
    assert texts(content, BlockKind.HEADING) == ["Leadership", "Governors"]
    assert [b.level for b in content.blocks if b.kind is BlockKind.HEADING] == [1, 2]
    assert find(content, "Leaders share").heading == "Leadership"
    assert find(content, "Governors visit").heading == "Governors"
    assert find(content, "Leadership").heading is None


def test_a_bold_sentence_is_no_heading():
    bold = At(72, 100, "The school has improved its teaching.", 11, "Helvetica-Bold")
    assert texts(read(make_pdf([[bold, LONG]])), BlockKind.HEADING) == []


@pytest.mark.parametrize("sign", ["\u2022", "-", "\u2013", "o", "1.", "a)"])
def test_a_bullet_is_a_block_without_its_sign(sign: str):
    content = read(make_pdf([["We know that:", Bullets([LONG, "Parents help."], sign)]]))
    assert texts(content, BlockKind.BULLET) == [LONG, "Parents help."]
    assert f"{sign} Parents help." in content.pages[0].text


def test_a_bullet_that_is_drawn_is_read_as_well():
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for row, line in enumerate(("Pupils read well.", "Pupils write well.")):
        canvas.circle(78, 703 - row * 14, 1.6, stroke=0, fill=1)
        canvas.drawString(90, 700 - row * 14, line)
    canvas.save()
    content = read(buffer.getvalue())
    assert texts(content, BlockKind.BULLET) == ["Pupils read well.", "Pupils write well."]
    assert content.pages[0].text.startswith("\u2022 Pupils read")


def test_a_line_that_starts_with_a_dash_by_chance_is_no_bullet():
    lines = Lines(
        [
            "The curriculum is broad and pupils enjoy the many visits that they make all together",
            "\u2013 above all the one to Llyn Ogwen \u2013 and they write about them afterwards",
            "with care for what their readers need to know about mountains, rivers and sheep.",
        ]
    )
    content = read(make_pdf([lines]))
    assert len(texts(content)) == 1


def test_bare_paragraph_numbers_are_left_out_of_the_passage():
    items = []
    for row, number in enumerate((12, 13)):
        items += [
            At(72, 100 + row * 20, str(number)),
            At(100, 100 + row * 20, f"Pupils in set {number} do well."),
        ]
    content = read(make_pdf([items]))
    assert texts(content) == ["Pupils in set 12 do well.", "Pupils in set 13 do well."]
    assert "12 Pupils in set 12" in content.pages[0].text


def test_a_paragraph_over_a_page_break_is_one_block_of_two_spans():
    first, second = wrap_over_pages(LONG + " since then.", 1)
    content = read(
        make_pdf([["Start.", first], [second, "Next."]], head="Our report", foot="{page}")
    )
    block = find(content, "Nearly all pupils")
    assert [span.page for span in block.spans] == [1, 2]
    assert text_of(content, block) == LONG + " since then."
    assert block.kind is BlockKind.PARAGRAPH


def test_a_finished_sentence_does_not_run_over_the_page_break():
    content = read(make_pdf([[LONG + "."], ["next year we begin again."]]))
    assert all(len(block.spans) == 1 for block in content.blocks)


def test_a_short_unfinished_line_does_not_run_over_the_page_break():
    content = read(
        make_pdf([[LONG + ".", "Signed by the head"], ["for all the staff of the school."]])
    )
    assert all(len(block.spans) == 1 for block in content.blocks)


def test_a_word_broken_over_the_page_break_goes_whole_to_the_first_page():
    lines = ["Pupils in all year groups talk about their learning with confidence and see improve-"]
    content = read(make_pdf([Lines(lines), Lines(["ment in their own work from week to week."])]))
    assert content.pages[0].text.endswith("see improvement")
    assert content.pages[1].text.startswith("in their own work")
    assert content.pages[0].words[-1].end == len(content.pages[0].text)
    assert len(content.blocks) == 1


def test_a_word_broken_over_two_lines_is_joined_and_keeps_two_boxes():
    lines = Lines(
        [
            "Pupils in all year groups talk about their learning with confidence and see improve-",
            "ment in their own work, and care for the well-",
            "being of others; well-being matters here.",
        ]
    )
    (page,) = read(make_pdf([lines])).pages
    assert "see improvement in" in page.text
    assert "the well-being of others" in page.text
    start = page.text.index("improvement")
    halves = [word for word in page.words if start <= word.start < start + 11]
    assert [page.text[word.start : word.end] for word in halves] == ["improve", "ment"]
    assert halves[1].top > halves[0].bottom - 3
    assert halves[1].x0 < halves[0].x0


@pytest.mark.parametrize("count", [2, 3])
def test_columns_are_read_one_after_the_other(count: int):
    paragraphs = [
        [f"Column {number} tells its own story. " + LONG + ".", f"It ends with number {number}."]
        for number in range(1, count + 1)
    ]
    content = read(
        make_pdf(
            [[Heading("Summary of the year"), Columns(paragraphs), Heading("After"), LONG + "."]]
        )
    )
    expected = ["Summary of the year", *(text for column in paragraphs for text in column)]
    assert texts(content) == [*expected, "After", LONG + "."]


def test_a_paragraph_that_runs_into_the_next_column_is_one_block():
    text = LONG + " and keeps a careful record."
    halves = text.split(" because ")
    content = read(
        make_pdf(
            [
                Columns(
                    [
                        ["Left column. " + LONG + ".", halves[0]],
                        ["because " + halves[1], LONG + "."],
                    ]
                )
            ]
        )
    )
    assert text in texts(content)


def test_short_columns_of_labels_are_read_row_by_row():
    rows = [["Local authority", "Gwynedd"], ["Type of school", "Primary"], ["Pupils", "214"]]
    content = read(make_pdf([[LONG + ".", Table(rows, "none", is_head_bold=False)]]))
    assert texts(content, BlockKind.TABLE_ROW) == [" | ".join(row) for row in rows]


def test_running_heads_and_page_numbers_become_furniture_after_the_body():
    pages = [[Heading(f"Section {word}"), LONG + "."] for word in ("one", "two", "three")]
    content = read(make_pdf(pages, head="Ysgol Bryn - report 2025", foot="Page {page} of 3"))
    furniture = texts(content, BlockKind.FURNITURE)
    assert furniture == [
        t for n in (1, 2, 3) for t in ("Ysgol Bryn - report 2025", f"Page {n} of 3")
    ]
    assert content.pages[1].text.endswith("\nYsgol Bryn - report 2025\nPage 2 of 3")


def test_a_chapter_title_beside_the_page_number_is_a_running_head():
    pages = [
        [At(72, 40, f"Chapter {name}"), At(500, 40, str(number)), LONG + "."]
        for number, name in enumerate(("Vision", "Teaching", "Care"), start=7)
    ]
    assert texts(read(make_pdf(pages))) == [LONG + "."] * 3


def test_a_first_line_that_differs_on_every_page_is_no_running_head():
    content = read(make_pdf([At(72, 60, f"{word} is a value here.") for word in ("Truth", "Care")]))
    assert texts(content) == ["Truth is a value here.", "Care is a value here."]


def test_bullets_at_the_same_place_on_every_page_are_not_torn_from_their_text():
    pages = [
        [At(72, 60, "\u2022"), At(90, 60, f"{word} matters.")] for word in ("Reading", "Maths")
    ]
    content = read(make_pdf(pages))
    assert texts(content, BlockKind.BULLET) == ["Reading matters.", "Maths matters."]


def test_a_contents_page_is_furniture():
    entries = Lines(
        [f"Chapter {word} {'.' * 60} {n}" for n, word in enumerate(("one", "two", "three"))]
    )
    content = read(make_pdf([[Heading("Contents"), entries], LONG + "."]))
    assert texts(content) == [LONG + "."]


def test_a_contents_page_without_leaders_is_furniture():
    rows = [
        [f"Chapter {word}", str(n + 3)] for n, word in enumerate(("one", "two", "three", "four"))
    ]
    content = read(
        make_pdf([[Heading("Cynnwys"), Table(rows, "none", is_head_bold=False)], LONG + "."])
    )
    assert texts(content) == [LONG + "."]


def test_a_footnote_is_furniture_and_does_not_stop_a_paragraph():
    first, second = wrap_over_pages(LONG + " since then.", 1)
    note = At(72, 720, "1 Figures of May 2025.", 8)
    content = read(make_pdf([[first, note], second]))
    assert texts(content, BlockKind.FURNITURE) == ["1 Figures of May 2025."]
    assert len(find(content, "Nearly all").spans) == 2


def test_pages_are_named_by_their_labels():

    assert [page.label for page in read(make_pdf(["a b", "c d"])).pages] == ["p. 1", "p. 2"]
    labels = b"/PageLabels<</Nums[0<</S/r>>1<</S/D/St 7>>]>>"
    data = make_pdf(["a b", "c d"]).replace(b"/Type /Catalog", b"/Type /Catalog " + labels)
    assert [page.label for page in read(data).pages] == ["p. i", "p. 7"]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_page_is_read_as_its_reader_holds_it(turns: int):
    data = make_pdf([[Heading("Turned"), LONG + "."]])
    (plain,) = read(data).pages
    (turned,) = read(turn_page(data, turns)).pages
    assert turned.text == plain.text
    assert (turned.width, turned.height) == pytest.approx((plain.width, plain.height), abs=0.1)
    for word, other in zip(turned.words, plain.words, strict=True):
        assert (word.x0, word.top) == pytest.approx((other.x0, other.top), abs=0.2)
        assert (word.x1, word.bottom) == pytest.approx((other.x1, other.bottom), abs=0.2)


def turn_page(data: bytes, turns: int) -> bytes:
    """Return the PDF with its page turned by quarters, and its content turned back."""
    width, height = A4
    matrix = {
        1: (0, 1, -1, 0, height, 0),
        2: (-1, 0, 0, -1, width, height),
        3: (0, -1, 1, 0, 0, width),
    }[turns]
    document = pdfium.PdfDocument(data)
    page = document[0]
    page.set_rotation(turns * 90)
    if turns != 2:
        page.set_mediabox(0, 0, height, width)
    clip = pdfium.raw.FS_RECTF(0, height, height, 0)
    pdfium.raw.FPDFPage_TransFormWithClip(page, pdfium.raw.FS_MATRIX(*matrix), clip)
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def test_what_was_filled_into_a_form_is_read():
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.drawString(72, 760, "How well do pupils do?")
    canvas.acroForm.textfield(value="Most do well.", x=72, y=700, width=300, height=30)
    canvas.save()
    assert "Most do well." in read(buffer.getvalue()).pages[0].text


def test_text_that_runs_upwards_is_kept_as_furniture():
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.drawString(72, 700, "Read me.")
    canvas.rotate(90)
    canvas.drawString(300, -40, "Upwards")
    canvas.save()
    content = read(buffer.getvalue())
    assert texts(content) == ["Read me."]
    assert "Upwards" in content.pages[0].text


def test_text_outside_the_page_is_not_read():
    assert (
        "beyond"
        not in read(make_pdf([[At(72, 100, "Here."), At(700, 100, "beyond")]])).pages[0].text
    )


def test_pages_without_text_are_named_in_a_note():
    content = read(make_pdf(["Text here.", Picture(), "Text there.", Picture()]))
    assert content.notes == ("Pages 2 and 4 are without text that can be read, perhaps pictures.",)
    assert content.pages[1].text == ""


def test_an_empty_page_is_no_loss_and_needs_no_note():
    assert read(make_pdf(["Text here.", []])).notes == ()


def test_a_pdf_without_any_text_looks_scanned():
    with pytest.raises(
        errors.NoTextFound, match=r"^2 pages but no text layer, so it looks scanned; have"
    ):
        read(make_pdf([Picture(), Picture()]))


def test_a_page_limit_holds():
    with pytest.raises(
        errors.DocumentTooLarge, match=r"^3 pages, and at most 2 are read; split it"
    ):
        read(make_pdf(["a", "b", "c"]), max_pages=2)


def test_a_missing_end_is_noted_where_the_rest_can_be_read():
    data = make_pdf(["Text here."])
    content = read(data[: data.rindex(b"startxref")])
    assert texts(content) == ["Text here."]
    assert content.notes == ("The end of the file is missing, so pages may be missing too.",)
