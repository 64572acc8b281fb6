import math
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_mapper.framework import load_framework
from evidence_mapper.positions import (
    MappedPassage,
    PositionSettings,
    suggest_positions,
    weigh_stages,
)
from evidence_mapper.records import (
    BlockKind,
    Mapping,
    Outcome,
    Passage,
    Position,
    Role,
    Span,
)

FRAMEWORK = load_framework()
STAGES = (1, 2, 3, 4)
AREA = "curriculum"
NUMBERS = count(1)


def make_stages(stage: int, sure: float) -> tuple[float, ...]:
    rest = (1 - sure) / 3
    return tuple(sure if number == stage else rest for number in STAGES)


def make_mapped(
    stage: int = 3,
    *,
    sure: float = 0.9,
    area: float = 0.95,
    clue: float = 0.95,
    text: str | None = None,
    page: int = 1,
) -> MappedPassage:
    """Return a passage on `AREA` that reads as a stage; its text is its own unless given."""
    areas = dict.fromkeys([*FRAMEWORK.area_keys, "none"], (1 - area) / 10) | {AREA: area}
    text = text or f"Passage {next(NUMBERS)} is about the curriculum."
    return MappedPassage(
        Passage("ser.pdf", text, (Span(page, 0, len(text)),), None, BlockKind.PARAGRAPH, "en"),
        Mapping(areas, make_stages(stage, sure), clue),
        page,
        f"p. {page}",
    )


def suggest(
    *passages: MappedPassage, settings: PositionSettings | None = None, area: str = AREA
) -> Position:
    positions = {
        position.area: position for position in suggest_positions(passages, FRAMEWORK, settings)
    }
    return positions[area]


def read(position: Position) -> tuple[object, ...]:
    """Return what must not depend on the order of the passages."""
    return (
        position.outcome,
        position.stage,
        position.reason,
        position.stage_probabilities,
        position.passage_count,
        position.page_count,
    )


SHARES = st.floats(0, 1)
MAPPED = st.builds(
    make_mapped,
    st.sampled_from(STAGES),
    sure=st.floats(0.25, 1),
    area=SHARES,
    clue=SHARES,
    text=st.sampled_from([f"Text {number} of a few that are repeated." for number in range(12)]),
    page=st.integers(1, 5),
)
SURE = st.builds(make_mapped, st.sampled_from(STAGES), sure=st.floats(0.5, 1))


@given(st.lists(MAPPED, max_size=30))
@settings(deadline=None)
def test_the_stages_of_every_area_have_probabilities_that_sum_to_1(passages):
    positions = suggest_positions(passages, FRAMEWORK)
    assert [position.area for position in positions] == list(FRAMEWORK.area_keys)
    for position in positions:
        assert len(position.stage_probabilities) == 4
        assert min(position.stage_probabilities) >= 0
        assert math.isclose(sum(position.stage_probabilities), 1)


@given(st.lists(MAPPED, max_size=30))
@settings(deadline=None)
def test_a_stage_is_named_where_one_is_suggested_and_only_there(passages):
    for position in suggest_positions(passages, FRAMEWORK):
        assert (position.stage is not None) == (position.outcome is Outcome.SUGGESTED)
        assert position.reason.endswith(".")
        if position.stage is not None:
            best = max(position.stage_probabilities)
            assert position.stage_probabilities[position.stage - 1] == best


@given(st.lists(MAPPED, max_size=20).flatmap(lambda x: st.tuples(st.just(x), st.permutations(x))))
@settings(deadline=None)
def test_the_order_of_the_passages_does_not_matter(orders):
    first, second = orders
    assert read(suggest(*first)) == read(suggest(*second))


@given(st.lists(MAPPED, max_size=20))
@settings(deadline=None)
def test_a_document_that_is_given_twice_changes_nothing(passages):
    assert read(suggest(*passages, *passages)) == read(suggest(*passages))


@given(st.lists(SURE, max_size=PositionSettings().min_passages - 1))
def test_fewer_passages_than_three_are_insufficient_however_sure(passages):
    position = suggest(*passages)
    assert position.outcome is Outcome.INSUFFICIENT
    assert position.stage is None


@given(
    st.sampled_from(STAGES),
    st.lists(st.tuples(st.floats(0.8, 1), st.floats(0.8, 1)), min_size=6, max_size=6),
    st.sampled_from(STAGES),
)
def test_no_single_passage_decides_against_six_that_agree(stage, likeness, contrary):
    agreeing = [make_mapped(stage, sure=sure, area=area) for sure, area in likeness]
    other = make_mapped(contrary, sure=1.0, area=1.0, clue=1.0)
    assert suggest(*agreeing).stage == stage
    assert suggest(*agreeing, other).stage == stage


