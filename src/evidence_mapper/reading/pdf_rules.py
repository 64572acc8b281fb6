"""How a PDF page is turned for its reader, and the ruling lines that are drawn on it."""

import ctypes
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from types import ModuleType

# A page with more paths than this holds a chart or a map, and no table that could be found.
MAX_PATHS = 6_000
# A path with more segments than this is a picture.
MAX_SEGMENTS = 2_000
# Anything drawn thinner than this is a rule, whether it is stroked or filled.
MAX_RULE_WIDTH = 3.0
MIN_RULE_LENGTH = 6.0
MAX_FORM_DEPTH = 4
# Fills lighter than this (of 255) cannot be told from paper.
_WHITE = 250


Box = tuple[float, float, float, float]

# Bullets that are drawn are about as large as these.
_MIN_DOT, _MAX_DOT = 1.2, 9.0


@dataclass(frozen=True, slots=True)
class Edge:
    """A ruling line: at `at`, from `low` to `high`; points from the page's top left corner.

    `is_drawn` is false for the border of a shaded area, which no line shows.
    """

    is_horizontal: bool
    at: float
    low: float
    high: float
    is_drawn: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """How a page's own coordinates become those that a reader sees."""

    left: float
    bottom: float
    right: float
    top: float
    quarter_turns: int

    @property
    def size(self) -> tuple[float, float]:
        """The page's width and height as a reader holds it."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.quarter_turns % 2 else (width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the page stands for a reader."""
        match self.quarter_turns:
            case 1:
                return y - self.bottom, x - self.left
            case 2:
                return self.right - x, y - self.bottom
            case 3:
                return self.top - y, self.right - x
            case _:
                return x - self.left, self.top - y

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """Return the box around a rectangle of the page."""
        ax, ay = self.point(x0, y0)
        bx, by = self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def direction(self, dx: float, dy: float) -> tuple[float, float]:
        """Return where a vector points to a reader; the second number is positive downwards."""
        ax, ay = self.point(0.0, 0.0)
        bx, by = self.point(dx, dy)
        return bx - ax, by - ay


def find_view(pdfium: ModuleType, page: object) -> View:
    """Return how a page is cut and turned."""
    box = pdfium.FS_RECTF()
    turns = int(pdfium.FPDFPage_GetRotation(page)) % 4
    if pdfium.FPDF_GetPageBoundingBox(page, box) and box.right > box.left and box.top > box.bottom:
        return View(box.left, box.bottom, box.right, box.top, turns)
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    if turns % 2:
        width, height = height, width
    return View(0.0, 0.0, width, height, turns)


@dataclass(slots=True)
class Drawing:
    """The straight lines along a page's axes, and small marks as large as a bullet's sign."""

    edges: list[Edge] = field(default_factory=list)
    dots: list[Box] = field(default_factory=list)


def read_drawing(pdfium: ModuleType, page: object, view: View) -> Drawing:
    """Return the lines and marks drawn on a page, none where there are too many for a text.

    Args:
        pdfium: the module pypdfium2.raw.
        page: the page's FPDF_PAGE handle.
        view: how the page is turned.
    """
    drawing = Drawing()
    for count, (path, matrix) in enumerate(_find_paths(pdfium, page)):
        if count >= MAX_PATHS:
            return Drawing()
        figures = _path_figures(pdfium, path, matrix, view)
        corners = [point for figure in figures for point in figure.points]
        if not corners:
            continue
        x0, top, x1, bottom = _bounds(corners)
        width, height = x1 - x0, bottom - top
        if _MIN_DOT <= width <= _MAX_DOT and width / 2 <= height <= width * 2:
            drawing.dots.append((x0, top, x1, bottom))
        else:
            for figure in figures:
                drawing.edges.extend(_figure_edges(figure))
    return drawing


