import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builders import At, Picture, make_pdf
from evidence_mapper import errors
from evidence_mapper.reading import ReadingLimits, process, read_document, start_reading
from evidence_mapper.records import DocumentKind

SENTENCE = "Most pupils make strong progress in their reading."


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(make_pdf([["Self-evaluation report", SENTENCE], "Leaders know the school."]))
    return path


def living_children() -> list[str]:
    listed = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="],
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in listed.stdout.splitlines() if "evidence_mapper" in line]


def test_a_document_has_its_name_digest_kind_and_pages(report: Path):
    document = read_document(report)
    assert document.name == "report.pdf"
    assert document.digest == hashlib.sha256(report.read_bytes()).hexdigest()
    assert document.kind is DocumentKind.SER
    assert document.is_paged
    assert [page.label for page in document.pages] == ["p. 1", "p. 2"]
    assert SENTENCE in document.pages[0].text


def test_a_kind_that_is_given_is_kept(report: Path):
    assert read_document(report, kind=DocumentKind.PLAN).kind is DocumentKind.PLAN


def test_the_ending_of_the_name_does_not_matter(report: Path):
    renamed = report.rename(report.with_suffix(".docx"))
    assert read_document(renamed).is_paged


def test_several_files_are_read_at_the_same_time(report: Path):
    other = report.with_name("other.txt")
    other.write_text("Governors visit the school every term.")
    with start_reading(report) as first, start_reading(other) as second:
        assert second.result().name == "other.txt"
        assert first.result().name == "report.pdf"
        assert first.result() is first.result()


def test_a_relative_path_is_read_though_the_child_runs_elsewhere(report: Path, monkeypatch):
    monkeypatch.chdir(report.parent)
    assert read_document(Path("report.pdf")).name == "report.pdf"


def test_a_module_in_the_working_folder_is_never_imported(report: Path, monkeypatch):
    (report.parent / "json.py").write_text("raise SystemExit(3)")
    (report.parent / "pypdfium2.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(report.parent)
    monkeypatch.setenv("PYTHONPATH", str(report.parent))
    assert read_document(report).is_paged


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(errors.DocumentNotFound, match=r"^none\.pdf: there is no such file; check"):
        read_document(tmp_path / "none.pdf")


def test_a_folder_is_refused(tmp_path: Path):
    with pytest.raises(errors.DocumentNotFound, match="it is a folder; name a file inside it"):
        read_document(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(errors.UnsupportedDocument, match="pipe: it is not an ordinary file"):
        read_document(tmp_path / "pipe")


def test_a_name_that_no_file_can_have_is_no_crash():
    with pytest.raises(errors.DocumentNotFound):
        read_document(Path("a\0b.pdf"))
    with pytest.raises(errors.DocumentNotFound):
        read_document(Path("x" * 300 + ".pdf"))


def test_a_file_that_is_too_large_is_refused_unread(report: Path):
    with pytest.raises(errors.DocumentTooLarge, match=r"report\.pdf: .* at most 0 MB are read"):
        read_document(report, limits=ReadingLimits(max_file_bytes=100))


def test_too_many_pages_are_refused_quickly(tmp_path: Path):
    path = tmp_path / "long.pdf"
    path.write_bytes(make_pdf([At(72, 72, "page")] * 2000))
    started = time.monotonic()
    with pytest.raises(errors.DocumentTooLarge, match=r"long\.pdf: 2,000 pages, and at most 1,000"):
        read_document(path)
    assert time.monotonic() - started < 5


def test_the_time_limit_ends_the_child(report: Path):
    with pytest.raises(errors.ReadingTimedOut, match=r"report\.pdf: .* within 0\.01 seconds"):
        read_document(report, limits=ReadingLimits(timeout_s=0.01))
    assert not living_children()


def test_the_memory_limit_is_reported_as_such(tmp_path: Path):
    path = tmp_path / "endless.txt"
    path.write_bytes(b"word " * 8_000_000)
    with pytest.raises(errors.DocumentTooLarge, match=r"^endless\.txt: .* memory; split it"):
        read_document(path, limits=ReadingLimits(memory_bytes=120 * 1024**2))


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("SIGSEGV", errors.DamagedDocument, "must be damaged"),
        ("SIGABRT", errors.DocumentTooLarge, "memory"),
        ("SIGALRM", errors.ReadingTimedOut, "could not be read within 60 seconds"),
    ],
)
def test_a_child_that_is_killed_is_explained(report: Path, name: str, error: type, sentence: str):
    with start_reading(report) as job:
        job._process.send_signal(getattr(signal, name))
        with pytest.raises(error, match=sentence):
            job.result()


