"""The map of an annex: zones by the nearest town hall, readable without colours."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ...errors import Fault, InputDataError
from ..french import NBSP, number
from .content import Annex
from .raster import Floats, Grid, Mask, borders, make_grid, project, stripes, thicker

# From dark to light as supply grows, readable in grey and with colour blindness.
_COLOURS = ("#8c2d04", "#e6550d", "#fdbe85", "#fff0dd", "#ffffff", "#ffffff")
_NEIGHBOUR, _BLANK, _NO_ZONE = "#e4e4e4", "#ffffff", "#c6dbef"
_LINE, _OUTLINE, _HATCH = "#6b6b6b", "#000000", "#000000"
_PIXELS = 1100
_DPI = 160
# Size of the picture, inches: it fills a landscape A4 page below its title.
_WIDE, _HIGH, _LEGEND = 10.4, 6.6, 2.7
# Characters of the name of a region on one line above the legend.
_LETTERS = 24
_STRIPE_EVERY, _STRIPE_WIDE = 11, 3
_LEVEL_EVERY, _LEVEL_WIDE = 7, 2
_CLASSED_ELSEWHERE = "Classée par une autre région"


def draw_map(annex: Annex, points: pl.DataFrame, source: str) -> bytes:
    """Draw the zones of a region.

    Each pixel belongs to the commune of the nearest point, and is blank farther away than 1.5 times
    the spacing of communes. Communes classified by other regions are striped white, other regions
    are grey, what the proposal changes is hatched.

    Parameters
    ----------
    annex : Annex
        As from `make_annex`.
    points : pl.DataFrame
        ``commune``, ``lat``, ``lon`` (degrees, WGS 84).
    source : str
        Origin of the points, for the caption.

    Returns
    -------
    bytes
        A PNG, the same for the same input and version of Matplotlib.

    Raises
    ------
    InputDataError
        No commune of the region has a point.
    """
    placed = annex.communes.sort("commune").join(
        points.select("commune", "lat", "lon"), on="commune", maintain_order="left"
    )
    region = annex.check.region.code
    here, ours = pl.col("region") == region, pl.col("attributed") == region
    inside = placed.select(here | ours).to_series().to_numpy()
    if not inside.any():
        details = {"region": region}
        raise InputDataError(Fault("annex.no_points_of_region", "points", details=details))
    lat, lon = (placed[name].to_numpy().astype(np.float64) for name in ("lat", "lon"))
    km = project(lat, lon, float(lat[inside].mean()))
    grid = make_grid(km, inside, _PIXELS)
    return _picture(annex, grid, _pixels(annex, placed, grid, region), source)


def shown_communes(annex: Annex) -> list[str]:
    """Return the communes that a map shows in colours: in the region, or classified by it."""
    region = annex.check.region.code
    shown = (pl.col("region") == region) | (pl.col("attributed") == region)
    return annex.communes.filter(shown)["commune"].to_list()


def _pixels(annex: Annex, placed: pl.DataFrame, grid: Grid, region: str) -> Floats:
    """Return the colour of each pixel, (rows, columns, 3)."""
    column = {name: placed[name].to_list() for name in ("commune", "region", "territory",
                                                        "attributed")}  # fmt: skip
    colours = _class_colours(annex)
    moved = {one.territory for one in annex.reasons}
    seen = [region in pair for pair in zip(column["region"], column["attributed"], strict=True)]
    shown = [
        colours.get(annex.zone_of[code] or "", _NO_ZONE) if own else _NEIGHBOUR
        for code, own in zip(column["commune"], seen, strict=True)
    ]
    palette = np.array([*(to_rgb(name) for name in shown), to_rgb(_BLANK)])
    pixels = grid.commune
    picture: Floats = palette[pixels]

    def of(flags: list[bool]) -> Mask:
        mask: Mask = np.array([*flags, False])[pixels]
        return mask

    elsewhere = of([lies == region != classed for lies, classed in
                    zip(column["region"], column["attributed"], strict=True)])  # fmt: skip
    picture[elsewhere & stripes(grid, _LEVEL_EVERY, _LEVEL_WIDE, slanted=False)] = 1.0
    changed = of([code in moved for code in column["territory"]])
    picture[changed & stripes(grid, _STRIPE_EVERY, _STRIPE_WIDE, slanted=True)] = to_rgb(_HATCH)
    numbers = {code: k for k, code in enumerate(sorted(set(column["territory"])))}
    territory = np.array([*(numbers[code] for code in column["territory"]), -1])[pixels]
    picture[borders(territory) & of(seen)] = to_rgb(_LINE)
    lies_here = np.array([*(code == region for code in column["region"]), False])[pixels]
    picture[thicker(borders(lies_here.astype(np.int64)))] = to_rgb(_OUTLINE)
    return picture


def _class_colours(annex: Annex) -> Mapping[str, str]:
    return dict(zip(annex.labels, _COLOURS, strict=False))


def _picture(annex: Annex, grid: Grid, picture: Floats, source: str) -> bytes:
    figure = Figure(figsize=(_WIDE, _HIGH), dpi=_DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.005, 0.045, 1 - _LEGEND / _WIDE - 0.01, 0.95))
    extent = (grid.left, grid.right, grid.bottom, grid.top)
    axes.imshow(picture, origin="lower", extent=extent, interpolation="nearest")
    axes.set_axis_off()
    _scale_bar(axes, grid)
    figure.legend(
        handles=_legend(annex, picture), loc="upper left", frameon=False, fontsize=9,
        bbox_to_anchor=(1 - _LEGEND / _WIDE, 0.97), alignment="left", handlelength=2.2,
        handleheight=1.4, labelspacing=0.7, title=textwrap.fill(annex.heading, _LETTERS) + "\n",
        title_fontproperties={"weight": "bold", "size": 12},
    )  # fmt: skip
    text = f"Contours approchés : mairie la plus proche. Points : {source}."
    figure.text(0.01, 0.012, text, fontsize=7.5, color="#333333")
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def _legend(annex: Annex, picture: Floats) -> list[Patch]:
    colours = _class_colours(annex)
    handles = [
        Patch(facecolor=colours.get(zone, _NO_ZONE), edgecolor=_LINE, label=label)
        for zone, label in annex.labels.items()
    ]
    if annex.reasons:
        handles.append(
            Patch(facecolor="white", edgecolor=_HATCH, hatch="////", label="Zone modifiée")
        )
    if annex.elsewhere.height:
        handles.append(
            Patch(facecolor="#bdbdbd", edgecolor="white", hatch="---", label=_CLASSED_ELSEWHERE)
        )
    for colour, label in ((_NO_ZONE, "Sans zone"), (_NEIGHBOUR, "Autre région")):
        if (picture == to_rgb(colour)).all(axis=2).any():
            handles.append(Patch(facecolor=colour, edgecolor=_LINE, label=label))
    outline = Patch(facecolor="none", edgecolor=_OUTLINE, linewidth=2, label="Limite de la région")
    return [*handles, outline]


def _scale_bar(axes: Any, grid: Grid) -> None:
    """Draw a round length of about a fifth of the width, below the map."""
    rough = grid.width / 5
    power = 10.0 ** np.floor(np.log10(rough))
    length = max(step * power for step in (1, 2, 5) if step * power <= rough)
    left, bottom = grid.left + 0.02 * grid.width, grid.bottom + 0.012 * grid.height
    axes.plot([left, left + length], [bottom, bottom], color="black", linewidth=2.4,
              solid_capstyle="butt")  # fmt: skip
    axes.text(left + length + 0.01 * grid.width, bottom, f"{number(length)}{NBSP}km", fontsize=8,
              va="center")  # fmt: skip
