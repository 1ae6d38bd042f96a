"""What the commands share: options, progress, output, and exit codes of errors."""

from __future__ import annotations

import errno
import functools
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from ..errors import INVISIBLE, AplError, Fault, InputDataError, Note, printable
from . import interruptions

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..reports.page import Page
    from ..results.read import StoredResult

FAILURE, WRONG_USAGE, BAD_DATA = 1, 2, 3
_NO_METHODOLOGY = ("rulebook.unknown_id", "rulebook.no_such_file")
_WRONG_OPTIONS = ("option.change_malformed", "option.change_not_a_number", "option.change_repeated")
_ENDINGS_OF_FILES = {".arrow", ".csv", ".gz", ".json", ".parquet", ".xls", ".xlsx", ".zip", ".zst"}

Command = TypeVar("Command", bound=Callable[..., Any])


class FilledPath(click.Path):
    """A path that is not empty, as that of an unset shell variable would be."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, or refuse an empty one."""
        if value == "":
            self.fail("The path is empty: is a variable not set?", param, ctx)
        return super().convert(value, param, ctx)


class AddressOrPath(FilledPath):
    """A path, or an address such as s3://bucket/times, which stays text."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return an address as it is given, otherwise the path."""
        if isinstance(value, str) and "://" in value:
            return value
        return super().convert(value, param, ctx)


class FolderPath(FilledPath):
    """The path of a folder to write, not one that ends as that of a file does."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, or refuse that of a file."""
        path = super().convert(value, param, ctx)
        if path.suffix.lower() in _ENDINGS_OF_FILES and not os.path.isdir(path):
            self.fail(
                f"'{path}' ends as a file does, but a folder is written: give '{path.stem}'. For "
                "workbooks in it add --xlsx, for CSV --csv.",
                param,
                ctx,
            )
        return path


path_option = functools.partial(click.option, type=FilledPath())
folder_option = functools.partial(click.option, type=FolderPath())
path_argument = functools.partial(click.argument, type=FilledPath())


def combined(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return several options and arguments as one decorator; help lists them in this order."""

    def decorate(command: Command) -> Command:
        return functools.reduce(lambda inner, add: add(inner), reversed(decorators), command)

    return decorate


_METHODOLOGY = ("-m", "--methodology")
_WHICH = "A legal text by id (see `apl methodologies`), or your own TOML file."
methodology_option = click.option(
    *_METHODOLOGY, metavar="ID|FILE", help=f"{_WHICH} Default: mk-2024."
)
run_methodology_option = click.option(
    *_METHODOLOGY,
    metavar="ID|FILE",
    help=f"{_WHICH} Default: the one that a run file names, otherwise mk-2024.",
)
replace_option = click.option("--replace", is_flag=True, help="Replace an earlier output there.")
result_options = combined(
    folder_option("-o", "--output", required=True, help="Folder for the result: new or empty."),
    replace_option,
)
network_option = path_option(
    "--network",
    help="A prepared network (see `apl network`) instead of the table travel_times; the result is "
    "the same.",
)
internal_option = click.option(
    "--internal",
    is_flag=True,
    help="Write the document from an exact result; it then says that it must not be passed on. "
    "Without it, a publication is needed (see `apl publish`).",
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Number of threads; chosen automatically by default. The result does not depend on it.",
)


def _address(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """Return the address of workers, or refuse it before any work is done."""
    if given is not None:
        from ..executors.cluster import check_address

        try:
            check_address(given)
        except AplError as error:
            raise click.UsageError(f"--cluster: {error}") from error
    return given


cluster_option = click.option(
    "--cluster",
    "executor",
    metavar="ADDRESS",
    callback=_address,
    help="Divide the work among processes: local:4 for four of this machine, tcp://HOST:8786 or "
    "tls://HOST:8786 for the scheduler of a Dask cluster. The result is the same.",
)


def lang_option(of: str) -> Callable[[Command], Command]:
    """Return the option for the language of a page or a picture."""
    languages = click.Choice(["en", "fr"])
    return click.option("--lang", type=languages, default="en", help=f"Language of the {of}.")


year_option = click.option(
    "--year",
    type=click.IntRange(1900, 2199),
    help="Year of the activity, of installations and of the reference day of ages. Default: that "
    "of the run file or of the methodology.",
)
columns_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="OURS=THEIRS",
    callback=lambda _context, _option, given: named_columns(given),
    help="Name a column that is not recognised, such as minutes=temps_hc; repeatable. With several "
    "tables it applies to each that has the column, or to one: practitioners.acts=NB_ACTES.",
)


def pairs(option: str, given: tuple[str, ...], form: str) -> dict[str, list[str]]:
    """Parse texts such as OURS=VALUE, each of ours with one or more values."""
    values: dict[str, list[str]] = {}
    for text in given:
        ours, _, value = text.partition("=")
        if not (ours and value):
            raise click.UsageError(f"{option} {text}: write {form}.")
        values.setdefault(ours, []).append(value)
    return values


def named_columns(given: tuple[str, ...]) -> NamedColumns:
    """Parse OURS=THEIRS, each of ours once."""
    from ..inputs.named_columns import NamedColumns

    named = pairs("--column", given, "OURS=THEIRS, such as minutes=temps_hc")
    for ours, theirs in named.items():
        if len(theirs) > 1:
            raise click.UsageError(f"--column {ours} is given twice: {' and '.join(theirs[:2])}.")
    return NamedColumns({ours: theirs for ours, (theirs,) in named.items()})


run_options = combined(
    path_argument("inputs"),
    run_methodology_option,
    year_option,
    columns_option,
    network_option,
    threads_option,
)


_QUIET = f"{__name__}.quiet"


def _set_quiet(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[_QUIET] = value


quiet_option = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    expose_value=False,
    callback=_set_quiet,
    help="No progress and no notes; nothing at all if what is shown is written to files.",
)


def is_quiet() -> bool:
    """Return whether the command that runs was given --quiet."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_QUIET))


csv_options = combined(
    click.option(
        "--csv",
        type=click.Choice(["plain", "french"]),
        is_flag=False,
        flag_value="plain",
        help="Write CSV: plain (commas, decimal points) or french (semicolons, decimal commas; as "
        "a French Excel opens it). --csv alone is plain.",
    ),
    click.option(
        "--xlsx", is_flag=True, help="Write a workbook of each table too; codes stay text in it."
    ),
)


def table_options(command: Command) -> Command:
    """Add --csv and --xlsx, and pass them on as `formats`; below `common_options`."""

    @csv_options
    @functools.wraps(command)
    def wrapper(*args: Any, csv: Any, xlsx: bool, **kwargs: Any) -> Any:
        from ..results.tables import TableFormats

        return command(*args, formats=TableFormats(csv, xlsx), **kwargs)

    return wrapper  # type: ignore[return-value]


def common_options(command: Command) -> Command:
    """Add --json, and turn foreseen errors into a message and an exit code; with it, into JSON."""

    @click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document instead of a page."
    )
    @functools.wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        interruptions.handle()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # Characters that the terminal's encoding lacks become question marks.
                stream.reconfigure(errors="replace")
        if kwargs.get("replace") and kwargs.get("output", "") is None:
            raise click.UsageError("--replace needs -o.")
        try:
            return command(*args, **kwargs)
        except AplError as error:
            _fail(error, as_json=bool(kwargs.get("as_json")))
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            click.echo(f"Error: printing failed ({error.strerror})", err=True)
            sys.exit(FAILURE)
        except KeyboardInterrupt:
            click.echo("\nInterrupted; nothing was written.", err=True)
            sys.exit(interruptions.INTERRUPTED)

    return wrapper  # type: ignore[return-value]


