"""The quotes of a profile as a table for a spreadsheet."""

import csv
import io

from evidence_mapper.framework import Framework
from evidence_mapper.records import Profile

COLUMNS = (
    *("area", "area_name", "suggested_stage", "outcome", "role", "quote_stage", "text"),
    *("document", "page", "page_label", "heading", "stage_probability", "weight", "claim"),
    "proportions",
)
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def quotes_to_csv(profile: Profile, framework: Framework) -> str:
    """Return one row a quote, in the order of the framework, with a head row.

    Cells that a spreadsheet would run as a formula begin with an apostrophe; all other text is
    verbatim.
    """
    names = {area.key: area.name for area in framework.areas}
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for position in profile.positions:
        for quote in position.quotes:
            row = (
                *(position.area, names[position.area], position.stage, position.outcome.value),
                *(quote.role.value, quote.stage, quote.text, quote.document, quote.page),
                *(quote.page_label, quote.heading),
                *(f"{quote.stage_probability:.4f}", f"{quote.weight:.4f}", quote.claim),
                "; ".join(f"{found.word} ({found.definition})" for found in quote.proportions),
            )
            writer.writerow([make_cell_safe(cell) for cell in row])
    return file.getvalue()


def make_cell_safe(value: object) -> str:
    """Return the cell's text, with an apostrophe before what would be taken for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
