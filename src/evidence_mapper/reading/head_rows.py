"""Which rows of a table name its columns, on paper and off it."""

from evidence_mapper.reading.cleaning import ends_sentence

_MAX_HEAD_CHARS = 60
# Without a mark, head cells are shorter than the others by this factor.
_SHORTER = 0.6


def is_head_row(cells: list[str], others: list[list[str]], *, is_marked: bool) -> bool:
    """Return whether the first row of a table names its columns.

    Args:
        cells: the texts of the first row's cells.
        others: those of all other rows.
        is_marked: the row is bold, or marked as head in the file, and the others are not.
    """
    named = [cell for cell in cells if cell]
    if len(named) < 2 or not others:  # noqa: PLR2004
        return False
    if any(len(cell) > _MAX_HEAD_CHARS or ends_sentence(cell) for cell in named):
        return False
    if is_marked:
        return True
    if not all(any(char.isalpha() for char in cell) for cell in named):
        return False
    rest = [cell for row in others for cell in row if cell]
    usual = sum(map(len, rest)) / max(len(rest), 1)
    return sum(map(len, named)) / len(named) < usual * _SHORTER
