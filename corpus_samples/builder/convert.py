"""Runs the programs that samples are made with, each in a folder of its own."""

import re
import subprocess
import tempfile
from pathlib import Path

from builder.errors import BuildError

TIMEOUT_S = 180
# Every output bears this moment, so that a rebuild changes nothing.
MADE_ON = (2025, 11, 3, 9, 0, 0)
PDF_DATE = b"20251103090000"

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
)


def convert_docx(docx: bytes) -> bytes:
    """Return the PDF that LibreOffice makes of a DOCX."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.docx")
        path.write_bytes(docx)
        profile = Path(folder, "profile").as_uri()
        run_program(
            "soffice",
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            folder,
            str(path),
        )
        return fix_dates(_read_output(path.with_suffix(".pdf")))


def convert_html(html: str) -> bytes:
    """Return the PDF that Chromium prints of an HTML page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.html")
        path.write_text(html, encoding="utf-8")
        output = path.with_suffix(".pdf")
        run_program(
            "chromium",
            *CHROMIUM_FLAGS,
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={output}",
            path.as_uri(),
        )
        return fix_dates(_read_output(output))


def read_pages(pdf: bytes) -> list[str]:
    """Return the text of each page in the order in which it was drawn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.pdf")
        path.write_bytes(pdf)
        output = path.with_suffix(".txt")
        run_program("pdftotext", "-raw", "-enc", "UTF-8", str(path), str(output))
        return output.read_text(encoding="utf-8").split("\f")[:-1]


def fix_dates(pdf: bytes) -> bytes:
    """Return the PDF with fixed dates and without the identifiers that hang on the time.

    Every replacement has the length of what it replaces, so that no offset of the file moves.
    """
    pdf = re.sub(rb"(Date ?\(D:)\d{14}", rb"\g<1>" + PDF_DATE, pdf)
    pdf = re.sub(rb"(/DocChecksum ?/)([0-9A-F]{32})", rb"\g<1>" + b"0" * 32, pdf)
    return re.sub(
        rb"/ID ?\[\s*<[0-9A-Fa-f]{32}>\s*<[0-9A-Fa-f]{32}>\s*\]",
        lambda match: re.sub(rb"[0-9A-Fa-f]{32}", b"0" * 32, match[0]),
        pdf,
    )


def run_program(*command: str) -> None:
    """Run a program; what it says is shown only when it fails.

    Raises:
        BuildError: it is not installed, or it failed.
    """
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
    except FileNotFoundError as error:
        raise BuildError(f"{command[0]} is not installed; see the README for packages.") from error
    except subprocess.SubprocessError as error:
        output = getattr(error, "stderr", None) or b""
        raise BuildError(
            f"{command[0]} failed: {error}\n{output.decode(errors='replace')}"
        ) from error


def _read_output(path: Path) -> bytes:
    """Return what a program wrote."""
    if not path.exists():
        raise BuildError(f"{path.name}: the program ended without writing it; run it by hand.")
    return path.read_bytes()
