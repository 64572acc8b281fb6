"""Reads an authored source: Markdown of a few constructs, under a TOML head."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from builder.errors import BuildError

FENCE = "+++"
HEADING = re.compile(r"(#{1,3}) (\S.*)")
BULLET = re.compile(r"[-*] (\S.*)")
TABLE_RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+")
MIN_TABLE_LINES = 3
CELL_BORDER = re.compile(r"(?<!\\)\|")
MARKUP = re.compile(r"\*\*|__|\]\(|<[a-z/]|`")


@dataclass(frozen=True, slots=True)
class Head:
    """What a source says of itself; it fills the title page and the running head."""

    school: str
    phase: str
    language: Literal["en", "cy"]
    kind: Literal["ser", "inspection"]
    title: str
    subtitle: str
    date: str
    running_head: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullet:
    """An item of a list."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; all rows have as many cells as the head row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block: TypeAlias = Heading | Paragraph | Bullet | Table


@dataclass(frozen=True, slots=True)
class Source:
    """One authored document: its slug, its head and its blocks in order."""

    slug: str
    head: Head
    blocks: tuple[Block, ...]


def read_source(path: Path) -> Source:
    """Return the source in a file.

    Raises:
        BuildError: the file breaks the format; names the line.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0] != FENCE or FENCE not in lines[1:]:
        raise BuildError(f"{path.name}: no head; begin with a line {FENCE!r} and end it likewise.")
    end = lines.index(FENCE, 1)
    head = _read_head(path.name, "\n".join(lines[1:end]))
    return Source(path.stem, head, _read_blocks(path.name, lines, end + 1))


def _read_head(name: str, text: str) -> Head:
    """Return the head; unknown and missing keys are refused."""
    try:
        return Head(**tomllib.loads(text))
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise BuildError(f"{name}: the head is wrong: {error}") from error


def _read_blocks(name: str, lines: list[str], first: int) -> tuple[Block, ...]:
    """Return the blocks of the lines from `first` on."""
    blocks: list[Block] = []
    index = first
    while index < len(lines):
        line = lines[index].strip()
        if MARKUP.search(line):
            raise BuildError(f"{name}:{index + 1}: inline markup; write plain text.")
        if line.startswith("|"):
            end = index
            while end < len(lines) and lines[end].strip().startswith("|"):
                end += 1
            blocks.append(_read_table(f"{name}:{index + 1}", lines[index:end]))
            index = end
            continue
        if line:
            blocks.append(_read_line(f"{name}:{index + 1}", line, lines[index - 1].strip()))
        index += 1
    return tuple(blocks)


def _read_line(place: str, line: str, line_above: str) -> Block:
    """Return the heading, bullet or paragraph on a line."""
    if match := HEADING.fullmatch(line):
        return Heading(len(match[1]), match[2])
    if match := BULLET.fullmatch(line):
        return Bullet(match[1])
    if line_above and line_above != FENCE and not HEADING.fullmatch(line_above):
        raise BuildError(f"{place}: a hard wrap; put a paragraph on one line, a blank line before.")
    return Paragraph(line)


def _read_table(place: str, lines: list[str]) -> Table:
    """Return the table in some pipe lines."""
    if len(lines) < MIN_TABLE_LINES or not TABLE_RULE.fullmatch(lines[1].strip()):
        raise BuildError(f"{place}: a table needs a head row, a rule of dashes and a row.")
    head, *rows = (_read_cells(line) for line in [lines[0], *lines[2:]])
    for number, row in enumerate(rows, 1):
        if len(row) != len(head):
            raise BuildError(
                f"{place}: row {number} has {len(row)} cells, the head {len(head)}; "
                "make them equal."
            )
    return Table(head, tuple(rows))


def _read_cells(line: str) -> tuple[str, ...]:
    """Return the cells of a pipe line."""
    cells = CELL_BORDER.split(line.strip().removeprefix("|").removesuffix("|"))
    return tuple(cell.strip().replace("\\|", "|") for cell in cells)
