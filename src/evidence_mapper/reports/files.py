"""Write the files of a report into a folder."""

import os
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path

from evidence_mapper.errors import OutputError
from evidence_mapper.framework import Framework
from evidence_mapper.records import Profile
from evidence_mapper.reports.html import profile_to_html
from evidence_mapper.reports.profile_json import profile_to_json
from evidence_mapper.reports.quotes_csv import quotes_to_csv


class ReportFormat(StrEnum):
    """A kind of file that a profile can be written as."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"


FORMATS = tuple(ReportFormat)
FILE_NAMES = {
    ReportFormat.HTML: "profile.html",
    ReportFormat.JSON: "profile.json",
    ReportFormat.CSV: "quotes.csv",
}


def write_reports(
    profile: Profile, framework: Framework, folder: Path, formats: Iterable[ReportFormat] = FORMATS
) -> tuple[Path, ...]:
    """Write the profile into the folder, which is made if need be; return the files' paths.

    A file that is already there is replaced only when the new one is whole.

    Raises:
        OutputError: the folder or a file cannot be written.
    """
    # Excel takes a CSV file without a byte order mark for the local code page.
    makers: dict[ReportFormat, Callable[[], str]] = {
        ReportFormat.HTML: lambda: profile_to_html(profile, framework),
        ReportFormat.JSON: lambda: profile_to_json(profile),
        ReportFormat.CSV: lambda: "\ufeff" + quotes_to_csv(profile, framework),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_write_whole(folder / FILE_NAMES[kind], makers[kind]()) for kind in formats)
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise OutputError(f"{folder}: {reason}; name another folder with --out.") from error


def _write_whole(path: Path, text: str) -> Path:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
