"""`analyse`: the positions that the documents of one school describe."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evidence_mapper.cli.app import (
    EncoderOption,
    JsonOption,
    ModelOption,
    app,
    print_parts,
    show_progress,
)
from evidence_mapper.data_files import DEFAULT_MODEL, check_folder
from evidence_mapper.records import DocumentKind

if TYPE_CHECKING:
    from evidence_mapper.reports import ReportFormat


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
    model: ModelOption = DEFAULT_MODEL,
    encoder: EncoderOption = None,
    read_timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="Time limit for reading a file.")
    ] = 60.0,
    use_cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Keep mappings of passages between runs.")
    ] = True,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")] = False,
) -> None:
    """Suggest the position that the documents of one school describe, in every area."""
    wanted = _parse_formats(formats)
    from evidence_mapper.mapping.cache import find_mapping_cache
    from evidence_mapper.pipeline import Mapper
    from evidence_mapper.positions import PositionSettings
    from evidence_mapper.reading import ReadingLimits
    from evidence_mapper.reports import profile_to_json, write_reports

    if out:
        check_folder(out)

    mapper = Mapper.load(
        model,
        encoder=encoder,
        settings=PositionSettings(quotes_per_role=quotes),
        cache=find_mapping_cache() if use_cache else None,
    )
    with show_progress(is_quiet=quiet) as progress:
        profile = mapper.assess(
            files, kind=kind, limits=ReadingLimits(timeout_s=read_timeout), on_progress=progress
        )
    written = write_reports(profile, mapper.framework, out, wanted) if out else ()
    if as_json:
        sys.stdout.write(profile_to_json(profile))
    else:
        from evidence_mapper.reports.terminal import render_profile

        print_parts(render_profile(profile, mapper.framework))
    for path in written:
        typer.echo(f"Written: {path}", err=True)


def _parse_formats(text: str) -> tuple["ReportFormat", ...]:
    from evidence_mapper.reports import FORMATS, ReportFormat

    try:
        return tuple(dict.fromkeys(ReportFormat(part.strip()) for part in text.split(",")))
    except ValueError:
        names = ",".join(FORMATS)
        raise typer.BadParameter(
            f"'{text}'; give one or more of {names}.", param_hint="--format"
        ) from None
