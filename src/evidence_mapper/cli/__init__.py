"""The command line: each command parses, makes one call and prints."""

import sys

from evidence_mapper.cli import analyse, framework, passages, training
from evidence_mapper.cli.app import app
from evidence_mapper.errors import EvidenceMapperError

__all__ = ["analyse", "app", "framework", "main", "passages", "training"]


def main() -> None:
    """Run the command line; what a person can put right is one line on stderr and exit 1."""
    try:
        app()
    except EvidenceMapperError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
