"""All that one map shows, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from ...geography.boundaries import Boundaries
from ..page import Language

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Colours of the classes, from the least supplied to the best; told apart in grey and by readers
#: with colour blindness.
ZONES = ("#661a00", "#c44e10", "#f4a259", "#fdebd3", "#fff8ee", "#ffffff")
SEA, LINE, INK, FAINT, HATCH = "#e8edf1", "#444444", "#222222", "#4d4d4d", "#808080"
NEIGHBOUR, OUTSIDE, BLANK, HIDDEN = "#dcdcdc", "#ececec", "#b4b4b4", "#d0d0d0"
WARNING = "#a50f15"


@dataclass(frozen=True)
class Entry:
    """An entry of the legend, and how its units are filled.

    Attributes
    ----------
    key : str
        What it stands for: the id of a zone, or a word such as ``hidden``.
    label : str
        Its text.
    colour : str
        Its fill.
    share : float or None
        The share of the population in it, %; None if it has none.
    hatch : str
        A pattern of Matplotlib over the fill; empty for none.
    """

    key: str
    label: str
    colour: str
    share: float | None = None
    hatch: str = ""


@dataclass(frozen=True)
class Overlay:
    """Hatching over some units, with an outline.

    Attributes
    ----------
    label : str
        Its entry in the legend.
    units : bool (units,)
        What it covers.
    hatch : str
        A pattern of Matplotlib.
    outlined : bool
        Whether what it covers is outlined.
    """

    label: str
    units: Flags
    hatch: str
    outlined: bool


@dataclass(frozen=True)
class Sheet:
    """All that one map shows.

    Attributes
    ----------
    lang : str
        ``en`` or ``fr``.
    title, subtitle : str
        Lines above the map; without a title, none of them.
    warnings : tuple of str
        What a reader must not overlook, below them.
    foot : tuple of str
        Sources.
    boundaries : Boundaries
        Outlines of all that is shown.
    entries : tuple of Entry
        The legend.
    fill : int64 (units,)
        The entry of each unit.
    areas : int64 (units,)
        The finest areas that lines separate.
    regions : int64 (units,)
        The areas that thick lines separate.
    departements : int64 (units,)
        The areas that thin lines separate on the map of a region.
    focus : bool (units,) or None
        What the map of a region shows in colours; None for the whole country.
    within : bool (units,) or None
        The region, whose border is the thickest line; None for the whole country.
    places : pl.DataFrame
        ``name``, ``population``, ``units`` (their numbers), ``dot``: places that may be named, the
        most important first.
    legend : str
        Title of the legend.
    legend_foot : str
        A line below it.
    overlays : tuple of Overlay
        Hatching over the fills.
    """

    lang: Language
    title: str
    subtitle: str
    warnings: tuple[str, ...]
    foot: tuple[str, ...]
    boundaries: Boundaries
    entries: tuple[Entry, ...]
    fill: Ints
    areas: Ints
    regions: Ints
    departements: Ints
    focus: Flags | None
    within: Flags | None
    places: pl.DataFrame
    legend: str
    legend_foot: str = ""
    overlays: tuple[Overlay, ...] = field(default=())

    @cached_property
    def parts(self) -> Ints:
        """Return the finest areas that fills, lines or hatching tell apart, from 0."""
        columns = [self.areas, self.fill, self.regions, self.departements]
        columns += [one.units.astype(np.int64) for one in self.overlays]
        columns += [one.astype(np.int64) for one in (self.focus, self.within) if one is not None]
        _, parts = np.unique(np.stack(columns), axis=1, return_inverse=True)
        return parts.ravel().astype(np.int64)


def is_dark(colour: str) -> bool:
    """Return whether a colour is so dark that a light line shows better on it than a dark one."""
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    luminance: float = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return luminance < 0.3
