"""What the commands print for people (rich)."""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evidence_mapper.explanations import Explanation
from evidence_mapper.framework import Area, Characteristic, Factor, Framework
from evidence_mapper.metrics import Figure, Scores
from evidence_mapper.records import NONE, Position, Profile, Role
from evidence_mapper.wording import KIND_NAMES, count_things

# Eight heights of a bar, lowest first.
BAR_HEIGHTS = "▁▂▃▄▅▆▇█"
MAX_QUOTE_CHARS = 140
SHOWN_AREAS = 3
SHOWN_EFFECTS = 6


def render_profile(profile: Profile, framework: Framework) -> RenderableType:
    """Return the positions as a table, with the files and what was left out of them."""
    table = Table(box=SIMPLE, pad_edge=False, header_style="bold", show_lines=False, expand=True)
    table.add_column("Area", ratio=5)
    table.add_column("The documents describe", ratio=6)
    table.add_column(f"1 to {len(framework.stages)}", no_wrap=True)
    table.add_column("Passages", justify="right", no_wrap=True)
    is_paged = any(document.is_paged for document in profile.documents)
    table.add_column("Pages" if is_paged else "Sections", justify="right", no_wrap=True)
    table.add_column("Best quote", ratio=14)
    for area, position in zip(framework.areas, profile.positions, strict=True):
        bar = draw_bar(position.stage_probabilities) if position.passage_count else ""
        table.add_row(
            Text(area.short_name),
            _describe_stage(position, framework),
            Text(bar),
            str(position.passage_count),
            str(position.page_count),
            _show_best_quote(position, is_only_document=len(profile.documents) == 1),
        )
        table.add_section()
    parts: list[RenderableType] = [_list_documents(profile), table]
    parts.append(
        Text(
            f"1 to {len(framework.stages)}: the probability of each stage. This describes what the "
            "documents say; it judges no school, and a person decides.",
            style="dim",
        )
    )
    return Padding(Group(*parts), (1, 0))


def _list_documents(profile: Profile) -> Text:
    lines = []
    for document in profile.documents:
        kind = KIND_NAMES[document.kind]
        noun = "page" if document.is_paged else "section"
        lines.append(
            f"{document.name}: {kind}, {count_things(document.page_count, noun)}, "
            f"{count_things(document.passage_count, 'passage')}"
        )
        lines += [f"  {note}" for note in document.notes]
    return Text("\n".join(lines))


def draw_bar(probabilities: Sequence[float]) -> str:
    """Return one character for each stage, as high as its probability."""
    top = len(BAR_HEIGHTS) - 1
    return "".join(BAR_HEIGHTS[round(probability * top)] for probability in probabilities)


def _describe_stage(position: Position, framework: Framework) -> Text:
    if position.stage is None:
        return Text(position.outcome.value, style="italic")
    stage = framework.stages[position.stage - 1]
    return Text(f"{stage.number} {stage.name}", style="bold")


def _show_best_quote(position: Position, *, is_only_document: bool) -> Text:
    quote = next((quote for quote in position.quotes if quote.role is Role.FOR), None)
    if quote is None or position.stage is None:
        return Text(position.reason, style="italic")
    words = quote.text
    if len(words) > MAX_QUOTE_CHARS:
        words = words[:MAX_QUOTE_CHARS].rsplit(" ", 1)[0] + " …"
    place = quote.page_label if is_only_document else f"{quote.document}, {quote.page_label}"
    return Text.assemble(f"“{words}” ", (f"({place})", "dim"))


def render_explanation(explanation: Explanation, framework: Framework) -> RenderableType:
    """Return where a passage is placed and why, for a person to check."""
    mapping = explanation.mapping
    names = {area.key: area.short_name for area in framework.areas} | {NONE: "no evidence"}
    likeliest = sorted(mapping.areas, key=lambda key: -mapping.areas[key])[:SHOWN_AREAS]
    facts = [
        ("Areas", [f"{mapping.areas[key]:.2f}  {names[key]}" for key in likeliest]),
        (
            "Stages",
            [
                f"{share:.2f}  {stage.number} {stage.name}"
                for stage, share in zip(framework.stages, mapping.stages, strict=True)
            ],
        ),
        ("Clue to a stage", [f"{mapping.clue:.2f}"]),
        ("Claims", [mapping.claim.value] if mapping.claim else []),
        (
            "Proportions",
            [
                f"{explanation.text[mention.start : mention.end]}: {mention.definition}"
                for mention in mapping.proportions
            ],
        ),
        (
            "Words that decide",
            [
                f"{effect.stage_change:+.2f}  {effect.text}"
                for effect in explanation.effects[:SHOWN_EFFECTS]
            ],
        ),
        (
            "Closest descriptors",
            [
                f"{match.match_score:.2f}  {names[descriptor.area]}, stage {descriptor.stage}: "
                f"{descriptor.full_text}"
                for match in mapping.descriptors
                for descriptor in [framework.descriptors[match.descriptor]]
            ],
        ),
    ]
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 1, 0))
    for title, lines in facts:
        if lines:
            table.add_row(Text(title, style="bold"), Text("\n".join(lines)))
    note = (
        "Words that decide: how much higher the mean stage is with the word than without it. They "
        "show what the model looks at, not whether it is right."
    )
    return Padding(Group(table, Text(note, style="dim")), (1, 0))


