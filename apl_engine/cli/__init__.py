"""The command `apl`: a thin shell over the library. Parse, call, show."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import NoReturn

import click

from .. import __version__

# Commands are imported when they are called, so that `apl --help` stays immediate.
_COMMANDS = {
    "aids": ("aids", "Tell what aids a zone opens, and what a contract brings and when."),
    "check": ("check", "Check input tables without computing anything."),
    "compare": ("compare", "Show who changes zone between two results, and why."),
    "demo": ("demo", "Run on the sample data that comes with the package."),
    "explain": ("explain", "Explain the APL and the zone of a commune or a territory."),
    "import": ("import_", "Turn publishers' files into tables for `apl run`."),
    "margins": ("margins", "Show how far territories are from another zone."),
    "mesh": ("mesh", "Draw the territories of annexe II, or compare two meshes."),
    "methodologies": ("methodologies", "List the legal texts known, and show their parameters."),
    "network": ("network", "Prepare travel times once for every run on them."),
    "region": ("region", "Adapt the zones of a region, within the margin of annexe V."),
    "run": ("run", "Compute the APL of communes and the zones of territories."),
    "scenarios": ("scenarios", "Zone territories by many scenarios of supply at once."),
    "sweep": ("sweep", "Compare several methodologies on the same tables."),
    "travel-times": ("travel_times", "Estimate travel times, or ask an OSRM server for them."),
    "warmup": ("warmup", "Compile the kernels now, so that no run has to."),
    "what-if": ("what_if", "Show what supply added or taken away would change."),
    "zone": ("zone", "Class territories by an APL that is published."),
}


class _Commands(click.Group):
    """The commands, each in a module of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f".{_COMMANDS[cmd_name][0]}", __name__)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="apl")
def main() -> None:
    """Accessibilité potentielle localisée (APL) and the zones it leads to.

    Exit codes: 0 done, 1 failure, 2 wrong usage, 3 wrong input data, 130 interrupted,
    143 terminated.

    \b
    Examples:
      apl demo
      apl check my_tables
      apl run my_tables -o zones-2024
      apl import distancier metric.csv.gz -o my_tables
      apl network build my_tables -o france.aplnet
      apl explain zones-2024 53130
    """


def command() -> NoReturn:
    """Run the command `apl` and leave the process as soon as it is done.

    A command lives for a moment and makes few cycles: looking for them, and taking libraries and
    tables down at the end, would take a fifth of its time. All files are closed by then.
    """
    gc.disable()
    code = 0
    try:
        main()
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError:
            code = code or 1
    os._exit(code)
