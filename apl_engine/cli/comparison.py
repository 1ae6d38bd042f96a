"""The table of article VI beside ours, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .run_output import Record, title


def comparison(record: Record) -> str:
    """Return the shares of regions beside those that the text publishes, and how far they are.

    Parameters
    ----------
    record : as from `make_record`.

    Returns
    -------
    str
        Empty where the text publishes none.
    """
    rows = record["article_vi"]
    if not rows:
        return ""
    zones = list(dict.fromkeys(row["zone"] for row in rows))
    labels = {zone["zone"]: zone["label"] for zone in record["zones"]}
    lines = [
        title("Beside the table of article VI: our share, %, and the difference in points"),
        f"  {'':<28}" + "".join(f"{labels.get(zone, zone):>17}" for zone in zones),
    ]
    by_region: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_region.setdefault(row["region_name"], []).append(row)
    for name, cells in by_region.items():
        lines.append(f"  {name:<28}" + "".join(f"{_cell(cell):>17}" for cell in cells))
    lines.append(
        f"  {'mean absolute difference':<28}"
        + "".join(f"{_mean(rows, zone):>17}" for zone in zones)
    )
    return "\n".join(lines)


def _cell(row: Mapping[str, Any]) -> str:
    if row["share"] is None:
        return "-"
    return f"{row['share']:.1f} ({row['difference']:+.1f})"


def mean_absolute_difference(rows: list[Mapping[str, Any]], zone: str) -> float | None:
    """Return how far shares of a class are from those published, over the regions ranked.

    Parameters
    ----------
    rows : the ``article_vi`` of a record.
    zone : id of the class.

    Returns
    -------
    float | None
        Points; the country and regions of which a class has all by the text are left out.
    """
    imposed = {row["region"] for row in rows if row["published"] == 100 and row["share"] in
               (None, 100)}  # fmt: skip
    found = [
        abs(row["difference"])
        for row in rows
        if row["zone"] == zone
        and row["region"] not in imposed
        and row["region"] != "FR"
        and row["difference"] is not None
    ]
    return sum(found) / len(found) if found else None


def _mean(rows: list[Mapping[str, Any]], zone: str) -> str:
    mean = mean_absolute_difference(rows, zone)
    return "-" if mean is None else f"{mean:.2f}"
