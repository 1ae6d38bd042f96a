"""A map of a result as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import Fault, InputDataError, check_arguments
from ...geography.boundaries.boundaries import Boundaries
from ...method.result import Zoning
from ...results.atomic_file import refuse_taken, write_whole
from ...results.libraries import require_libraries
from ...results.read import StoredResult
from ..page import Language
from .content import Layer, Level, make_sheet
from .sheet import Sheet

ENDINGS = (".png", ".svg", ".pdf")
_MM = 25.4
#: Width and height of A4, millimetres.
A4 = (297.0, 210.0)
_SMALLEST, _LARGEST = 100.0, 1200.0
# A region is drawn upright if it is so many times as high as wide.
_UPRIGHT = 1.25


@dataclass(frozen=True)
class DrawnMap:
    """What a map shows.

    Attributes
    ----------
    sheet : Sheet
        All that was drawn.
    names : tuple of str
        The places that are named on it.
    size : tuple of float
        Width and height, millimetres.
    """

    sheet: Sheet
    names: tuple[str, ...]
    size: tuple[float, float]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        sheet = self.sheet
        count = np.bincount(sheet.fill, minlength=len(sheet.entries))
        legend: list[Mapping[str, Any]] = [
            {"key": one.key, "label": one.label, "colour": one.colour, "share": one.share,
             "units": int(number)}
            for one, number in zip(sheet.entries, count, strict=True)
            if number or one.share is not None
        ]  # fmt: skip
        return {
            "title": sheet.title,
            "subtitle": sheet.subtitle,
            "warnings": list(sheet.warnings),
            "sources": list(sheet.foot),
            "legend": legend,
            "names": list(self.names),
            "boundaries": {"source": sheet.boundaries.source, "level": sheet.boundaries.level,
                           "approximate": sheet.boundaries.approximate},
            "size_mm": list(self.size),
        }  # fmt: skip


@check_arguments(
    zones=("StoredResult",), path=(str, Path), region=(str, None), title=(str, None),
    before=("Zoning", None), boundaries=("Boundaries", None), dated=(date, None),
    size=(tuple, None),
)  # fmt: skip
def draw_map(
    zones: StoredResult,
    path: str | Path,
    *,
    region: str | None = None,
    layer: Layer = "zone",
    before: Zoning | None = None,
    boundaries: Boundaries | None = None,
    level: Level = "territories",
    lang: Language = "fr",
    title: str | None = None,
    dated: date | None = None,
    size: tuple[float, float] | None = None,
    internal: bool = False,
    replace: bool = False,
) -> DrawnMap:
    """Draw the zones of a result, its APL or what changed, as a picture.

    Without a region, all of France is drawn, with insets for overseas and for the great cities;
    or what the result holds of it. A map of a region shows its surroundings in grey.

    Parameters
    ----------
    zones : StoredResult
        A result, as from `read_result`.
    path : str or Path
        A ``.png``, ``.svg`` or ``.pdf`` file, in an existing folder.
    region : str or None
        Code or name of a region.
    layer : str
        ``zone``; ``apl``, in even steps; or ``change``, of the zone since `before`, by commune.
    before : Zoning or None
        The other result of the layer ``change``.
    boundaries : Boundaries or None
        Outlines of communes or territories, and perhaps of others around them; those of
        `boundaries_of` if it is None.
    level : str
        ``territories`` or ``communes``: whose APL is shown, and what thin lines separate.
    lang : str
        ``fr`` or ``en``.
    title : str or None
        The title; that of the profession if it is None.
    dated : date or None
        A date to write below the title.
    size : tuple of float or None
        Width and height, mm; A4 if it is None.
    internal : bool
        Whether the map says that it must not be passed on.
    replace : bool
        Whether an existing file is replaced.

    Returns
    -------
    DrawnMap
        What the map shows, and the places that it names.

    Raises
    ------
    InputDataError
        The region is unknown, the outlines are not those of the result, `before` is missing or is
        not used, or an option has no such value.
    OutputError
        The file has another ending, is taken, or cannot be written.
    AplError
        Matplotlib is not installed.

    Notes
    -----
    The same result and options give the same bytes with the same version of Matplotlib. Only
    figures of `zones` and `before` are shown: draw a publication, or keep the map of an exact
    result to yourself and pass `internal`.

    Examples
    --------
    >>> draw_map(read_result("zones-2024-public"), "zones.png", region="52")  # doctest: +SKIP
    """
    target = Path(path)
    _check(layer, before, level, lang, size)
    refuse_taken(target, replace, ENDINGS)
    require_libraries("matplotlib", extra="maps")
    from ..boundaries import boundaries_of
    from .draw import draw_sheet

    outlines = boundaries or boundaries_of(zones, around=True)
    sheet = make_sheet(
        zones, outlines, region=region, layer=layer, before=before, level=level, lang=lang,
        title=title, dated=dated, internal=internal,
    )  # fmt: skip
    millimetres = size or default_size(sheet)
    width, height = millimetres
    picture = draw_sheet(sheet, (width / _MM, height / _MM), target.suffix)
    write_whole(lambda file: file.write(picture.content), target, ENDINGS, replace=replace)
    return DrawnMap(sheet, picture.names, millimetres)


def default_size(sheet: Sheet) -> tuple[float, float]:
    """Return A4, upright for a map of what is much higher than wide, mm."""
    from .layout import main_box
    from .outlines import Outlines

    if sheet.focus is None:
        return A4
    left, bottom, right, top = main_box(Outlines(sheet.boundaries), sheet.focus)
    return A4[::-1] if top - bottom > _UPRIGHT * (right - left) else A4


def _check(
    layer: str, before: Zoning | None, level: str, lang: str, size: tuple[float, float] | None
) -> None:
    """Refuse options that have no such value, or do not go together."""
    choices = {
        "layer": (layer, ("zone", "apl", "change")),
        "level": (level, ("territories", "communes")),
        "lang": (lang, ("fr", "en")),
    }
    faults = [
        Fault("argument.unknown_choice", name, values=(str(value),), details={"choices": allowed})
        for name, (value, allowed) in choices.items()
        if value not in allowed
    ]
    if layer == "change" and before is None:
        faults.append(Fault("map.no_result_before", "before"))
    if layer != "change" and before is not None:
        faults.append(Fault("map.result_before_unused", "before", details={"layer": layer}))
    if size is not None and not all(_SMALLEST <= side <= _LARGEST for side in size):
        details = {"low": f"{_SMALLEST:g}", "high": f"{_LARGEST:g}"}
        values = (" x ".join(f"{side:g}" for side in size),)
        faults.append(Fault("map.size_out_of_range", "size", values=values, details=details))
    if faults:
        raise InputDataError(faults)
