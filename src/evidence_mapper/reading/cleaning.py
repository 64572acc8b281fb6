"""How words are cleaned once, before a page's text is frozen."""

import re
import unicodedata
from collections.abc import Iterable

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
# Signs that symbol fonts keep in the private area: a tick and a cross are words, bullets are not.
_SYMBOLS = str.maketrans(
    {"\uf0fc": "✓", "\uf0fb": "✗", "\uf0e8": "→", "\uf0e0": "→", "\u2011": "-", "\u2010": "-"}
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\uffff\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")

_BULLET_SIGNS = "•‣◦●○■□▪▫▶►▸◆◇❖➢➤➔→⇒✓✔✗✘☐☑★☆·∙⁃–—-*»›o§¨"
_PRIVATE = re.compile("[\ue000-\uf8ff]")
# For example "1." "12)" "(iv)" "a)" "2.1" "3.2.1."
_NUMBER = re.compile(
    r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]$|\(\d{1,3}\)$|\d{1,2}(?:\.\d{1,2}){1,3}\.?$"
)
# Signs that also stand inside sentences, and may come to stand at the start of a wrapped line.
_WEAK_SIGNS = frozenset("–—-*o§¨→·")


def clean_word(text: str) -> str:
    """Return the word in NFC, with ligatures as letters and without invisible characters."""
    if text.isascii() and text.isprintable():
        return text
    # A soft hyphen at the end is one that a reader sees, where its line breaks.
    seen = text[:-1] + "-" if text.endswith("\u00ad") else text
    bare = _INVISIBLE.sub("", seen).translate(_LIGATURES).translate(_SYMBOLS)
    return unicodedata.normalize("NFC", bare)


def clean_text(text: str) -> str:
    """Return the text with its words cleaned and one space between them."""
    return " ".join(word for word in map(clean_word, _SPACES.split(text)) if word)


def is_bullet_sign(word: str) -> bool:
    """Return whether the word is a bullet's sign, of whatever font."""
    return len(word) == 1 and (word in _BULLET_SIGNS or bool(_PRIVATE.match(word)))


def is_weak_sign(word: str) -> bool:
    """Return whether a sentence may hold the same word as a bullet's sign or number."""
    return word in _WEAK_SIGNS or is_number_sign(word)


def is_number_sign(word: str) -> bool:
    """Return whether the word numbers a paragraph: "1." "a)" "(iv)" "2.1"."""
    return bool(_NUMBER.match(word))


def is_paragraph_number(word: str) -> bool:
    """Return whether the word is a bare number, as inspection reports number their paragraphs."""
    return word.isdecimal() and len(word) <= 3  # noqa: PLR2004


def is_marker(word: str) -> bool:
    """Return whether a block that starts with the word is a bullet."""
    return is_bullet_sign(word) or is_number_sign(word)


def show_marker(word: str) -> str:
    """Return the sign as every font can show it."""
    return "•" if len(word) == 1 and _PRIVATE.match(word) else word


_TERMINAL = re.compile(r"[.!?:;…][\"'”’»)\]]*$")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")


def ends_sentence(text: str) -> bool:
    """Return whether the text ends as a sentence does."""
    return bool(_SENTENCE_END.search(text))


def ends_clause(text: str) -> bool:
    """Return whether the text ends as a sentence, or with a colon or semicolon."""
    return bool(_TERMINAL.search(text))


# "Leadership ........ 7", "Leadership . . . . 7" and "Arweinyddiaeth …… 7"
_LEADERS = re.compile(r"(?:\.\s?){4,}|(?:…\s?){2,}|(?:·\s?){4,}|_{4,}")
_CONTENTS_LINE = re.compile(r"(?:(?:\.\s?){4,}|(?:…\s?){2,}|(?:·\s?){4,}|_{4,})\s*[\divxl]{0,5}$")
CONTENTS_TITLE = re.compile(r"(?:table of )?contents(?: page)?:?$|cynnwys:?$", re.IGNORECASE)
# "7", "- 7 -", "vii", "Page 3 of 20", "3 | Page", "Tudalen 3 o 20", "3/20"
_PAGE_NUMBER = re.compile(
    r"(?:[-–—|]\s*)?(?:(?:page|tudalen|tud\.?|p\.?|t\.)\s*)?\d{1,4}"
    r"(?:\s*(?:of|o|/|\|)\s*\d{1,4})?(?:\s*[-–—|])?(?:\s*(?:page|tudalen))?$"
    r"|[ivxl]{1,6}$",
    re.IGNORECASE,
)


def is_page_number(text: str) -> bool:
    """Return whether the text is no more than a page number, in its usual dresses."""
    return bool(_PAGE_NUMBER.match(text.strip()))


def is_contents_line(text: str) -> bool:
    """Return whether the text is a line of a contents page, with leaders before its number."""
    return bool(_CONTENTS_LINE.search(text)) and not _LEADERS.fullmatch(text.strip())


# First parts that keep their hyphen in English and Welsh though they are no words.
_PREFIXES = frozenset(
    (
        "after", "ail", "all", "anti", "co", "cross", "cyd", "cyn", "di", "ex", "extra", "gwrth",
        "inter", "is", "lled", "mid", "multi", "non", "ôl", "post", "pre", "rhag", "rhyng", "self",
        "semi", "sub", "traws", "uwch",
    )
)  # fmt: skip
_EDGES = re.compile(r"^\W+|\W+$")


class Hyphens:
    """Decides whether a hyphen at the end of a line belongs to the word.

    Args:
        words: the words of the whole document that stand unbroken on a line.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._known = {_EDGES.sub("", word).casefold() for word in words}

    def is_kept(self, first: str, second: str) -> bool:
        """Return whether "first-" and "second", which a line break parts, keep their hyphen.

        The document decides: as it writes the word elsewhere; else the hyphen goes, unless the
        second part is a word of the document and the first a word or a prefix with a hyphen.
        """
        start = _EDGES.sub("", first).casefold()
        rest = _EDGES.sub("", second).casefold()
        if not start or not rest or not second[0].islower() or not start[-1].isalpha():
            return True
        if f"{start}-{rest}" in self._known or "-" in start:
            return True
        if start + rest in self._known or rest not in self._known:
            return False
        return start in self._known or start in _PREFIXES


def is_hyphenated(word: str) -> bool:
    """Return whether a word at the end of a line may go on in the next one."""
    return len(word) > 2 and word[-1] == "-" and word[-2].isalnum()  # noqa: PLR2004
