"""`framework show` and `framework check`."""

from pathlib import Path
from typing import Annotated

import typer

from evidence_mapper.cli.app import app, print_parts

framework_app = typer.Typer(
    help="Show the framework, or check one of your own.", no_args_is_help=True
)
app.add_typer(framework_app, name="framework")


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
        print_parts(render_framework(framework))
        return
    try:
        print_parts(render_area(framework, framework.find_area(area)))
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
