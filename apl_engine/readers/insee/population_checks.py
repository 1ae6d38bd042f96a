"""Whether a table of inhabitants is complete, and of counts: age bands without a gap, no shares."""

from __future__ import annotations

import re

import polars as pl

from ...inputs.names import plain
from ...schemas import parse_age_band
from ..common.issues import Issues
from ..common.match import Match

_SHARES = r"(?:^|_)(?:part|parts|taux|pct|pourcent\w*|proportion)(?:_|$)"
# How far rounded shares add up to another sum than the whole, and from how many communes on it is
# not by chance that all of them have as many inhabitants: for decimals, for whole percents.
_WHOLES, _ROUNDED = (1.0, 100.0), ((0.01, 3), (0.05, 24))


def refuse_shares(matched: Match, table: pl.DataFrame, issues: Issues) -> None:
    """Refuse shares of the inhabitants of a commune in place of their number.

    Parameters
    ----------
    matched : Match
        The sheet and its columns.
    table : pl.DataFrame
        ``commune``, ``age_band``, ``population``.
    issues : Issues
        Receives the fault.
    """
    names = [*matched.family, matched.names.get("people", "")]
    shares = [name for name in names if "%" in name or re.search(_SHARES, plain(name))]
    if shares:
        issues.fault("insee.columns_of_shares", columns=tuple(shares[:3]))
        return
    sums = table.group_by("commune").agg(pl.col("population").sum())["population"]
    for whole in _WHOLES:
        off = (sums / whole - 1).abs()
        if any(len(sums) >= enough and (off <= rounded).all() for rounded, enough in _ROUNDED):
            issues.fault("insee.sums_of_shares", communes=len(sums), sum=whole)


def refuse_gaps(table: pl.DataFrame, issues: Issues) -> None:
    """Refuse age bands that overlap, or that leave an age out.

    Parameters
    ----------
    table : pl.DataFrame
        ``commune``, ``age_band``, ``population``.
    issues : Issues
        Receives the faults, and a note of communes without some of the bands.
    """
    words = table["age_band"].drop_nulls().unique()
    bands = sorted((band for word in words if (band := parse_age_band(word))),
                   key=lambda band: (band.low, band.high is None, band.high or 0))  # fmt: skip
    next_age: int | None = 0
    for band in bands:
        if next_age is None or band.low < next_age:
            issues.fault("insee.overlapping_band", band=str(band))
        elif band.low > next_age:
            issues.fault("insee.gap_in_bands", first=next_age, last=band.low - 1)
        next_age = None if band.high is None else band.high + 1
    if bands and next_age is not None:
        issues.fault("insee.no_open_band", first=next_age)
    cells = table.group_by("commune").len()
    incomplete = cells.filter(pl.col("len") < len(words))["commune"].sort()
    issues.note("insee.incomplete_bands", incomplete, warning=True)
