from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

import evidence_mapper
from builders import Heading, make_pdf
from evidence_mapper.data_files import find_data_folder
from evidence_mapper.errors import (
    DocumentNotFound,
    DocumentTooLarge,
    ModelError,
    NoTextFound,
    ReadingError,
)
from evidence_mapper.mapping import ModelSet
from evidence_mapper.passages import split_document
from evidence_mapper.pipeline import Mapper, Step
from evidence_mapper.positions import PositionSettings
from evidence_mapper.reading import ReadingLimits, read_document
from evidence_mapper.records import DocumentKind, Outcome
from evidence_mapper.reports import profile_to_json
from tiny_encoder import write_passage, write_report

STAGES = {"curriculum": 3, "pupil_voice": 1}
WELSH_TEXTS = (
    "Mae'r rhan fwyaf o'r disgyblion yn gwneud cynnydd da yn eu dysgu.",
    "Nid yw'r cwricwlwm wedi'i gynllunio'n ddigon gofalus eto.",
    "Mae llawer o rieni yn dod i gyfarfodydd yr ysgol bob tymor.",
)
HOSTILE = Path(__file__).parent / "hostile"


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "ser.md"
    path.write_text(write_report(STAGES), encoding="utf-8")
    return path


def make_pdf_report(path, area="curriculum", stage=2):
    """Write a report of four pages with one passage on each."""
    pages = [[Heading("Our school"), write_passage(area, stage, n)] for n in range(4)]
    path.write_bytes(make_pdf(pages, foot="Page {page}"))
    return path


def stages_of(profile):
    return {position.area: position.stage for position in profile.positions if position.stage}


def list_quotes(profile):
    return [quote for position in profile.positions for quote in position.quotes]


def test_a_report_is_read_split_mapped_and_placed(tiny_mapper, report, framework):
    profile = tiny_mapper.assess(report)
    assert [position.area for position in profile.positions] == list(framework.area_keys)
    assert stages_of(profile) == STAGES
    for position in profile.positions:
        if position.area not in STAGES:
            assert position.outcome is Outcome.INSUFFICIENT
            assert position.quotes == ()


def test_every_quote_is_verbatim_and_on_its_page(tiny_mapper, tmp_path):
    assessment = tiny_mapper.assess_fully(make_pdf_report(tmp_path / "ser.pdf"))
    (document,) = assessment.documents
    pages = {page.number: page for page in document.pages}
    written = [write_passage("curriculum", 2, number) for number in range(4)]
    quotes = list_quotes(assessment.profile)
    assert len(quotes) >= 3
    for quote in quotes:
        slices = [pages[span.page].text[span.start : span.end] for span in quote.spans]
        assert " ".join(slices) == quote.text
        assert quote.page == quote.spans[0].page == 1 + written.index(quote.text)
        assert quote.page_label == pages[quote.page].label


def test_a_format_without_pages_has_labels_and_no_page_numbers(tiny_mapper, report):
    profile = tiny_mapper.assess(report)
    assert {quote.page for quote in list_quotes(profile)} == {None}
    assert {quote.page_label for quote in list_quotes(profile)} == {"Curriculum", "Pupil voice"}
    assert not profile.documents[0].is_paged


def test_an_assessment_keeps_every_passage_with_its_mapping(tiny_mapper, report):
    assessment = tiny_mapper.assess_fully(report)
    passages = [item.passage for item in assessment.passages]
    assert passages == list(split_document(assessment.documents[0]))
    assert assessment.documents[0] == read_document(report)
    assert assessment.profile.documents[0].passage_count == len(passages)
    for item in assessment.passages:
        (alone,) = tiny_mapper.models.chosen.map_texts([item.passage.text])
        assert item.mapping.stages == pytest.approx(alone.stages, abs=1e-5)
        assert item.mapping.areas == pytest.approx(alone.areas, abs=1e-5)


def test_a_profile_says_what_it_was_made_from(tiny_mapper, report, framework):
    profile = tiny_mapper.assess(report, kind=DocumentKind.PLAN)
    (document,) = profile.documents
    assert (document.name, document.kind) == ("ser.md", DocumentKind.PLAN)
    assert document.digest == sha256(report.read_bytes()).hexdigest()
    assert document.languages == ("en",)
    assert document.page_count >= 2
    versions = profile.versions
    assert versions.program == evidence_mapper.__version__
    assert (versions.model, versions.model_digest) == ("fast", tiny_mapper.models.digest)
    assert (versions.framework, versions.framework_digest) == (framework.title, framework.digest)


