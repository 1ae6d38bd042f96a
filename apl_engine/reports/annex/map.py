"""The map of an annex: the zones of a region after the proposal."""

from __future__ import annotations

import numpy as np
import polars as pl

from ...errors import Fault, InputDataError
from ...geography.boundaries import Boundaries
from ...method.result import Zoning
from ..french import day
from ..maps.content import foot_of, numbered, towns, units_of
from ..maps.draw import draw_sheet
from ..maps.layers import colours_of
from ..maps.layout import main_box
from ..maps.outlines import Outlines
from ..maps.sheet import BLANK, NEIGHBOUR, OUTSIDE, Entry, Overlay, Sheet
from ..words import Words
from .content import Annex

# Height of the picture, and the room beside the land for the legend, inches; its width follows from
# the land. The widest fills a landscape A4 page below its title.
_HIGH, _BESIDE, _NARROWEST, _WIDEST = 6.6, 2.4, 5.2, 10.4
_HEAD = 1.0
_MOVED, _ELSEWHERE = "////", "---"


def draw_annex_map(zones: Zoning, annex: Annex, boundaries: Boundaries) -> bytes:
    """Draw the zones of a region after a proposal.

    Communes classified by other regions are striped, other regions are grey, territories that the
    proposal moves are hatched, outlined and named.

    Parameters
    ----------
    zones : Zoning
        The national result.
    annex : Annex
        As from `make_annex`.
    boundaries : Boundaries
        Outlines of its communes, and perhaps of others.

    Returns
    -------
    bytes
        A PNG, the same for the same input and version of Matplotlib.

    Raises
    ------
    InputDataError
        No commune of the region has an outline.
    """
    sheet = annex_sheet(zones, annex, boundaries)
    assert sheet.focus is not None
    left, bottom, right, top = main_box(Outlines(boundaries), sheet.focus)
    land = (_HIGH - _HEAD) * (right - left) / (top - bottom)
    wide = min(max(land + _BESIDE, _NARROWEST), _WIDEST)
    return draw_sheet(sheet, (wide, _HIGH), ".png").content


def annex_sheet(zones: Zoning, annex: Annex, boundaries: Boundaries) -> Sheet:
    """Collect what the map of an annex shows; see `draw_annex_map`."""
    words = Words("maps", "fr")
    region = annex.check.region.code
    here, ours = pl.col("region") == region, pl.col("attributed") == region
    after = annex.communes.select(
        unit="commune", attributed="attributed", after=pl.col("commune").replace_strict(
            annex.zone_of, return_dtype=pl.String
        ),
    )  # fmt: skip
    units = units_of(zones, boundaries, "territories")
    if boundaries.level == "territory":
        after = after.rename({"unit": "commune"}).join(
            annex.communes.select("commune", "territory"), on="commune"
        ).group_by("territory").agg(pl.col("attributed", "after").first()).rename(
            {"territory": "unit"})  # fmt: skip
    units = units.join(after, on="unit", how="left", maintain_order="left").with_columns(
        focus=((here | ours) & pl.col("known")).fill_null(False)
    )
    focus = units["focus"].to_numpy()
    if not focus.any():
        details = {"region": region}
        raise InputDataError(Fault("annex.no_outlines_of_region", "boundaries", details=details))
    shares = {row[0]: row[4] for row in annex.shares}
    entries = [
        Entry(zone, label, colour, shares.get(label))
        for (zone, label), colour in zip(
            annex.labels.items(), colours_of(len(annex.labels)), strict=True
        )
    ]
    others = (("no_zone", BLANK), ("other_region", NEIGHBOUR), ("outside", OUTSIDE))
    entries += [Entry(key, words.text(key), colour) for key, colour in others]
    number = {entry.key: k for k, entry in enumerate(entries)}
    zone = np.array([number[one or "no_zone"] for one in units["after"]], np.int64)
    known = units["known"].to_numpy()
    fill = np.where(focus, zone, np.where(known, number["other_region"], number["outside"]))
    moved = units.select(
        pl.col("territory").is_in([one.territory for one in annex.reasons]) & pl.col("focus")
    ).to_series()
    elsewhere = units.select((here & ~ours).fill_null(False)).to_series()
    overlays = [
        Overlay(label, flags.to_numpy(), hatch, outlined)
        for label, flags, hatch, outlined in (
            ("Classée par une autre région", elsewhere, _ELSEWHERE, False),
            ("Zone modifiée", moved.fill_null(False), _MOVED, True),
        )
        if flags.any()
    ]
    parts = (annex.heading, f"arrêté du {day(annex.dated)}" if annex.dated else "",
             zones.methodology.title)  # fmt: skip
    return Sheet(
        lang="fr",
        title=annex.title,
        subtitle=" · ".join(part for part in parts if part),
        warnings=tuple(annex.warnings),
        foot=foot_of(zones, boundaries, words),
        boundaries=boundaries,
        entries=tuple(entries),
        fill=fill,
        areas=numbered(units["territory"]),
        regions=numbered(units["region"]),
        departements=numbered(units["departement"]),
        focus=focus,
        within=units.select(here.fill_null(False)).to_series().to_numpy(),
        places=_places(units, annex),
        legend=words.text("legend_zone"),
        legend_foot=words.text("share_attributed", name=annex.heading),
        overlays=tuple(overlays),
    )


def _places(units: pl.DataFrame, annex: Annex) -> pl.DataFrame:
    """Return the territories that change zone, then the towns."""
    named = towns(units)
    names = {one.territory: one.name for one in annex.reasons}
    moved = (
        units.with_row_index("number")
        .filter(pl.col("territory").is_in(list(names)))
        .group_by("territory", maintain_order=True)
        .agg(pl.col("population").sum(), units=pl.col("number"))
        .sort("population", "territory", descending=[True, False])
        .with_columns(name=pl.col("territory").replace_strict(names, return_dtype=pl.String),
                      dot=pl.lit(False))
        .select(named.columns)
    )  # fmt: skip
    # A town in a territory that has its name is named once.
    return pl.concat([moved, named.filter(~pl.col("name").is_in(moved["name"].implode()))])
