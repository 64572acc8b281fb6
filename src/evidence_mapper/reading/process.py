"""Read a file in a child process that is killed when it takes too long or too much."""

import contextlib
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import weakref
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Self

from evidence_mapper import errors
from evidence_mapper.reading.answers import MAX_ANSWER_BYTES, parse_answer
from evidence_mapper.reading.kinds import SNIFFED_BYTES, FileFormat, detect_format, guess_kind
from evidence_mapper.reading.limits import DEFAULT_LIMITS, ReadingLimits
from evidence_mapper.records import Document, DocumentKind

# The child finds its modules where the parent found them, and nowhere else: not in the folder
# that the program was started in, nor where the environment points.
_START = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from evidence_mapper.reading.child import main\n"
    "main(sys.argv[2])\n"
)
# How long a child that has given no answer may take to end.
_END_TIMEOUT_S = 2.0
_MAX_SHOWN_NAME = 80


def read_document(
    path: Path, *, kind: DocumentKind | None = None, limits: ReadingLimits = DEFAULT_LIMITS
) -> Document:
    """Return the document in a file.

    Args:
        path: a PDF, DOCX, HTML, text or Markdown file; its ending does not matter.
        kind: what sort of document it is; guessed from its first two pages where not given.
        limits: what the reading may cost.

    Raises:
        ReadingError: one of its subclasses says what is wrong, and what to do.
    """
    with start_reading(path, kind=kind, limits=limits) as job:
        return job.result()


def start_reading(
    path: Path, *, kind: DocumentKind | None = None, limits: ReadingLimits = DEFAULT_LIMITS
) -> "ReadingJob":
    """Start to read a file and return at once; use it in a `with`, so that no child is left.

    Raises:
        ReadingError: the file cannot be opened, is empty, too large or of an unknown format.
    """
    with _open_regular_file(path) as file:
        name = show_name(path)
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise errors.EmptyDocument(f"{name}: the file is empty; save it anew")
        if size > limits.max_file_bytes:
            raise errors.DocumentTooLarge(
                f"{name}: {size / 1e6:,.0f} MB, and at most {limits.max_file_bytes / 1e6:,.0f} MB"
                " are read; make its pictures smaller or split it"
            )
        file_format = _sniff(file, size, name)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        process = _start_child(file, file_format, limits)
    return ReadingJob(process, _Source(path, digest, kind), limits)


def show_name(path: Path) -> str:
    """Return the file's name on one line, without anything that a terminal would obey."""
    name = escape_name(path)
    if len(name) <= _MAX_SHOWN_NAME:
        return name
    kept = _MAX_SHOWN_NAME // 2 - 1
    return f"{name[:kept]}…{name[-kept:]}"


