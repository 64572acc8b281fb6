"""Estyn's words for proportions, found where they stand."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidence_mapper.framework import load_proportions
from evidence_mapper.language import LANGUAGES
from evidence_mapper.mapping.proportions import find_proportions

DEFINITIONS = {proportion.word: proportion.definition for proportion in load_proportions()}
# The words in the forms in which they may stand in a text, written out, not made by a rule.
FORMS = {
    "en": {
        "nearly all": {"nearly all"},
        "most": {"most"},
        "many": {"many"},
        "a majority": {"a majority", "the majority"},
        "half": {"half"},
        "a minority": {"a minority", "the minority"},
        "few": {"few"},
        "very few": {"very few"},
    },
    "cy": {
        "nearly all": {"bron pob un", "fron pob un", "bron pob", "fron pob"},
        "most": {"y rhan fwyaf", "rhan fwyaf", "ran fwyaf"},
        "many": {"llawer", "lawer"},
        "a majority": {"mwyafrif", "fwyafrif"},
        "half": {"hanner"},
        "a minority": {"lleiafrif", "leiafrif"},
        "few": {"ychydig"},
        "very few": {"ychydig iawn"},
    },
}
# Words that a rule may trip over: they come before or after proportions, or hold a part of one.
OTHERS = {
    "en": ("pupils", "the", "a", "very", "nearly", "at", "years", "able", "almost", "half-term"),
    "cy": ("disgybl", "y", "iawn", "un", "sut", "mwy", "bron", "mae'r", "o'r", "blynyddoedd"),
}


def list_words(text: str, language: str) -> list[tuple[str, str]]:
    """Return what stands in the text and Estyn's word for it, of every mention."""
    return [
        (text[mention.start : mention.end], mention.word)
        for mention in find_proportions(text, language)
    ]


@pytest.mark.parametrize(
    ("text", "found", "word"),
    [
        ("Nearly all pupils behave well.", "Nearly all", "nearly all"),
        ("In most lessons, teachers ask good questions.", "most", "most"),
        ("MANY pupils read well.", "MANY", "many"),
        ("A majority of pupils attend clubs.", "A majority", "a majority"),
        ("The work of the majority is neat.", "the majority", "a majority"),
        ("About half of the staff were trained.", "half", "half"),
        ("A minority do not make enough progress.", "A minority", "a minority"),
        ("There is little to do for the minority.", "the minority", "a minority"),
        ("Few parents came.", "Few", "few"),
        ("Very few pupils are late.", "Very few", "very few"),
    ],
)
def test_every_english_word_is_found_with_its_definition(text, found, word):
    (mention,) = find_proportions(text, "en")
    assert text[mention.start : mention.end] == found
    assert (mention.word, mention.definition) == (word, DEFINITIONS[word])


@pytest.mark.parametrize(
    ("text", "found", "word"),
    [
        ("Mae bron pob disgybl yn ymddwyn yn dda.", "bron pob", "nearly all"),
        ("Mae bron pob un yn dod.", "bron pob un", "nearly all"),
        ("Yn y rhan fwyaf o wersi, ceir cwestiynau da.", "y rhan fwyaf", "most"),
        ("Mae llawer o ddisgyblion yn darllen.", "llawer", "many"),
        ("Mae mwyafrif y disgyblion yn dod.", "mwyafrif", "a majority"),
        ("Hyfforddwyd hanner y staff.", "hanner", "half"),
        ("Nid yw lleiafrif yn gwneud digon.", "lleiafrif", "a minority"),
        ("Ychydig o rieni a ddaeth.", "Ychydig", "few"),
        ("Ychydig iawn sy'n hwyr.", "Ychydig iawn", "very few"),
    ],
)
def test_every_welsh_word_is_found_with_estyn_s_word_for_it(text, found, word):
    (mention,) = find_proportions(text, "cy")
    assert text[mention.start : mention.end] == found
    assert (mention.word, mention.definition) == (word, DEFINITIONS[word])


