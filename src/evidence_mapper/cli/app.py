"""What the commands share: the application, common options, printing and progress."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from evidence_mapper import __version__

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

app = typer.Typer(
    name="evidence-mapper",
    help="Find the evidence in school documents and place it in Estyn's improvement framework.",
    epilog="Example: evidence-mapper analyse ser-2025.pdf --out results",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
ModelOption = Annotated[
    str, typer.Option("--model", metavar="NAME", help="accurate, fast, or a folder with a model.")
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
# Of a step that takes long, where stderr goes into a file.
SECONDS_BETWEEN_LINES = 30.0


@app.callback(invoke_without_command=True)
def show_version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Find the evidence in school documents and place it in Estyn's improvement framework."""
    if version:
        typer.echo(f"evidence-mapper {__version__}")
        raise typer.Exit


def print_parts(renderable: "RenderableType") -> None:
    """Print what a command found for people."""
    _open_console().print(renderable)


def _open_console() -> "Console":
    from rich.console import Console

    return Console(highlight=False)


@contextmanager
def show_progress(
    *, is_quiet: bool, in_lines: bool = False
) -> Iterator[Callable[[str, int, int], None] | None]:
    """Give a function that shows on stderr what a command is at.

    Where stderr is no terminal nothing is shown, or `in_lines` a line now and then.
    """
    if is_quiet:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    if in_lines and not console.is_terminal:
        yield _tell_in_lines()
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
    ) as bars:
        tasks: dict[str, int] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(bars.task_ids[tasks[step]], completed=done, total=total)

        yield show


def _tell_in_lines() -> Callable[[str, int, int], None]:
    """Return a function that tells in plain lines, seldom enough for a log file."""
    told: dict[str, float] = {}

    def tell(step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if step in told and now - told[step] < SECONDS_BETWEEN_LINES:
            return
        told[step] = now
        typer.echo(f"{step}: {done} of {total}", err=True)

    return tell
