"""Where the files that come with the program lie, and whether others can be written."""

import os
from pathlib import Path
from typing import Literal

from evidence_mapper.errors import EvidenceMapperError, OutputError

# The model that answers where none is named.
DEFAULT_MODEL = "accurate"

DataFolder = Literal["framework", "models", "corpus_samples"]


def find_data_folder(name: DataFolder) -> Path:
    """Return the folder `name` of the files that come with the program.

    An installed package carries it as `data/<name>`; a checkout has it at its root, two folders
    above the package.

    Raises:
        EvidenceMapperError: the folder is in neither place.
    """
    package = Path(__file__).resolve().parent
    packed = package / "data" / name
    if packed.is_dir():
        return packed
    # Without pyproject.toml beside it, a folder of that name is somebody else's.
    root = package.parents[1]
    if (root / "pyproject.toml").is_file() and (root / name).is_dir():
        return root / name
    raise EvidenceMapperError(
        f"{packed}: this folder of the program is missing. Install the program again."
    )


def check_folder(folder: Path) -> None:
    """Check, before any work is done, that a folder can be made or written into.

    Raises:
        OutputError: it cannot.
    """
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise OutputError(f"{folder}: {nearest.name} is a file; name another folder with --out.")
    if not os.access(nearest, os.W_OK):
        raise OutputError(f"{folder}: may not be written; name another folder with --out.")
