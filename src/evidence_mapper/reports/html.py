"""A profile as one web page that stands alone: no script, no request, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from evidence_mapper.framework import Area, Descriptor, Framework, Stage
from evidence_mapper.language import LANGUAGE_NAMES
from evidence_mapper.records import (
    DocumentSummary,
    Position,
    Profile,
    Quote,
    Role,
)
from evidence_mapper.wording import KIND_NAMES, count_things

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = "profile.html.j2"


# Enough to tell two files apart by eye; the JSON holds the whole digest.
SHORT_DIGEST_CHARS = 12


@dataclass(frozen=True, slots=True)
class _DocumentView:
    """A document with what people call its kind, its parts and its languages."""

    summary: DocumentSummary
    kind: str
    extent: str
    languages: str
    short_digest: str


@dataclass(frozen=True, slots=True)
class _Cell:
    """One stage of one area: its probability as text and as the width of a bar, 0 to 100."""

    stage: Stage
    share: str
    width: str
    is_suggested: bool
    descriptors: tuple[Descriptor, ...]


@dataclass(frozen=True, slots=True)
class _QuoteGroup:
    """Quotes under one heading; `explanation` says what they have in common."""

    title: str
    explanation: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class _AreaView:
    """A row of the table and the section that it links to.

    `suggested` is `None` where no stage is suggested, `following` where there is none above it.
    """

    area: Area
    position: Position
    cells: tuple[_Cell, ...]
    suggested: _Cell | None
    following: _Cell | None
    others: str
    quoted: str
    groups: tuple[_QuoteGroup, ...]


def profile_to_html(profile: Profile, framework: Framework) -> str:
    """Return the profile as a self-contained HTML page, ending in a line feed.

    All text of documents is escaped. The same profile and framework give the same text.

    Raises:
        ValueError: the profile's areas are not the framework's.
    """
    found = tuple(position.area for position in profile.positions)
    if found != framework.area_keys:
        raise ValueError(
            f"the profile's areas ({', '.join(found)}) are not the framework's"
            f" ({', '.join(framework.area_keys)})"
        )
    pairs = zip(framework.areas, profile.positions, strict=True)
    areas = [_view_area(area, position, framework) for area, position in pairs]
    return _load_template().render(
        framework=framework,
        documents=_view_documents(profile),
        areas=areas,
        suggested_count=sum(view.suggested is not None for view in areas),
        versions=profile.versions,
    )


@cache
def _load_template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("evidence_mapper.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE)


def format_share(probability: float) -> str:
    """Return a probability, 0 to 1, in whole per cent, never as certain or impossible."""
    if probability < 0.01:  # noqa: PLR2004
        return "<1%"
    if probability > 0.99:  # noqa: PLR2004
        return ">99%"
    return f"{probability:.0%}"


def _view_documents(profile: Profile) -> list[_DocumentView]:
    return [
        _DocumentView(
            summary=document,
            kind=KIND_NAMES[document.kind].capitalize(),
            extent=(
                count_things(document.page_count, "page" if document.is_paged else "section")
                + f", {count_things(document.passage_count, 'passage')}"
            ),
            languages=_join(LANGUAGE_NAMES[language] for language in document.languages),
            short_digest=document.digest[:SHORT_DIGEST_CHARS],
        )
        for document in profile.documents
    ]


def _view_area(area: Area, position: Position, framework: Framework) -> _AreaView:
    cells = tuple(
        _Cell(
            stage=stage,
            share=format_share(probability),
            width=f"{probability:.1%}",
            is_suggested=stage.number == position.stage,
            descriptors=framework.descriptors_of(area.key, stage.number),
        )
        for stage, probability in zip(framework.stages, position.stage_probabilities, strict=True)
    )
    return _AreaView(
        area=area,
        position=position,
        cells=cells,
        suggested=None if position.stage is None else cells[position.stage - 1],
        following=None if position.stage in (None, len(cells)) else cells[position.stage],
        others=_join(
            f"{_name_stage(cell.stage)} {cell.share}" for cell in cells if not cell.is_suggested
        ),
        quoted=_describe_quoted(position),
        groups=_group_quotes(position, framework),
    )


def _describe_quoted(position: Position) -> str:
    quoted = len(position.quotes)
    if quoted < position.passage_count:
        verb = "is" if quoted == 1 else "are"
        return (
            f"{quoted} of the {count_things(position.passage_count, 'passage')} {verb} quoted here."
        )
    if quoted == 1:
        return "The one passage that was found is quoted here."
    return f"All {count_things(position.passage_count, 'passage')} are quoted here."


def _group_quotes(position: Position, framework: Framework) -> tuple[_QuoteGroup, ...]:
    """Return the groups that hold a quote: by role, or by stage where none is suggested."""
    if position.stage is None:
        groups = [
            _QuoteGroup(
                f"Reads as {_name_stage(stage)}",
                "",
                tuple(quote for quote in position.quotes if quote.stage == stage.number),
            )
            for stage in framework.stages
        ]
    else:
        suggested = _name_stage(framework.find_stage(position.stage))
        of_role = {
            role: tuple(quote for quote in position.quotes if quote.role is role) for role in Role
        }
        groups = [
            _QuoteGroup(f"For {suggested}", "They read as the suggested stage.", of_role[Role.FOR]),
            _QuoteGroup(
                "At the neighbouring stages",
                f"They read as {_name_stages(of_role[Role.NEIGHBOUR], framework)}.",
                of_role[Role.NEIGHBOUR],
            ),
            _QuoteGroup(
                f"Against {suggested}",
                f"They read as {_name_stages(of_role[Role.AGAINST], framework)},"
                " two stages or more away.",
                of_role[Role.AGAINST],
            ),
        ]
    return tuple(group for group in groups if group.quotes)


def _name_stages(quotes: Iterable[Quote], framework: Framework) -> str:
    numbers = sorted({quote.stage for quote in quotes})
    return _join((_name_stage(framework.find_stage(number)) for number in numbers), "or")


def _name_stage(stage: Stage) -> str:
    return f"{stage.number} {stage.name}"


def _join(parts: Iterable[str], last: str = "and") -> str:
    *first, final = [*parts] or [""]
    return f"{', '.join(first)} {last} {final}" if first else final
