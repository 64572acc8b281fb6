"""Read plain text and Markdown: headings, bullets, pipe tables and paragraphs."""

import codecs
import re
from collections.abc import Iterator

from evidence_mapper.reading.answers import Content
from evidence_mapper.reading.cleaning import is_bullet_sign, is_marker, is_weak_sign
from evidence_mapper.reading.head_rows import is_head_row
from evidence_mapper.reading.sections import (
    TextBlock,
    make_text_block,
    table_blocks,
    write_sections,
)
from evidence_mapper.records import BlockKind

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HASHES = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_UNDERLINE = re.compile(r"(=+|-+)\s*$")
_MIN_UNDERLINE = 3
_TABLE_LINE = re.compile(r"\s*\|.*\|\s*$")
_TABLE_RULE = re.compile(r"[\s|:-]+$")
_RULE = re.compile(r"\s*(?:[-*_=]\s*){3,}$")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


def read_text(data: bytes) -> Content:
    """Return the text of a plain text or Markdown file, a page for each top-level heading.

    Raises:
        EmptyDocument: there is no word in it.
    """
    lines = decode_text(data).replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    return write_sections(list(_read_blocks(lines.split("\n"))))


def decode_text(data: bytes, declared: str | None = None) -> str:
    """Return the text by its byte order mark, as UTF-8, as it declares itself, else as cp1252."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if declared:
        try:
            return data.decode(declared, "replace")
        except LookupError:
            pass
    # Windows-1252 leaves five bytes undefined.
    return data.decode("cp1252", "replace")


def _read_blocks(lines: list[str]) -> Iterator[TextBlock]:
    """Yield the blocks of the lines; the wrapped lines of one block are joined."""
    gathered: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        heading = _HASHES.match(line)
        if heading or _is_break(line):
            yield from _flush(gathered)
            if heading:
                yield _block(BlockKind.HEADING, heading[2], len(heading[1]))
        elif _is_underline(line, gathered):
            level = 1 if line.startswith("=") else 2
            yield _block(BlockKind.HEADING, gathered.pop(), level)
        elif _TABLE_LINE.match(line):
            yield from _flush(gathered)
            end = index
            while end < len(lines) and _TABLE_LINE.match(lines[end]):
                end += 1
            yield from _read_table(lines[index:end])
            index = end
            continue
        else:
            if gathered and _starts_item(line, gathered):
                yield from _flush(gathered)
            gathered.append(line)
        index += 1
    yield from _flush(gathered)


def _is_break(line: str) -> bool:
    return not line.strip() or bool(_FENCE.match(line))


def _is_underline(line: str, gathered: list[str]) -> bool:
    """Return whether the line underlines a heading of one line; a rule alone says nothing."""
    match = _UNDERLINE.match(line)
    return (
        bool(match) and len(match[1]) >= _MIN_UNDERLINE and len(gathered) == 1 if match else False
    )


def _starts_item(line: str, gathered: list[str]) -> bool:
    """Return whether the line begins a bullet, and is no wrapped line that starts like one."""
    first, _, rest = line.strip().partition(" ")
    if not rest or not is_marker(first):
        return bool(_RULE.match(line))
    if is_bullet_sign(first) and not is_weak_sign(first):
        return True
    last = gathered[-1].rstrip()
    before = gathered[0].strip().partition(" ")[0]
    return last.endswith((".", ":", ";", "!", "?", ",")) or is_marker(before)


def _flush(gathered: list[str]) -> Iterator[TextBlock]:
    text = " ".join(line for line in gathered if not _RULE.match(line))
    gathered.clear()
    if text.strip():
        yield _block(BlockKind.PARAGRAPH, text)


def _block(kind: BlockKind, text: str, level: int = 0) -> TextBlock:
    return make_text_block(kind, _EMPHASIS.sub(r"\2", text), level=level)


def _read_table(lines: list[str]) -> list[TextBlock]:
    is_ruled = len(lines) > 1 and bool(_TABLE_RULE.match(lines[1])) and "-" in lines[1]
    rows = [
        [[_block(BlockKind.PARAGRAPH, cell)] for cell in _split_row(line)]
        for number, line in enumerate(lines)
        if not (number == 1 and is_ruled)
    ]
    texts = [[cell[0].text for cell in row] for row in rows]
    has_head = is_ruled or is_head_row(texts[0], texts[1:], is_marked=False)
    return table_blocks(rows, texts[0] if has_head and len(rows) > 1 else None)


def _split_row(line: str) -> list[str]:
    bare = line.strip().strip("|")
    return [cell.replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", bare)]
