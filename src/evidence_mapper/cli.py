"""The command line: each command parses, makes one call and prints."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evidence_mapper import __version__
from evidence_mapper.errors import EvidenceMapperError
from evidence_mapper.records import DocumentKind

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from evidence_mapper.reports import ReportFormat

app = typer.Typer(
    name="evidence-mapper",
    help="Find the evidence in school documents and place it in Estyn's improvement framework.",
    epilog="Example: evidence-mapper analyse ser-2025.pdf --out results",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
framework_app = typer.Typer(
    help="Show the framework, or check one of your own.", no_args_is_help=True
)
app.add_typer(framework_app, name="framework")

ModelOption = Annotated[
    str, typer.Option("--model", metavar="NAME", help="The model: fast, or a folder with one.")
]
EncoderOption = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        metavar="NAME",
        help="A hub model that the model was trained on; may be fetched.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
QUIET_HELP = "No progress on stderr."


def main() -> None:
    """Run the command line; what a person can put right is one line on stderr and exit 1."""
    try:
        app()
    except EvidenceMapperError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


@app.callback(invoke_without_command=True)
def show_version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Find the evidence in school documents and place it in Estyn's improvement framework."""
    if version:
        typer.echo(f"evidence-mapper {__version__}")
        raise typer.Exit


@app.command(epilog="Example: evidence-mapper analyse ser.pdf minutes.docx --out results")
def analyse(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="PDF, DOCX, HTML, text or Markdown; one school's."),
    ],
    kind: Annotated[
        DocumentKind | None, typer.Option(help="What the files are; guessed where left out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write profile.html, .json, quotes.csv here.")
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="What to write into --out.")
    ] = "html,json,csv",
    as_json: JsonOption = False,
    quotes: Annotated[
        int, typer.Option(min=1, max=50, help="Quotes for, against and beside each stage.")
    ] = 3,
    model: ModelOption = "fast",
    encoder: EncoderOption = None,
    read_timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="Time limit for reading a file.")
    ] = 60.0,
    quiet: Annotated[bool, typer.Option("--quiet", help=QUIET_HELP)] = False,
) -> None:
    """Suggest the position that the documents of one school describe, in every area."""
    wanted = _parse_formats(formats)
    from evidence_mapper.pipeline import Mapper
    from evidence_mapper.positions import PositionSettings
    from evidence_mapper.reading import ReadingLimits
    from evidence_mapper.reports import check_folder, profile_to_json, write_reports

    if out:
        check_folder(out)

    mapper = Mapper.load(model, encoder=encoder, settings=PositionSettings(quotes_per_role=quotes))
    with _show_progress(is_quiet=quiet) as progress:
        profile = mapper.assess(
            files, kind=kind, limits=ReadingLimits(timeout_s=read_timeout), on_progress=progress
        )
    written = write_reports(profile, mapper.framework, out, wanted) if out else ()
    if as_json:
        sys.stdout.write(profile_to_json(profile))
    else:
        from evidence_mapper.reports.terminal import render_profile

        _print(render_profile(profile, mapper.framework))
    for path in written:
        typer.echo(f"Written: {path}", err=True)


@app.command(epilog="Example: evidence-mapper classify passages.jsonl > answers.jsonl")
def classify(
    file: Annotated[Path, typer.Argument(help='JSON Lines of {"id", "text"}.')],
    model: ModelOption = "fast",
    encoder: EncoderOption = None,
) -> None:
    """Print area and stage of every passage of a file, one JSON object a line."""
    from evidence_mapper.evaluation import classify_texts
    from evidence_mapper.framework import load_framework
    from evidence_mapper.mapping import load_model
    from evidence_mapper.passage_files import read_unlabelled_passages

    passages = list(read_unlabelled_passages(file))
    loaded = load_model(model, framework=load_framework(), encoder=encoder)
    answers = classify_texts(loaded, [passage.text for passage in passages])
    for passage, answer in zip(passages, answers, strict=True):
        sys.stdout.write(json.dumps({"id": passage.id, **asdict(answer)}) + "\n")


