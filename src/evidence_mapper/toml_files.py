"""TOML files that people write: reading them, and saying everything that is wrong with them."""

import re
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from evidence_mapper.errors import FrameworkError

EntryT = TypeVar("EntryT", bound=BaseModel)

# 50 areas of 9 stages with three descriptors of 300 characters each come to 400 kB.
MAX_FILE_BYTES = 1_000_000

# More would scroll away; they are counted instead.
MAX_PROBLEMS = 200

# A value is quoted in a problem so that it can be found, not so that it can be read.
MAX_SHOWN_CHARS = 60

# Python's TOML parser needs time and memory in the square of a dotted key's length: 40 kB of
# "a.a.a. ..." took it 5 seconds, 1 MB more memory than a machine has. No key here has a dot.
_LONG_DOTTED_KEY = re.compile(
    r"""(?<![\w-])(?:(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){20}"""
)

_SENTENCES = {
    "missing": "is missing",
    "string_type": "{value} is not a text in quotes",
    "int_type": "{value} is not a whole number",
    "float_type": "{value} is not a number",
    "bool_type": "{value} is not true or false",
    "tuple_type": "{value} is not a list in square brackets",
    "model_type": "{value} is not a table",
    "string_too_long": "has more than {max_length} characters",
    "too_short": "has {actual_length} of the at least {min_length} that are needed",
    "too_long": "has more than {max_length}, which is the most",
    "greater_than_equal": "{value} is below {ge}",
    "less_than_equal": "{value} is above {le}",
    "finite_number": "{value} is not a finite number",
}


def read_toml(path: Path) -> dict[str, Any]:
    """Return what the TOML file at `path` holds.

    Raises:
        FrameworkError: there is no such file, or it cannot be read, is too large, is not UTF-8 or
            not TOML; the one problem says where.
    """
    try:
        return tomllib.loads(_read_text(path))
    except RecursionError:
        problem = "lists or tables are nested too deeply"
    except ValueError as error:
        # TOMLDecodeError is a ValueError; a number of 5,000 digits raises the plain one.
        problem = f"is not TOML: {error}"
    raise FrameworkError(show_path(path), (problem,))


def _read_text(path: Path) -> str:
    try:
        if path.is_dir():
            raise FrameworkError(show_path(path), ("is a folder; name the file in it",))
        if not path.exists():
            raise FrameworkError(show_path(path), ("there is no such file",))
        if not path.is_file():
            raise FrameworkError(show_path(path), ("is not a file",))
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise FrameworkError(show_path(path), (reason,)) from error
    if len(content) > MAX_FILE_BYTES:
        raise FrameworkError(show_path(path), (f"has more than {MAX_FILE_BYTES:,} bytes",))
    try:
        # Windows editors put a byte order mark before UTF-8.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = f"is not UTF-8 (line {line}); save it as UTF-8"
        raise FrameworkError(show_path(path), (problem,)) from error
    if match := _LONG_DOTTED_KEY.search(text):
        line = text.count("\n", 0, match.start()) + 1
        problem = f"is not TOML that is read here: 20 or more keys are joined by dots (line {line})"
        raise FrameworkError(show_path(path), (problem,))
    return text


def load_entry(
    path: Path,
    entry: type[EntryT],
    *,
    tables: Mapping[tuple[str, ...], type[BaseModel]],
    check: Callable[[dict[str, Any]], list[str]],
) -> EntryT:
    """Return the TOML file at `path` as an `entry`.

    Args:
        path: the file.
        entry: the model of the whole file.
        tables: the model of each table by its path without indexes, `()` for the whole file.
        check: finds the problems between the parts of the file's content.

    Raises:
        FrameworkError: the file cannot be read or breaks a rule; holds every problem.
    """
    content = read_toml(path)
    problems = check(content)
    try:
        loaded = entry.model_validate(content)
    except ValidationError as error:
        problems = _list_problems(error, tables) + problems
    if problems:
        raise FrameworkError(show_path(path), _cap_problems(problems))
    return loaded


def _list_problems(
    error: ValidationError, tables: Mapping[tuple[str, ...], type[BaseModel]]
) -> list[str]:
    problems = []
    for detail in error.errors(include_url=False):
        location = detail["loc"]
        values = {**detail.get("ctx", {}), "value": show_value(detail["input"])}
        if detail["type"] == "extra_forbidden":
            parents = tuple(part for part in location[:-1] if isinstance(part, str))
            sentence = _name_nearest_key(str(location[-1]), tables[parents])
        elif detail["type"] in _SENTENCES:
            sentence = _SENTENCES[detail["type"]].format_map(values)
        else:
            sentence = detail["msg"]
        problems.append(f"{format_location(location)}: {sentence}")
    return problems


def _cap_problems(problems: list[str]) -> tuple[str, ...]:
    if len(problems) <= MAX_PROBLEMS:
        return tuple(problems)
    return (*problems[:MAX_PROBLEMS], f"... and {len(problems) - MAX_PROBLEMS:,} more")


def format_location(location: tuple[str | int, ...]) -> str:
    """Return a path in a file as `areas[3].key`; indexes count from 0."""
    formatted = ""
    for part in location:
        if isinstance(part, int):
            formatted += f"[{part}]"
        else:
            name = part if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", part) else show_value(part)
            formatted += f".{name}" if formatted else name
    return formatted


def show_value(value: object) -> str:
    """Return a value on one line, shortened, with nothing in it that could move a cursor."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > MAX_SHOWN_CHARS * 3:
        return "a number that long"
    shown = repr(value) if isinstance(value, str | int | float) else f"'{value}'"
    return (
        shown if len(shown) <= MAX_SHOWN_CHARS else f"{shown[: MAX_SHOWN_CHARS - 4]}...{shown[-1]}"
    )


def show_path(path: Path) -> str:
    """Return the path as the person named it, escaped where it holds control characters."""
    name = str(path)
    return name if name.isprintable() else ascii(name)


def _name_nearest_key(key: str, table: type[BaseModel]) -> str:
    nearest = get_close_matches(key, table.model_fields, n=1)
    if nearest:
        return f"is not a known key; did you mean {nearest[0]}?"
    return f"is not a known key; known are {', '.join(table.model_fields)}"
