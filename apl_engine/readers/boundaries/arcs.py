"""Outlines as a table of arcs, the form in which the package ships them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from ...geography.boundaries.boundaries import Boundaries, Level
from ...geography.boundaries.frames import FRAMES

_SIDES = ("left", "right")
_STEP, _SOURCE, _LEVEL = "step_m", "source", "level"


def to_arcs(boundaries: Boundaries) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return outlines as a table, and what else is known of them.

    Returns
    -------
    pl.DataFrame
        A row is an arc: ``epsg`` (number of its projection), ``left``, ``right`` (codes of the
        units beside it, null for none), ``x``, ``y`` (its first point, in steps), ``dx``, ``dy``
        (from each point to the next, in steps).
    dict of str to str
        ``source``, ``level``, ``step_m`` (metres).
    """
    units = np.where(boundaries.left >= 0, boundaries.left, boundaries.right)
    epsg = np.array([frame.epsg for frame in FRAMES], np.int16)[boundaries.frame[units]]
    codes = pl.Series(boundaries.units)
    names = {
        side: codes.gather(pl.Series(number).replace(-1, None))
        for side, number in zip(_SIDES, (boundaries.left, boundaries.right), strict=True)
    }
    first = boundaries.points[boundaries.start[:-1]]
    arc = np.repeat(np.arange(len(units)), np.diff(boundaries.start) - 1)
    inner = np.ones(len(boundaries.points), np.bool_)
    inner[boundaries.start[:-1]] = False
    steps = np.diff(boundaries.points, axis=0, prepend=np.int32(0))[inner]
    moves = (
        pl.DataFrame({"arc": arc, "dx": steps[:, 0], "dy": steps[:, 1]})
        .group_by("arc", maintain_order=True)
        .agg("dx", "dy")
    )
    table = pl.DataFrame(
        {
            "epsg": epsg,
            **names,
            "x": first[:, 0],
            "y": first[:, 1],
            "dx": moves["dx"],
            "dy": moves["dy"],
        }
    )
    known = {
        _SOURCE: boundaries.source, _LEVEL: boundaries.level, _STEP: f"{boundaries.step:g}"
    }  # fmt: skip
    return table.sort("left", "right", "x", "y"), known


def from_arcs(table: pl.DataFrame, known: Mapping[str, str]) -> Boundaries:
    """Return the outlines that `to_arcs` made a table of."""
    sides = [table[side].cast(pl.String) for side in _SIDES]
    codes = pl.concat(sides).drop_nulls().unique().sort()
    number = pl.DataFrame({"code": codes, "number": np.arange(len(codes), dtype=np.int32)})
    left, right = (
        side.rename("code").to_frame().join(number, on="code", how="left", maintain_order="left")
        .get_column("number").fill_null(-1).to_numpy()
        for side in sides
    )  # fmt: skip
    index = {frame.epsg: k for k, frame in enumerate(FRAMES)}
    plane = table["epsg"].replace_strict(index, return_dtype=pl.Int8).to_numpy()
    frame = np.zeros(len(codes) + 1, np.int8)
    frame[left], frame[right] = plane, plane
    size = table["dx"].list.len().to_numpy().astype(np.int64) + 1
    start = np.append(0, np.cumsum(size))
    inner = np.ones(start[-1], np.bool_)
    inner[start[:-1]] = False
    points = np.empty((start[-1], 2), np.int32)
    for k, name in enumerate(("x", "y")):
        steps = np.zeros(start[-1], np.int64)
        steps[inner] = table[f"d{name}"].explode().to_numpy()
        total = steps.cumsum()
        points[:, k] = total + np.repeat(table[name].to_numpy() - total[start[:-1]], size)
    level: Level = "territory" if known[_LEVEL] == "territory" else "commune"
    return Boundaries(
        tuple(codes), level, frame[:-1], points, start, left, right,
        step=float(known[_STEP]), source=known[_SOURCE],
    )  # fmt: skip
