"""`apl warmup`."""

from __future__ import annotations

import click

from .terminal import Progress, fail_cleanly, json_option, print_json


@click.command("warmup")
@json_option
@fail_cleanly
def command(as_json: bool) -> None:
    """Compile the kernels now, so that no run has to.

    Their machine code is kept beside the package, or in the user's cache where that may not be
    written to, or in the folder that APL_ENGINE_CACHE names. Several may do this at once.

    \b
    Examples:
      apl warmup
      APL_ENGINE_CACHE=/var/cache/apl apl warmup --json
    """
    from .. import kernels

    with Progress() as progress:
        progress("compiling kernels")
        kernels.prepare()
    places = kernels.kept_in()
    folders = sorted({str(path.parent) for path in places.values() if path})
    lost = sorted(name for name, path in places.items() if path is None)
    if as_json:
        print_json({"kernels": len(places), "folders": folders, "not_kept": lost})
        return
    if folders:
        click.echo(f"{len(places) - len(lost)} kernels are ready in {', '.join(folders)}.")
    if lost:
        click.echo(
            f"{len(lost)} kernels could not be kept: every run will compile them. Let "
            "APL_ENGINE_CACHE name a folder that can be written to."
        )
