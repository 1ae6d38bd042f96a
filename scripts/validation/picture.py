"""A map of the zones, and the shares of regions compared with those of the text."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import polars as pl

from apl_engine.comparison import OfficialComparison
from apl_engine.method.regions import compare_with_published
from apl_engine.method.result import Zoning

COLOURS = {
    "tres_sous_dotee": "#b2182b",
    "sous_dotee": "#ef8a62",
    "intermediaire": "#d8d8d8",
    "non_prioritaire": "#2166ac",
}
# For each overseas part: its frame in degrees, and its box in the figure.
FRAMES = {
    "Guadeloupe": ((-61.9, -60.9, 15.8, 16.6), (0.015, 0.70, 0.09, 0.13)),
    "Martinique": ((-61.3, -60.7, 14.35, 14.95), (0.015, 0.53, 0.09, 0.13)),
    "Guyane": ((-54.8, -51.4, 2.0, 6.0), (0.015, 0.36, 0.09, 0.13)),
    "La Réunion": ((55.15, 55.9, -21.45, -20.8), (0.015, 0.19, 0.09, 0.13)),
    "Mayotte": ((44.95, 45.35, -13.05, -12.6), (0.015, 0.02, 0.09, 0.13)),
}
# Of a comparison: the class in force is the same, lower, higher, or two classes apart or more.
AGREEMENT = {
    "same": ("#d8d8d8", "Same class"),
    "lower": ("#b2182b", "In force: one class lower"),
    "higher": ("#2166ac", "In force: one class higher"),
    "far": ("#000000", "Two classes apart or more"),
    "none": ("#f2c84b", "No class in force"),
}
MAINLAND = (-5.3, 9.8, 41.2, 51.3)


def draw(zones: Zoning, points: pl.DataFrame, path: Path) -> None:
    """Draw the figure and save it; `points` has columns code, lat and lon, one row per commune."""
    mpl.rcParams.update({"font.size": 9, "font.family": "DejaVu Sans"})
    communes = zones.communes.join(points, left_on="commune", right_on="code")
    figure = plt.figure(figsize=(13, 7.4), dpi=110)
    figure.text(0.02, 0.955, "Zones of the real France, from the APL of DREES (2021)", size=13)
    labels = {c.id: c.label for c in zones.methodology.zoning.classes}
    _maps(figure, communes.rename({"zone": "shown"}), (0.1, 0.02, 0.43, 0.9),
          {zone: (colour, labels[zone]) for zone, colour in COLOURS.items()})  # fmt: skip
    _shares(figure, zones, labels)
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)


def draw_agreement(official: OfficialComparison, points: pl.DataFrame, path: Path) -> None:
    """Draw where the computed zones and the classes in force differ, and save it."""
    mpl.rcParams.update({"font.size": 9, "font.family": "DejaVu Sans"})
    order = [zone.id for zone in official.zones.methodology.zoning.classes]
    apart = pl.col("official_zone").replace_strict(
        order, range(len(order)), return_dtype=pl.Int64
    ) - pl.col("zone").replace_strict(order, range(len(order)), return_dtype=pl.Int64)
    shown = (
        pl.when(apart.is_null()).then(pl.lit("none"))
        .when(apart == 0).then(pl.lit("same"))
        .when(apart == -1).then(pl.lit("lower"))
        .when(apart == 1).then(pl.lit("higher"))
        .otherwise(pl.lit("far"))
    )  # fmt: skip
    communes = official.communes.filter(pl.col("listed") != "official")
    communes = communes.with_columns(shown=shown).join(points, left_on="commune", right_on="code")
    figure = plt.figure(figsize=(9, 7.4), dpi=110)
    figure.text(0.02, 0.955, "Zones computed from the APL of 2021, and classes in force in 2025",
                size=12)  # fmt: skip
    _maps(figure, communes, (0.15, 0.02, 0.82, 0.9), AGREEMENT)
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)


def _maps(
    figure: plt.Figure,
    communes: pl.DataFrame,
    box: tuple[float, float, float, float],
    kinds: dict[str, tuple[str, str]],
) -> None:
    """Draw the mainland and the overseas parts, by the colour and label of each kind `shown`."""
    colours = {kind: colour for kind, (colour, _) in kinds.items()}
    main = figure.add_axes(box)
    _map(main, communes, MAINLAND, 3.2, colours)
    for name, (frame, small_box) in FRAMES.items():
        left, low, wide, high = small_box
        # Of the same size in inches in any figure.
        scale = 13 / figure.get_figwidth()
        small = figure.add_axes((left * scale, low, wide * scale, high))
        _map(small, communes, frame, 9, colours)
        small.set_title(name, size=7, pad=2)
        small.set_frame_on(True)
    handles = [plt.Line2D([], [], marker="o", ls="", color=colour, label=label)
               for colour, label in kinds.values()]  # fmt: skip
    main.legend(handles=handles, loc="lower left", frameon=False, bbox_to_anchor=(0.02, 0.0))


def _map(
    axes: plt.Axes,
    communes: pl.DataFrame,
    frame: tuple[float, ...],
    size: float,
    colours: dict[str, str],
) -> None:
    west, east, south, north = frame
    inside = communes.filter(
        pl.col("lon").is_between(west, east), pl.col("lat").is_between(south, north)
    )
    for kind, colour in colours.items():
        rows = inside.filter(shown=kind)
        axes.scatter(rows["lon"], rows["lat"], s=size, c=colour, lw=0)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    # A degree of longitude is shorter than one of latitude.
    axes.set_aspect(1.45 if south > 30 else 1.0)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_frame_on(False)


def _shares(figure: plt.Figure, zones: Zoning, labels: dict[str, str]) -> None:
    table = compare_with_published(zones.regions, zones.methodology)
    names = table["region_name"].unique(maintain_order=True).to_list()
    order = {name: len(names) - k for k, name in enumerate(names)}
    classes = table["zone"].unique(maintain_order=True).to_list()
    for k, zone in enumerate(classes):
        axes = figure.add_axes((0.70 + 0.1 * k, 0.07, 0.09, 0.82))
        rows = table.filter(zone=zone)
        heights = [order[name] for name in rows["region_name"]]
        axes.hlines(heights, rows["share"], rows["published"], color="#888888", lw=1.5)
        axes.scatter(rows["published"], heights, s=26, facecolor="white", edgecolor="black",
                     label="article VI", zorder=2)  # fmt: skip
        axes.scatter(rows["share"], heights, s=18, c=COLOURS[zone], label="computed", zorder=3)
        axes.set_title(labels[zone], size=9)
        axes.set_yticks(list(order.values()), list(order) if k == 0 else [""] * len(order))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="#eeeeee")
        axes.set_xlim(-4, None)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.set_xlabel("% of population", size=8)
    figure.text(0.70, 0.955, "Shares by region: computed (filled), article VI (hollow)", size=11)
