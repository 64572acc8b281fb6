"""Builds the sample documents and their true text: python corpus_samples/build.py [slug ...]."""

import argparse
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER))

from builder.errors import BuildError  # noqa: E402 - the folder must be on the path first
from builder.samples import build_sample  # noqa: E402


def main() -> int:
    """Build the named samples, or all, and return 1 when one could not be built."""
    parser = argparse.ArgumentParser(description="Build the sample documents from their sources.")
    parser.add_argument("slugs", nargs="*", metavar="slug", help="build these alone")
    slugs = parser.parse_args().slugs or sorted(path.stem for path in FOLDER.glob("sources/*.md"))
    failed = 0
    for slug in slugs:
        try:
            print(build_sample(FOLDER, slug), flush=True)
        except BuildError as error:
            print(f"{slug}: {error}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
