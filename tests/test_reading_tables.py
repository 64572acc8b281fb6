import io
import time

import pytest

from builders import A4, At, Canvas, Heading, Table, make_pdf
from evidence_mapper.reading.head_rows import is_head_row
from evidence_mapper.records import BlockKind
from reading_helpers import find, read, text_of, texts

ROWS = [
    ["Priority", "What we did", "Impact"],
    ["Reading", "We trained all staff in phonics.", "Most pupils read with more confidence."],
    ["Attendance", "We telephone home on the first day.", "Attendance has risen to 93.1%."],
]
LONG_CELL = "Teachers plan together each week and share what works. " * 12


@pytest.mark.parametrize("rules", ["grid", "horizontal"])
def test_a_table_row_is_one_block_with_its_cells_in_order(rules: str):
    content = read(make_pdf([[Heading("Priorities"), Table(ROWS, rules), "Text after it."]]))
    assert texts(content, BlockKind.TABLE_ROW) == [" | ".join(row) for row in ROWS[1:]]
    assert texts(content, BlockKind.FURNITURE) == ["Priority | What we did | Impact"]
    assert texts(content)[0] == "Priorities"
    assert texts(content)[-1] == "Text after it."


def test_the_head_row_travels_with_the_rows():
    content = read(make_pdf([[Heading("Priorities"), Table(ROWS)]]))
    expected = "Priorities — Priority | What we did | Impact"
    assert find(content, "Reading |").heading == expected
    alone = read(make_pdf([Table(ROWS)]))
    assert find(alone, "Reading |").heading == "Priority | What we did | Impact"


def test_a_table_that_goes_on_keeps_its_head():
    content = read(make_pdf([Table(ROWS), Table([["Writing", "We mark books.", "Pupils write."]])]))
    assert find(content, "Writing |").heading == "Priority | What we did | Impact"


def test_a_head_row_that_is_printed_again_is_furniture_each_time():
    more = [ROWS[0], ["Writing", "We mark books together.", "Pupils write at more length now."]]
    content = read(make_pdf([Table(ROWS), Table(more)]))
    assert texts(content, BlockKind.FURNITURE) == [" | ".join(ROWS[0])] * 2
    assert find(content, "Writing |").heading == "Priority | What we did | Impact"


def test_another_table_does_not_inherit_a_head():
    other = [["Staff", "21"], ["Pupils", "214"]]
    content = read(make_pdf([[Table(ROWS), "Between them.", Table(other, is_head_bold=False)]]))
    assert find(content, "Pupils |").heading is None


def test_a_table_without_a_head_keeps_all_its_rows():
    rows = [["Head", "Mrs Pugh leads the school."], ["Chair", "Mr Rees chairs the governors."]]
    content = read(make_pdf([Table(rows, is_head_bold=False)]))
    assert texts(content, BlockKind.TABLE_ROW) == [" | ".join(row) for row in rows]


def test_cells_that_are_long_are_read_one_by_one_under_their_column():
    rows = [["Strengths", "To improve"], [LONG_CELL + "End.", "Feedback helps only some pupils."]]
    content = read(make_pdf([[Heading("Teaching"), Table(rows)]]))
    assert texts(content, BlockKind.TABLE_ROW) == []
    assert find(content, "Teachers plan").heading == "Teaching — Strengths"
    assert find(content, "Feedback").heading == "Teaching — To improve"
    assert find(content, "Teachers plan").kind is BlockKind.PARAGRAPH


def test_a_frame_around_text_is_no_table():
    content = read(make_pdf([Table([["Our motto: together we learn and grow every day."]])]))
    assert texts(content) == ["Our motto: together we learn and grow every day."]
    assert texts(content, BlockKind.TABLE_ROW) == []


def test_a_short_text_in_a_frame_is_a_heading():
    content = read(make_pdf([[Table([["Next steps"]], is_head_bold=False), "We will read more."]]))
    assert find(content, "We will").heading == "Next steps"


def test_rules_under_headings_do_not_make_a_table():
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for number in range(4):
        y = 700 - number * 100
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(72, y, f"Part {number}")
        canvas.line(72, y - 5, 520, y - 5)
        canvas.setFont("Helvetica", 11)
        canvas.drawString(72, y - 25, f"What part {number} says about the school is short.")
    canvas.save()
    content = read(buffer.getvalue())
    assert texts(content, BlockKind.TABLE_ROW) == []
    assert len(texts(content, BlockKind.HEADING)) == 4


