"""The record of a run as a page that a person reads."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

_WIDTH = 78
Record = Mapping[str, Any]


def summary(record: Record) -> str:
    """Return the summary of a run.

    Parameters
    ----------
    record : as from `make_record`.

    Returns
    -------
    str
    """
    methodology = record["methodology"]
    blocks = [
        [f"{methodology['title']}  [{methodology['id']}, apl_engine {record['apl_engine']}]"],
        _supply(record),
        _demand(record),
        _zones(record),
        _regions(record),
        _suppression(record),
        _notes(record),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def number(value: float, decimals: int = 0) -> str:
    """Write a number with spaces between thousands."""
    return f"{value:,.{decimals}f}".replace(",", " ")


def title(text: str) -> str:
    """Return the line above a part of a page."""
    return f"{text} ".ljust(_WIDTH, "-")


def _lines(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [f"  {label:<52}{value:>24}" for label, value in rows]


def _parameter(record: Record, key: str) -> Any:
    return next(p["value"] for p in record["methodology"]["parameters"] if p["key"] == key)


def _supply(record: Record) -> list[str]:
    if "practitioners" not in record["counts"]:
        return []
    counts, totals = record["counts"]["practitioners"], record["totals"]
    reference = record["reference_values"]
    unit = "acts"
    quantile = _parameter(record, "etp.ceiling_quantile")
    ceiling = "9th decile" if quantile == "9/10" else f"quantile {quantile}"
    example = {
        name: f" (the text's example for 2021: {number(_parameter(record, f'examples.{name}'))})"
        for name in ("median_acts", "ceiling_acts")
    }
    rows = [
        ("practitioners (practices)", f"{number(counts['practitioners'])} "
         f"({number(counts['practices'])})"),
        ("  left out for age", number(counts["excluded_age"])),
        ("  left out for very low activity", number(counts["excluded_low_activity"])),
        ("  counted by their acts", number(counts["counted"] - counts["newly_installed"])),
        ("  counted as newly installed", number(counts["newly_installed"])),
        ("full-time equivalents (ETP)", _or_hidden(totals["etp"])),
        ("  of them, ETP that somebody can reach", _or_hidden(totals["reachable_etp"])),
    ]  # fmt: skip
    return [
        title("Supply"),
        *_lines(rows),
        f"  median {number(reference['median_acts'], 1)} {unit}{example['median_acts']}",
        f"  {ceiling} {number(reference['ceiling_acts'], 1)} {unit}{example['ceiling_acts']}",
    ]


def _or_hidden(value: float | None) -> str:
    return "hidden" if value is None else number(value, 1)


_COMMUNE_COUNTS = (
    ("with_supply", "  with supply of their own"),
    ("reaching_nobody", "  reaching no supply (APL 0)"),
    ("without_apl", "  without an APL"),
)


def _pairs(record: Record) -> list[tuple[str, str]]:
    network = record["counts"].get("network")
    if not network:
        return []
    rows = [("pairs of communes within reach", number(network["pairs"]))]
    if prepared := record["network"]:
        year = prepared.get("vintage") or "no known year"
        rows.append(("  by a prepared network, of the communes of", str(year)))
    return rows


def _demand(record: Record) -> list[str]:
    totals, communes = record["totals"], record["counts"]["communes"]
    people = totals["standardised_population"]
    per = _parameter(record, "apl.per_inhabitants")
    distributed = totals["distributed_etp"]
    mean = None if distributed is None else distributed / people * per
    rows = [
        ("communes", number(communes["communes"])),
        ("  without inhabitants", number(communes["without_inhabitants"])),
        *((label, number(communes[key])) for key, label in _COMMUNE_COUNTS if key in communes),
        *_pairs(record),
        ("inhabitants", number(totals["population"])),
        ("standardised inhabitants", number(people)),
        (f"mean APL (ETP per {number(per)} standardised inhabitants)", _or_hidden(mean)),
    ]
    return [title("Demand and reach"), *_lines(rows)]


def _zones(record: Record) -> list[str]:
    cuts = {cut["zone"]: cut for cut in record["reference_values"]["cuts"]}
    lines = [
        title("Zoning"),
        f"  {'':<22}{'territories':>12}{'communes':>11}{'inhabitants':>14}{'share':>8}"
        f"{'highest APL':>13}",
    ]
    for zone in record["zones"]:
        highest = cuts.get(zone["zone"], {}).get("highest_apl")
        lines.append(
            f"  {zone['label']:<22}{number(zone['territories']):>12}{number(zone['communes']):>11}"
            f"{number(zone['population']):>14}{_percent(zone['share']):>8}"
            + (f"{highest:>13.2f}" if highest is not None and zone["territories"] else "")
        )
    return lines


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1f} %"


def _regions(record: Record) -> list[str]:
    zones = record["zones"]
    lines = [
        title("Article VI: share of the population by region, %"),
        f"  {'':<28}" + "".join(f"{short(zone['label']):>12}" for zone in zones),
    ]
    shares: dict[str, dict[str, float | None]] = {}
    names = {}
    for row in record["regions"]:
        shares.setdefault(row["region"], {})[row["zone"]] = row["share"]
        names[row["region"]] = row["region_name"]
    order = sorted(shares, key=lambda region: (region == "FR", _plain(names[region])))
    for region in order:
        cells = (shares[region][zone["zone"]] for zone in zones)
        text = "".join(f"{'-' if cell is None else f'{cell:.1f}':>12}" for cell in cells)
        lines.append(f"  {names[region]:<28}{text}")
    return lines


def _suppression(record: Record) -> list[str]:
    if not (suppression := record["suppression"]):
        return []
    counts = suppression["counts"]
    rows = [
        (f"{figure} of communes, of territories",
         f"{number(counts[f'communes_{key}'])}, {number(counts[f'territories_{key}'])}")
        for key, figure in (("etp", "ETP"), ("apl", "APL"))
    ]  # fmt: skip
    rows.append(("ranks of territories", number(counts["territories_rank"])))
    return [
        title(f"Hidden: fewer than {suppression['min_practitioners']} practitioners"),
        *_lines(rows),
    ]


def _plain(name: str) -> str:
    """Return a name without its accents, as it is sorted."""
    return unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()


def short(label: str) -> str:
    """Return the initials of a class, as agencies write them: TSD, SD, INT, NP."""
    known = {
        "Très sous dotée": "TSD",
        "Sous dotée": "SD",
        "Intermédiaire": "INT",
        "Non prioritaire": "NP",
        "Très dotée": "TD",
        "Sur-dotée": "SurD",
    }
    return known.get(label, label[:11])


def _notes(record: Record) -> list[str]:
    lines = []
    for kind, warning in (("Warnings", True), ("Notes", False)):
        notes = [note for note in record["notes"] if note["warning"] == warning]
        if notes:
            lines.append(title(kind))
            lines += [f"  - {_note(note)}" for note in notes]
    return lines


def _note(note: Mapping[str, Any]) -> str:
    examples = ", ".join(note["examples"])
    if not examples:
        return str(note["text"])
    more = ", ..." if note["count"] > len(note["examples"]) else ""
    return f"{note['text']}: {examples}{more}"
