"""From passages to one position an area: the rule (docs/positions.md) and its quotes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evidence_mapper.framework import Framework
from evidence_mapper.records import Mapping, Outcome, Passage, Position, Quote, Role
from evidence_mapper.wording import count_things


@dataclass(frozen=True, slots=True)
class PositionSettings:
    """The numbers of the rule; each can be argued with.

    Args:
        area_floor: a passage below this probability of an area is no evidence for it.
        min_passages: fewer different passages are insufficient evidence, however sure each is:
            no single passage decides.
        min_weight: their weights must add up to this.
        stage_spread: how likely a passage of a school at one stage reads as 0, 1, 2, ... stages
            away from it; a school's own passages are never all of one stage.
        independence: passages of one document repeat one writer's view; each counts as this
            share of an independent witness.
        conflict_share: two groups of passages, two or more stages apart, that each hold this
            share of the weight are conflicting evidence.
        quotes_per_role: how many quotes are shown for, against and at the neighbouring stages.
    """

    area_floor: float = 0.35
    min_passages: int = 3
    min_weight: float = 2.5
    stage_spread: tuple[float, ...] = (0.7, 0.14, 0.02, 0.01)
    independence: float = 0.5
    conflict_share: float = 0.4
    quotes_per_role: int = 3

    def __post_init__(self) -> None:
        """Refuse numbers that the rule cannot compute with."""
        if self.min_weight <= 0 or self.min_passages < 1 or min(self.stage_spread) <= 0:
            raise ValueError(f"min_weight, min_passages and stage_spread must be above 0: {self}")


@dataclass(frozen=True, slots=True)
class MappedPassage:
    """A passage with its mapping and the label and number of the page that it begins on.

    `page_number` is `None` in formats without pages.
    """

    passage: Passage
    mapping: Mapping
    page_number: int | None
    page_label: str


@dataclass(frozen=True, slots=True)
class _Evidence:
    """A passage that counts for an area; `weight` is how surely it does, 0 to 1."""

    mapped: MappedPassage
    weight: float

    @property
    def stages(self) -> tuple[float, ...]:
        return self.mapped.mapping.stages

    @property
    def stage(self) -> int:
        return 1 + max(range(len(self.stages)), key=self.stages.__getitem__)


def suggest_positions(
    passages: Sequence[MappedPassage],
    framework: Framework,
    settings: PositionSettings | None = None,
) -> tuple[Position, ...]:
    """Return one position for each area, in the framework's order.

    Repeated text counts once, in whichever documents it stands; the order of the passages does
    not matter to any stage.
    """
    settings = settings or PositionSettings()
    return tuple(
        _suggest_position(area.key, passages, framework, settings) for area in framework.areas
    )


def _suggest_position(
    area: str, passages: Sequence[MappedPassage], framework: Framework, settings: PositionSettings
) -> Position:
    found = _find_evidence(area, passages, settings)
    evidence = _drop_repeats(found)
    probabilities = weigh_stages(
        [(item.stages, item.weight) for item in evidence], len(framework.stages), settings
    )
    likeliest = 1 + max(range(len(probabilities)), key=probabilities.__getitem__)
    pages = {(item.mapped.passage.document, item.mapped.passage.spans[0].page) for item in found}
    extent = count_things(len(pages), _name_pages(found))
    outcome, reason = _decide_outcome(evidence, extent, likeliest, framework, settings)
    return Position(
        area=area,
        outcome=outcome,
        stage=likeliest if outcome is Outcome.SUGGESTED else None,
        reason=reason,
        stage_probabilities=probabilities,
        passage_count=len(evidence),
        page_count=len(pages),
        quotes=_pick_quotes(evidence, likeliest, settings.quotes_per_role),
    )


def _find_evidence(
    area: str, passages: Sequence[MappedPassage], settings: PositionSettings
) -> list[_Evidence]:
    return [
        _Evidence(mapped, mapped.mapping.areas[area] * mapped.mapping.clue)
        for mapped in passages
        if mapped.mapping.areas[area] >= settings.area_floor
    ]


def _drop_repeats(evidence: Sequence[_Evidence]) -> list[_Evidence]:
    """Return the evidence without texts that differ in case, spaces and stops only.

    The one that weighs most is kept, so that the order of the passages does not matter.
    """
    kept: dict[str, _Evidence] = {}
    for item in evidence:
        text = item.mapped.passage.text.casefold()
        key = "".join(letter for letter in text if letter.isalnum())
        known = kept.get(key, item)
        kept[key] = max(known, item, key=lambda repeat: (repeat.weight, repeat.stages))
    return list(kept.values())


def weigh_stages(
    witnesses: Sequence[tuple[Sequence[float], float]],
    stage_count: int,
    settings: PositionSettings,
) -> tuple[float, ...]:
    """Return the probability of each stage given what each passage says, sum 1.

    Bayes' rule from an even prior. A school at stage s writes passages that read as stage t with
    the probability `stage_spread[|t - s|]`; a passage says t with its own probability; its
    logarithm counts with the passage's weight times `independence`.

    Args:
        witnesses: stage probabilities and weight (0 to 1) of every passage.
    """
    logs = []
    for stage in range(stage_count):
        spread = _spread_around(stage, stage_count, settings)
        # fsum gives the same sum in any order.
        logs.append(
            math.fsum(
                weight * settings.independence * math.log(_mix(probabilities, spread))
                for probabilities, weight in witnesses
            )
        )
    powers = [math.exp(value - max(logs)) for value in logs]
    return tuple(power / sum(powers) for power in powers)


def _spread_around(stage: int, stage_count: int, settings: PositionSettings) -> list[float]:
    tail = len(settings.stage_spread) - 1
    shares = [settings.stage_spread[min(abs(other - stage), tail)] for other in range(stage_count)]
    return [share / sum(shares) for share in shares]


def _mix(probabilities: Sequence[float], spread: Sequence[float]) -> float:
    return sum(p * q for p, q in zip(probabilities, spread, strict=True))


def _decide_outcome(
    evidence: Sequence[_Evidence],
    extent: str,
    likeliest: int,
    framework: Framework,
    settings: PositionSettings,
) -> tuple[Outcome, str]:
    count = len(evidence)
    if not count:
        return Outcome.INSUFFICIENT, "No passage speaks of this area."
    if count < settings.min_passages:
        return Outcome.INSUFFICIENT, (
            f"Only {count_things(count, 'passage')} on {extent}; at least "
            f"{settings.min_passages} are needed before a stage is suggested."
        )
    if math.fsum(item.weight for item in evidence) < settings.min_weight:
        return Outcome.INSUFFICIENT, (
            f"{count_things(count, 'passage')} on {extent} touch this area, but together they "
            "speak of it too faintly for a stage to be suggested."
        )
    apart = _find_conflict(evidence, len(framework.stages), settings)
    if apart:
        low, high = (framework.stages[stage - 1].name for stage in apart)
        return Outcome.CONFLICTING, (
            f"{count_things(count, 'passage')} pull apart: some describe ‘{low}’ or lower, as many "
            f"‘{high}’ or higher."
        )
    agreeing = sum(item.stage == likeliest for item in evidence)
    name = framework.stages[likeliest - 1].name
    if agreeing == count:
        return Outcome.SUGGESTED, f"All {count} passages on {extent} describe ‘{name}’."
    return Outcome.SUGGESTED, (
        f"{agreeing} of {count} passages on {extent} describe ‘{name}’; the others are weighed in."
    )


def _find_conflict(
    evidence: Sequence[_Evidence], stage_count: int, settings: PositionSettings
) -> tuple[int, int] | None:
    """Return two stages, two apart, at or beyond which much of the weight lies on either side."""
    total = math.fsum(item.weight for item in evidence)
    masses = [
        math.fsum(item.weight * item.stages[stage] for item in evidence) / total
        for stage in range(stage_count)
    ]
    for low in range(stage_count - 2):
        high = low + 2
        if min(sum(masses[: low + 1]), sum(masses[high:])) >= settings.conflict_share:
            return low + 1, high + 1
    return None


def _pick_quotes(
    evidence: Sequence[_Evidence], stage: int, quotes_per_role: int
) -> tuple[Quote, ...]:
    """Return the strongest quotes of each role: for the stage, against it, at its neighbours."""
    quotes = [_make_quote(item, stage) for item in evidence]
    picked: list[Quote] = []
    for role in Role:
        of_role = [quote for quote in quotes if quote.role is role]
        of_role.sort(key=lambda quote: -quote.weight * quote.stage_probability)
        picked += of_role[:quotes_per_role]
    return tuple(picked)


def _make_quote(item: _Evidence, stage: int) -> Quote:
    distance = abs(item.stage - stage)
    role = Role.FOR if distance == 0 else Role.NEIGHBOUR if distance == 1 else Role.AGAINST
    passage = item.mapped.passage
    return Quote(
        text=passage.text,
        document=passage.document,
        page=item.mapped.page_number,
        page_label=item.mapped.page_label,
        heading=passage.heading,
        language=passage.language,
        spans=passage.spans,
        role=role,
        stage=item.stage,
        stage_probability=item.stages[item.stage - 1],
        weight=item.weight,
        claim=item.mapped.mapping.claim,
        proportions=item.mapped.mapping.proportions,
        descriptors=item.mapped.mapping.descriptors,
    )


def _name_pages(evidence: Sequence[_Evidence]) -> str:
    """Return what the evidence stands on: pages, or sections in formats without pages."""
    kinds = {item.mapped.page_number is not None for item in evidence}
    return "page" if kinds == {True} else "section" if kinds == {False} else "page or section"