def test_shaded_rows_without_lines_are_a_table():
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for number in range(5):
        y = 700 - number * 20
        if number % 2 == 0:
            canvas.setFillGray(0.9)
            canvas.rect(72, y - 6, 440, 20, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.drawString(78, y, f"Area {number}")
        canvas.drawString(300, y, f"Judged as {number}")
    canvas.save()
    rows = texts(read(buffer.getvalue()), BlockKind.TABLE_ROW)
    assert rows == [f"Area {n} | Judged as {n}" for n in range(5)]


@pytest.mark.parametrize("step", [1, 4])
def test_a_page_full_of_lines_is_read_without_its_lines(step: int):
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.drawString(72, 760, "Graph paper.")
    for place in range(0, 560, step):
        canvas.line(10 + place, 10, 10 + place, 700)
        canvas.line(10, 10 + place, 580, 10 + place)
    canvas.save()
    started = time.monotonic()
    assert texts(read(buffer.getvalue())) == ["Graph paper."]
    assert time.monotonic() - started < 2


def test_a_large_table_with_a_frame_around_every_cell_is_found():
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for row in range(50):
        for column in range(10):
            x, y = 40 + column * 50, 780 - row * 14
            canvas.rect(x, y - 4, 50, 14)
            canvas.drawString(x + 4, y, f"{row}x{column}")
    canvas.save()
    rows = texts(read(buffer.getvalue()), BlockKind.TABLE_ROW)
    assert rows == [" | ".join(f"{row}x{column}" for column in range(10)) for row in range(50)]


def test_columns_under_ruled_headings_are_no_table():
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for part in range(4):
        y = 760 - part * 120
        canvas.setFont("Helvetica-Bold", 17)
        canvas.drawString(72, y, f"Part {part}")
        canvas.line(72, y - 6, 520, y - 6)
        canvas.setFont("Helvetica", 10)
        for line in range(5):
            canvas.drawString(
                72, y - 22 - line * 13, f"Left {line} of part {part} in many words here"
            )
            canvas.drawString(
                310, y - 22 - line * 13, f"right {line} of part {part} in many words here"
            )
    canvas.save()
    content = read(buffer.getvalue())
    assert texts(content, BlockKind.TABLE_ROW) == []
    assert texts(content)[:2] == [
        "Part 0",
        " ".join(
            f"{side} {line} of part 0 in many words here"
            for side in ("Left", "right")
            for line in range(5)
        ),
    ]


@pytest.mark.parametrize(
    ("cells", "others", "is_marked", "expected"),
    [
        (["Priority", "Impact"], [["Reading", "Most pupils read well now."]], True, True),
        (["Area", "Now"], [["Reading well", "Most pupils read well now."]], False, True),
        (["Reading", "Most pupils read well."], [["Maths", "Few do."]], True, False),
        (["2024", "2025"], [["A long text of words", "another long text of words"]], False, False),
        (["2024", "2025"], [["A long text of words", "another long text of words"]], True, True),
        (["Title", ""], [["a", "b"]], True, False),
        (["Priority", "Impact"], [], True, False),
        (["Mrs Pugh", "Headteacher"], [["Mr Rees", "Chair"]], False, False),
    ],
)
def test_a_head_row_is_marked_or_shorter_than_the_rest(cells, others, is_marked, expected):
    assert is_head_row(cells, others, is_marked=is_marked) is expected


def test_a_row_that_is_broken_over_the_page_break_is_one_block():
    rows = [
        *ROWS,
        ["Writing", "Each half term we mark books together and", "Pupils now write with"],
    ]
    rest = [["", "share what we find.", "more care."]]
    content = read(make_pdf([Table(rows), Table(rest, is_head_bold=False)]))
    block = find(content, "Writing |")
    assert [span.page for span in block.spans] == [1, 2]
    assert text_of(content, block).endswith(
        "Pupils now write with share what we find. | more care."
    )


def test_short_rows_in_lower_case_are_not_joined_over_the_page_break():
    pages = [Table([["half", "50%"]]), Table([["around half", "close to 50%"]])]
    content = read(make_pdf(pages))
    assert texts(content, BlockKind.TABLE_ROW) == ["half | 50%", "around half | close to 50%"]


def test_text_beside_a_table_stays_in_its_place():
    page = [At(72, 90, "Before the table."), Table(ROWS), "After the table."]
    kinds = [block.kind for block in read(make_pdf([page])).blocks]
    assert kinds == [
        BlockKind.PARAGRAPH,
        BlockKind.TABLE_ROW,
        BlockKind.TABLE_ROW,
        BlockKind.PARAGRAPH,
        BlockKind.FURNITURE,
    ]