def render_evaluation(
    scores: Scores, by_language: Mapping[str, Scores], framework: Framework
) -> RenderableType:
    """Return all figures of an evaluation, by language, and the confusion matrices."""
    parts = [render_scores("All", scores)]
    if len(by_language) > 1:
        parts += [
            render_scores(f"Language {language}", of_language)
            for language, of_language in by_language.items()
        ]
    areas = [*(area.key for area in framework.areas), "none"]
    stages = [stage.name for stage in framework.stages]
    parts += [
        render_confusion("Stages", stages, scores.stage_confusion),
        render_confusion("Areas", areas, scores.area_confusion),
    ]
    return Group(*parts)


def render_scores(title: str, scores: Scores) -> RenderableType:
    """Return the figures of an evaluation with their 95% intervals."""
    table = Table(
        title=f"{title}: {scores.passage_count} passages, {scores.stage_count} with a stage",
        title_justify="left",
        box=None,
        header_style="bold",
    )
    for column in ("", "figure", "95% interval"):
        table.add_column(column, justify="left" if not column else "right")
    for name, figure in _list_figures(scores):
        table.add_row(name, f"{figure.value:.3f}", f"{figure.low:.3f} to {figure.high:.3f}")
    return Padding(table, (0, 0, 1, 0))


def _list_figures(scores: Scores) -> tuple[tuple[str, Figure], ...]:
    return (
        ("area accuracy", scores.area_accuracy),
        ("area accuracy counting also", scores.area_accuracy_with_also),
        ("area macro F1", scores.area_macro_f1),
        ("stage exact", scores.stage_exact),
        ("stage within one", scores.stage_within_one),
        ("stage quadratic weighted kappa", scores.stage_qwk),
        ("stage mean absolute error", scores.stage_mean_absolute_error),
        ("stage calibration error", scores.stage_calibration_error),
        ("share answered when abstaining", scores.answered_share),
        ("stage exact of what is answered", scores.answered_exact),
        ("clue to a stage seen where there is one", scores.clue_recall),
        ("no clue seen where there is none", scores.no_clue_recall),
    )


def render_confusion(
    title: str, labels: Sequence[str], counts: Sequence[Sequence[int]]
) -> RenderableType:
    """Return a confusion matrix: rows are labels, columns the model's answers by number."""
    table = Table(
        title=f"{title} (rows: label; columns: answer)",
        title_justify="left",
        box=None,
        header_style="bold",
    )
    table.add_column("")
    for number in range(1, len(labels) + 1):
        table.add_column(str(number), justify="right")
    for number, (label, row) in enumerate(zip(labels, counts, strict=True), start=1):
        table.add_row(f"{number} {label}", *(str(count or "·") for count in row))
    return Padding(table, (0, 0, 1, 0))


def render_framework(framework: Framework) -> RenderableType:
    """Return the areas with their keys, the stages, factors and characteristics."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("Area", "Name", "Welsh name", "Factors", "Characteristics"):
        table.add_column(column)
    for area in framework.areas:
        table.add_row(
            area.key,
            escape(area.name),
            escape(area.welsh_name or ""),
            " ".join(map(str, area.factors)),
            " ".join(map(str, area.characteristics)),
        )
    parts: list[RenderableType] = [Text(framework.title, style="bold"), Text(), table, Text()]
    parts += [
        Text(
            f"Stage {stage.number}: {stage.name}"
            + (f" / {stage.welsh_name}" if stage.welsh_name else "")
        )
        for stage in framework.stages
    ]
    parts += _list_items("Contributory factors", framework.factors)
    parts += _list_items("Common characteristics of improvement", framework.characteristics)
    return Group(*parts)


def render_area(framework: Framework, area: Area) -> RenderableType:
    """Return what the framework says of one area at every stage, and what it is read with."""
    parts: list[RenderableType] = [Text(area.name, style="bold")]
    for stage in framework.stages:
        parts += [Text(), Text(f"{stage.number} {stage.name}", style="bold")]
        for descriptor in framework.descriptors_of(area.key, stage.number):
            parts.append(Text(descriptor.text))
            parts += [Text(f"  • {bullet}") for bullet in descriptor.bullets]
    parts += _list_items("Contributory factors", framework.factors_of(area))
    parts += _list_items(
        "Common characteristics of improvement", framework.characteristics_of(area)
    )
    return Group(*parts)


def _list_items(heading: str, items: Sequence[Factor | Characteristic]) -> list[RenderableType]:
    if not items:
        return []
    return [Text(), Text(heading, style="bold"), *(Text(f"{i.number}. {i.text}") for i in items)]