@app.command(epilog="Example: evidence-mapper evaluate labelled.jsonl")
def evaluate(
    file: Annotated[
        Path, typer.Argument(help='JSON Lines of {"text", "area", "also", "stage", "lang"}.')
    ],
    model: ModelOption = "fast",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the model on labelled passages, with 95% bootstrap intervals."""
    from evidence_mapper.evaluation import evaluate_model
    from evidence_mapper.framework import load_framework
    from evidence_mapper.mapping import load_model
    from evidence_mapper.passage_files import read_labelled_passages
    from evidence_mapper.reports import dump_json
    from evidence_mapper.reports.terminal import render_evaluation

    framework = load_framework()
    passages = read_labelled_passages(
        file,
        area_keys=framework.area_keys,
        stage_count=len(framework.stages),
    )
    loaded = load_model(model, framework=framework, encoder=encoder)
    evaluation = evaluate_model(loaded, passages)
    if as_json:
        sys.stdout.write(dump_json(asdict(evaluation)))
    else:
        _print(render_evaluation(evaluation.overall, evaluation.by_language, framework))


@app.command(epilog="Example: evidence-mapper train --out my-model")
def train(
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write here; the shipped models' folder.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of labelled .jsonl files.")
    ] = None,
    framework: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Another framework than Estyn's.")
    ] = None,
    encoder: EncoderOption = None,
    name: Annotated[
        str,
        typer.Option(
            "--model", metavar="NAME", help="accurate (fine-tuned), or the name of a frozen one."
        ),
    ] = "fast",
) -> None:
    """Train a model on the authored passages and write it with its manifest."""
    from evidence_mapper.data_files import find_data_folder
    from evidence_mapper.encoders import MINILM, MPNET, load_encoder
    from evidence_mapper.framework import load_framework
    from evidence_mapper.language import ENGLISH
    from evidence_mapper.training import (
        TrainingSettings,
        TuningSettings,
        load_training_passages,
        train_model,
        tune_model,
    )

    loaded = load_framework(framework)
    passages = load_training_passages(loaded, data)
    folder = out or find_data_folder("models")
    if name == "accurate" and encoder is None:
        with _show_progress(is_quiet=False) as progress:
            manifest = tune_model(
                passages,
                framework=loaded,
                settings=TuningSettings(folder, name, MPNET, (ENGLISH,)),
                on_progress=progress,
            )
    else:
        manifest = train_model(
            passages,
            load_encoder(encoder or MINILM.name, exact=True),
            framework=loaded,
            settings=TrainingSettings(folder, name),
            on_step=lambda step: typer.echo(f"{step.value} ...", err=True),
        )
    typer.echo(manifest.model_dump_json(indent=2))


@app.command(epilog="Example: evidence-mapper setup")
def setup(
    from_hub: Annotated[
        bool, typer.Option("--from-hub", help="Take the files from the Hugging Face hub.")
    ] = False,
    from_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Take the files from a folder, without a network."),
    ] = None,
) -> None:
    """Fetch what the accurate model builds on, once (440 MB), each file checked by its digest."""
    if from_hub and from_dir:
        raise typer.BadParameter("give --from-hub or --from-dir.", param_hint="--from-hub")
    from evidence_mapper.encoders import MPNET, Source, set_up

    set_up(MPNET, Source(from_hub, from_dir), lambda step: typer.echo(step, err=True))


@framework_app.command("show", epilog="Example: evidence-mapper framework show curriculum")
def show_framework(
    area: Annotated[str | None, typer.Argument(help="Show its descriptors.")] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Another framework than Estyn's.")
    ] = None,
) -> None:
    """Print the areas, stages, factors and characteristics, or an area's descriptors."""
    from evidence_mapper.framework import load_framework
    from evidence_mapper.reports.terminal import render_area, render_framework

    framework = load_framework(file)
    if area is None:
        _print(render_framework(framework))
        return
    try:
        _print(render_area(framework, framework.find_area(area)))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="AREA") from None


@framework_app.command("check", epilog="Example: evidence-mapper framework check mine.toml")
def check_framework(file: Annotated[Path, typer.Argument(help="A framework as TOML.")]) -> None:
    """Check a framework file; print every problem at once, each with its path."""
    from evidence_mapper.framework import load_framework

    framework = load_framework(file)
    typer.echo(
        f"{file.name}: in order; {len(framework.areas)} areas, {len(framework.stages)} stages, "
        f"{len(framework.descriptors)} descriptors."
    )


def _parse_formats(text: str) -> tuple["ReportFormat", ...]:
    from evidence_mapper.reports import FORMATS, ReportFormat

    try:
        return tuple(dict.fromkeys(ReportFormat(part.strip()) for part in text.split(",")))
    except ValueError:
        names = ",".join(FORMATS)
        raise typer.BadParameter(
            f"'{text}'; give one or more of {names}.", param_hint="--format"
        ) from None


def _print(renderable: "RenderableType") -> None:
    _open_console().print(renderable)


def _open_console() -> "Console":
    from rich.console import Console

    return Console(highlight=False)


@contextmanager
def _show_progress(*, is_quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """Give a function that shows on stderr what an assessment is at."""
    if is_quiet:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bars:
        tasks: dict[str, int] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(bars.task_ids[tasks[step]], completed=done, total=total)

        yield show
