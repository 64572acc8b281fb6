"""Where sentences end, in English and Welsh."""

import re
from collections.abc import Iterable, Iterator

from evidence_mapper.language import ENGLISH, WELSH

# Abbreviations of school documents after which a sentence goes on, English and Welsh together,
# because bilingual schools mix them. sentencex knows some ("Mr.", "e.g.") but splits "Yr. 3" and
# "Cyng. Davies".
BEFORE_NAMES = (
    *("Mr", "Mrs", "Ms", "Dr", "Prof", "Rev", "Revd", "Cllr", "Cllrs", "St", "Hon", "Asst", "Dep"),
    *("Cyng", "Cyngh", "Parch", "Dirp"),
)
BEFORE_NUMBERS = (
    *("Yr", "Yrs", "No", "Nos", "p", "pp", "pg", "para", "paras", "fig", "figs", "ref", "vol"),
    *("sect", "app", "ch", "Gp", "tel", "ext", "approx", "max", "min", "est", "c", "ca"),
    *("Jan", "Feb", "Mar", "Apr", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec"),
    *("Aut", "Spr", "Sum", "Bl", "Bln", "Blwydd", "Dosb", "t", "tt", "tud", "rhif", "Rh"),
    *("ffig", "atod", "adr", "pen", "cyf", "ff", "Ion", "Chwef", "Maw", "Ebr", "Gorff", "Hyd"),
    *("Tach", "Rhag"),
)
ALWAYS = (
    *("e.g", "eg", "i.e", "ie", "cf", "viz", "vs", "incl", "excl", "dept", "depts", "govt"),
    *("e.e", "h.y", "hy", "gw", "gol"),
)
# These end a sentence as often as not: it goes on only where a small letter follows.
OPEN_ENDED = ("etc", "ayb", "ayyb", "a.y.b", "a.y.y.b", "et al", "a.m", "p.m", "y.b", "y.p")
# A single letter after one of these is a label ("grade C."), not somebody's initial.
BEFORE_LETTERS = (
    *("grade", "grades", "block", "band", "category", "section", "appendix", "part", "plan"),
    *("group", "class", "level", "set", "type", "key"),
    *("gradd", "radd", "graddau", "bloc", "categori", "adran", "atodiad", "rhan", "grŵp"),
    *("dosbarth", "ddosbarth"),
)
# sentencex takes these whole words for abbreviations, in Welsh the English ones ("fwy", a freeway).
WHOLE_WORDS = {
    ENGLISH: ("May",),
    WELSH: ("fwy", "hwy", "neb", "hon", "nos", "brig", "i", "o"),
}

# Stands for a full stop that ends nothing while sentences are found; one character for one
# character, so that offsets stay.
HIDDEN_STOP = "‧"
SMALL = "a-zâêîôûŵŷäëïöáéíóú"


def _match_any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_ABBREVIATION = re.compile(
    rf"(?<![\w.])(?:"
    rf"(?:{_match_any(BEFORE_NAMES)})\.(?=\s+\w)"
    rf"|(?i:{_match_any(BEFORE_NUMBERS)})\.(?=\s*\d)"
    rf"|(?i:{_match_any(ALWAYS)})\.(?=[\s,:;)])"
    rf"|(?i:{_match_any(OPEN_ENDED)})\.(?=[,;)]|\s+[{SMALL}(])"
    rf"|[A-Z]\.(?:[A-Z]\.)*(?=\s[A-Z](?:\.|[{SMALL}])))"
)
# "1. Leaders set targets." is one sentence, not two.
_LIST_NUMBER = re.compile(r"(?:^|(?<=[.!?;]\s))\(?\d{1,2}\.(?=\s+\w)")
_LABEL = re.compile(rf"\b(?:(?i:{_match_any(BEFORE_LETTERS)})|[A-Z]\*? (?:to|i))\s[A-Z](?=\.)")
_WHOLE_WORD = {
    language: re.compile(rf"\b(?:{_match_any(words)})(?=\.(?!\w))")
    for language, words in WHOLE_WORDS.items()
}
# sentencex breaks down on wide spaces.
_WIDE_SPACE = re.compile(r"[^\S \n]")
# In prose a full stop before a small letter ends no sentence.
_STOP_BEFORE_SMALL = re.compile(rf"(?<=\w)\.(?=\s+[{SMALL}])")


def find_sentences(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end (0-based, half-open) of every sentence, without outer spaces."""
    import sentencex

    hidden = _hide_words(_LABEL, _WIDE_SPACE.sub(" ", text))
    hidden = _hide_words(_WHOLE_WORD.get(language, _WHOLE_WORD[ENGLISH]), hidden)
    for pattern in (_ABBREVIATION, _LIST_NUMBER, _STOP_BEFORE_SMALL):
        hidden = pattern.sub(lambda match: match.group().replace(".", HIDDEN_STOP), hidden)
    start = 0
    for piece in sentencex.segment(language, hidden):
        stripped = piece.strip()
        if stripped:
            first = start + piece.index(stripped)
            yield first, first + len(stripped)
        start += len(piece)


def _hide_words(pattern: re.Pattern[str], text: str) -> str:
    """Return the text with a letter that abbreviates nothing for each character of a match."""
    return pattern.sub(lambda match: "ŵ" * len(match.group()), text)
