"""A tiny encoder in the 4-bit layout of the package, written from its description."""

import struct
from dataclasses import dataclass, field

import numpy as np

HIDDEN, LAYERS, HEADS, WIDE, POSITIONS = 32, 2, 4, 64, 300
# Piece and log probability; the special ones come first. Those that need other letters than Latin
# ones are marked by what they are.
LATIN = [
    *(("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)),
    *(("▁", -2.0), ("▁pupil", -3.0), ("s", -2.5), ("▁tŷ", -4.0), ("▁a", -3.0), ("–", -3.5)),
    *(("▁pupils", -9.0), ("ɏ", -8.0), ("…", -8.0), ("€", -8.0), ("™", -8.0)),
]
OTHERS = [("▁школа", -3.0), ("学校", -3.0), ("ɐ", -4.0), ("₿", -5.0), ("aж", -4.0)]
# Others stand between the Latin ones, as they do in the published vocabulary.
PIECES = [*LATIN[:5], OTHERS[0], *LATIN[5:8], *OTHERS[1:3], *LATIN[8:12], OTHERS[3], *LATIN[12:]]
PIECES.append(OTHERS[4])


@dataclass
class FourBitFile:
    """The bytes, and what they stand for: values by the names that they have in the file."""

    blob: bytes = b""
    values: dict[str, np.ndarray] = field(default_factory=dict)


def make_four_bit_file() -> FourBitFile:
    """Return an encoder of two layers with random weights; always the same."""
    random = np.random.default_rng(7)
    made = FourBitFile()
    content: dict[str, bytes] = {}

    def add_exact(name: str, *shape: int) -> None:
        made.values[name] = random.normal(size=shape).astype(np.float32)
        content[name] = made.values[name].astype("<f4").tobytes()

    def add_packed(name: str, rows: int, columns: int) -> None:
        """Each 32 values share a factor; a byte holds value i (low) and value i + 16 (high)."""
        levels = random.integers(0, 16, size=(rows * columns // 32, 32))
        factors = random.uniform(0.01, 0.5, size=len(levels)).astype("<f2")
        content[name] = b"".join(
            factor.tobytes() + bytes(row[place] | row[place + 16] << 4 for place in range(16))
            for factor, row in zip(factors, levels.tolist(), strict=True)
        )
        values = (levels - 8) * factors.astype(np.float32)[:, None]
        made.values[name] = values.astype(np.float32).reshape(rows, columns)

    add_packed("emb.word", len(PIECES), HIDDEN)
    add_exact("emb.pos", POSITIONS, HIDDEN)
    add_exact("emb.type", 1, HIDDEN)
    add_exact("emb.ln.w", HIDDEN)
    add_exact("emb.ln.b", HIDDEN)
    for layer in range(LAYERS):
        for part, rows, columns in [
            *((part, HIDDEN, HIDDEN) for part in ("q", "k", "v", "ao")),
            *(("fi", WIDE, HIDDEN), ("fo", HIDDEN, WIDE)),
        ]:
            add_packed(f"l{layer}.{part}.w", rows, columns)
            add_exact(f"l{layer}.{part}.b", rows)
        for part in ("aln", "oln"):
            add_exact(f"l{layer}.{part}.w", HIDDEN)
            add_exact(f"l{layer}.{part}.b", HIDDEN)
    made.blob = _join(content)
    return made


def _join(content: dict[str, bytes]) -> bytes:
    sizes = (HIDDEN, LAYERS, HEADS, WIDE, len(PIECES), POSITIONS, 1)
    head = b"E5S1" + struct.pack("<i7ifi", 1, *sizes, 1e-12, 32) + _pack_vocabulary()
    table_size = 4 + sum(2 + len(name.encode()) + 1 + 4 + 8 + 8 for name in content)
    place = len(head) + table_size
    table = struct.pack("<i", len(content))
    for name, data in content.items():
        label = name.encode()
        table += struct.pack(f"<H{len(label)}sBIQQ", len(label), label, 0, 0, place, len(data))
        place += len(data)
    return head + table + b"".join(content.values())


def _pack_vocabulary() -> bytes:
    texts = [piece.encode() for piece, _ in PIECES]
    ends = np.cumsum([0, *map(len, texts)]).astype("<u4")
    scores = np.array([score for _, score in PIECES], "<f4")
    start, padding, end, unknown = range(4)
    joined = b"".join(texts)
    return (
        struct.pack("<5iQ", len(PIECES), start, end, padding, unknown, len(joined))
        + ends.tobytes()
        + scores.tobytes()
        + joined
        + struct.pack("<iI", 0, 5)
        + b"table"
    )