def test_the_same_report_gives_the_same_profile(tiny_mapper, report):
    first, again = tiny_mapper.assess(report), tiny_mapper.assess([str(report)])
    assert profile_to_json(first) == profile_to_json(again)


def test_several_documents_make_one_profile(tiny_mapper, report, tmp_path):
    files = [
        report,
        make_pdf_report(tmp_path / "plan.pdf", "family_community", 4),
        make_pdf_report(tmp_path / "minutes.pdf", "self_evaluation", 2),
    ]
    profile = tiny_mapper.assess(files)
    names = [document.name for document in profile.documents]
    assert names == ["ser.md", "plan.pdf", "minutes.pdf"]
    assert stages_of(profile) == {**STAGES, "family_community": 4, "self_evaluation": 2}


def test_a_document_given_three_times_is_told_apart_and_counts_once(tiny_mapper, report):
    once, thrice = tiny_mapper.assess(report), tiny_mapper.assess([report, report, report])
    names = [document.name for document in thrice.documents]
    assert names == ["ser.md", "ser.md (2)", "ser.md (3)"]
    for one, other in zip(once.positions, thrice.positions, strict=True):
        assert (one.stage, one.passage_count) == (other.stage, other.passage_count)
        assert one.stage_probabilities == pytest.approx(other.stage_probabilities, abs=1e-6)
        assert other.page_count == 3 * one.page_count


def test_documents_of_one_name_keep_their_own_pages(tiny_mapper, tmp_path):
    files = []
    for name, stage in (("a", 1), ("b", 4)):
        (tmp_path / name).mkdir()
        files.append(make_pdf_report(tmp_path / name / "ser.pdf", stage=stage))
    assessment = tiny_mapper.assess_fully(files)
    texts = {
        (document.name, page.number): page.text
        for document in assessment.documents
        for page in document.pages
    }
    quotes = list_quotes(assessment.profile)
    assert {quote.document for quote in quotes} == {"ser.pdf", "ser.pdf (2)"}
    for quote in quotes:
        (span,) = quote.spans
        assert texts[quote.document, quote.page][span.start : span.end] == quote.text


def test_two_documents_that_pull_apart_are_conflicting_evidence(tiny_mapper, tmp_path):
    files = [make_pdf_report(tmp_path / f"{stage}.pdf", stage=stage) for stage in (1, 4)]
    positions = {position.area: position for position in tiny_mapper.assess(files).positions}
    assert positions["curriculum"].outcome is Outcome.CONFLICTING


def test_the_rule_can_be_changed(tiny_models, report):
    strict = Mapper(tiny_models, PositionSettings(min_passages=9)).assess(report)
    assert stages_of(strict) == {}
    few = Mapper(tiny_models, PositionSettings(quotes_per_role=1)).assess(report)
    assert max(len(position.quotes) for position in few.positions) == 1


def test_every_step_is_told_up_to_its_end(tiny_mapper, report):
    told = []
    tiny_mapper.assess([report] * 3, on_progress=lambda *step: told.append(step))
    for step in Step:
        counts = [(done, total) for name, done, total in told if name is step]
        assert all(before <= after for before, after in pairwise(done for done, _ in counts))
        assert counts[-1][0] == counts[-1][1]
    assert {total for name, _, total in told if name is Step.READ} == {3}


def test_no_document_makes_an_empty_profile(tiny_mapper):
    profile = tiny_mapper.assess([])
    assert profile.documents == ()
    assert {position.outcome for position in profile.positions} == {Outcome.INSUFFICIENT}


# Languages


@pytest.fixture
def english_mapper(tiny_model):
    """A mapper whose model was measured in English alone."""
    return Mapper(ModelSet({"en": tiny_model}))


def write_welsh(path, before=""):
    path.write_text(before + "".join(f"\n\n{text}" for text in WELSH_TEXTS), encoding="utf-8")
    return path


def test_a_report_in_a_language_that_no_model_knows_is_refused_with_the_reason(
    english_mapper, tmp_path
):
    with pytest.raises(ModelError) as caught:
        english_mapper.assess(write_welsh(tmp_path / "hunanarfarnu.md"))
    assert str(caught.value) == (
        "3 passages in Welsh could not be mapped and count for nothing: no model was measured in "
        "this language (there "
        "are some for English)"
    )


