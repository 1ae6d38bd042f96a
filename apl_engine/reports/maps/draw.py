"""A map as a picture: windows, legend, names, scale and sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..french import line
from ..words import Words
from .canvas import PIXELS_PER_INCH, Canvas, wrapped
from .labels import Label, Place, Rectangle, place_labels, text_size
from .layout import Layout, Window, lay_out
from .legend import Legend, scale_bar
from .outlines import Flags, Floats, Ints, Outlines, Piece
from .sheet import FAINT, HATCH, INK, LINE, SEA, WARNING, Sheet, is_dark

#: Details smaller than this are left out, inches.
_DETAIL = 0.8 / PIXELS_PER_INCH
_MARGIN, _GAP = 0.22, 0.1
_TITLE, _SUBTITLE, _WARNING, _FOOT = 15.0, 9.5, 8.0, 6.3
_NAME, _LARGE_NAME, _INSET_NAME, _INSET_TITLE = 6.4, 8.0, 6.0, 8.0
# Inhabitants of a place in larger letters; width of a commune that is named without a dot, inches.
_LARGE, _WIDE = 150_000, 0.55
_POINTS, _LEADING = 72.0, 1.32
_NAMES, _NAMES_OF_INSET = 44, 5
# Lines of so many areas are as fine as can be, points.
_MANY, _FINEST = 25_000, 0.08


@dataclass(frozen=True)
class Picture:
    """A map that was drawn.

    Attributes
    ----------
    content : bytes
        A PNG, SVG or PDF: the same for the same map and version of Matplotlib.
    names : tuple of str
        The names on it.
    layout : Layout
        Where it shows what.
    """

    content: bytes
    names: tuple[str, ...]
    layout: Layout


def draw_sheet(sheet: Sheet, size: tuple[float, float], ending: str) -> Picture:
    """Draw a map.

    Parameters
    ----------
    sheet : Sheet
        What it shows.
    size : tuple of float
        Width and height, inches.
    ending : str
        One of `ENDINGS`.

    Returns
    -------
    Picture
    """
    drawing = _Drawing(sheet, size)
    names, layout = drawing.draw()
    return Picture(drawing.canvas.save(ending, sheet.title), names, layout)


class _Drawing:
    """A map on its canvas."""

    def __init__(self, sheet: Sheet, size: tuple[float, float]) -> None:
        self.sheet, self.size = sheet, size
        self.canvas = Canvas(size)
        self.words = Words("maps", sheet.lang)
        self.outlines = Outlines(sheet.boundaries)
        self.dark: Flags = np.array([is_dark(entry.colour) for entry in sheet.entries])
        self.centres, self.widths, self.frames = self._centres()

    def draw(self) -> tuple[tuple[str, ...], Layout]:
        """Draw all, and return the names on it and where it shows what."""
        area = (_MARGIN, self._foot(), self.size[0] - _MARGIN, self._head())
        legend, layout = self._lay_out(area, set(range(len(self.sheet.entries))))
        # What no window shows needs no entry; but where windows lie depends on the entries.
        legend, layout = self._lay_out(area, self._seen(layout))
        self.canvas.rectangle(area, facecolor=SEA, edgecolor="none")
        main, *insets = layout.windows
        self._window(main)
        for inset in insets:
            if inset.frame == main.frame:
                place = main.place_of(inset.box)
                self.canvas.rectangle(place, facecolor="none", edgecolor=INK, linewidth=0.6)
            self._window(inset)
        names = [name for window in layout.windows for name in self._names(window, layout)]
        legend.draw(self.canvas, layout.legend, layout.windows[0])
        return tuple(dict.fromkeys(names)), layout

    def _lay_out(self, area: Rectangle, seen: set[int]) -> tuple[Legend, Layout]:
        legend = Legend(self.sheet, self.words, seen)
        sheet = self.sheet
        return legend, lay_out(self.outlines, sheet.focus, sheet.areas, area, legend.size)

    def _seen(self, layout: Layout) -> set[int]:
        """Return the entries that a window shows."""
        windows = [self.outlines.seen_in(one.frame, one.box) for one in layout.windows]
        return set(np.unique(self.sheet.fill[np.logical_or.reduce(windows)]).tolist())

    def _head(self) -> float:
        """Write title, subtitle and warnings, and return where they end."""
        wide, y = self.size[0] - 2 * _MARGIN, self.size[1] - _MARGIN
        texts: tuple[tuple[tuple[str, ...], float, dict[str, Any]], ...] = (
            ((self.sheet.title,), _TITLE, {"weight": "bold", "color": INK}),
            ((self.sheet.subtitle,), _SUBTITLE, {"color": INK}),
            (self.sheet.warnings, _WARNING, {"weight": "bold", "color": WARNING}),
        )
        for lines, size, style in texts:
            for one in lines:
                for part in wrapped(one, size, wide, bold="weight" in style):
                    y -= size * _LEADING / _POINTS
                    self.canvas.text(_MARGIN, y, part, size, **style)
        return y - _GAP if y < self.size[1] - _MARGIN else y

    def _foot(self) -> float:
        """Write the sources, and return where they end."""
        wide = self.size[0] - 2 * _MARGIN
        lines = [part for one in self.sheet.foot for part in wrapped(one, _FOOT, wide)]
        y = _MARGIN * 0.6
        for one in reversed(lines):
            self.canvas.text(_MARGIN, y + 0.02, one, _FOOT, color=FAINT)
            y += _FOOT * _LEADING / _POINTS
        return y + _GAP / 2

    def _window(self, window: Window) -> None:
        """Draw the fills, lines and hatching of a window."""
        sheet = self.sheet
        if window.name:
            self.canvas.rectangle(window.place, facecolor=SEA, edgecolor="none")
        detail = _DETAIL / window.scale
        piece = self.outlines.piece(window.frame, window.box, sheet.parts, detail)
        shapes = piece.areas(sheet.fill, len(sheet.entries))
        for entry, shape in zip(sheet.entries, shapes, strict=True):
            # Its edge closes the gap that smoothing leaves between neighbours.
            self.canvas.path(shape, window, facecolor=entry.colour, edgecolor=entry.colour,
                             linewidth=0.3, joinstyle="round")  # fmt: skip
            if entry.hatch:
                self.canvas.path(shape, window, facecolor="none", edgecolor=HATCH, linewidth=0.0,
                                 hatch=entry.hatch)  # fmt: skip
        self._lines(window, piece)
        self._overlays(window, piece)
        self._borders(window, piece)
        if window.name:
            self.canvas.rectangle(window.place, facecolor="none", edgecolor=LINE, linewidth=1.0)

    def _lines(self, window: Window, piece: Piece) -> None:
        """Draw the lines between areas: light ones between dark fills, dark ones between others."""
        sheet = self.sheet
        one, other = piece.sides(sheet.areas, -1)
        apart = (one != other) & (one >= 0) & (other >= 0)
        dark = np.logical_and(*piece.sides(self.dark[sheet.fill], False))
        width = _FINEST if np.count_nonzero(apart) > _MANY else 0.25
        width = width if sheet.focus is None else 0.4
        ours = np.ones_like(apart)
        if sheet.focus is not None:
            ours = np.logical_or(*piece.sides(sheet.focus, False))
        self._line(window, piece, apart & dark & ours, "white", width, 0.75)
        self._line(window, piece, apart & ~dark & ours, LINE, width, 0.6)
        self._line(window, piece, apart & ~ours, "white", width, 0.8)

    def _borders(self, window: Window, piece: Piece) -> None:
        """Draw coasts and the borders of regions; of the region of the map the thickest."""
        sheet = self.sheet
        one, other = piece.sides(sheet.regions, -1)
        inland = (one >= 0) & (other >= 0)
        self._line(window, piece, (one >= 0) != (other >= 0), LINE, 0.5)
        self._cased(window, piece, inland & (one != other), LINE, 0.8)
        if sheet.focus is not None and sheet.within is not None:
            parts, ours = piece.sides(sheet.departements, -1), piece.sides(sheet.focus, False)
            self._cased(window, piece, (parts[0] != parts[1]) & ours[0] & ours[1], LINE, 0.7)
            one, other = piece.sides(sheet.within, False)
            self._cased(window, piece, one != other, INK, 1.5)

    def _overlays(self, window: Window, piece: Piece) -> None:
        """Hatch some units, light on dark fills and dark on pale ones."""
        for overlay in self.sheet.overlays:
            group = np.where(overlay.units, np.where(self.dark[self.sheet.fill], 0, 1), -1)
            for shape, colour in zip(piece.areas(group, 2), ("white", INK), strict=True):
                self.canvas.path(shape, window, facecolor="none", edgecolor=colour, linewidth=0.0,
                                 hatch=overlay.hatch)  # fmt: skip
            if overlay.outlined:
                one, other = piece.sides(overlay.units, False)
                self._cased(window, piece, one != other, INK, 1.3)

    def _line(
        self, window: Window, piece: Piece, arcs: Any, colour: str, width: float, alpha: float = 1.0
    ) -> None:
        self.canvas.path(
            piece.lines(arcs), window, facecolor="none", edgecolor=colour, linewidth=width,
            alpha=alpha, capstyle="round", joinstyle="round",
        )  # fmt: skip

    def _cased(self, window: Window, piece: Piece, arcs: Any, colour: str, width: float) -> None:
        """Draw some arcs dark on light, so that they show on any fill."""
        self._line(window, piece, arcs, "white", width + 1.0, 0.7)
        self._line(window, piece, arcs, colour, width)

    def _names(self, window: Window, layout: Layout) -> list[str]:
        """Write the names of places in a window, its title and its scale, and return the names."""
        if window.name:
            taken, most = self._inset(window), _NAMES_OF_INSET
        else:
            taken, most = [layout.legend, *(one.place for one in layout.windows[1:])], _NAMES
        labels = place_labels(self._places(window), window.place, taken, most)
        for label in labels:
            self._name(label)
        return [label.place.name for label in labels]

    def _inset(self, window: Window) -> list[Rectangle]:
        """Write the title and the scale of an inset, and return where they are."""
        left, bottom, right, top = window.place
        wide, high, _ = text_size(window.name, _INSET_TITLE, bold=True)
        self.canvas.text(left + 0.06, top - high - 0.05, window.name, _INSET_TITLE, weight="bold",
                         color=INK, halo=True)  # fmt: skip
        end = scale_bar(self.canvas, (left + 0.07, bottom + 0.08), window, self.words,
                        (right - left) * 0.4)  # fmt: skip
        return [
            (left, top - high - 0.1, left + wide + 0.12, top),
            (left, bottom, end, bottom + 0.2),
        ]

    def _name(self, label: Label) -> None:
        place = label.place
        if place.dot:
            self.canvas.line([place.x], [place.y], marker="o", markersize=2.6, color=INK,
                             markeredgecolor="white", markeredgewidth=0.6)  # fmt: skip
        self.canvas.text(label.left, label.bottom, place.name, place.size, color=INK, halo=True)

    def _places(self, window: Window) -> Iterator[Place]:
        """Return the places in a window, the most important first."""
        left, bottom, right, top = window.place
        here = window.on_canvas(self.centres)
        seen = (
            (self.frames == window.frame)
            & (here[:, 0] > left) & (here[:, 0] < right)
            & (here[:, 1] > bottom) & (here[:, 1] < top)
        )  # fmt: skip
        table = self.sheet.places
        columns = (table["name"], table["population"], table["dot"])
        for k in np.flatnonzero(seen).tolist():
            name, people, dot = (column[k] for column in columns)
            # A dot in the middle of a wide commune would be far from its town.
            dot = dot and self.widths[k] * window.scale < _WIDE
            size = _INSET_NAME if window.name else _LARGE_NAME if people >= _LARGE else _NAME
            yield Place(line(name), float(here[k, 0]), float(here[k, 1]), size, dot)

    def _centres(self) -> tuple[Floats, Floats, Ints]:
        """Return the centre of each place that may be named and its width, metres; its plane."""
        units = self.sheet.places["units"]
        place = np.repeat(np.arange(len(units)), units.list.len().to_numpy())
        unit = units.explode().to_numpy().astype(np.int64)
        area, x, y = (
            np.bincount(place, moment, len(units)) for moment in self.outlines.moments[unit].T
        )
        first = units.list.first().to_numpy().astype(np.int64)
        area = np.where(area == 0, 1.0, area)
        return (
            np.stack([x / area, y / area], axis=1),
            np.sqrt(area),
            self.sheet.boundaries.frame[first],
        )