def _bounds(points: list[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _find_paths(pdfium: ModuleType, page: object) -> Iterator[tuple[object, _Matrix]]:
    """Yield the page's paths, also those in forms, with the matrix of the form around them."""
    get, get_kind = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType
    path_kind, form_kind = pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM
    forms: list[tuple[object, _Matrix, int]] = []
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        item = get(page, index)
        kind = get_kind(item)
        if kind == path_kind:
            yield item, _IDENTITY
        elif kind == form_kind:
            forms.append((item, _IDENTITY, 1))
    while forms:
        form, outer, depth = forms.pop()
        matrix = _multiply(_object_matrix(pdfium, form), outer)
        for index in range(pdfium.FPDFFormObj_CountObjects(form)):
            item = pdfium.FPDFFormObj_GetObject(form, index)
            kind = get_kind(item)
            if kind == path_kind:
                yield item, matrix
            elif kind == form_kind and depth < MAX_FORM_DEPTH:
                forms.append((item, matrix, depth + 1))


def _object_matrix(pdfium: ModuleType, item: object) -> _Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, matrix):
        return _IDENTITY
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _multiply(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r, a * q + b * s,
        c * p + d * r, c * q + d * s,
        e * p + f * r + t, e * q + f * s + u,
    )  # fmt: skip


def _apply(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


@dataclass(frozen=True, slots=True)
class _Figure:
    """The corners of a figure, and whether a line is drawn along them."""

    points: list[tuple[float, float]]
    is_stroked: bool


def _path_figures(pdfium: ModuleType, path: object, matrix: _Matrix, view: View) -> list[_Figure]:
    count = pdfium.FPDFPath_CountSegments(path)
    if not 2 <= count <= MAX_SEGMENTS:  # noqa: PLR2004
        return []
    is_stroked, is_filled = _is_visible(pdfium, path)
    if not is_stroked and not is_filled:
        return []
    whole = _multiply(_object_matrix(pdfium, path), matrix)
    return [_Figure(points, is_stroked) for points in _polylines(pdfium, path, count, whole, view)]


def _figure_edges(figure: _Figure) -> Iterator[Edge]:
    x0, top, x1, bottom = _bounds(figure.points)
    if bottom - top <= MAX_RULE_WIDTH:
        if x1 - x0 >= MIN_RULE_LENGTH:
            yield Edge(True, (top + bottom) / 2, x0, x1)
    elif x1 - x0 <= MAX_RULE_WIDTH:
        if bottom - top >= MIN_RULE_LENGTH:
            yield Edge(False, (x0 + x1) / 2, top, bottom)
    else:
        is_drawn = figure.is_stroked
        yield from _outline(figure.points, is_closed=not is_drawn, is_drawn=is_drawn)


def _outline(
    points: list[tuple[float, float]], *, is_closed: bool, is_drawn: bool
) -> Iterator[Edge]:
    """Yield the sides of a figure that run along the page's axes."""
    pairs = list(pairwise(points))
    if is_closed and points[0] != points[-1]:
        pairs.append((points[-1], points[0]))
    for (ax, ay), (bx, by) in pairs:
        if abs(ay - by) <= 1 and abs(ax - bx) >= MIN_RULE_LENGTH:
            yield Edge(True, (ay + by) / 2, min(ax, bx), max(ax, bx), is_drawn)
        elif abs(ax - bx) <= 1 and abs(ay - by) >= MIN_RULE_LENGTH:
            yield Edge(False, (ax + bx) / 2, min(ay, by), max(ay, by), is_drawn)


def _is_visible(pdfium: ModuleType, path: object) -> tuple[bool, bool]:
    """Return whether the path is stroked, and whether it is filled with more than white."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(path, fill, stroke):
        return False, False
    is_filled = bool(fill.value) and _is_dark(pdfium.FPDFPageObj_GetFillColor, path)
    is_stroked = bool(stroke.value) and _is_dark(pdfium.FPDFPageObj_GetStrokeColor, path)
    return is_stroked, is_filled


def _is_dark(get_colour: Callable[..., int], path: object) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not get_colour(path, red, green, blue, alpha):
        return True
    return alpha.value > 0 and min(red.value, green.value, blue.value) < _WHITE


def _polylines(
    pdfium: ModuleType, path: object, count: int, matrix: _Matrix, view: View
) -> Iterator[list[tuple[float, float]]]:
    """Yield the corners of each figure of the path; a curve is taken as a line to its end."""
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float]] = []
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        if not pdfium.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        point = view.point(*_apply(matrix, x.value, y.value))
        if not all(math.isfinite(value) for value in point):
            continue
        if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points
            points = [point]
        else:
            points.append(point)
            if pdfium.FPDFPathSegment_GetClose(segment) and points[0] != point:
                points.append(points[0])
    if len(points) > 1:
        yield points
