import io
from collections.abc import Sequence

from builders import A4, At, Canvas, make_pdf
from evidence_mapper.reading.drafts import Line, make_line
from evidence_mapper.reading.layout import make_lines, make_segments, order_columns
from evidence_mapper.reading.pdf_words import PdfWord
from reading_helpers import read, texts

RIGHT_COLUMN = 310.0


def put(x: float, top: float, text: str, size: float = 10, *, bold: bool = False) -> list[PdfWord]:
    """Return words set from x onwards; every letter is half as wide as the size."""
    words = []
    for part in text.split():
        width = len(part) * size / 2
        words.append(PdfWord(part, x, top, x + width, top + size, size, bold))
        x += width + size * 0.3
    return words


def side_by_side(
    top: float, rows: int, name: str, *, right_rows: int | None = None
) -> list[PdfWord]:
    words: list[PdfWord] = []
    for row in range(rows):
        words += put(72, top + row * 13, f"{name} left {row} goes on with more words")
    for row in range(rows if right_rows is None else right_rows):
        words += put(RIGHT_COLUMN, top + row * 13, f"{name} right {row} goes on with more words")
    return words


def read_order(words: list[PdfWord], *rules: float) -> list[str]:
    """Return the first three words of every line in reading order."""
    segments = make_segments(words)
    segments += [Line([], 72, at, 520, at, 10, False) for at in rules]
    return [
        " ".join(word.text for word in line.words[:3])
        for column in order_columns(segments)
        for row in make_lines([line for line in column if line.words])
        for line in row
    ]


def rows(name: str, side: str, count: int) -> list[str]:
    return [f"{name} {side} {row}" for row in range(count)]


def both(name: str, count: int) -> list[str]:
    return rows(name, "left", count) + rows(name, "right", count)


def test_a_page_of_one_column_is_read_from_top_to_bottom():
    words = [w for row in range(6) for w in put(72, 100 + row * 13, f"row {row} has only words")]
    assert read_order(words) == [f"row {row} has" for row in range(6)]


def test_a_line_drawn_in_pieces_at_different_times_is_one_segment():
    first = put(72, 100, "Pupils make")
    rest = put(first[-1].x1 + 3, 100, "strong progress")
    between = put(72, 120, "Another line")
    assert [line.text for line in make_segments(first + between + rest)] == [
        "Pupils make strong progress",
        "Another line",
    ]


def test_a_raised_sign_belongs_to_its_line():
    line = put(72, 100, "Attendance rose")
    sign = PdfWord("1", line[-1].x1, 98, line[-1].x1 + 3, 104, 6, False)
    (joined,) = make_segments([*line, sign])
    assert joined.text == "Attendance rose 1"
    assert joined.size == 10


def test_a_line_across_both_columns_parts_what_is_above_from_what_is_below():
    words = side_by_side(100, 4, "A") + put(72, 170, "x" * 80) + side_by_side(200, 4, "B")
    assert read_order(words) == [*both("A", 4), "x" * 80, *both("B", 4)]


def test_a_rule_across_both_columns_parts_them_too():
    words = side_by_side(100, 4, "A") + side_by_side(164, 4, "B")
    assert read_order(words) == both_joined("A", "B", 4)
    assert read_order(words, 158) == both("A", 4) + both("B", 4)


def both_joined(first: str, second: str, count: int) -> list[str]:
    left = rows(first, "left", count) + rows(second, "left", count)
    return left + rows(first, "right", count) + rows(second, "right", count)


def test_a_large_short_heading_parts_the_columns_though_it_stands_in_the_left_one():
    words = side_by_side(100, 4, "A") + put(72, 170, "Part two", 16) + side_by_side(200, 4, "B")
    assert read_order(words) == [*both("A", 4), "Part two", *both("B", 4)]


def test_a_short_heading_under_the_columns_is_read_after_both():
    words = side_by_side(100, 4, "A") + put(72, 160, "Next part", bold=True)
    words += put(72, 180, "y" * 80)
    assert read_order(words) == [*both("A", 4), "Next part", "y" * 80]


