"""Compare the whole command with the obvious script, each in a fresh process, in one run.

    python benchmarks/analyse.py [FILE ...] [--repeat N]

Without a file: the sample of most pages. The obvious script reads with pdfplumber's `extract_text`,
encodes every paragraph with SentenceTransformer as it comes, and takes the nearest descriptor.
Memory is the peak of the process and its children together.
"""

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pypdfium2

from evidence_mapper.data_files import find_data_folder

POLL_S = 0.1
MODELS = ("accurate", "fast")
QUIETLY = ("--quiet", "--json")
OBVIOUS = Path(__file__).with_name("obvious_script.py")


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took: wall clock seconds and peak megabytes with its children."""

    seconds: float
    megabytes: float


def main() -> None:
    """Print a table of both ways with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    files = arguments.files or [find_longest_sample()]
    print("\n".join(compare(files, arguments.repeat)))


def find_longest_sample() -> Path:
    """Return the sample PDF with most pages."""
    samples = (find_data_folder("corpus_samples") / "documents").glob("*.pdf")
    return max(samples, key=count_pages)


def count_pages(path: Path) -> int:
    """Return the number of pages of a PDF."""
    document = pypdfium2.PdfDocument(path)
    pages = len(document)
    document.close()
    return pages


def compare(files: list[Path], repeat: int) -> list[str]:
    """Return the rows of a Markdown table: the quickest of `repeat` runs of each way."""
    rows = [
        "| file | pages | way | seconds | pages/s | peak MB | times as fast |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for file in files:
        pages = count_pages(file)
        ways = {
            f"`analyse --model {model}`": measure(
                [*tool("analyse"), str(file), *QUIETLY, "--no-cache", "--model", model], repeat
            )
            for model in MODELS
        }
        again = [*tool("analyse"), str(file), *QUIETLY]
        measure(again, 1)
        ways["`analyse` again, from the cache"] = measure(again, repeat)
        obvious = measure([sys.executable, str(OBVIOUS), str(file)], repeat)
        name = file.name if len(file.name) < 40 else file.name[:37] + "..."
        for way, run in {**ways, "obvious script": obvious}.items():
            rows.append(
                f"| {name} | {pages} | {way} | {run.seconds:.1f} | {pages / run.seconds:.1f} | "
                f"{run.megabytes:.0f} | {obvious.seconds / run.seconds:.2f} |"
            )
    return rows


def tool(*arguments: str) -> list[str]:
    """Return the command line of evidence-mapper in this environment."""
    return [sys.executable, "-c", "from evidence_mapper.cli import main; main()", *arguments]


def measure(command: list[str], repeat: int) -> Run:
    """Return the quickest of several runs of a command.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    return min((_run_once(command) for _ in range(repeat)), key=lambda run: run.seconds)


def _run_once(command: list[str]) -> Run:
    start = time.perf_counter()
    process = psutil.Popen(command, stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _sum_memory(process))
        time.sleep(POLL_S)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(seconds, peak / 1e6)


def _sum_memory(process: psutil.Popen) -> int:
    total = 0
    try:
        for member in (process, *process.children(recursive=True)):
            total += member.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


if __name__ == "__main__":
    main()
