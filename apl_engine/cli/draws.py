"""`apl draws`."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..reports.page import Column, Page
from .options import (
    Progress,
    cluster_option,
    columns_option,
    common_options,
    network_option,
    path_argument,
    path_option,
    quiet_option,
    result_options,
    show,
    table_options,
    threads_option,
    year_option,
)
from .run_output import add_notes, short

if TYPE_CHECKING:
    from ..inputs.named_columns import NamedColumns
    from ..results.tables import TableFormats
    from ..scenarios.draws import SupplyModels

Row = Mapping[str, Any]
_DRAWS, _STEP = 1000, "0.1"
# Shares of draws that the page shows, %.
_SHOWN_SURE = (100.0, 95.0, 90.0, 50.0)


@click.command("draws")
@path_argument("inputs")
@click.option(
    "-m",
    "--methodology",
    "methodologies",
    multiple=True,
    metavar="ID|FILE",
    help="A legal text by id (see `apl methodologies`), or your own TOML file; repeatable. "
    "Default: the one that a run file names, otherwise mk-2024.",
)
@click.option("--draws", "count", type=click.IntRange(1, 10**9), help=f"Draws. Default: {_DRAWS}.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**64 - 1),
    help="A whole number that stands for all random numbers: the same one gives the same draws. "
    "Default: 0.",
)
@click.option(
    "--departures",
    multiple=True,
    metavar="[AGE=]PROBABILITY",
    help="Probability that a practitioner leaves and is not replaced, such as 0.03; or that of "
    "those of an age and older, such as 60=0.2. Repeatable.",
)
@click.option(
    "--arrivals",
    type=float,
    metavar="NUMBER",
    help="Mean number of practitioners who arrive for each ETP of a commune, such as 0.04.",
)
@click.option(
    "--variation",
    type=float,
    metavar="SHARE",
    help="Standard deviation of the ETP of each practice, relative to it, such as 0.1.",
)
@path_option(
    "--scenarios",
    help="Instead of random draws: a Parquet file with a column commune and a column of ETP for "
    "each scenario, or a folder of such files; it may be larger than memory.",
)
@click.option(
    "--step",
    metavar="APL",
    help=f"What APLs are rounded to before they are counted. Default: {_STEP}.",
)
@click.option(
    "--quantile",
    "quantiles",
    multiple=True,
    metavar="SHARE",
    help="A share of the draws whose quantile of the APL is given; repeatable. Default: 0.05, "
    "0.25, 0.5, 0.75, 0.95.",
)
@click.option("--keep-zones", is_flag=True, help="Write the zones of every draw too.")
@year_option
@columns_option
@network_option
@result_options
@threads_option
@cluster_option
@quiet_option
@common_options
@table_options
def command(
    inputs: Path, methodologies: tuple[str, ...], count: int | None, seed: int | None,
    scenarios: Path | None, step: str | None, quantiles: tuple[str, ...], keep_zones: bool,
    output: Path, replace: bool, columns: NamedColumns, formats: TableFormats, as_json: bool,
    departures: tuple[str, ...], arrivals: float | None, variation: float | None,
    **computation: Any,
) -> None:  # fmt: skip
    """Show how sure each zone is, by many draws of supply.

    INPUTS is a folder of tables, or a run file (.toml), as for `apl run`. In each draw
    practitioners leave or arrive, or their activity varies, and territories are zoned as by
    `apl run`. The result holds, for each methodology, how often each territory is in each class,
    and quantiles of the APL and of the cuts. Only counts are held in memory.

    \b
    Examples:
      apl draws my_tables --departures 0.03 --departures 60=0.2 -o sure
      apl draws my_tables --arrivals 0.04 --variation 0.1 --draws 10000 --seed 7 -o sure
      apl draws my_tables -m mk-2024 -m my_variant.toml --scenarios plans.parquet -o sure
    """
    from ..methodology import DEFAULT, load_methodology
    from ..reports.draws import FOLDER, ZoneFiles, write_draw_files
    from ..results.atomic_folder import check_folder_names, whole_folder
    from ..runs.draws import draws
    from ..runs.run import run_file_of
    from ..runs.sweep import check_ids

    supply = _models(departures, arrivals, variation) or scenarios
    if supply is None or (scenarios and supply is not scenarios):
        raise click.UsageError(
            "Give what varies (--departures, --arrivals, --variation), or --scenarios."
        )
    if scenarios and (count is not None or seed is not None):
        raise click.UsageError("--draws and --seed are for random draws, not for --scenarios.")
    shares = _quantiles(quantiles)
    if not methodologies:
        run_file = run_file_of(inputs)
        methodologies = ((run_file and run_file.methodology) or DEFAULT,)
    rules = [load_methodology(name) for name in methodologies]
    check_ids(rules)
    check_folder_names(one.id for one in rules)
    count, seed = count or _DRAWS, seed or 0
    # Fail early if the output is not writable.
    with Progress() as progress, whole_folder(output, replace=replace, kind=FOLDER) as draft:
        zones = ZoneFiles(draft) if keep_zones else None
        found = draws(
            inputs, rules, supply, count=count, seed=seed, step=step or _STEP,
            columns=columns, on_step=progress, on_zones=zones, **computation,
        )  # fmt: skip
        document = write_draw_files(found, draft, shares, formats=formats, zones=zones)
    written = f"{output}: draws.json, and a folder for each methodology"
    show(document, lambda: _page(document), as_json=as_json, written=written)


def _models(
    departures: tuple[str, ...], arrivals: float | None, variation: float | None
) -> SupplyModels | None:
    """Return what varies; None if no option states it."""
    from ..scenarios.draws import SupplyModels

    if not departures and arrivals is None and variation is None:
        return None
    by_age: dict[int, float] = {}
    for text in departures:
        age, mark, share = text.rpartition("=")
        try:
            from_age, probability = int(age) if mark else 0, float(share)
        except ValueError:
            raise click.UsageError(
                f"--departures {text}: write a probability such as 0.03, or with an age 60=0.2."
            ) from None
        if from_age in by_age:
            raise click.UsageError(f"--departures from age {from_age} is given twice.")
        by_age[from_age] = probability
    return SupplyModels(by_age, arrivals or 0.0, variation or 0.0)


def _quantiles(given: tuple[str, ...]) -> tuple[Fraction, ...]:
    from ..scenarios.draws.result import QUANTILES

    shares = []
    for text in given:
        try:
            share = Fraction(text)
        except (ValueError, ZeroDivisionError):
            share = Fraction(-1)
        if not 0 <= share <= 1:
            raise click.UsageError(f"--quantile {text}: write a share from 0 to 1, such as 0.05.")
        shares.append(share)
    return tuple(dict.fromkeys(shares)) or QUANTILES


def _page(document: Row) -> Page:
    rows = document["methodologies"]
    page = Page(f"{document['draws']} draws")
    page.section("Territories in the same class in this share of the draws, at least")
    columns = [Column(f"{share:g} %", 0) for share in _SHOWN_SURE]
    page.table(
        ["", *columns],
        [
            (row["methodology"]["id"],
             *(one["territories"] for one in row["sure"] if one["share"] in _SHOWN_SURE))
            for row in rows
        ],
    )  # fmt: skip
    for row in rows:
        name = row["methodology"]["id"]
        page.section(f"Classes by {name}")
        shown = [key for key in row["cuts"][0] if key.startswith("apl_p")] if row["cuts"] else []
        ends = [shown[0], shown[len(shown) // 2], shown[-1]] if len(shown) > 3 else shown
        cuts = {cut["zone"]: cut for cut in row["cuts"]}
        page.table(
            ["", Column("territories", 0), Column("mean of draws", 1), Column("highest APL", 2),
             *(Column(f"{key.removeprefix('apl_p')} %", 2) for key in ends)],
            [
                (short(zone["label"]), zone["territories"], zone["mean"],
                 cuts.get(zone["zone"], {}).get("apl"),
                 *(cuts.get(zone["zone"], {}).get(key) for key in ends))
                for zone in row["zones"]
            ],
        )  # fmt: skip
    notes = {
        str(n): n
        for row in rows
        for n in row["notes"]
        if n["warning"] or n["code"].startswith("scenario")
    }
    add_notes(page, "Notes", notes.values())
    return page