def test_a_left_column_that_is_longer_is_read_to_its_end_first():
    words = side_by_side(100, 4, "A") + put(72, 156, "Then more", bold=True)
    words += put(72, 172, "the left column goes on with more")
    order = read_order(words)
    assert order == [*rows("A", "left", 4), "Then more", "the left column", *rows("A", "right", 4)]


def test_two_lines_left_over_from_the_page_before_follow_the_columns_below():
    words = side_by_side(80, 2, "Z") + put(72, 115, "x" * 80) + side_by_side(140, 6, "A")
    assert read_order(words) == [*both("Z", 2), "x" * 80, *both("A", 6)]


def test_labels_beside_values_are_no_columns():
    words: list[PdfWord] = []
    for row in range(6):
        words += put(72, 100 + row * 14, f"label {row}")
        words += put(RIGHT_COLUMN, 100 + row * 14, f"value {row}")
    assert read_order(words)[:2] == ["label 0", "value 0"]


def test_columns_whose_lines_do_not_stand_level_are_still_lines_of_their_own():
    words = side_by_side(100, 5, "A", right_rows=0)
    for row in range(5):
        words += put(RIGHT_COLUMN, 106 + row * 13, f"A right {row} goes on with more words")
    assert read_order(words) == both("A", 5)


def test_an_address_at_the_top_right_is_read_before_the_text_under_it():
    words = [
        w
        for row in range(4)
        for w in put(RIGHT_COLUMN, 60 + row * 13, f"address line {row} is here")
    ]
    words += [w for row in range(5) for w in put(72, 200 + row * 13, f"letter line {row} is here")]
    assert read_order(words)[0] == "address line 0"


def test_a_page_of_a_thousand_short_texts_ends():
    words = [
        word
        for number in range(2000)
        for word in put(20 + number % 40 * 30, 20 + number // 40 * 15, f"{number}", 8)
    ]
    assert len(read_order(words)) == 2000


def test_bold_lines_and_plain_ones_are_different_blocks_without_any_gap():
    buffer = io.BytesIO()
    draw_lines(
        buffer,
        [
            (
                "Helvetica-Bold",
                "Strengths this year, as governors and all staff see them together now",
            ),
            (
                "Helvetica",
                "Most pupils read well and most of them also write at length by now, in all",
            ),
            ("Helvetica", "subjects of the curriculum."),
        ],
    )
    assert len(texts(read(buffer.getvalue()))) == 2


def test_a_sentence_that_is_bold_up_to_a_line_end_goes_on():
    buffer = io.BytesIO()
    draw_lines(
        buffer,
        [
            (
                "Helvetica-Bold",
                "Most pupils read well and most of them also write at length by now in all",
            ),
            ("Helvetica", "subjects of the curriculum, which they enjoy."),
        ],
    )
    assert len(texts(read(buffer.getvalue()))) == 1


def draw_lines(buffer: io.BytesIO, lines: Sequence[tuple[str, str]]) -> None:
    canvas = Canvas(buffer, pagesize=A4)
    for row, (font, text) in enumerate(lines):
        canvas.setFont(font, 11)
        canvas.drawString(72, 700 - row * 13.5, text)
    canvas.save()


def test_text_in_a_frame_is_apart_from_the_text_under_it():
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.rect(66, 694, 460, 32)
    canvas.drawString(
        72, 713, "Our motto is known to everyone at the school, from the youngest child"
    )
    canvas.drawString(
        72, 699.5, "to the oldest governor: we learn together, every day of the year, all."
    )
    canvas.drawString(
        72, 686, "the rest of the page tells how this came about, in five short parts on"
    )
    canvas.drawString(72, 672.5, "people, places and plans.")
    canvas.save()
    assert len(texts(read(buffer.getvalue()))) == 2


def test_a_line_keeps_its_height_beside_a_sign_of_another_size():
    line = make_line(put(72, 100, "Text") + put(100, 90, "*", 20))
    assert (line.top, line.bottom) == (100, 110)


def test_the_page_order_does_not_depend_on_the_order_of_drawing():
    items = [At(72, 100 + row * 14, f"Line {row} is here.") for row in range(6)]
    forwards, backwards = read(make_pdf([items])), read(make_pdf([items[::-1]]))
    assert forwards.pages[0].text == backwards.pages[0].text
