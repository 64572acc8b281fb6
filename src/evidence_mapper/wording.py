"""Words that more than one report uses."""

from evidence_mapper.records import DocumentKind

KIND_NAMES = {
    DocumentKind.SER: "self-evaluation report",
    DocumentKind.INSPECTION: "inspection report",
    DocumentKind.PLAN: "improvement plan",
    DocumentKind.MINUTES: "minutes of governors",
    DocumentKind.OTHER: "other document",
}


def count_things(number: int, noun: str) -> str:
    """Return "1 page", "2 pages", "3 pages or sections"."""
    plural = " ".join(word if word == "or" else f"{word}s" for word in noun.split())
    return f"{number} {noun if number == 1 else plural}"