@given(st.lists(SURE, min_size=3, max_size=12))
@settings(deadline=None)
def test_taking_evidence_away_ends_in_insufficient_and_never_in_a_low_stage(passages):
    for left in range(len(passages), -1, -1):
        position = suggest(*passages[:left])
        if left < PositionSettings().min_passages:
            assert position.outcome is Outcome.INSUFFICIENT
            assert position.stage is None
    assert position.stage_probabilities == (0.25, 0.25, 0.25, 0.25)
    assert position.quotes == ()
    assert (position.passage_count, position.page_count) == (0, 0)
    assert position.reason == "No passage speaks of this area."


@pytest.mark.parametrize("stage", STAGES)
def test_passages_that_agree_suggest_their_stage(stage):
    position = suggest(*(make_mapped(stage, page=page) for page in (1, 2, 2, 4)))
    assert (position.outcome, position.stage) == (Outcome.SUGGESTED, stage)
    assert (position.passage_count, position.page_count) == (4, 3)
    name = FRAMEWORK.find_stage(stage).name
    assert position.reason == f"All 4 passages on 3 pages describe ‘{name}’."


def test_a_passage_that_is_hardly_about_the_area_is_no_evidence_for_it():
    position = suggest(*(make_mapped(area=0.2) for _ in range(10)))
    assert position.outcome is Outcome.INSUFFICIENT
    assert position.passage_count == 0


def test_evidence_for_one_area_is_none_for_another():
    passages = [make_mapped() for _ in range(10)]
    assert suggest(*passages).outcome is Outcome.SUGGESTED
    for key in FRAMEWORK.area_keys:
        if key != AREA:
            assert suggest(*passages, area=key).outcome is Outcome.INSUFFICIENT


def test_facts_without_a_clue_to_a_stage_are_insufficient():
    position = suggest(*(make_mapped(1, clue=0.02) for _ in range(10)))
    assert position.outcome is Outcome.INSUFFICIENT
    assert position.reason == (
        "10 passages on 1 page touch this area, but together they speak of it too faintly for a "
        "stage to be suggested."
    )


def test_one_passage_is_counted_in_words_that_fit():
    assert suggest(make_mapped()).reason.startswith("Only 1 passage on 1 page; at least 3 are")
    two = suggest(make_mapped(page=1), make_mapped(page=2))
    assert two.reason.startswith("Only 2 passages on 2 pages; at least 3 are")


def test_a_repeated_sentence_counts_once_and_keeps_both_pages():
    passages = [
        make_mapped(text="Leaders plan the curriculum well.", page=2),
        make_mapped(text="LEADERS plan the curriculum  well", page=7),
    ]
    position = suggest(*passages)
    assert (position.passage_count, position.page_count) == (1, 2)
    assert len(position.quotes) == 1


def test_a_sentence_repeated_ten_times_is_no_more_than_one_passage():
    position = suggest(*(make_mapped(text="We are good.", page=page) for page in range(1, 11)))
    assert position.outcome is Outcome.INSUFFICIENT
    assert (position.passage_count, position.page_count) == (1, 10)


def test_two_pages_of_the_same_label_are_two_pages():
    passages = [make_mapped(page=page) for page in (1, 2)]
    sections = [MappedPassage(item.passage, item.mapping, None, "Leadership") for item in passages]
    assert suggest(*sections).page_count == 2


@pytest.mark.parametrize(
    ("low", "high"), [(1, 3), (1, 4), (2, 4)], ids=["1 and 3", "1 and 4", "2 and 4"]
)
def test_two_groups_far_apart_are_conflicting_evidence(low, high):
    position = suggest(*(make_mapped(stage) for stage in [low, high] * 4))
    assert position.outcome is Outcome.CONFLICTING
    assert position.stage is None
    assert position.reason.startswith("8 passages pull apart")
    assert math.isclose(sum(position.stage_probabilities), 1)


def test_a_conflict_names_the_stages_that_it_lies_between():
    reason = suggest(*(make_mapped(stage) for stage in [2, 4] * 4)).reason
    assert "‘Making progress’ or lower" in reason
    assert "‘Sustaining high standards’ or higher" in reason


@pytest.mark.parametrize(
    "stages", [(2, 3, 3, 3, 3, 4), (1, 2, 2, 2, 2, 3), (2, 2, 2, 3, 3, 3), (3, 3, 4, 4), (1, 1, 2)]
)
def test_a_spread_around_a_stage_is_no_conflict(stages):
    position = suggest(*map(make_mapped, stages))
    assert position.outcome is Outcome.SUGGESTED
    assert min(stages) <= position.stage <= max(stages)


