import pytest

from builders import make_pdf, make_zip
from evidence_mapper import errors
from evidence_mapper.reading.kinds import (
    FileFormat,
    detect_format,
    detect_zip_member,
    guess_kind,
    is_binary,
)
from evidence_mapper.records import DocumentKind


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (make_pdf(["x"]), FileFormat.PDF),
        (b"From a mail\n" * 20 + b"%PDF-1.7\n", FileFormat.PDF),
        (make_zip([("a", b"b")]), FileFormat.ZIP),
        (b"<!DOCTYPE html><p>Hello", FileFormat.HTML),
        (b"\xef\xbb\xbf  <!-- saved -->\n<HTML lang='cy'>", FileFormat.HTML),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x"><html>', FileFormat.HTML),
        ("<html><p>Ysgol</p>".encode("utf-16"), FileFormat.HTML),
        (b"<h1>Report</h1><p>Text</p>", FileFormat.HTML),
        (b"# Report\n\nPupils do well.", FileFormat.TEXT),
        ("Mae'r ysgol yn dda, tŷ".encode("utf-16"), FileFormat.TEXT),
        ("Caf\u00e9 \u2013 cost \u00a3".encode("cp1252"), FileFormat.TEXT),
        (b"BMX club: many pupils attend.", FileFormat.TEXT),
        (b"MZ is no word, but this is a text.", FileFormat.TEXT),
    ],
)
def test_the_format_is_told_by_the_content(head: bytes, expected: FileFormat):
    assert detect_format(head) is expected


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n....", "a PNG picture; have its text recognised and save it as PDF"),
        (b"\xff\xd8\xff\xe0....", "a JPEG picture"),
        (b"{\\rtf1 hello}", "a Rich Text .RTF. file; save it as PDF or DOCX"),
        (b"\x1f\x8b\x08....", "a gzip archive; unpack it"),
        (b"BM\x00\x01\x00\x00", "a BMP picture"),
        (b"MZ\x90\x00", "a program"),
        (b"\0\0\0\x18ftypheic", "a picture, sound or film"),
        (bytes(range(256)) * 4, "no text was recognised"),
        (b'<?xml version="1.0"?><data/>', "an XML data file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an old Office file"),
    ],
)
def test_other_files_are_refused_by_what_they_seem_to_be(head: bytes, sentence: str):
    with pytest.raises(errors.UnsupportedDocument, match=sentence):
        detect_format(head)


def test_an_office_file_with_a_password_is_told_from_an_old_one():
    tail = "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(errors.EncryptedDocument, match="password"):
        detect_format(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), tail)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["xl/workbook.xml"], "an Excel workbook"),
        (["ppt/presentation.xml"], "a PowerPoint presentation"),
        (["mimetype", "content.xml"], "an OpenDocument file"),
        (["META-INF/container.xml"], "an e-book"),
        (["Index/Document.iwa"], "a Pages, Numbers or Keynote file"),
        (["a.pdf", "b.pdf"], "a zip archive; unpack it"),
        ([], "a zip archive"),
    ],
)
def test_a_zip_without_a_word_document_is_named(names: list[str], sentence: str):
    with pytest.raises(errors.UnsupportedDocument, match=sentence):
        detect_zip_member(names)


def test_a_few_control_characters_do_not_make_a_text_binary():
    assert not is_binary(b"Minutes\x0c of the meeting\x07" + b" of governors" * 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ysgol X\nSelf-evaluation report 2025", DocumentKind.SER),
        ("Adroddiad hunanarfarnu\nYsgol Gynradd", DocumentKind.SER),
        (
            "A report on the school. Inspection report, inspection date: May",
            DocumentKind.INSPECTION,
        ),
        ("Adroddiad arolygiad Ysgol X", DocumentKind.INSPECTION),
        ("School development plan 2025-2028", DocumentKind.PLAN),
        ("Cynllun datblygu ysgol 2025", DocumentKind.PLAN),
        ("Minutes of the meeting of governors. Apologies: none.", DocumentKind.MINUTES),
        ("Cofnodion cyfarfod y llywodraethwyr. Ymddiheuriadau", DocumentKind.MINUTES),
        ("Newsletter: the summer fair was fun.", DocumentKind.OTHER),
        ("", DocumentKind.OTHER),
    ],
)
def test_the_sort_of_document_is_guessed_from_its_first_words(text: str, expected: DocumentKind):
    assert guess_kind([text]) is expected


def test_the_title_counts_more_than_what_the_text_mentions():
    text = "Self-evaluation report" + " " * 300 + "Our school development plan and the SDP say so."
    assert guess_kind([text]) is DocumentKind.SER


def test_only_the_first_two_pages_are_asked():
    assert guess_kind(["a", "b", "Minutes of the meeting"]) is DocumentKind.OTHER