def test_the_part_of_a_report_that_could_not_be_mapped_is_noted(english_mapper, report, tmp_path):
    english = report.read_text(encoding="utf-8")
    mixed = write_welsh(tmp_path / "mixed.md", english)
    assessment = english_mapper.assess_fully([mixed, report])
    first, second = assessment.profile.documents
    assert first.notes == (
        "3 passages in Welsh could not be mapped and count for nothing: no model was measured in "
        "this language (there "
        "are some for English)",
    )
    assert second.notes == ()
    assert (first.passage_count, second.passage_count) == (11, 8)
    assert first.languages == ("cy", "en")
    assert len(assessment.passages) == 16
    assert {item.passage.language for item in assessment.passages} == {"en"}
    assert stages_of(assessment.profile) == STAGES


def test_each_language_of_a_report_is_mapped_by_its_model(tiny_models, report, tmp_path):
    mixed = write_welsh(tmp_path / "mixed.md", report.read_text(encoding="utf-8"))
    assessment = Mapper(tiny_models).assess_fully(mixed)
    assert assessment.profile.documents[0].notes == ()
    found = {
        item.passage.text: [mention.word for mention in item.mapping.proportions]
        for item in assessment.passages
        if item.passage.language == "cy"
    }
    assert found == dict(zip(WELSH_TEXTS, (["most"], [], ["many"]), strict=True))


@pytest.mark.usefixtures("use_tiny_encoder")
def test_a_second_run_with_a_cache_encodes_nothing(tiny_folder, report, tmp_path):
    kept = tmp_path / "kept.sqlite3"
    first = Mapper.load(str(tiny_folder), cache=kept)
    again = Mapper.load(str(tiny_folder), cache=kept)
    assert profile_to_json(first.assess(report)) == profile_to_json(again.assess(report))
    assert first.models.chosen.encoder.encoded
    assert again.models.chosen.encoder.encoded == []


# What can be wrong with a document


def test_a_missing_document_needs_no_encoder(tiny_mapper, tmp_path):
    with pytest.raises(DocumentNotFound, match=r"^none\.pdf: there is no such file"):
        tiny_mapper.assess(tmp_path / "none.pdf")
    assert "encoder" not in vars(tiny_mapper.models.chosen)


def test_one_bad_document_keeps_its_kind_of_error(tiny_mapper, report):
    with pytest.raises(NoTextFound, match="no_text_layer"):
        tiny_mapper.assess([report, HOSTILE / "no_text_layer.pdf", report])


def test_every_document_that_cannot_be_read_is_named(tiny_mapper, report, tmp_path):
    paths = [tmp_path / "none.pdf", report, HOSTILE / "slides.pptx", tmp_path / "also.pdf"]
    with pytest.raises(ReadingError) as caught:
        tiny_mapper.assess(paths)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["none.pdf", "slides.pptx", "also.pdf"]


@pytest.mark.parametrize("before", [0, 1, 4])
def test_limits_reach_every_reader(tiny_mapper, report, tmp_path, before):
    path = make_pdf_report(tmp_path / "ser.pdf")
    with pytest.raises(DocumentTooLarge, match=r"^ser\.pdf: 4 pages"):
        tiny_mapper.assess([report] * before + [path], limits=ReadingLimits(max_pages=3))


@pytest.mark.model
@pytest.mark.parametrize("name", ["pen-y-garth.pdf", "aberhelyg.docx"])
def test_the_shipped_model_quotes_samples_verbatim_in_both_languages(name):
    path = find_data_folder("corpus_samples") / "documents" / name
    profile, document = Mapper.load().assess(path), read_document(path)
    pages = {page.number: page for page in document.pages}
    assert len(list_quotes(profile)) > 10
    for quote in list_quotes(profile):
        slices = [pages[span.page].text[span.start : span.end] for span in quote.spans]
        assert " ".join(slices) == quote.text
        assert quote.page == (quote.spans[0].page if document.is_paged else None)
        assert quote.page_label == pages[quote.spans[0].page].label
    assert len(stages_of(profile)) >= 5


@pytest.mark.model
def test_a_quote_stands_on_the_page_that_another_reader_finds_it_on():
    import pypdfium2

    path = find_data_folder("corpus_samples") / "documents" / "pen-y-garth.pdf"
    profile = Mapper.load().assess(path)
    pdf = pypdfium2.PdfDocument(path)
    letters = ["".join(filter(str.isalnum, page.get_textpage().get_text_range())) for page in pdf]
    pdf.close()
    whole = [quote for quote in list_quotes(profile) if len(quote.spans) == 1]
    assert len(whole) > 10
    for quote in whole:
        assert "".join(filter(str.isalnum, quote.text)) in letters[quote.page - 1], quote.text
