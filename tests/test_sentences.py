import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_mapper.sentences import find_sentences

# Sentences are parted by " | " and stand in the text with one space between.
ENGLISH = """
Pupils in Yr. 3 read well. | They enjoy it.
Pupils in Yrs. 3 and 4 read well. | They enjoy it.
Cllr. Evans visited. | He praised staff.
Cllr. J. Evans visited. | He praised staff.
Mr. A.B. Jones leads with Mrs. C. Rees. | Staff follow.
Dr. Rees ran it in Oct. 2023. | It worked!
Some skills, e.g. reading, are strong. | Others are not.
Leaders (e.g. Mrs. Davies) lead. | Staff follow.
Mr Jones, i.e. the headteacher, leads. | All follow.
See p. 4 for more. | It is good.
See pp. 4-6 and para. 12. | It is good.
Attendance improved (see fig. 3). | Staff agree.
Priority No. 4 was met. | The rest were not.
Was it met? | No. | The rest were not.
Pupils use tablets, books, etc. | They like it.
Pupils use tablets, books, etc. and they like it.
The club starts at 3.30 p.m. | Parents help.
The club runs until 5 p.m. on Fridays. | Parents help.
Attendance rose to 94.5%. | This is good.
The score is 3.5. | This is good.
It began in Sept. 2024. | It has grown.
It began on 3 Sept. | It has grown.
It began in September 2024. | It has grown.
It ended in May. | Baseline: 5 of 19 lessons.
Staff met on 3.9.2024. | They did.
"We like it." | They said so often.
Pupils said, “We like it.” | They did.
Pupils said, “We like it.” and smiled. | They did.
Do pupils agree?! | Yes, they do! | We know.
It is improving... | The rest is not.
It is improving … slowly. | The rest is not.
See www.estyn.gov.wales for more. | Then act.
See https://hwb.gov.wales/a.b?c=d. | Then act.
Email office@ysgol.cymru. | Then wait.
• Leaders set targets. | • Staff meet them.
1. Leaders set targets. | 2. Staff meet them.
1.2 Leaders set targets. | 1.3 Staff meet them.
She works in Year 3. | He works in Year 4.
Standards rose at grade C. | Boys did better.
Most reach grades A* to C. | Boys did better.
Pupils moved to Block B. | Line management is clear.
The U.K. Government funds it. | Schools spend it.
St. Mary's shares practice. | It helps.
Approx. 40 pupils attend. | It helps.
The plan vs. the outcome. | It differs.
The Dept. of English meets. | It plans.
Strengths: reading; writing. | Weaknesses: number.
She has a B.Ed. degree. | He has none.
A heading without a full stop
"""

WELSH = """
Mae disgyblion Bl. 3 yn darllen yn dda. | Maent yn mwynhau.
Mae disgyblion Bl. 3 a Bl. 4 yn darllen. | Mae'n dda.
Mae Cyng. Davies yn gefnogol. | Mae'n ymweld.
Mae'r Cyng. J. Davies yn gefnogol. | Mae'n ymweld.
Ymwelodd y Parch. Owen. | Roedd yn hapus.
Mae sgiliau, e.e. darllen, yn gryf. | Mae eraill yn wan.
Mae arweinwyr, h.y. y pennaeth, yn effeithiol. | Mae staff yn cytuno.
Gweler t. 4 am fwy. | Mae'n dda.
Gweler tud. 12. | Mae'n dda.
Rhif. 4 yw'r flaenoriaeth. | Cyflawnwyd hi.
Defnyddir llyfrau, tabledi, ayb. | Maent yn eu hoffi.
Defnyddir llyfrau, tabledi, ayb. ac maent yn eu hoffi.
Nid oes angen mwy na hwy. | Gwelodd neb hon. | Dyna hi.
Mae'r barnau'n agos at ein rhai i. | Gellid bod yn fwy miniog.
Cododd presenoldeb i 94.5%. | Mae hyn yn dda.
Mae gan yr ysgol 3.5 athro. | Mae hynny'n ddigon.
Dechreuodd ym Medi 2024. | Mae wedi tyfu.
Dechreuodd ar 3 Ion. 2024. | Mae wedi tyfu.
"Rydym yn hoffi'r ysgol." | Dywedodd llawer hynny.
A yw'n dda? | Ydy, mae! | Gwyddom hynny.
Mae'r clwb tan 5 y.p. ar ddydd Gwener. | Mae rhieni'n helpu.
Mae'r ysgol yn Nhŷ Gwyn. | Êr yw'r gair. | Ŵyr pawb.
Symudodd i radd C. | Gwnaeth merched yn well.
"""

CASES = [
    *(("en", line) for line in ENGLISH.strip().splitlines()),
    *(("cy", line) for line in WELSH.strip().splitlines()),
]

# Where sentences end, where they seem to, and spaces of all widths.
PIECES = [*"aA1iŵ .!?\n\t\r\xa0\u2003\u2028“”'\"()•…‧", "Yr. 3", "etc. ", "grade C. "]
TRICKY = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def split(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in find_sentences(text, language)]


@pytest.mark.parametrize(("language", "line"), CASES, ids=[line for _, line in CASES])
def test_sentences_end_where_a_reader_would_say(language, line):
    assert split(line.replace(" | ", " "), language) == line.split(" | ")


@given(st.one_of(TRICKY, st.text(max_size=60)), st.sampled_from(["en", "cy"]))
@settings(deadline=None, max_examples=300)
def test_sentences_come_in_order_and_leave_out_spaces_only(text, language):
    reached = 0
    for start, end in find_sentences(text, language):
        assert reached <= start < end <= len(text)
        assert text[reached:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        reached = end
    assert text[reached:].strip() == ""


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_a_text_without_words_has_no_sentence(text):
    assert split(text) == []


@pytest.mark.parametrize("space", ["\u2003", "\u2028", "\u00a0", "\t", "\r\n"])
def test_a_space_of_any_width_parts_sentences(space):
    assert split(f"Part B{space}. One is.{space}Two is.")[-2:] == ["One is.", "Two is."]
    assert len(split(f"B{space}.")) == 1


def test_every_sentence_of_a_hundred_is_found():
    sentences = [f"Pupils in Yr. {number} make good progress." for number in range(100)]
    assert split(" ".join(sentences)) == sentences
