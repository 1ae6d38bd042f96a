"""A comparison as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..comparison import round_parts
from ..reports.page import Cell, Column, Page
from .run_output import Record, add_notes, number, short

if TYPE_CHECKING:
    from ..comparison import Comparison

_SHOWN, _DECIMALS, _OF_SUMS = 10, 3, 2
_CAUSES = {
    "apl": "",
    "imposed": "the zone is imposed in one of the results",
    "adaptation": "adapted by the agency of region",
    "no_zone": "no inhabitants in one of the results",
    "classes": "one of the results has no such class",
}
_LABELS = {"published_apl": "APL"}
_OUTCOMES = {
    "runs_on": "run on to their term in a commune that left the zone",
    "stays": "in communes that stay très sous dotées",
    "elsewhere": "in communes that were not très sous dotées in A",
    "not_told": "in communes that only one of the results has",
}
_SENTENCE = Column(longest=60)
Labels = Mapping[str | None, str]
_signed = partial(number, decimals=_DECIMALS, sign=True)


def page(comparison: Comparison, record: Record) -> Page:
    """Return a comparison as a page.

    Parameters
    ----------
    comparison : Comparison
        As from `compare`.
    record : mapping
        As from `comparison_record`.

    Returns
    -------
    Page
        The parts shown add up to the changes shown.
    """
    labels: Labels = {None: "none"} | {
        zone["zone"]: short(zone["label"])
        for side in ("first", "second")
        for zone in record[side]["zones"]
    }
    page = Page()
    _sides(page, record)
    counted = "A" if record["population"] == "first" else "B"
    for key, name in (
        ("population", f"Inhabitants (of {counted})"),
        ("communes", "Communes"),
        ("territories", "Territories"),
    ):
        page.section(f"{name}: zone in A (rows), zone in B (columns)")
        add_transitions(page, record["transitions"], ("zone_a", "zone_b"), labels, key)
    _regions(page, record["regions"], labels)
    _one_sided(page, record["apart"])
    causes = round_parts(comparison.attribution, comparison.parts, _OF_SUMS)
    _causes(page, causes.to_dicts(), comparison.parts, labels)
    changes = round_parts(comparison.changes, comparison.parts, _DECIMALS)
    _changes(page, changes.to_dicts(), comparison.parts, labels)
    _practitioners(page, record["transitions"], labels)
    if record["contracts"]:
        _contracts(page, record["contracts"], labels)
    add_notes(page, "Notes", record["notes"])
    return page


def _sides(page: Page, record: Record) -> None:
    sides = (("A", record["first"]), ("B", record["second"]))
    page.table(
        ["", "result", "methodology", "activity of", "communes of"],
        [
            (
                side,
                one["name"],
                one["methodology"]["id"],
                str(one["year"] or "-"),
                str(one["vintage"] or "-"),
            )
            for side, one in sides
        ],
    )
    if record["methods_differ"]:
        page.section("Parameters that differ")
        page.table(
            ["", "A", "B"],
            [
                (one["key"], str(one["first"]), str(one["second"]))
                for one in record["methods_differ"]
            ],
        )


def _way(row: Record, labels: Labels) -> str:
    return f"{labels[row['zone_a']]} -> {labels[row['zone_b']]}"


def add_transitions(
    page: Page, rows: Sequence[Record], zones: tuple[str, str], labels: Labels, key: str
) -> None:
    """Add a table of what goes from the zones of one column to those of another."""
    before, after = (list(dict.fromkeys(row[zone] for row in rows)) for zone in zones)
    cells = {(row[zones[0]], row[zones[1]]): row[key] for row in rows}
    page.table(
        ["", *(Column(labels[zone], 0) for zone in after)],
        [(labels[zone], *(cells[zone, to] for to in after)) for zone in before],
    )


def _regions(page: Page, rows: Sequence[Record], labels: Labels) -> None:
    zones = list(dict.fromkeys(row["zone"] for row in rows))
    shares: dict[str, dict[str, str]] = {}
    for row in rows:
        text = number(row["share_b"], 1)
        if row["difference"] is not None:
            difference = round(row["difference"], 1) or 0.0
            text += f" ({number(difference, 1, sign=True)})"
        shares.setdefault(row["region_name"], {})[row["zone"]] = text
    page.section("Share of the population of regions in B, %, and its evolution since A, points")
    page.table(
        ["", *(Column(labels[zone], right=True) for zone in zones)],
        [(name, *(cells.get(zone, "-") for zone in zones)) for name, cells in shares.items()],
    )


def _one_sided(page: Page, rows: Sequence[Record]) -> None:
    if alone := [row for row in rows if row["communes"]]:
        page.section("Communes of one result only")
        page.table(
            ["", Column("communes", 0), Column("inhabitants", 0)],
            [(f"in {row['listed'].upper()}", row["communes"], row["population"]) for row in alone],
        )


def _causes(page: Page, rows: Sequence[Record], parts: Sequence[str], labels: Labels) -> None:
    if not rows:
        page.section("No zone changes")
        return
    figures = ("change", *(f"part_{part}" for part in parts))
    names = ("change", *(_LABELS.get(part, part) for part in parts))
    page.section("Change of the margin to the cut, APL, summed over intersections of territories")
    page.table(
        ["", Column("intersections", 0),
         *(Column(name, _OF_SUMS, sign=True, missing="") for name in names),
         _SENTENCE],
        [
            (_way(row, labels), row["pieces"], *(row[name] for name in figures),
             f"{_CAUSES[row['cause']]} {row['region'] or ''}".strip())
            for row in rows
        ],
    )  # fmt: skip


def _changes(page: Page, rows: Sequence[Record], parts: Sequence[str], labels: Labels) -> None:
    if not rows:
        return
    page.section("Intersections of territories that change zone, by population")
    page.table(
        ["territory of B", "", "zone", Column("inhabitants", 0)],
        [(row["territory_b"], _name(row), _way(row, labels), row["population"]) for row in rows],
        details=[_why(row, parts, labels) for row in rows],
        limit=_SHOWN,
        rest="with --json",
    )


def _name(row: Record) -> str:
    name = str(row["territory_name_b"])
    before = row["territory_name_a"]
    return name if before == name else f"{name} (was {before})"


def _why(row: Record, parts: Sequence[str], labels: Labels) -> str:
    if row["cause"] != "apl":
        region = row["region_b"] if row["cause"] == "adaptation" else ""
        return f"{_CAUSES[row['cause']]} {region}".rstrip()
    margins = " -> ".join(_signed(row[f"margin_{side}"]) for side in "ab")
    values = ", ".join(
        f"{_LABELS.get(part, part)} {_signed(value)}"
        for part in parts
        if (value := row[f"part_{part}"])
    )
    end = f"margin to the end of {labels[row['crossed']]} {margins}"
    return f"{end}, {_signed(row['change'])}: {values}"


def _practitioners(page: Page, transitions: Sequence[Record], labels: Labels) -> None:
    rows: list[tuple[Cell, ...]] = [
        (_way(row, labels), row["practitioners"])
        for row in transitions
        if row["zone_a"] != row["zone_b"] and row.get("practitioners")
    ]
    if rows:
        page.section("Practitioners whose commune of practice changes zone")
        page.table(["", Column(decimals=0)], rows)


def _contracts(page: Page, contracts: Record, labels: Labels) -> None:
    page.section("Running contracts (contrat-type, article 5)")
    page.table(
        ["contract", Column("contracts", 0), _SENTENCE],
        [
            *(
                (row["contract"], row["contracts"], _OUTCOMES[row["outcome"]])
                for row in contracts["outcomes"]
            ),
            *(
                (row["contract"], row["contracts"],
                 f"now {labels[row['zone_b']]}, term in {row['term_year'] or 'an unknown year'}")
                for row in contracts["terms"]
            ),
        ],
    )  # fmt: skip