def test_a_few_contrary_passages_are_no_conflict():
    assert suggest(*map(make_mapped, (3,) * 8 + (1,) * 2)).stage == 3


@given(st.lists(MAPPED, max_size=30))
@settings(deadline=None)
def test_a_quotes_role_is_how_far_its_stage_is_from_the_likeliest(passages):
    for position in suggest_positions(passages, FRAMEWORK):
        probabilities = position.stage_probabilities
        likeliest = 1 + probabilities.index(max(probabilities))
        roles = {0: Role.FOR, 1: Role.NEIGHBOUR, 2: Role.AGAINST, 3: Role.AGAINST}
        for quote in position.quotes:
            assert quote.role is roles[abs(quote.stage - likeliest)]


def test_the_strongest_quotes_of_each_role_are_shown():
    passages = [
        *(make_mapped(3, sure=sure) for sure in (0.7, 0.95, 0.8, 0.9, 0.85, 0.75)),
        make_mapped(4),
        make_mapped(1),
    ]
    quotes = suggest(*passages, settings=PositionSettings(quotes_per_role=2)).quotes
    assert [(quote.role, quote.stage) for quote in quotes] == [
        (Role.FOR, 3),
        (Role.FOR, 3),
        (Role.AGAINST, 1),
        (Role.NEIGHBOUR, 4),
    ]
    assert [quote.stage_probability for quote in quotes[:2]] == [0.95, 0.9]


def test_a_quote_is_the_passage_as_it_stands():
    mapped = make_mapped(2, sure=0.8, area=0.9, clue=0.5, page=7)
    (quote,) = suggest(mapped).quotes
    passage = mapped.passage
    assert (quote.text, quote.spans) == (passage.text, passage.spans)
    assert (quote.document, quote.heading) == (passage.document, passage.heading)
    assert quote.language == passage.language
    assert (quote.page, quote.page_label) == (7, "p. 7")
    assert (quote.stage, quote.stage_probability) == (2, 0.8)
    assert quote.weight == pytest.approx(0.9 * 0.5)


# The rule by hand


def weigh(*witnesses: tuple[tuple[float, ...], float], **numbers: object) -> tuple[float, ...]:
    rule = {"stage_spread": (0.8, 0.2), "independence": 1.0, **numbers}
    return weigh_stages(witnesses, 2, PositionSettings(**rule))


def test_one_sure_witness_gives_the_spread_of_a_stage():
    assert weigh(((1.0, 0.0), 1.0)) == pytest.approx((0.8, 0.2))


def test_witnesses_multiply():
    # 0.8 * 0.8 against 0.2 * 0.2.
    assert weigh(((1.0, 0.0), 1.0), ((1.0, 0.0), 1.0)) == pytest.approx((16 / 17, 1 / 17))


def test_an_unsure_witness_says_less():
    # 0.6 * 0.8 + 0.4 * 0.2 against 0.6 * 0.2 + 0.4 * 0.8.
    assert weigh(((0.6, 0.4), 1.0)) == pytest.approx((0.56, 0.44))
    assert weigh(((0.5, 0.5), 1.0)) == pytest.approx((0.5, 0.5))


def test_weight_and_independence_are_powers_of_a_witness():
    # The square root of 0.8 against that of 0.2 is 2 against 1.
    assert weigh(((1.0, 0.0), 0.5)) == pytest.approx((2 / 3, 1 / 3))
    assert weigh(((1.0, 0.0), 1.0), independence=0.5) == pytest.approx((2 / 3, 1 / 3))


def test_a_witness_without_weight_says_nothing():
    assert weigh(((1.0, 0.0), 0.0)) == pytest.approx((0.5, 0.5))


def test_a_spread_is_continued_by_its_last_number():
    rule = PositionSettings(stage_spread=(0.8, 0.1), independence=1.0)
    low = weigh_stages([((1.0, 0.0, 0.0), 1.0)], 3, rule)
    assert low[1] < low[0]
    assert low[1] == pytest.approx(low[2], abs=0.02)


def test_thousands_of_witnesses_do_not_vanish_in_rounding():
    passages = [((0.0, 1.0), 1.0)] * 10_000
    assert weigh(*passages) == pytest.approx((0.0, 1.0))


@pytest.mark.parametrize(
    "numbers", [{"min_weight": 0.0}, {"min_passages": 0}, {"stage_spread": (0.7, 0.3, 0.0)}]
)
def test_numbers_that_the_rule_cannot_compute_with_are_refused(numbers):
    with pytest.raises(ValueError, match="must be above 0"):
        PositionSettings(**numbers)