def test_a_child_that_breaks_is_no_fault_of_the_file(report: Path, monkeypatch):
    monkeypatch.setattr(process, "_START", "raise SystemExit(7)")
    with pytest.raises(RuntimeError, match="exit code 7"):
        read_document(report)


def test_a_child_that_talks_nonsense_is_not_believed(report: Path, monkeypatch):
    monkeypatch.setattr(process, "_START", "print('{\"content\": 1}')")
    with pytest.raises(errors.DamagedDocument, match=r"^report\.pdf: the reader gave no usable"):
        read_document(report)


def test_a_child_that_never_stops_talking_is_cut_off(report: Path, monkeypatch):
    monkeypatch.setattr(process, "MAX_ANSWER_BYTES", 10_000)
    monkeypatch.setattr(process, "_START", "while True: print('x' * 1000)")
    with pytest.raises(errors.DocumentTooLarge, match="more text than can be read"):
        read_document(report)
    assert not living_children()


def test_leaving_a_job_early_leaves_no_child(report: Path):
    with start_reading(report):
        pass
    assert not living_children()


def test_a_forgotten_job_leaves_no_child(report: Path, monkeypatch):
    monkeypatch.setattr(process, "_START", "import time; time.sleep(60)  # evidence_mapper")
    start_reading(report)
    assert not living_children()


def test_an_interrupt_leaves_no_child_and_no_file(report: Path):
    before = set(report.parent.iterdir())
    program = (
        "import os, signal, sys, threading\n"
        "from pathlib import Path\n"
        "from evidence_mapper.reading import process, read_document\n"
        "process._START = 'import time; time.sleep(600)'\n"
        "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "try:\n"
        "    read_document(Path(sys.argv[1]))\n"
        "except KeyboardInterrupt:\n"
        "    import subprocess\n"
        "    args = ['ps', '--ppid', str(os.getpid()), '-o', 'args=']\n"
        "    children = subprocess.run(args, capture_output=True, text=True).stdout\n"
        "    print('left' if 'time.sleep' in children else 'clean')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(report)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "clean\n", done.stderr
    assert set(report.parent.iterdir()) == before


def test_a_hostile_name_is_shown_on_one_line_and_shortened(tmp_path: Path):
    name = "\x1b[31m\n" + "ŵ" * 100 + "\u202efdp.pdf"
    path = tmp_path / name
    path.write_bytes(make_pdf([Picture()]))
    with pytest.raises(errors.NoTextFound) as caught:
        read_document(path)
    shown = str(caught.value).split(": ")[0]
    assert shown.isprintable()
    assert len(shown) <= 80
    assert shown.startswith(r"\x1b[31m\nŵ")
    assert shown.endswith(r"\u202efdp.pdf")


def test_a_name_that_is_no_text_can_still_be_written_down(tmp_path: Path):
    path = tmp_path / os.fsdecode(b"adroddiad-\xff.txt")
    path.write_text("Mae'r ysgol yn gwella.")
    assert read_document(path).name == r"adroddiad-\udcff.txt"


def test_limits_that_let_nothing_through_are_refused():
    with pytest.raises(ValueError, match="above 0"):
        ReadingLimits(timeout_s=0)
