"""A comparison with the official classes as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..methodology.values import COUNTRY
from ..reports.page import Column, Page
from .compare_output import Labels, add_transitions
from .run_output import Record, add_notes, number, short

if TYPE_CHECKING:
    from ..comparison import OfficialComparison

_SHOWN = 10
CAUSES = {
    "adaptation": "an adaptation within annexe V may explain it",
    "several_official_classes": "several official classes: another mesh",
    "imposed": "imposed in the result",
    "no_zone": "not ranked in the result",
    "adjacent_class": "one class apart: another year, or another adaptation",
    "farther": "two classes apart or more",
}


def page(comparison: OfficialComparison, record: Record) -> Page:
    """Return a comparison with the official classes as a page.

    Parameters
    ----------
    comparison : OfficialComparison
        As from `compare_official`.
    record : mapping
        As from `official_record`.

    Returns
    -------
    Page
    """
    zones = record["result"]["zones"]
    labels: Labels = {zone["zone"]: short(zone["label"]) for zone in zones}
    page = Page(f"{record['result']['name']} and the official classes")
    _in_all(page, record["agreement"][-1])
    for key, name in (("population", "Inhabitants"), ("territories", "Territories")):
        page.section(f"{name}: zone of the result (rows), official class (columns)")
        add_transitions(page, record["transitions"], ("zone", "official_zone"), labels, key)
    _by_region(page, record["agreement"])
    _causes(page, record["causes"])
    _differences(page, comparison, labels)
    add_notes(page, "Notes", record["notes"])
    return page


def _in_all(page: Page, row: Record) -> None:
    rows = [
        (label, row[name], row[f"{name}_agreeing"])
        for label, name in (
            ("inhabitants", "population"),
            ("communes", "communes"),
            ("territories", "territories"),
        )
    ]
    page.table(["", Column("compared", 0), Column("same class", 1, percent=True)], rows)
    within = number(row["population_within_one_class"], 2)
    texts = [f"{within} % of the inhabitants are at most one class apart."]
    if (best := row["population_best_adaptation"]) is not None:
        texts.append(
            f"Adaptations of the agencies within the rules of annexe V can explain at most "
            f"{number(best - row['population_agreeing'], 1)} points more: {number(best, 1)} %."
        )
    page.bullets(texts)


def _by_region(page: Page, rows: list[Record]) -> None:
    page.section("Same class by region of attribution, %")
    page.table(
        ["", Column("inhabitants", 0), Column("of them", 1), Column("of communes", 1),
         Column("of territories", 1), Column("at most, adapted", 1)],
        [
            (row["region_name"], row["population"], row["population_agreeing"],
             row["communes_agreeing"], row["territories_agreeing"],
             row["population_best_adaptation"])
            for row in rows
            if row["region"] != COUNTRY
        ],
    )  # fmt: skip


def _causes(page: Page, rows: list[Record]) -> None:
    page.section("Territories that differ")
    page.table(
        [Column(longest=60), Column("territories", 0), Column("inhabitants", 0)],
        [
            (CAUSES[row["cause"]], row["territories"], row["population"])
            for row in rows
            if row["territories"]
        ],
    )


def _differences(page: Page, comparison: OfficialComparison, labels: Labels) -> None:
    page.section("The largest of them")
    page.table(
        ["territory", "", "zone", "official", Column("inhabitants", 0), Column("rank", 0),
         Column("APL", 2), Column("to the cut", 2, sign=True), ""],
        [
            (row["territory"], row["territory_name"], labels[row["zone"]],
             labels[row["official_zone"]], row["population"], row["rank"], row["apl"],
             row["distance"], "adaptation" if row["cause"] == "adaptation" else "")
            for row in comparison.differences.to_dicts()
        ],
        limit=_SHOWN,
        rest="with --json",
    )  # fmt: skip
