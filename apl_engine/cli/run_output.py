"""The record of a run as a page, and what other pages share with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import Note
from ..reports.page import ENGLISH, Column, Page
from .options import is_quiet

Record = Mapping[str, Any]

number = ENGLISH.write
FIGURES = (Column(longest=80), Column(right=True))


def summary(record: Record) -> Page:
    """Return the summary of a run.

    Parameters
    ----------
    record : mapping
        As from `make_record`.

    Returns
    -------
    Page
    """
    methodology = record["methodology"]
    version = record["apl_engine"]
    page = Page(f"{methodology['title']}  [{methodology['id']}, apl_engine {version}]")
    add_notes(page, "Warnings", (n for n in record["notes"] if n["warning"]))
    if "practitioners" in record["counts"]:
        _supply(page, record)
    _demand(page, record)
    _zones(page, record)
    _regions(page, record)
    if record["publication"]:
        add_publication(page, record["publication"])
    add_notes(page, "Notes", (n for n in record["notes"] if not n["warning"]))
    return page


def add_notes(page: Page, section: str, notes: Iterable[Mapping[str, Any]]) -> None:
    """Add a section of notes, unless there are none or --quiet is given."""
    if is_quiet():
        return
    if texts := [str(Note.from_dict(note)) for note in notes]:
        page.section(section)
        page.bullets(texts)


def short(label: str) -> str:
    """Return the abbreviation of a class that agencies use: TSD, SD, INT, NP."""
    known = {
        "Très sous dotée": "TSD",
        "Sous dotée": "SD",
        "Intermédiaire": "INT",
        "Non prioritaire": "NP",
        "Très dotée": "TD",
        "Sur-dotée": "SurD",
    }
    return known.get(label, label[:11])


def _parameter(record: Record, key: str) -> Any:
    return next(p["value"] for p in record["methodology"]["parameters"] if p["key"] == key)


def _supply(page: Page, record: Record) -> None:
    counts, totals = record["counts"]["practitioners"], record["totals"]
    new = counts["newly_installed"]
    quantile = _parameter(record, "etp.ceiling_quantile")
    ceiling = "9th decile" if quantile == "9/10" else f"quantile {quantile}"
    page.section("Supply")
    page.table(
        FIGURES,
        [
            ("year of the activity", str(_parameter(record, "etp.age_reference_date"))[:4]),
            ("practitioners (practices)",
             f"{_or_hidden(counts['practitioners'])} ({_or_hidden(counts['practices'])})"),
            ("  excluded by age", _or_hidden(counts["excluded_age"])),
            ("  excluded by very low activity", _or_hidden(counts["excluded_low_activity"])),
            ("  counted by acts", _or_hidden(None if new is None else counts["counted"] - new)),
            ("  counted as newly installed", _or_hidden(new)),
            ("full-time equivalents (ETP)", _or_hidden(totals["etp"], 1)),
            ("  of which within reach of inhabitants", _or_hidden(totals["reachable_etp"], 1)),
            *(
                (f"{label} of acts (example of the text for 2021: "
                 f"{number(_parameter(record, f'examples.{key}'))})",
                 number(record["reference_values"][key], 1))
                for label, key in (("median", "median_acts"), (ceiling, "ceiling_acts"))
            ),
        ],
    )  # fmt: skip


def _or_hidden(value: float | None, decimals: int = 0) -> str:
    return "hidden" if value is None else number(value, decimals)


_COMMUNE_COUNTS = {
    "communes": "communes",
    "without_inhabitants": "  without inhabitants",
    "with_supply": "  with supply of their own",
    "reaching_nobody": "  without supply within reach (APL 0)",
    "without_apl": "  without an APL",
}


def _demand(page: Page, record: Record) -> None:
    totals, communes = record["totals"], record["counts"]["communes"]
    population, distributed = totals["standardised_population"], totals["distributed_etp"]
    per = _parameter(record, "apl.per_inhabitants")
    mean = None if distributed is None else distributed / population * per
    counts = [
        (label, number(communes[key])) for key, label in _COMMUNE_COUNTS.items() if key in communes
    ]
    if network := record["counts"].get("network"):
        counts.append(("pairs of communes within reach", number(network["pairs"])))
        counts += [
            (f"  of which at exactly {key.split('_')[1]} minutes", number(count))
            for key, count in network.items()
            if key.startswith("exactly_")
        ]
        if prepared := record["network"]:
            year = str(prepared.get("vintage") or "unknown")
            counts.append(("  in a prepared network; year of its communes", year))
    page.section("Demand and access")
    page.table(
        FIGURES,
        [
            *counts,
            ("inhabitants", number(totals["population"])),
            ("standardised inhabitants", number(population)),
            (f"mean APL (ETP per {number(per)} standardised inhabitants)", _or_hidden(mean, 1)),
        ],
    )


def _zones(page: Page, record: Record) -> None:
    cuts = {cut["zone"]: cut["highest_apl"] for cut in record["reference_values"]["cuts"]}
    page.section("Zones")
    page.table(
        ["", Column("territories", 0), Column("communes", 0), Column("inhabitants", 0),
         Column("share", 1, percent=True), Column("highest APL", 2, missing="")],
        [
            (zone["label"], *(zone[key] for key in ("territories", "communes", "population",
                                                    "share")),
             cuts.get(zone["zone"]) if zone["territories"] else None)
            for zone in record["zones"]
        ],
    )  # fmt: skip


def _regions(page: Page, record: Record) -> None:
    shares: dict[str, dict[str, float | None]] = {}
    names = {}
    for row in record["regions"]:
        shares.setdefault(row["region"], {})[row["zone"]] = row["share"]
        names[row["region"]] = row["region_name"]
    order = sorted(shares, key=lambda region: (region == "FR", _without_accents(names[region])))
    page.section("Article VI: share of the population by region, %")
    page.table(
        ["", *(Column(short(zone["label"]), 1) for zone in record["zones"])],
        [
            (names[region], *(shares[region][zone["zone"]] for zone in record["zones"]))
            for region in order
        ],
    )


def _without_accents(name: str) -> str:
    return unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()


def add_publication(page: Page, publication: Mapping[str, Any]) -> None:
    """Add a section on how figures are rounded, and how many are hidden."""
    hidden, steps, shown = (publication[key] for key in ("hidden", "steps", "shown"))
    few, percent = publication["min_practitioners"], number(publication["protection"])
    page.section(f"Published: fewer than {few} practitioners protected at {percent} %")
    page.table(
        ["", Column("multiples of", missing=""), Column("hidden", 0, missing=""),
         Column("shown", 1, percent=True, missing="")],
        [
            ("APL of communes", f"{steps['commune_apl']:g}", hidden["communes_apl"],
             shown["communes_apl"]),
            ("  their inhabitants", None, None, shown["inhabitants_apl"]),
            ("APL of territories", f"{steps['territory_apl']:g}", hidden["territories_apl"],
             shown["territories_apl"]),
            ("ETP of territories", f"{steps['territory_etp']:g}", hidden["territories_etp"], None),
        ],
    )  # fmt: skip
