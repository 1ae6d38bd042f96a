"""The command `apl`, a thin shell over the library: parse, call, show."""

from __future__ import annotations

import importlib
import os
import sys
from typing import NoReturn

import click

from .. import unfinished
from . import interruptions

# A command is imported when it is called, so that `apl --help` stays immediate.
_SECTIONS = {
    "Begin": {
        "demo": ("demo", "Run on the sample data of the package."),
        "check": ("check", "Check input tables: all that a run refuses or warns of."),
        "run": ("run", "Compute the APL of communes and the zones of territories."),
    },
    "Make the inputs": {
        "import": ("import_", "Convert publishers' files to tables for `apl run`."),
        "travel-times": (
            "travel_times",
            "Estimate travel times, or fetch them from an OSRM server.",
        ),
        "mesh": ("mesh", "Build the territories of annexe II, or compare two meshes."),
        "network": ("network", "Prepare travel times once for many runs."),
    },
    "Ask about a result": {
        "explain": ("explain", "Explain the APL and the zone of a commune or a territory."),
        "margins": ("margins", "Show how far each territory is from another zone."),
        "compare": ("compare", "Show which zones differ between two results, and why."),
    },
    "Give it away": {
        "publish": ("publish", "Round and hide figures of a result, so that it may be published."),
        "page": ("page", "Write one page for browsers: map, look-up, workbench, figures."),
        "export": ("export", "Write zones with their outlines for QGIS: GeoJSON, GeoPackage."),
        "map": ("map_", "Draw zones, the APL or changes as a picture: France or a region."),
    },
    "Try something else": {
        "what-if": ("what_if", "Show what adding or removing supply would change."),
        "scenarios": ("scenarios", "Zone territories under many scenarios of supply at once."),
        "draws": ("draws", "Show how sure each zone is, by many draws of supply."),
        "sweep": ("sweep", "Compare several methodologies on the same tables."),
        "zone": ("zone", "Zone territories by a published APL."),
    },
    "Apply the law": {
        "region": ("region", "Adapt the zones of a region within the margin of annexe V."),
        "report": ("report", "Write what the text asks to publish: the table of article VI."),
        "aids": ("aids", "Show the aids of a zone, and what a contract pays and when."),
    },
    "Reference": {
        "methodologies": ("methodologies", "List the legal texts and show their parameters."),
        "warmup": ("warmup", "Compile the kernels before the first run."),
    },
}
_COMMANDS = {name: one for section in _SECTIONS.values() for name, one in section.items()}


class _Commands(click.Group):
    """The commands, each in its own module."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f".{_COMMANDS[cmd_name][0]}", __name__)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        width = max(map(len, _COMMANDS))
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{n:<{width}}", text) for n, (_, text) in commands.items()])


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
      apl network build my_tables -o my.aplnet
      apl explain zones-2024 53130
    """


def command() -> NoReturn:
    """Run the command `apl` and end the process as soon as it is done.

    Tearing down libraries and tables would only take time: all files are closed by then.
    """
    code = 0
    interruptions.watch()
    try:
        main(prog_name="apl")
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError:
            code = code or 1
    unfinished.remove_all()
    os._exit(code)