def _fail(error: AplError, *, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"error": str(error), "faults": [fault.as_dict() for fault in error.faults]})
    say(f"Error: {error}", err=True)
    # A methodology that does not exist is a wrong option, unless another file extends it.
    if all(
        fault.code in _WRONG_OPTIONS or (fault.code in _NO_METHODOLOGY and not fault.key)
        for fault in error.faults
    ):
        sys.exit(WRONG_USAGE)
    sys.exit(BAD_DATA if isinstance(error, InputDataError) else FAILURE)


def refuse_exact(zones: StoredResult, *, internal: bool) -> bool:
    """Refuse to write a document from an exact result, unless it is internal; return if it is.

    An APL published by somebody else discloses nothing.
    """
    exact = zones.has_supply and not zones.publication
    if exact and not internal:
        raise InputDataError(Fault("publication.exact_result", "result"))
    return exact


def result_written(folder: Path) -> str:
    """Return the files of a result that was written."""
    from ..schemas import EFFECT_FILE

    files = f"{folder}: communes, territories, regions, record.json"
    return f"{files}; {EFFECT_FILE} is kept" if os.path.exists(folder / EFFECT_FILE) else files


def print_json(document: Any) -> None:
    """Print one JSON document on standard output."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    # json escapes those of ASCII alone; within texts, which is where they are, all may be.
    click.echo(re.sub(INVISIBLE, lambda found: json.dumps(found[0])[1:-1], text))


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text that may hold names from files, which must not command the terminal."""
    click.echo(printable(text), err=err, nl=nl)


def show(document: Any, page: Callable[[], Page], *, as_json: bool, written: str = "") -> None:
    """Print a document as JSON; or the page made of it, and where files were written."""
    if as_json:
        print_json(document)
        return
    if written and is_quiet():
        return
    say(page().text())
    if written:
        say(f"\nWritten to {written}")


def show_notes(notes: Iterable[Note]) -> None:
    """Print notes on standard error, beside a page or a document that has no place for them."""
    if not is_quiet():
        for note in notes:
            say(f"Note: {note}", err=True)


class Progress:
    """Shows the current step on standard error, if that is a terminal and not with --quiet."""

    def __init__(self) -> None:
        self._shown = bool(sys.stderr) and sys.stderr.isatty() and not is_quiet()

    def __enter__(self) -> Progress:
        return self

    def __call__(self, step: str) -> None:
        """Show that a step begins."""
        if self._shown:
            click.echo(f"\r\033[2K{printable(step)} ...", err=True, nl=False)

    def end(self) -> None:
        """Clear the line, before something is printed."""
        if self._shown:
            click.echo("\r\033[2K", err=True, nl=False)

    def __exit__(self, *_: object) -> None:
        self.end()
