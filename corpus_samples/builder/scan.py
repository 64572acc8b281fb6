"""Makes a scanned look-alike of a PDF: pictures of its pages, askew and specked, no text."""

import io
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from builder.convert import MADE_ON, run_program

DPI = 200
# Specks per page; more would double the size of the file under CCITT group 4.
SPECK_COUNT = 260
MAX_SKEW_DEGREES = 0.7


def scan_pdf(pdf: bytes) -> bytes:
    """Return a PDF of 200-dpi black and white pictures, the same ones for the same PDF."""
    pages = [_scan_page(picture, seed) for seed, picture in enumerate(_draw_pages(pdf))]
    moment = time.struct_time((*MADE_ON, 0, 0, 0))
    output = io.BytesIO()
    pages[0].save(
        output,
        "PDF",
        save_all=True,
        append_images=pages[1:],
        resolution=DPI,
        producer="Office scanner",
        creationDate=moment,
        modDate=moment,
    )
    return output.getvalue()


def _draw_pages(pdf: bytes) -> list[Image.Image]:
    """Return the pages as grey pictures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.pdf")
        path.write_bytes(pdf)
        run_program("pdftoppm", "-r", str(DPI), "-gray", str(path), str(Path(folder, "page")))
        pictures = []
        for page in sorted(Path(folder).glob("page-*.pgm")):
            with Image.open(page) as picture:
                pictures.append(picture.convert("L"))
        return pictures


def _scan_page(picture: Image.Image, seed: int) -> Image.Image:
    """Return a page as a cheap scanner sees it: turned a little, specked, two colours."""
    chance = np.random.default_rng(seed)
    angle = chance.uniform(-MAX_SKEW_DEGREES, MAX_SKEW_DEGREES)
    turned = picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    grey = np.asarray(turned, dtype=np.float32) + chance.normal(0, 12, turned.size[::-1])
    black = grey < chance.uniform(135, 165)
    rows = chance.integers(0, black.shape[0], SPECK_COUNT)
    columns = chance.integers(0, black.shape[1], SPECK_COUNT)
    black[rows, columns] = True
    return Image.fromarray(np.where(black, 0, 255).astype(np.uint8)).convert(
        "1", dither=Image.Dither.NONE
    )
