"""Split a document into passages: what a reader would quote as one piece of evidence."""

from collections.abc import Iterator
from dataclasses import dataclass

from evidence_mapper.language import ENGLISH, detect_language
from evidence_mapper.records import Block, BlockKind, Document, Passage, Span
from evidence_mapper.sentences import find_sentences

# One to four sentences, as the annotation guide defines a passage.
MAX_SENTENCES = 4
# Authored passages have a median of about 30 words; twice that is still one point.
MAX_WORDS = 60
# A table row or a paragraph without full stops is cut here: the encoder reads no more.
MAX_PASSAGE_CHARS = 1200
# One page can be a letter in Polish, or a table of names.
SAMPLED_PAGES = 5
# "Leadership" or "Yes" says nothing that could be quoted.
MIN_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Half-open offsets into the joined text of a block."""

    start: int
    end: int


def split_document(document: Document) -> tuple[Passage, ...]:
    """Return the passages of all paragraphs, bullets and table rows, in reading order.

    Headings and furniture give none. Every passage is verbatim: `page.text[start:end]` of its
    only span is its text; where it has two spans its text is the two slices with a space between.
    """
    page_texts = {page.number: page.text for page in document.pages}
    main_language = _find_main_language(document)
    passages: list[Passage] = []
    for block in document.blocks:
        if block.kind in {BlockKind.HEADING, BlockKind.FURNITURE}:
            continue
        slices = [page_texts[span.page][span.start : span.end] for span in block.spans]
        joined = " ".join(slices)
        if len(joined.split()) < MIN_WORDS:
            continue
        language = detect_language(joined, fallback=main_language)
        for stretch in _find_stretches(joined, block.kind, language):
            text = joined[stretch.start : stretch.end]
            spans = _locate_stretch(stretch, block)
            passages.append(
                Passage(document.name, text, spans, block.heading, block.kind, language)
            )
    return tuple(passages)


def _find_main_language(document: Document) -> str:
    """Return the language of most of a few pages, evenly spread; earlier pages win a draw."""
    step = -(-len(document.pages) // SAMPLED_PAGES) or 1
    found = [detect_language(page.text) for page in document.pages[::step] if page.text.strip()]
    return max(found, key=found.count, default=ENGLISH)


def _find_stretches(text: str, kind: BlockKind, language: str) -> Iterator[_Stretch]:
    sentences = [_Stretch(start, end) for start, end in find_sentences(text, language)]
    whole = kind is BlockKind.TABLE_ROW and len(text) <= MAX_PASSAGE_CHARS
    if whole and sentences:
        groups = [sentences]
    else:
        groups = _join_short(text, _group_sentences(text, sentences))
    for group in groups:
        yield from _cut_long(text, _Stretch(group[0].start, group[-1].end))


def _group_sentences(text: str, sentences: list[_Stretch]) -> list[list[_Stretch]]:
    """Return runs of neighbouring sentences, as even in words as their ends allow."""
    counts = [_count_words(text, [sentence]) for sentence in sentences]
    group_count = max(1, -(-sum(counts) // MAX_WORDS), -(-len(sentences) // MAX_SENTENCES))
    share = sum(counts) / group_count
    groups: list[list[_Stretch]] = []
    words_before = 0
    for sentence, count in zip(sentences, counts, strict=True):
        middle = words_before + count / 2
        belongs = int(middle // share) if share else 0
        is_full = bool(groups) and len(groups[-1]) == MAX_SENTENCES
        if not groups or is_full or belongs >= len(groups):
            groups.append([sentence])
        else:
            groups[-1].append(sentence)
        words_before += count
    return groups


def _join_short(text: str, groups: list[list[_Stretch]]) -> list[list[_Stretch]]:
    """Return the groups with none under MIN_WORDS left alone beside a longer one."""
    joined: list[list[_Stretch]] = groups[:1]
    for group in groups[1:]:
        both = joined[-1] + group
        if min(_count_words(text, joined[-1]), _count_words(text, group)) >= MIN_WORDS:
            joined.append(group)
        elif len(both) <= MAX_SENTENCES:
            joined[-1] = both
        else:
            middle = len(both) // 2
            joined[-1:] = [both[:middle], both[middle:]]
    return joined


def _count_words(text: str, group: list[_Stretch]) -> int:
    return sum(len(text[sentence.start : sentence.end].split()) for sentence in group)


def _cut_long(text: str, stretch: _Stretch) -> Iterator[_Stretch]:
    """Yield pieces of at most MAX_PASSAGE_CHARS, about as long as each other, cut at spaces."""
    start = stretch.start
    while (left := stretch.end - start) > MAX_PASSAGE_CHARS:
        middle = start + -(-left // -(-left // MAX_PASSAGE_CHARS))
        space = text.rfind(" ", start + 1, middle + 1)
        end = space if space > start else middle
        yield _Stretch(start, end)
        start = end + 1 if text[end] == " " else end
    yield _Stretch(start, stretch.end)


def _locate_stretch(stretch: _Stretch, block: Block) -> tuple[Span, ...]:
    """Return the slices of the pages that a stretch of the block's joined text covers."""
    spans: list[Span] = []
    offset = 0
    for span in block.spans:
        length = span.end - span.start
        start = max(stretch.start - offset, 0)
        end = min(stretch.end - offset, length)
        if start < end:
            spans.append(Span(span.page, span.start + start, span.start + end))
        offset += length + 1
    return tuple(spans)
