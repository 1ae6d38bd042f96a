"""The command `apl`, a thin shell over the library: parse, call, show."""

from __future__ import annotations

import importlib
import os
import sys
from typing import NoReturn

import click

# A command is imported when it is called, so that `apl --help` stays immediate.
_COMMANDS = {
    "aids": ("aids", "Show the aids of a zone, and what a contract pays and when."),
    "check": ("check", "Check input tables without computing anything."),
    "compare": ("compare", "Show which zones differ between two results, and why."),
    "demo": ("demo", "Run on the sample data of the package."),
    "explain": ("explain", "Explain the APL and the zone of a commune or a territory."),
    "import": ("import_", "Convert publishers' files to tables for `apl run`."),
    "margins": ("margins", "Show how far each territory is from another zone."),
    "mesh": ("mesh", "Build the territories of annexe II, or compare two meshes."),
    "methodologies": ("methodologies", "List the legal texts and show their parameters."),
    "network": ("network", "Prepare travel times once for many runs."),
    "region": ("region", "Adapt the zones of a region within the margin of annexe V."),
    "report": ("report", "Write what the text asks to publish: the table of article VI."),
    "run": ("run", "Compute the APL of communes and the zones of territories."),
    "scenarios": ("scenarios", "Zone territories under many scenarios of supply at once."),
    "sweep": ("sweep", "Compare several methodologies on the same tables."),
    "travel-times": ("travel_times", "Estimate travel times, or fetch them from an OSRM server."),
    "warmup": ("warmup", "Compile the kernels before the first run."),
    "what-if": ("what_if", "Show what adding or removing supply would change."),
    "zone": ("zone", "Zone territories by a published APL."),
}


class _Commands(click.Group):
    """The commands, each in its own module."""

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
@click.version_option(package_name="apl-engine", prog_name="apl")
def main() -> None:
    """Accessibilité potentielle localisée (APL) of communes, and the zones of territories.

    `apl COMMAND --help` describes a command.

    Exit codes: 0 success, 1 failure, 2 wrong usage, 3 wrong input data, 130 interrupted,
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
    """Run the command `apl` and end the process as soon as it is done.

    Tearing down libraries and tables would only take time: all files are closed by then.
    """
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
