"""`classify`, `explain` and `evaluate`: what the models say of single passages."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from evidence_mapper.cli.app import EncoderOption, JsonOption, ModelOption, app, print_parts
from evidence_mapper.data_files import DEFAULT_MODEL

# Four sentences have some hundred; each word is left out in turn.
MAX_PASSAGE_BYTES = 5000
StageFloorOption = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Abstain from a stage that is less probable; the model's own."),
]
ClueFloorOption = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="See no clue to a stage below this; the model's own."),
]


@app.command(epilog="Example: evidence-mapper classify passages.jsonl > answers.jsonl")
def classify(
    file: Annotated[Path, typer.Argument(help='JSON Lines of {"id", "text"}.')],
    model: ModelOption = DEFAULT_MODEL,
    encoder: EncoderOption = None,
    stage_floor: StageFloorOption = None,
    clue_floor: ClueFloorOption = None,
) -> None:
    """Print area and stage of every passage of a file, one JSON object a line."""
    from evidence_mapper.evaluation import classify_texts
    from evidence_mapper.framework import load_framework
    from evidence_mapper.language import detect_language
    from evidence_mapper.mapping import load_models
    from evidence_mapper.passage_files import read_unlabelled_passages

    passages = list(read_unlabelled_passages(file))
    models = load_models(model, framework=load_framework(), encoder=encoder)
    models.set_thresholds(stage_floor=stage_floor, clue_floor=clue_floor)
    answers = classify_texts(
        models,
        [passage.text for passage in passages],
        [passage.lang or detect_language(passage.text) for passage in passages],
    )
    for passage, answer in zip(passages, answers, strict=True):
        sys.stdout.write(json.dumps({"id": passage.id, **asdict(answer)}) + "\n")


@app.command(epilog='Example: evidence-mapper explain "Most pupils make good progress."')
def explain(
    text: Annotated[str, typer.Argument(help="A passage; - reads it from stdin.")],
    language: Annotated[
        str | None, typer.Option(metavar="en|cy", help="Its language; detected where left out.")
    ] = None,
    model: ModelOption = DEFAULT_MODEL,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show where a passage is placed and why: descriptors, proportions, the words that decide."""
    from evidence_mapper.explanations import explain_text
    from evidence_mapper.framework import load_framework
    from evidence_mapper.language import LANGUAGES
    from evidence_mapper.mapping import load_models
    from evidence_mapper.reports import dump_json
    from evidence_mapper.reports.terminal import render_explanation

    if language is not None and language not in LANGUAGES:
        raise typer.BadParameter(f"'{language}'; give en or cy.", param_hint="--language")
    passage = _read_passage(text)
    models = load_models(model, framework=load_framework(), encoder=encoder)
    explanation = explain_text(models, passage, language)
    if as_json:
        claim = explanation.mapping.claim
        sys.stdout.write(dump_json({**asdict(explanation), "claim": claim}))
    else:
        print_parts(render_explanation(explanation, models.framework))


@app.command(epilog="Example: evidence-mapper evaluate labelled.jsonl")
def evaluate(
    file: Annotated[
        Path, typer.Argument(help='JSON Lines of {"text", "area", "also", "stage", "lang"}.')
    ],
    model: ModelOption = DEFAULT_MODEL,
    encoder: EncoderOption = None,
    stage_floor: StageFloorOption = None,
    clue_floor: ClueFloorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the model on labelled passages, with 95% bootstrap intervals."""
    from evidence_mapper.evaluation import evaluate_models
    from evidence_mapper.framework import load_framework
    from evidence_mapper.mapping import load_models
    from evidence_mapper.passage_files import read_labelled_passages
    from evidence_mapper.reports import dump_json
    from evidence_mapper.reports.terminal import render_evaluation

    framework = load_framework()
    passages = read_labelled_passages(
        file,
        area_keys=framework.area_keys,
        stage_count=len(framework.stages),
    )
    models = load_models(model, framework=framework, encoder=encoder)
    models.set_thresholds(stage_floor=stage_floor, clue_floor=clue_floor)
    evaluation = evaluate_models(models, passages)
    if as_json:
        sys.stdout.write(dump_json(asdict(evaluation)))
    else:
        print_parts(render_evaluation(evaluation.overall, evaluation.by_language, framework))


def _read_passage(text: str) -> str:
    """Return a passage from the command line or from stdin, on one line."""
    try:
        given = sys.stdin.buffer.read(MAX_PASSAGE_BYTES + 1) if text == "-" else text.encode()
        passage = " ".join(given.decode().split())
    except UnicodeError:
        raise typer.BadParameter("is not UTF-8 text.", param_hint="TEXT") from None
    if not passage:
        raise typer.BadParameter("give a passage of some words.", param_hint="TEXT")
    if len(given) > MAX_PASSAGE_BYTES:
        raise typer.BadParameter(
            f"has more than {MAX_PASSAGE_BYTES} bytes; give one to four sentences.",
            param_hint="TEXT",
        )
    return passage
