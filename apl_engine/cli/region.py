"""`apl region`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import (
    FAILURE,
    Progress,
    common_options,
    path_argument,
    path_option,
    quiet_option,
    replace_option,
    result_options,
    result_written,
    show,
    table_options,
)
from .region_annex import annex
from .region_output import applied_page, check_page, proposed_page, summary_page

if TYPE_CHECKING:
    from ..regional import Proposed
    from ..results.tables import TableFormats

region_option = click.option(
    "--region",
    required=True,
    metavar="CODE|NAME",
    help='INSEE code, or name, such as 52 or "Pays de la Loire".',
)


class _WithDefault(click.Group):
    """A group that shows a result given as its first argument: `apl region OUT`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the command `show` before a folder."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("region", cls=_WithDefault, subcommand_metavar="OUT | COMMAND [ARGS]...")
def command() -> None:
    """Adapt the zones of a region, within the margin of annexe V.

    OUT is a result of `apl run` or `apl zone`. See docs/regional.md.

    \b
    Examples:
      apl region zones-2024 --region 52
      apl region propose zones-2024 --region 52 -o pdl.toml
      apl region check pdl.toml zones-2024
      apl region apply zones-2024 pdl.toml -o zones-adapted
      apl region annex zones-2024 --region 52 --proposal pdl.toml --internal -o annexe
    """


command.add_command(annex)


@command.command("show")
@path_argument("out")
@region_option
@path_option("--proposal", help="Also show the shares after this proposal.")
@common_options
def show_region(out: Path, region: str, proposal: Path | None, as_json: bool) -> None:
    """Show what a region may change: margin, candidates, shared territories.

    `apl region OUT` is the same; `show` is needed only if the folder has the name of a command.

    \b
    Examples:
      apl region zones-2024 --region 52
      apl region show zones-2024 --region "Centre-Val de Loire" --json
    """
    from ..errors import Fault, InputDataError
    from ..regional import check_proposal, read_proposal, regional_summary
    from ..results.read import read_result

    zones = read_result(out)
    summary = regional_summary(zones, region)
    document = summary.as_dict()
    if proposal:
        check = check_proposal(zones, read_proposal(proposal))
        if check.region.code != summary.region.code:
            details = {"region": check.region.code, "expected": summary.region.code}
            raise InputDataError(Fault("option.other_region", proposal.name, details=details))
        document["proposal"] = check.as_dict()
    show(document, lambda: summary_page(document), as_json=as_json)


@command.command("check")
@path_argument("proposal")
@path_argument("out")
@common_options
def check(proposal: Path, out: Path, as_json: bool) -> None:
    """Check a proposal against all rules of annexe V.

    Exits with 0 if it is accepted, 1 if it breaks a rule, 3 if the file is malformed.

    \b
    Examples:
      apl region check pdl.toml zones-2024
      apl region check pdl.toml zones-2024 --json
    """
    from ..regional import check_proposal, read_proposal
    from ..results.read import read_result

    # The small file first, to fail early.
    wanted = read_proposal(proposal)
    document = check_proposal(read_result(out), wanted).as_dict()
    show(document, lambda: check_page(document), as_json=as_json)
    if not document["accepted"]:
        sys.exit(FAILURE)


_day = click.DateTime(["%Y-%m-%d"])


