"""What a map shows of its units: their zone, their APL, or the change of their zone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from ...method.result import Zoning
from ...methodology.values import COUNTRY
from ..words import Words
from .outlines import Floats
from .sheet import BLANK, HIDDEN, NEIGHBOUR, ZONES, Entry, Ints

# From little supply, as dark as in zones, to much.
_APL = ("#3b0f04", "#7f2704", "#b8460e", "#dd6e24", "#f09a52", "#f8c489", "#fbe0bf", "#fdf5ea")
# Even steps, of which the largest but few APLs are in the last.
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
_QUANTILE = 0.95
# Blue for the better and brown for the worse, told apart by readers with colour blindness.
_CHANGES = {
    "worse_two": "#7f2704", "worse": "#e08214", "same": "#f3f1ec",
    "better": "#80b1d3", "better_two": "#1f5a99",
}  # fmt: skip
HIDDEN_HATCH = "////"


def zone_layer(
    zones: Zoning, units: pl.DataFrame, region: str | None, words: Words
) -> tuple[list[Entry], Ints]:
    """Return the entries of zones, and the entry of each unit.

    Shares are those of the region, whose population is that of the territories attributed to it.

    Parameters
    ----------
    zones : Zoning
        The result.
    units : pl.DataFrame
        ``zone`` and ``known`` of each unit.
    region : str or None
        Code of the region; None for the whole country.
    words : Words
        Those of maps.

    Returns
    -------
    list of Entry
    int64 (units,)
    """
    classes = zones.methodology.zoning.classes
    shares = dict(
        zones.regions.filter(pl.col("region") == (region or COUNTRY))
        .select("zone", "share")
        .iter_rows()
    )
    entries = [
        Entry(one.id, one.label, colour, shares.get(one.id, 0.0))
        for one, colour in zip(classes, colours_of(len(classes)), strict=True)
    ]
    entries.append(Entry("no_zone", words.text("no_zone"), BLANK))
    number = {entry.key: k for k, entry in enumerate(entries)}
    fill = [number[zone or "no_zone"] for zone in units["zone"]]
    return entries, np.array(fill, np.int64)


def colours_of(count: int) -> Sequence[str]:
    """Return a colour for each of the classes, from the least supplied to the best."""
    return (*ZONES, *ZONES[-1:] * count)[:count]


def apl_layer(units: pl.DataFrame, words: Words) -> tuple[list[Entry], Ints]:
    """Return the entries of steps of the APL, and the entry of each unit; see `zone_layer`.

    Parameters
    ----------
    units : pl.DataFrame
        ``apl``, ``imposed``, ``population`` and ``focus`` of each unit.
    words : Words
        Those of maps.
    """
    apl = units["apl"].fill_null(float("nan")).to_numpy()
    known = np.isfinite(apl)
    step = _step_of(apl[known])
    steps = len(_APL)
    unknown = np.where(units["imposed"].fill_null(False).to_numpy(), steps + 1, steps)
    scale = np.clip(np.nan_to_num(apl) // step, 0, steps - 1)
    fill = np.where(known, scale, unknown).astype(np.int64)
    edges = [words.number(step * k) for k in range(steps)]
    labels = [
        words.text("below", to=edges[1]),
        *(words.text("between", from_=low, to=high) for low, high in pairwise(edges[1:])),
        words.text("above", from_=edges[-1]),
    ]  # fmt: skip
    shares = _shares(fill, units, steps + 2)
    entries = [
        Entry(f"from_{step * k:g}", label, colour, share)
        for k, (label, colour, share) in enumerate(zip(labels, _APL, shares, strict=False))
    ]
    for k, key, colour, hatch in ((0, "hidden", HIDDEN, HIDDEN_HATCH), (1, "imposed", BLANK, "")):
        share = shares[steps + k]
        entries.append(Entry(key, words.text(key), colour, share or None, hatch))
    return entries, fill


def _step_of(apl: Floats) -> int:
    """Return the smallest round step whose scale reaches nearly all APLs."""
    high = float(np.quantile(apl, _QUANTILE)) if len(apl) else 0.0
    return next((step for step in _STEPS if step * (len(_APL) - 1) >= high), _STEPS[-1])


def change_layer(
    zones: Zoning, units: pl.DataFrame, before: Zoning, words: Words
) -> tuple[list[Entry], Ints]:
    """Return the entries of changes of zone, and the entry of each unit; see `zone_layer`.

    Classes of both results are ordered by how well supplied they are, by their own methodology.

    Parameters
    ----------
    zones, before : Zoning
        The result, and the one that it is compared with.
    units : pl.DataFrame
        ``zone``, ``zone_before``, ``population`` and ``focus`` of each unit.
    words : Words
        Those of maps.
    """
    now, then = (
        {one.id: k for k, one in enumerate(result.methodology.zoning.classes)}
        for result in (zones, before)
    )
    keys = [*_CHANGES, "incomparable"]
    fill = []
    for zone, earlier in units.select("zone", "zone_before").iter_rows():
        one, other = then.get(earlier), now.get(zone)
        steps = None if one is None or other is None else max(-2, min(2, other - one))
        fill.append(keys.index("incomparable") if steps is None else steps + 2)
    numbers = np.array(fill, np.int64)
    shares = _shares(numbers, units, len(keys))
    colours = [*_CHANGES.values(), NEIGHBOUR]
    entries = [
        Entry(key, words.text(key), colour, share if key != "incomparable" else share or None)
        for key, colour, share in zip(keys, colours, shares, strict=True)
    ]
    return entries, numbers


def _shares(fill: Ints, units: pl.DataFrame, count: int) -> list[float]:
    """Return the share of each entry in the population that the map is about, %."""
    people = units.select(
        pl.when("focus").then("population").otherwise(0.0).fill_null(0.0).cast(pl.Float64)
    ).to_series()
    sums = np.zeros(count)
    np.add.at(sums, fill, people.to_numpy())
    total = float(sums.sum())
    return [100 * float(one) / total if total else 0.0 for one in sums]
