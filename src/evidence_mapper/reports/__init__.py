"""What people and programs get to see of a profile: HTML, JSON, CSV and the terminal."""

from evidence_mapper.reports.files import FORMATS, ReportFormat, write_reports
from evidence_mapper.reports.profile_json import dump_json, profile_to_json

__all__ = [
    "FORMATS",
    "ReportFormat",
    "dump_json",
    "profile_to_json",
    "write_reports",
]
