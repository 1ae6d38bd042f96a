"""`apl warmup`."""

from __future__ import annotations

from typing import Any

import click

from .options import Progress, common_options, print_json


@click.command("warmup")
@common_options
def command(as_json: bool) -> None:
    """Compile the kernels now, so that no run has to.

    Shows where the machine code is stored. If it cannot be stored, each process compiles it again:
    set APL_ENGINE_CACHE to a writable folder. Several processes may run this at once.

    \b
    Examples:
      apl warmup
      APL_ENGINE_CACHE=/var/cache/apl apl warmup --json
    """
    from .. import kernels

    with Progress() as progress:
        progress("compiling")
        files = kernels.prepare()
    stored = all(files.values())
    folders = sorted({str(file.parent) for file in files.values() if file})
    if as_json:
        document: dict[str, Any] = {
            "kernels": list(files),
            "compiled": kernels.are_compiled(),
            "kept": stored,
            "folders": folders,
        }
        print_json(document)
        return
    click.echo(f"{len(files)} kernels are ready.")
    if not kernels.are_compiled():
        click.echo("They are not compiled: NUMBA_DISABLE_JIT is set.")
    elif stored:
        click.echo(f"Their machine code is stored in {', '.join(folders)}")
    else:
        click.echo("Their machine code is not stored: each process compiles it again.")
        click.echo("Set APL_ENGINE_CACHE to a writable folder.")
