"""A diagram of flows between zones: those of A on the left, of B on the right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..comparison import Comparison
from ..comparison.matching import name_of
from .page import Language, cut_text
from .picture import INK, new_figure, save_figure
from .words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The gap between two bars; the population has a height of 1.
_GAP = 0.035
# The height of a label of two lines; labels of thin bars move down.
_LABEL = 0.085
_LEFT, _RIGHT, _BAR = 0.0, 1.0, 0.045
# Of the diagram, in inches; of a line of text below it, in inches.
_INCHES, _LINE = (9.5, 5.2), 0.19
_GREY = "#9a9a9a"
# From dark to light in even steps of lightness, which readers with colour blindness distinguish.
_COLOURS = "cividis"
_DARKEST, _LIGHTEST = 0.0, 0.95
_LONGEST = 32


@dataclass(frozen=True)
class Flow:
    """The inhabitants that go from one zone to another.

    Attributes
    ----------
    source, target : int
        Positions of the zones in the bars of A and of B.
    population, share : float
        Inhabitants, and their share of the total (0 to 1).
    top_a, top_b : float
        The top of the ribbon on each side, where the total has a height of 1.
    changes : bool
        Whether the zones differ.
    """

    source: int
    target: int
    population: float
    share: float
    top_a: float
    top_b: float
    changes: bool


@dataclass(frozen=True)
class Bar:
    """A zone of one side.

    Attributes
    ----------
    zone : str or None
        Its id; None without a zone.
    label : str
        Its name.
    population, share : float
        Inhabitants, and their share of the total (0 to 1).
    top : float
        Its top, where the total has a height of 1.
    """

    zone: str | None
    label: str
    population: float
    share: float
    top: float


def draw_flows(comparison: Comparison, path: Path, lang: Language = "en") -> None:
    """Draw the zones of both results and the flows between them.

    Parameters
    ----------
    comparison : Comparison
        As from `compare`.
    path : Path
        A ``.svg`` or ``.png`` file. The same comparison gives the same bytes.
    lang : str
        ``en`` or ``fr``.

    Raises
    ------
    AplError
        Matplotlib is not installed.
    """
    words = Words("pictures", lang)
    bars, flows = lay_out(comparison, words.text("no_zone"))
    lines = _lines(bars, flows, words)
    width, height = _INCHES
    foot = _LINE * (len(lines) + 2)
    figure = new_figure(width, height + foot)
    axes = figure.add_axes((0.24, foot / (height + foot), 0.52, 0.88 * height / (height + foot)))
    colours = [_colours(side) for side in bars]
    _draw_ribbons(axes, flows, colours[0])
    for side, at, sense in ((0, _LEFT, -1), (1, _RIGHT, 1)):
        _draw_bars(axes, bars[side], colours[side], at, sense, words)
    _draw_titles(axes, comparison, words)
    axes.set_xlim(_LEFT, _RIGHT)
    axes.set_ylim(-_GAP * (max(map(len, bars)) - 1), 1.0)
    axes.axis("off")
    figure.text(0.24, 0.9 * foot / (height + foot), "\n".join(lines), va="top", color=INK,
                fontsize=8.5, linespacing=1.45)  # fmt: skip
    save_figure(figure, path)


def lay_out(
    comparison: Comparison, no_zone: str = ""
) -> tuple[tuple[list[Bar], list[Bar]], list[Flow]]:
    """Compute the positions of bars and ribbons.

    Parameters
    ----------
    comparison : Comparison
        As from `compare`.
    no_zone : str
        The label of territories that have no zone.

    Returns
    -------
    tuple of list of Bar
        The bars of A and of B.
    list of Flow
        The flows that have inhabitants, those between different zones last.
    """
    rows = comparison.transitions.to_dicts()
    total = sum(row["population"] for row in rows) or 1.0
    orders = [list(dict.fromkeys(row[f"zone_{name}"] for row in rows)) for name in "ab"]
    sides = zip("ab", orders, (comparison.first, comparison.second), strict=True)
    bars = [
        _bars(rows, f"zone_{name}", order, _labels(zones, no_zone), total)
        for name, order, zones in sides
    ]
    tops = [[bar.top for bar in side] for side in bars]
    flows = []
    for row in rows:
        source, target = orders[0].index(row["zone_a"]), orders[1].index(row["zone_b"])
        share = row["population"] / total
        if share:
            tops_of = (tops[0][source], tops[1][target])
            changes = row["zone_a"] != row["zone_b"]
            flows.append(Flow(source, target, row["population"], share, *tops_of, changes))
        tops[0][source] -= share
        tops[1][target] -= share
    flows.sort(key=lambda flow: flow.changes)
    return (bars[0], bars[1]), flows


def _labels(zones: Any, no_zone: str) -> Mapping[str | None, str]:
    return {None: no_zone} | {one.id: one.label for one in zones.methodology.zoning.classes}


def _bars(
    rows: list[dict[str, Any]], key: str, order: list[str | None],
    labels: Mapping[str | None, str], total: float,
) -> list[Bar]:  # fmt: skip
    bars, top = [], 1.0
    for zone in order:
        people = sum(row["population"] for row in rows if row[key] == zone)
        bars.append(Bar(zone, labels[zone], people, people / total, top))
        top -= people / total + _GAP
    return bars


def _colours(bars: list[Bar]) -> list[Any]:
    """Return a colour for each bar; grey if it has no zone."""
    import matplotlib as mpl

    scale = mpl.colormaps[_COLOURS]
    zoned = sum(bar.zone is not None for bar in bars)
    step = (_LIGHTEST - _DARKEST) / max(zoned - 1, 1)
    return [
        _GREY if bar.zone is None else scale(_DARKEST + step * index)
        for index, bar in enumerate(bars)
    ]


def _draw_ribbons(axes: Axes, flows: list[Flow], colours: list[Any]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Curve

    left, right = _LEFT + _BAR, _RIGHT - _BAR
    middle = (left + right) / 2
    for flow in flows:
        low_a, low_b = flow.top_a - flow.share, flow.top_b - flow.share
        points = [
            (left, flow.top_a), (middle, flow.top_a), (middle, flow.top_b), (right, flow.top_b),
            (right, low_b), (middle, low_b), (middle, low_a), (left, low_a), (left, flow.top_a),
        ]  # fmt: skip
        steps = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3,
                 Curve.CLOSEPOLY]  # fmt: skip
        axes.add_patch(
            PathPatch(
                Curve(points, steps),
                facecolor=colours[flow.source],
                edgecolor=INK if flow.changes else "none",
                # An edge keeps narrow ribbons visible.
                linewidth=0.6 if flow.changes else 0.0,
                alpha=0.95 if flow.changes else 0.35,
                clip_on=False,
            )
        )


def _draw_bars(
    axes: Axes, bars: list[Bar], colours: list[Any], at: float, sense: int, words: Words
) -> None:
    """Draw the bars of one side, with labels outside: on the left if `sense` is -1."""
    from matplotlib.patches import Rectangle

    inside, middle = (at if sense < 0 else at - _BAR), 1.0 + _LABEL
    for bar, colour in zip(bars, colours, strict=True):
        middle = min(bar.top - bar.share / 2, middle - _LABEL)
        axes.add_patch(Rectangle((inside, bar.top - bar.share), _BAR, bar.share, facecolor=colour,
                                 edgecolor=INK, linewidth=0.8, clip_on=False))  # fmt: skip
        text = f"{bar.label}\n{words.number(bar.population)} · {words.share(100 * bar.share)}"
        axes.text(at + sense * 0.02, middle, text, color=INK, fontsize=9.5,
                  va="center", ha="right" if sense < 0 else "left", linespacing=1.35)  # fmt: skip


def _draw_titles(axes: Axes, comparison: Comparison, words: Words) -> None:
    for zones, name, at in ((comparison.first, "A", _LEFT), (comparison.second, "B", _RIGHT)):
        rules = zones.methodology.id
        text = cut_text(name_of(zones), _LONGEST)
        title = words.text("side", side=name, name=text)
        text = title if text == rules else f"{title}\n{rules}"
        axes.text(at, 1.03, text, fontsize=11, weight="bold", color=INK, va="bottom",
                  linespacing=1.3, ha="left" if name == "A" else "right")  # fmt: skip


def _lines(bars: tuple[list[Bar], list[Bar]], flows: list[Flow], words: Words) -> list[str]:
    """Return the changes of zone as text, since a narrow ribbon has no label."""
    changing = sorted((flow for flow in flows if flow.changes), key=lambda flow: -flow.population)
    people, share = (sum(getattr(flow, of) for flow in changing) for of in ("population", "share"))
    return [
        words.text("changes", people=words.number(people), share=words.share(100 * share)),
        *(
            words.text(
                "change",
                before=bars[0][flow.source].label,
                after=bars[1][flow.target].label,
                people=words.number(flow.population),
                share=words.share(100 * flow.share, 2),
            )
            for flow in changing
        ),
    ]