@pytest.mark.parametrize(
    ("text", "found", "word"),
    [
        ("Mae gan lawer o rieni farn.", "lawer", "many"),
        ("Trafodwyd hyn gan fwyafrif y staff.", "fwyafrif", "a majority"),
        ("Mae'n wir am leiafrif o'r gwersi.", "leiafrif", "a minority"),
        ("Mae'r rhan fwyaf o'r disgyblion yn darllen.", "rhan fwyaf", "most"),
        ("O'r rhan fwyaf cafwyd ateb.", "rhan fwyaf", "most"),
        ("Mae i ran fwyaf y gwersi nod clir.", "ran fwyaf", "most"),
    ],
)
def test_a_welsh_word_is_found_when_it_is_mutated_or_joined_to_the_word_before(text, found, word):
    assert list_words(text, "cy") == [(found, word)]


@pytest.mark.parametrize(
    "text",
    [
        "It matters the most.",
        "This is their most prized book.",
        "Our many visitors say so.",
        "At most, ten came.",
        "It is not known how many came.",
        "There were too many.",
        "So few were there.",
        "In the first half, we won.",
        "Most able pupils are stretched.",
        "A most effective lesson was seen.",
        "Visits were most recently made in May.",
        "It ran for many years.",
        "It took a few weeks.",
        "It happened over half term.",
        "A half-termly review is kept.",
        "They are almost there, and halfway; there are manifold reasons, and fewer today.",
        "Majority alone says nothing, and no more does minority.",
        "",
    ],
)
def test_what_is_no_proportion_in_english_is_not_found(text):
    assert list_words(text, "en") == []


@pytest.mark.parametrize(
    "text",
    [
        "Mae'r gwaith yn llawer gwell.",
        "Mae llawer mwy i'w wneud.",
        "Cynhelir adolygiad bob hanner tymor.",
        "Ers llawer blynyddoedd.",
        "Cafwyd sawl hanner diwrnod.",
        "Mae bron yno.",
        "Mae'r rhan nesaf yn hwy.",
    ],
)
def test_what_is_no_proportion_in_welsh_is_not_found(text):
    assert list_words(text, "cy") == []


def test_the_words_of_one_language_are_not_looked_for_in_the_other():
    text = "Most pupils and bron pob disgybl."
    assert list_words(text, "en") == [("Most", "most")]
    assert list_words(text, "cy") == [("bron pob", "nearly all")]


def test_several_words_come_in_their_order_with_offsets_into_the_text():
    text = "Tŷ Ni: nearly all pupils, most staff – and few, or very few, parents."
    mentions = find_proportions(text, "en")
    assert [(mention.start, mention.end) for mention in mentions] == [
        (7, 17),
        (26, 30),
        (43, 46),
        (51, 59),
    ]
    assert [mention.word for mention in mentions] == ["nearly all", "most", "few", "very few"]


@pytest.mark.parametrize("space", ["  ", "\n", "\t", " \r\n ", "\u00a0"])
def test_a_word_that_is_broken_over_spaces_is_found_whole(space):
    for language, words in (("en", ("Nearly", "all")), ("cy", ("Y", "rhan", "fwyaf"))):
        text = f"{space.join(words)} o"
        ((found, word),) = list_words(text, language)
        assert found == text[:-2]
        assert word in ("nearly all", "most")


@st.composite
def texts(draw, language):
    """Texts of proportions in any case, words around them and anything else."""
    forms = sorted(form for group in FORMS[language].values() for form in group)
    words = st.sampled_from([*forms, *OTHERS[language]])
    parts = draw(
        st.lists(st.one_of(words, words.map(str.upper), words.map(str.title), st.text(max_size=4)))
    )
    spaces = st.sampled_from([" ", " ", " ", "  ", "\n", ", ", "-", "'", ""])
    return "".join(part + draw(spaces) for part in parts)


@given(st.sampled_from(LANGUAGES).flatmap(lambda key: st.tuples(st.just(key), texts(key))))
@example(("en", "A mınority with a dotless i is none."))
@example(("en", "nearly all most very few few"))
@example(("cy", "bron pob un bron pob y rhan fwyaf ychydig iawn ychydig"))
def test_every_mention_is_a_word_of_the_list_and_none_overlap(case):
    language, text = case
    mentions = find_proportions(text, language)
    for mention in mentions:
        found = " ".join(text[mention.start : mention.end].casefold().split())
        assert found in FORMS[language][mention.word]
        assert mention.definition == DEFINITIONS[mention.word]
        beside = text[: mention.start][-1:] + text[mention.end :][:1]
        assert not re.search(r"\w", beside)
    places = [place for mention in mentions for place in (mention.start, mention.end)]
    assert places == sorted(places)
