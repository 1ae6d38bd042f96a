"""`apl warmup`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import Progress, common_options, is_quiet, print_json, quiet_option

if TYPE_CHECKING:
    from ..kernels import Code

REFUSALS = {
    "none_shipped": "the package has no machine code",
    "other_platform": "the package has no machine code for this platform",
    "damaged": "the machine code of the package is damaged",
    "not_loadable": "the system refuses to load the machine code of the package",
    "other_source": "the machine code of the package was made from another source",
}


@click.command("warmup")
@quiet_option
@common_options
def command(as_json: bool) -> None:
    """Compile now the kernels that come without machine code, so that no run has to.

    A wheel has machine code for Linux, which is used if it is whole and fits the processor and the
    source. Other code is compiled and stored; if it cannot be stored, each process compiles it
    again: set APL_ENGINE_CACHE to a writable folder. Several processes may run this at once.

    \b
    Examples:
      apl warmup
      APL_ENGINE_CACHE=/var/cache/apl apl warmup --json
    """
    from .. import kernels

    with Progress() as progress:
        codes = kernels.prepare(lambda kernel: progress(f"loading or compiling {kernel}"))
    files = {name: str(code.path) if code and code.path else None for name, code in codes.items()}
    if as_json:
        document: dict[str, Any] = {
            "kernels": list(codes),
            "compiled": kernels.are_compiled(),
            "kept": all(files.values()),
            "folders": sorted({str(Path(file).parent) for file in files.values() if file}),
            "files": files,
            "unsafe": sorted({str(f) for code in codes.values() if code for f in code.unsafe}),
            "shipped": {name: code.refusal or "used" for name, code in codes.items() if code},
        }
        print_json(document)
        return
    if is_quiet():
        return
    click.echo(f"{len(codes)} kernels are ready.")
    if not kernels.are_compiled():
        click.echo("They are not compiled: NUMBA_DISABLE_JIT is set.")
        return
    _explain([code for code in codes.values() if code])


def _explain(codes: list[Code]) -> None:
    """Print where machine code comes from and why, in groups of kernels."""
    for (refusal, place), number in Counter((c.refusal, _place(c)) for c in codes).items():
        if not refusal:
            click.echo(f"From the package: {number}, in {place}")
            continue
        click.echo(f"Compiled on this machine: {number}, since {REFUSALS[refusal]}.")
        if place:
            click.echo(f"Their machine code is stored in {place}")
        else:
            click.echo("Their machine code is not stored: each process compiles it again.")
            click.echo("Set APL_ENGINE_CACHE to a writable folder.")
    for folder in sorted({folder for code in codes for folder in code.unsafe}):
        click.echo(
            f"No machine code is loaded from {folder}: others than you and root can write it, or a "
            "folder above it. Set APL_ENGINE_CACHE to a folder of your own."
        )


def _place(code: Code) -> Path | None:
    """Return the file that all kernels share, or the folder in which each has its own."""
    return code.path.parent if code.path and code.refusal else code.path