def escape_name(path: Path) -> str:
    """Return the file's own name, with every character that cannot be printed escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in path.name
    )


def _open_regular_file(path: Path) -> BufferedReader:
    name = show_name(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise errors.DocumentNotFound(f"{name}: it is a folder; name a file inside it")
        if not stat.S_ISREG(mode):
            raise errors.UnsupportedDocument(f"{name}: it is not an ordinary file; copy it to one")
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise errors.DocumentNotFound(f"{name}: there is no such file; check its name") from None
    except PermissionError:
        raise errors.DocumentNotFound(
            f"{name}: it may not be opened; ask for the right to read it"
        ) from None
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise errors.DocumentNotFound(f"{name}: {reason}; check its name and its disk") from error


def _sniff(file: BufferedReader, size: int, name: str) -> FileFormat:
    head = file.read(SNIFFED_BYTES)
    file.seek(max(0, size - SNIFFED_BYTES))
    tail = file.read(SNIFFED_BYTES)
    file.seek(0)
    try:
        return detect_format(head, tail)
    except errors.ReadingError as error:
        raise type(error)(f"{name}: {error}") from None


def _start_child(
    file: BufferedReader, file_format: FileFormat, limits: ReadingLimits
) -> "subprocess.Popen[bytes]":
    """Start the child with the file as its standard input, so that it needs no path."""
    package_root = str(Path(__file__).resolve().parents[2])
    places = [str(Path(place).absolute()) for place in sys.path if place] + [package_root]
    request = {
        "format": file_format,
        "timeout_s": limits.timeout_s,
        "memory_bytes": limits.memory_bytes,
        "max_pages": limits.max_pages,
    }
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-c", _START, json.dumps(places), json.dumps(request)],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


class _Source:
    """The file that a child reads, as the parent knows it."""

    __slots__ = ("digest", "kind", "name", "shown_name")

    def __init__(self, path: Path, digest: str, kind: DocumentKind | None) -> None:
        self.name = escape_name(path)
        self.shown_name = show_name(path)
        self.digest = digest
        self.kind = kind


class ReadingJob:
    """A file that is being read; `result` waits for its document, `close` gives it up."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", source: _Source, limits: ReadingLimits
    ) -> None:
        self._process = process
        self._source = source
        self._limits = limits
        self._deadline = time.monotonic() + limits.timeout_s
        self._answer = bytearray()
        self._document: Document | None = None
        # Also ends the child when the job is forgotten, or the program ends.
        self._end = weakref.finalize(self, _end_child, process)
        # The child must never wait for its reader, who may be busy with other things. The thread
        # does not know the job, or a job that nobody wants would live as long as its child.
        self._reader = threading.Thread(
            target=_collect, args=(process.stdout, self._answer), daemon=True
        )
        self._reader.start()

    def result(self) -> Document:
        """Return the document, as often as asked.

        Raises:
            ReadingError: what is wrong with the file, and what to do.
        """
        if self._document is None:
            try:
                self._document = self._read_answer()
            except errors.ReadingError as error:
                raise type(error)(f"{self._source.shown_name}: {error}") from None
            finally:
                self.close()
        return self._document

    def _read_answer(self) -> Document:
        self._reader.join(max(0.0, self._deadline - time.monotonic()) + 0.05)
        if self._reader.is_alive():
            raise _timed_out(self._limits)
        if not self._answer:
            raise self._explain_death()
        if len(self._answer) > MAX_ANSWER_BYTES:
            raise errors.DocumentTooLarge("it holds more text than can be read; split it")
        content = parse_answer(bytes(self._answer))
        kind = self._source.kind or guess_kind([page.text for page in content.pages])
        return Document(
            name=self._source.name,
            kind=kind,
            digest=self._source.digest,
            is_paged=content.is_paged,
            pages=content.pages,
            blocks=content.blocks,
            notes=content.notes,
        )

    def _explain_death(self) -> errors.ReadingError:
        try:
            code = self._process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return _timed_out(self._limits)
        timed = {-getattr(signal, name, 0) for name in ("SIGALRM", "SIGXCPU", "SIGVTALRM")}
        if code < 0 and code in timed:
            return _timed_out(self._limits)
        if code > 0:
            message = f"the child process that reads documents ended with exit code {code}"
            raise RuntimeError(message)
        if code == -getattr(signal, "SIGSEGV", 0) or code == -getattr(signal, "SIGBUS", 0):
            return errors.DamagedDocument(
                "the file made its reader stop, so it must be damaged; save it anew"
            )
        return errors.DocumentTooLarge(
            f"reading it took more than {self._limits.memory_bytes / 1024**2:,.0f} MB of memory;"
            " split it or make its pictures smaller"
        )

    def close(self) -> None:
        """End the child, if it still runs; nothing of it is left."""
        self._end()
        self._reader.join(_END_TIMEOUT_S)

    def __enter__(self) -> Self:
        """Return the job itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child, if it still runs."""
        self.close()


def _collect(stdout: BinaryIO | None, answer: bytearray) -> None:
    if stdout is not None:
        with contextlib.suppress(OSError, ValueError), stdout:
            answer += stdout.read(MAX_ANSWER_BYTES + 1)


def _timed_out(limits: ReadingLimits) -> errors.ReadingTimedOut:
    return errors.ReadingTimedOut(
        f"it could not be read within {limits.timeout_s:g} seconds; save it anew or split it"
    )


def _end_child(process: "subprocess.Popen[bytes]") -> None:
    if process.returncode is None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
