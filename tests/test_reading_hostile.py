import re
from pathlib import Path

import pytest

from builders import docx_paragraph, make_docx, make_zip
from evidence_mapper import errors
from evidence_mapper.reading import ReadingLimits, read_document

HERE = Path(__file__).parent / "hostile"
QUICK = ReadingLimits(timeout_s=10)

EXPECTED: dict[str, tuple[type[errors.ReadingError], str]] = {
    "archive.zip": (errors.UnsupportedDocument, "it seems to be a zip archive; unpack it and name"),
    "blank.txt": (errors.EmptyDocument, "no word is in it; check that it is the right file"),
    "cut_short.docx": (errors.DamagedDocument, "the DOCX is damaged or cut short; save it anew"),
    "cut_short.pdf": (errors.DamagedDocument, "the end of the PDF is missing; copy or download it"),
    "damaged.pdf": (errors.DamagedDocument, "the PDF is damaged; save it anew or ask for it again"),
    "empty.pdf": (errors.EmptyDocument, "the file is empty; save it anew"),
    "entity_in_utf16.docx": (errors.UnsafeDocument, "it defines XML entities"),
    "external_entity.docx": (errors.UnsafeDocument, "it defines XML entities"),
    "missing_part.docx": (errors.DamagedDocument, "the DOCX is damaged or cut short"),
    "no_text_layer.pdf": (errors.NoTextFound, "2 pages but no text layer, so it looks scanned"),
    "noise.pdf": (errors.UnsupportedDocument, "it is not a document that can be read here"),
    "old_word.doc": (errors.UnsupportedDocument, "it seems to be an old Office file"),
    "open_document.odt": (errors.UnsupportedDocument, "it seems to be an OpenDocument file"),
    "page_is_its_own_parent.pdf": (errors.NoTextFound, "1 page but no text layer"),
    "page_tree_refers_to_itself.pdf": (errors.DamagedDocument, "the PDF is damaged"),
    "password.docx": (errors.EncryptedDocument, "it is protected by a password; save a copy"),
    "password.pdf": (errors.EncryptedDocument, "it is protected by a password; save a copy"),
    "picture.png": (errors.UnsupportedDocument, "it seems to be a PNG picture; have its text"),
    "slides.pptx": (errors.UnsupportedDocument, "a PowerPoint presentation; save it as PDF"),
    "workbook.xlsx": (errors.UnsupportedDocument, "an Excel workbook; save it as PDF or DOCX"),
    "zip_bomb.docx": (errors.UnsafeDocument, "it unpacks to far more than its size"),
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_bad_file_is_named_and_says_what_to_do(name: str):
    error, sentence = EXPECTED[name]
    with pytest.raises(error, match=rf"^{re.escape(name)}: .*{re.escape(sentence)}") as caught:
        read_document(HERE / name, limits=QUICK)
    assert type(caught.value) is error
    assert str(caught.value).isprintable()
    assert "; " in str(caught.value)


def test_every_file_of_the_folder_is_tested():
    files = {path.name for path in HERE.iterdir() if path.suffix not in {".py", ""}}
    assert files == set(EXPECTED) | {"owner_password_only.pdf"}


def test_a_file_that_anyone_may_open_is_read_though_it_is_encrypted():
    document = read_document(HERE / "owner_password_only.pdf", limits=QUICK)
    assert document.pages[0].text == "Anyone may read this."


def test_elements_nested_without_end_are_bounded(tmp_path: Path):
    deep = tmp_path / "deep.html"
    deep.write_bytes(b"<html><body>" + b"<div>" * 50_000 + b"Found.")
    wide = tmp_path / "deep.docx"
    wide.write_bytes(make_docx("<w:sdt><w:sdtContent>" * 50_000 + docx_paragraph("Lost.")))
    assert isinstance(outcome(deep), (str, errors.ReadingError))
    assert isinstance(outcome(wide), errors.ReadingError)


def test_a_docx_with_thousands_of_parts_is_refused(tmp_path: Path):
    path = tmp_path / "parts.docx"
    path.write_bytes(make_zip([(f"word/{number}.bin", b"") for number in range(6000)]))
    with pytest.raises(errors.UnsafeDocument, match=r"it has 6,000 parts"):
        read_document(path, limits=QUICK)


@pytest.mark.slow
def test_a_file_that_is_damaged_anywhere_is_read_or_refused_but_never_crashes(tmp_path: Path):
    whole = (HERE / "owner_password_only.pdf").read_bytes()
    for start in range(0, len(whole), 90):
        path = tmp_path / "damaged.pdf"
        path.write_bytes(whole[:start] + b"\xff<<[(" + whole[start + 5 :])
        assert isinstance(outcome(path), (str, errors.ReadingError))


def outcome(path: Path) -> str | errors.ReadingError:
    try:
        return read_document(path, limits=QUICK).pages[0].text
    except errors.ReadingError as error:
        return error
