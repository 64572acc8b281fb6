"""Framework files for tests: the smallest, an invented one, and copies with changes."""

from pathlib import Path

import pytest

from evidence_mapper.data_files import find_data_folder
from evidence_mapper.errors import FrameworkError
from evidence_mapper.framework import load_framework

LIBRARY = Path(__file__).parent / "frameworks" / "library.toml"
ESTYN = find_data_folder("framework") / "estyn.toml"
PROPORTIONS = find_data_folder("framework") / "proportions.toml"


def write_framework(
    folder: Path, *changes: tuple[str, str], source: Path = LIBRARY, name: str = "mine.toml"
) -> Path:
    """Return a copy of a framework file with each first string, found once, replaced."""
    text = source.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def make_framework_text(area_count: int, stage_count: int) -> str:
    """Return the smallest framework of so many areas and stages."""
    stages = "".join(
        f'[[stages]]\nnumber = {s}\nkey = "s{s}"\nname = "Stage {s}"\n'
        for s in range(1, stage_count + 1)
    )
    areas = "".join(
        f'[[areas]]\nkey = "a{a}"\nname = "Area {a}"\ndescriptors = ['
        + ", ".join(f'{{stage = {s}, text = "{a} at {s}"}}' for s in range(1, stage_count + 1))
        + "]\n"
        for a in range(area_count)
    )
    return f'title = "T"\n{stages}{areas}'


def list_problems(path: Path) -> tuple[str, ...]:
    with pytest.raises(FrameworkError) as caught:
        load_framework(path)
    assert str(caught.value).startswith(str(path))
    return caught.value.problems
