"""Keep mappings between runs, by the digests of text and model: the same text is mapped once."""

import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingType
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from evidence_mapper.encoders import find_cache
from evidence_mapper.records import DescriptorMatch, Mapping

logger = logging.getLogger(__name__)
T = TypeVar("T")

FILE_NAME = "mappings.sqlite3"
# About 150 MB; the passages of 1,500 reports.
MAX_MAPPINGS = 200_000
# What a run waits for another one. A switch to WAL would not wait: of two runs that begin at
# once, it fails for one.
BUSY_TIMEOUT_S = 2.0
# SQLite takes so many values in one statement on every edition.
ASKED_AT_ONCE = 500

SCHEMA = """
CREATE TABLE IF NOT EXISTS mappings (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    text TEXT NOT NULL,
    mapping TEXT NOT NULL,
    UNIQUE (model, text)
)
"""


def find_mapping_cache() -> Path:
    """Return the file of the user's cache; it need not exist."""
    return find_cache() / FILE_NAME


class MappingCache:
    """Mappings in an SQLite file of the user alone; it holds digests of texts, and no text.

    It only saves time: where the file cannot be used, nothing is found in it and nothing kept, and
    a warning says so once.
    """

    def __init__(self, path: Path, *, max_mappings: int = MAX_MAPPINGS) -> None:
        self.path = path
        self.max_mappings = max_mappings
        self._is_usable = True

    def find(self, model: str, texts: Sequence[str]) -> dict[str, Mapping]:
        """Return the mappings that a model of that digest gave before, by text."""
        by_digest = {_digest(text): text for text in texts}
        digests = list(by_digest)

        def ask(connection: sqlite3.Connection) -> dict[str, Mapping]:
            found: dict[str, Mapping] = {}
            for start in range(0, len(digests), ASKED_AT_ONCE):
                asked = digests[start : start + ASKED_AT_ONCE]
                marks = ",".join("?" * len(asked))
                rows = connection.execute(
                    f"SELECT text, mapping FROM mappings WHERE model = ? AND text IN ({marks})",  # noqa: S608
                    (model, *asked),
                )
                found.update((by_digest[digest], _unpack(content)) for digest, content in rows)
            return found

        return self._run(ask) or {}

    def keep(self, model: str, mappings: MappingType[str, Mapping]) -> None:
        """Keep mappings by text; the oldest go where there are too many."""

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT OR REPLACE INTO mappings (model, text, mapping) VALUES (?, ?, ?)",
                ((model, _digest(text), _pack(mapping)) for text, mapping in mappings.items()),
            )
            connection.execute(
                "DELETE FROM mappings WHERE id <= (SELECT max(id) FROM mappings) - ?",
                (self.max_mappings,),
            )

        self._run(write)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Return what the work gives, its changes kept; `None` where the file cannot be used."""
        if not self._is_usable:
            return None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Whoever has the file can test whether a text that he guesses was mapped.
            self.path.touch(mode=0o600)
            with closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S)) as connection:
                connection.execute(SCHEMA)
                with connection:
                    return work(connection)
        # The last three come from a row whose content is damaged.
        except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
            self._is_usable = False
            logger.warning(
                "%s: mappings are not kept between runs (%s); delete the file to begin anew",
                self.path,
                error,
            )
            return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _pack(mapping: Mapping) -> str:
    return json.dumps(asdict(mapping), separators=(",", ":"))


def _unpack(content: str) -> Mapping:
    fields = json.loads(content)
    return Mapping(
        areas=fields["areas"],
        stages=tuple(fields["stages"]),
        clue=fields["clue"],
        descriptors=tuple(DescriptorMatch(**match) for match in fields["descriptors"]),
        claims=tuple(fields["claims"]),
    )
