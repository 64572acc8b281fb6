"""Find the evidence in school documents and place it in Estyn's school improvement framework."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evidence_mapper.errors import EvidenceMapperError
    from evidence_mapper.framework import Framework, load_framework
    from evidence_mapper.passages import split_document
    from evidence_mapper.pipeline import Assessment, Mapper
    from evidence_mapper.positions import PositionSettings
    from evidence_mapper.reading import ReadingLimits, read_document
    from evidence_mapper.records import Document, DocumentKind, Passage, Position, Profile, Quote

__version__ = "0.1.0"

__all__ = [
    "Assessment",
    "Document",
    "DocumentKind",
    "EvidenceMapperError",
    "Framework",
    "Mapper",
    "Passage",
    "Position",
    "PositionSettings",
    "Profile",
    "Quote",
    "ReadingLimits",
    "__version__",
    "load_framework",
    "read_document",
    "split_document",
]

# Public names are looked for in these modules when they are first asked for, so that
# `evidence-mapper --help` loads none of them.
_HOMES = ("errors", "records", "framework", "passages", "positions", "reading", "pipeline")


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    homes = (import_module(f"{__name__}.{home}") for home in _HOMES)
    return next(vars(home)[name] for home in homes if name in vars(home))
