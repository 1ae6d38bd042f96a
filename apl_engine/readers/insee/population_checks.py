"""Whether a table of inhabitants holds all of them, and people: bands without a gap, no shares."""

from __future__ import annotations

import re

import polars as pl

from ...errors import Fault
from ...schemas import parse_age_band
from ..common.collect import Found
from ..common.headers import Match, plain

_SHARES = r"(?:^|_)(?:part|parts|taux|pct|pourcent\w*|proportion)(?:_|$)"
# How far shares that were rounded, to decimals or to whole ones, add up to another sum than the
# whole; and of how many communes it is no chance that all of them have as many inhabitants.
_WHOLES, _ROUNDED = (1.0, 100.0), ((0.01, 3), (0.05, 24))


def refuse_shares(found: Match, table: pl.DataFrame, kept: Found) -> None:
    """Refuse shares of the inhabitants of a commune in place of their number.

    Parameters
    ----------
    found : the sheet and its columns.
    table : ``commune``, ``age_band``, ``population``.
    kept : takes the fault.
    """
    names = [*found.family, *(found.names[name] for name in ("people",) if name in found.names)]
    shares = [name for name in names if "%" in name or re.search(_SHARES, plain(name))]
    hint = "Give numbers of people."
    if shares:
        problem = f"columns are shares by their names: {', '.join(shares[:3])}"
        kept.faults.append(
            Fault(
                code="legacy.fault",
                table=kept.file,
                count=None,
                details={"problem": problem, "hint": hint},
            )
        )
        return
    sums = table.group_by("commune").agg(pl.col("population").sum())["population"]
    for whole in _WHOLES:
        off = (sums / whole - 1).abs()
        if any(len(sums) >= enough and (off <= rounded).all() for rounded, enough in _ROUNDED):
            problem = f"the figures of each of {len(sums)} communes add up to {whole:g}: shares?"
            kept.faults.append(
                Fault(
                    code="legacy.fault", table=kept.file, details={"problem": problem, "hint": hint}
                )
            )


def refuse_gaps(table: pl.DataFrame, kept: Found) -> None:
    """Refuse age bands that leave an age out, or have one twice.

    Parameters
    ----------
    table : ``commune``, ``age_band``, ``population``.
    kept : takes the faults, and a note of communes without some of the bands.
    """
    words = table["age_band"].drop_nulls().unique()
    bands = sorted((band for word in words if (band := parse_age_band(word))),
                   key=lambda band: (band.low, band.high is None, band.high or 0))  # fmt: skip
    problems = []
    after: int | None = 0
    for band in bands:
        if after is None or band.low < after:
            problems.append(f"{band} has ages of another band")
        elif band.low > after:
            problems.append(f"ages {after} to {band.low - 1} are in no band")
        after = None if band.high is None else band.high + 1
    if bands and after is not None:
        problems.append(f"ages from {after} on are in no band")
    if problems:
        hint = "A spreadsheet may have made a date of 5-9 or 10-14: write 05-09, 10-14 ... 95+."
        kept.faults.append(
            Fault(
                code="legacy.fault",
                table=kept.file,
                details={"problem": "; ".join(problems), "hint": hint},
            )
        )
    cells = table.group_by("commune").len()
    holes = cells.filter(pl.col("len") < len(words))["commune"].sort()
    text = "communes without a row of some age band, that counts nobody"
    kept.note("bands_absent", text, holes, warning=True)
