"""Make the files of this folder anew: each is named after what is wrong with it.

python tests/hostile/make_hostile.py
"""

import random
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from reportlab.lib.pdfencrypt import StandardEncryption  # noqa: E402

from builders import Picture, docx_paragraph, make_docx, make_pdf, make_zip  # noqa: E402

_SELF_REFERENCE = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
_PARENT_LOOP = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1/Parent 3 0 R>>endobj
3 0 obj<</Type/Page/Parent 3 0 R/MediaBox[0 0 9 9]/Contents 3 0 R>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
_ENTITY = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def main() -> None:
    """Write every file."""
    whole = make_pdf(["The school has improved its teaching."])
    noise = random.Random(7).randbytes(4000)  # noqa: S311
    entity = docx_paragraph("&secret;")
    utf16 = f'<?xml version="1.0" encoding="UTF-16"?>{_ENTITY}<w/>'.encode("utf-16")
    files = {
        "empty.pdf": b"",
        "noise.pdf": noise,
        "damaged.pdf": b"%PDF-1.7\n" + noise + b"\n%%EOF\n",
        "cut_short.pdf": whole[: len(whole) // 2],
        "password.pdf": make_pdf(["Secret."], encryption=StandardEncryption("open", "owner")),
        "owner_password_only.pdf": make_pdf(
            ["Anyone may read this."], encryption=StandardEncryption("", "owner")
        ),
        "no_text_layer.pdf": make_pdf([Picture(), Picture()]),
        "page_tree_refers_to_itself.pdf": _SELF_REFERENCE,
        "page_is_its_own_parent.pdf": _PARENT_LOOP,
        "zip_bomb.docx": make_docx("<w:p/>", extra=[("word/media/image1.emf", bytes(8_000_000))]),
        "external_entity.docx": make_docx(entity, prolog=_ENTITY),
        "entity_in_utf16.docx": make_docx("<w:p/>", extra=[("word/footnotes.xml", utf16)]),
        "cut_short.docx": make_docx(docx_paragraph("A school."))[:500],
        "missing_part.docx": make_zip([("word/document.xml", b"<x/>")]),
        "workbook.xlsx": make_zip([("xl/workbook.xml", b"<workbook/>")]),
        "slides.pptx": make_zip([("ppt/presentation.xml", b"<p/>")]),
        "open_document.odt": make_zip([("mimetype", b"x"), ("content.xml", b"<x/>")]),
        "archive.zip": make_zip([("report.pdf", whole)]),
        "old_word.doc": _OLE + bytes(600),
        "password.docx": _OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(90),
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(60),
        "blank.txt": b" \n\t\n",
    }
    for name, data in files.items():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
