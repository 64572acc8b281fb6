"""The bounds that a document must keep to, so that no file can hold a computer up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What the reading of one file may cost.

    Attributes:
        timeout_s: wall-clock time of the child. 1,000 full pages take 10 to 25 s here; more
            than twice that is a file that hangs its parser.
        memory_bytes: address space of the child. 1,000 full pages need 0.5 GiB of it;
            three times that leaves room for pictures.
        max_file_bytes: a long report full of photographs has 20 to 40 MB.
        max_pages: the longest report known has fewer than 200 pages; a whole year's papers of a
            governing body fit.
    """

    timeout_s: float = 60.0
    memory_bytes: int = 1536 * 1024**2
    max_file_bytes: int = 100_000_000
    max_pages: int = 1000

    def __post_init__(self) -> None:
        """Refuse limits that would let nothing through."""
        if min(self.timeout_s, self.memory_bytes, self.max_file_bytes, self.max_pages) <= 0:
            message = f"every limit must be above 0, not {self}"
            raise ValueError(message)


DEFAULT_LIMITS = ReadingLimits()
