"""Read documents: PDF, DOCX, HTML, plain text and Markdown, each in a child process of its own."""

from evidence_mapper.reading.limits import DEFAULT_LIMITS, ReadingLimits
from evidence_mapper.reading.process import ReadingJob, read_document, start_reading

__all__ = ["DEFAULT_LIMITS", "ReadingJob", "ReadingLimits", "read_document", "start_reading"]
