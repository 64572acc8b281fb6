"""The child process: reads the file on its standard input and answers on its standard output."""

import contextlib
import json
import os
import signal
import sys
from types import ModuleType

from evidence_mapper import errors
from evidence_mapper.reading.answers import (
    MAX_ANSWER_BYTES,
    Answer,
    Content,
    Failure,
    write_answer,
)
from evidence_mapper.reading.kinds import FileFormat

# Room for the parent to notice first, and to say so in better words.
_GRACE_S = 2
_MAX_OPEN_FILES = 64
# Only compiled modules are ever written.
_MAX_WRITTEN_BYTES = 8 * 1024**2


def main(request_json: str) -> None:
    """Answer one request, a JSON object with format, timeout_s, memory_bytes and max_pages."""
    request = json.loads(request_json)
    _limit_process(timeout_s=request["timeout_s"], memory_bytes=request["memory_bytes"])
    answer = _answer(FileFormat(request["format"]), request["max_pages"])
    if hasattr(signal, "setitimer"):
        # The work is done; the parent may take its time to fetch it.
        signal.setitimer(signal.ITIMER_REAL, 0)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    # Taking a large document apart object by object would only cost time.
    os._exit(0)


def _answer(file_format: FileFormat, max_pages: int) -> bytes:
    try:
        data = sys.stdin.buffer.read()
        answer = write_answer(Answer(content=read_content(data, file_format, max_pages)))
    except Exception as error:  # noqa: BLE001 - parsers fed with damaged files raise anything
        return write_answer(Answer(failure=_explain(error)))
    if len(answer) > MAX_ANSWER_BYTES:
        failure = Failure("DocumentTooLarge", "it holds more text than can be read; split it")
        return write_answer(Answer(failure=failure))
    return answer


def _explain(error: Exception) -> Failure:
    """Return what a person can do about an error; a broken installation is a bug and raises."""
    if isinstance(error, errors.ReadingError):
        return Failure(type(error).__name__, str(error))
    is_import = isinstance(error, ImportError)
    if isinstance(error, MemoryError) or (is_import and "map segment" in str(error)):
        sentence = "reading it took too much memory; split it or make its pictures smaller"
        return Failure("DocumentTooLarge", sentence)
    if is_import:
        raise error
    if isinstance(error, RecursionError):
        return Failure("UnsafeDocument", "its parts are nested too deeply; save it anew")
    return Failure("DamagedDocument", "the file is damaged; save it anew or ask for it again")


def read_content(data: bytes, file_format: FileFormat, max_pages: int) -> Content:
    """Return what a file holds.

    Raises:
        ReadingError: the message says what is wrong and what to do, without the file's name.
    """
    match file_format:
        case FileFormat.PDF:
            from evidence_mapper.reading.pdf import read_pdf

            return read_pdf(data, max_pages=max_pages)
        case FileFormat.ZIP:
            from evidence_mapper.reading.docx import read_docx

            return read_docx(data)
        case FileFormat.HTML:
            from evidence_mapper.reading.html import read_html

            return read_html(data)
        case FileFormat.TEXT:
            from evidence_mapper.reading.text import read_text

            return read_text(data)


def _limit_process(*, timeout_s: float, memory_bytes: int) -> None:
    """Bound the process for good, where the platform can; nothing that parses is loaded yet."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, timeout_s + _GRACE_S)
    try:
        import resource
    except ImportError:
        return
    seconds = int(timeout_s) + _GRACE_S
    wanted = {
        "RLIMIT_AS": memory_bytes,
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": _MAX_WRITTEN_BYTES,
        "RLIMIT_NOFILE": _MAX_OPEN_FILES,
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": 0,
    }
    for name, value in wanted.items():
        _lower_limit(resource, name, value)


def _lower_limit(resource: ModuleType, name: str, value: int) -> None:
    limit = getattr(resource, name, None)
    if limit is None:
        return
    hard = resource.getrlimit(limit)[1]
    bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(limit, (bounded, bounded))
