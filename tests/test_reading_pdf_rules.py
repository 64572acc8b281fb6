import io
from collections.abc import Callable

import pypdfium2 as pdfium
import pytest

from builders import A4, Canvas
from evidence_mapper.reading.pdf_rules import Drawing, Edge, find_view, read_drawing


def draw(paint: Callable[[Canvas], object]) -> Drawing:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    paint(canvas)
    canvas.save()
    document = pdfium.PdfDocument(buffer.getvalue())
    page = document[0]
    view = find_view(pdfium.raw, page.raw)
    drawing = read_drawing(pdfium.raw, page.raw, view)
    page.close()
    document.close()
    return drawing


def near(edge: Edge) -> tuple[bool, float, float, float, bool]:
    return edge.is_horizontal, round(edge.at), round(edge.low), round(edge.high), edge.is_drawn


def test_lines_are_measured_from_the_top_left_corner():
    drawing = draw(lambda c: (c.line(72, 742, 300, 742), c.line(72, 742, 72, 642)))
    assert [near(edge) for edge in drawing.edges] == [
        (True, 100, 72, 300, True),
        (False, 72, 100, 200, True),
    ]


@pytest.mark.parametrize("how", [{"stroke": 1, "fill": 0}, {"stroke": 0, "fill": 1}])
def test_a_rectangle_has_four_sides_that_are_drawn_or_only_shaded(how: dict[str, int]):
    def paint(canvas: Canvas) -> None:
        canvas.setFillGray(0.8)
        canvas.rect(72, 642, 200, 100, **how)

    edges = draw(paint).edges
    is_drawn = bool(how["stroke"])
    assert sorted(near(edge) for edge in edges) == [
        (False, 72, 100, 200, is_drawn),
        (False, 272, 100, 200, is_drawn),
        (True, 100, 72, 272, is_drawn),
        (True, 200, 72, 272, is_drawn),
    ]


def test_a_thin_filled_rectangle_is_one_line():
    (edge,) = draw(lambda c: c.rect(72, 741, 200, 1, stroke=0, fill=1)).edges
    assert near(edge) == (True, 100, 72, 272, True)


def test_what_is_white_is_not_there():
    def paint(canvas: Canvas) -> None:
        canvas.setFillGray(1)
        canvas.rect(72, 642, 200, 100, stroke=0, fill=1)

    assert draw(paint).edges == []


def test_what_is_transparent_is_not_there():
    def paint(canvas: Canvas) -> None:
        canvas.setFillAlpha(0)
        canvas.rect(72, 642, 200, 100, stroke=0, fill=1)

    assert draw(paint).edges == []


def test_slanted_lines_and_curves_are_no_rules():
    drawing = draw(
        lambda c: (c.line(72, 742, 300, 600), c.bezier(72, 700, 90, 500, 200, 800, 300, 640))
    )
    assert drawing.edges == []


def test_a_small_disc_is_a_dot():
    (dot,) = draw(lambda c: c.circle(80, 742, 2, stroke=0, fill=1)).dots
    assert [round(value) for value in dot] == [78, 98, 82, 102]


def test_lines_in_a_form_stand_where_the_form_is_placed():
    def paint(canvas: Canvas) -> None:
        canvas.beginForm("rule")
        canvas.line(0, 0, 100, 0)
        canvas.endForm()
        canvas.translate(72, 742)
        canvas.scale(2, 1)
        canvas.doForm("rule")

    (edge,) = draw(paint).edges
    assert near(edge) == (True, 100, 72, 272, True)


def test_a_page_of_thousands_of_lines_is_a_picture():
    def paint(canvas: Canvas) -> None:
        for number in range(6100):
            canvas.line(72, 20 + number / 10, 200, 20 + number / 10)

    assert draw(paint) == Drawing()