@command.command("propose")
@path_argument("out")
@click.option("--region", metavar="CODE|NAME", help="INSEE code, or name.")
@click.option("--all", "everywhere", is_flag=True, help="All regions, one file each.")
@click.option(
    "--aim",
    type=click.Choice(["most_population", "lowest_apl"]),
    default="most_population",
    show_default=True,
    help="If the methodology sets no order: the largest population that fits the margin, or the "
    "territories that fit by rising APL.",
)
@click.option(
    "--remove", is_flag=True, help="Remove territories from the lower class instead of adding some."
)
@click.option("--justification", default="", help="Justification of each territory.")
@click.option(
    "--consulted", type=_day, metavar="DATE", help="Date of the concertation, such as 2024-05-14."
)
@click.option(
    "--opinion", type=_day, metavar="DATE", help="Date of the opinion of the commission paritaire."
)
@path_option("-o", "--output", required=True, help="The .toml file to write; a folder with --all.")
@replace_option
@quiet_option
@common_options
def propose(
    out: Path, region: str | None, everywhere: bool, aim: Any, remove: bool, justification: str,
    consulted: datetime | None, opinion: datetime | None, output: Path, replace: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Propose territories that use up the margin of a region.

    Justifications and dates that are not given are marked as to be filled in.

    \b
    Examples:
      apl region propose zones-2024 --region 52 -o pdl.toml
      apl region propose zones-2024 --region 52 --remove --aim lowest_apl -o less.toml
      apl region propose zones-2024 --all -o proposals
    """
    from ..regional import propose as propose_for
    from ..results.lookup import region_names
    from ..results.read import read_result

    if everywhere == (region is not None):
        raise click.UsageError("Give --region, or --all.")
    zones = read_result(out)
    made = [
        propose_for(
            zones,
            one,
            "remove" if remove else "add",
            aim,
            justification=justification,
            concertation=consulted.date() if consulted else None,
            commission_paritaire_regionale=opinion.date() if opinion else None,
        )
        for one in (region_names(zones) if region is None else [region])
    ]
    _write_proposals(made, output, replace=replace, everywhere=everywhere)
    rows = [_described(one) for one in made]
    show(rows, lambda: proposed_page(rows, remove=remove), as_json=as_json, written=str(output))


def _write_proposals(
    made: Sequence[Proposed], output: Path, *, replace: bool, everywhere: bool
) -> None:
    from ..regional import proposal_text
    from ..results.atomic_file import write_text
    from ..results.atomic_folder import Kind, whole_folder

    texts = {one.region.code: proposal_text(one.proposal, one.comments) for one in made}
    if not everywhere:
        (text,) = texts.values()
        write_text(text, output, (".toml",), replace=replace)
        return
    kind = Kind(frozenset(f"{code}.toml" for code in texts))
    with whole_folder(output, replace=replace, kind=kind) as draft:
        for code, text in texts.items():
            (draft / f"{code}.toml").write_text(text, encoding="utf-8")


def _described(one: Proposed) -> Mapping[str, Any]:
    return {
        "region": one.region.code,
        "region_name": one.region.name,
        "territories": [
            {"territory": move.code, "territory_name": move.name, "apl": move.apl,
             "population": float(move.population)}
            for move in one.territories
        ],
        "population": float(one.population),
        "room": float(one.room),
        "share": float(one.region.share(one.population)),
        "notes": [note.as_dict() for note in one.notes],
    }  # fmt: skip


@command.command("apply")
@path_argument("out")
@path_argument("proposals", nargs=-1, required=True)
@result_options
@click.option("--force", is_flag=True, help="Apply proposals that break a rule, and record it.")
@quiet_option
@common_options
@table_options
def apply(
    out: Path,
    proposals: tuple[Path, ...],
    output: Path,
    replace: bool,
    force: bool,
    formats: TableFormats,
    as_json: bool,
) -> None:
    """Apply proposals to the national zones, and write the result.

    The folder is a result like any other; its record names the proposals.

    \b
    Examples:
      apl region apply zones-2024 pdl.toml -o zones-adapted
      apl region apply zones-2024 proposals/*.toml -o zones-adapted
    """
    from ..regional import adapt
    from ..results.atomic_folder import whole_folder
    from ..results.read import read_result
    from ..results.write import write_files

    with (
        Progress() as progress,
        whole_folder(output, replace=replace, sources=[out]) as draft,
    ):
        wanted = _read_all(proposals)
        progress("reading the result")
        zones = read_result(out)
        progress("applying")
        record = write_files(adapt(zones, wanted, force=force), draft, formats)
    written = result_written(output)
    show(record, lambda: applied_page(record), as_json=as_json, written=written)


def _read_all(proposals: Sequence[Path]) -> list[Any]:
    """Read several proposals, and raise the faults of all of them."""
    from ..errors import Fault, InputDataError
    from ..regional import read_proposal

    read, faults = [], list[Fault]()
    for path in proposals:
        try:
            read.append(read_proposal(path))
        except InputDataError as error:
            faults += error.faults
    if faults:
        raise InputDataError(faults)
    return read
