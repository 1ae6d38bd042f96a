"""What `apl region` finds, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .run_output import number, title

_SHOWN = 12
Row = Mapping[str, Any]


def situation_page(document: Row) -> str:
    """Return what a region may change; `document` as from `Situation.as_dict`."""
    blocks = [
        [f"{document['region']} {document['region_name']}"],
        _shares(document["shares"], document.get("proposal")),
        _margin(document),
        _candidates("May be added, in legal order", document["additions"]),
        _candidates("May be taken out (the text sets no order; by falling APL)",
                    document["removals"]),
        _across("Communes here that another region classes", document["locked"]),
        _across("Communes elsewhere that are classed here", document["shared"]),
    ]  # fmt: skip
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _shares(rows: Sequence[Row], proposal: Row | None) -> list[str]:
    after = {row["zone"]: row for row in proposal["after"]} if proposal else {}
    heading = f"  {'':<28}{'territories':>12}{'inhabitants':>14}{'share':>9}"
    lines = [title("Shares"), heading + (f"{'after':>9}" if after else "")]
    for row in rows:
        text = (
            f"  {row['label']:<28}{row['territories']:>12}{number(row['population']):>14}"
            f"{row['share']:>7.2f} %"
        )
        if after:
            text += f"{after[row['zone']]['share']:>7.2f} %"
        lines.append(text)
    return lines


def _margin(document: Row) -> list[str]:
    margin = document["margin"]
    return [
        title(f"Margin: {margin['percent']:g} %, each way"),
        f"  {'inhabitants of the territories attributed to it':<52}"
        f"{number(document['population']):>24}",
        f"  {'inhabitants that may be added':<52}{number(margin['up'], 1):>24}",
        f"  {'inhabitants that may be taken out':<52}{number(margin['down'], 1):>24}",
    ]


def _candidates(heading: str, rows: Sequence[Row]) -> list[str]:
    lines = [title(f"{heading}: {len(rows)}")]
    if rows:
        lines.append(f"  {'':<36}{'APL':>8}{'inhabitants':>13}{'together':>12}")
    for row in rows[:_SHOWN]:
        apl = "-" if row["apl"] is None else number(row["apl"], 2)
        lines.append(
            f"  {_place(row)}{apl:>8}{number(row['population']):>13}"
            f"{number(row['cumulative']):>12}{'' if row['within'] else '  above'}"
        )
    return [*lines, *_more(rows)]


def _across(heading: str, rows: Sequence[Row]) -> list[str]:
    lines = [title(f"{heading}: {sum(row['communes'] for row in rows)}")]
    if rows:
        lines.append(f"  {'':<36}{'communes':>9}{'inhabitants':>13}")
    lines += [
        f"  {_place(row)}{row['communes']:>9}{number(row['population']):>13}  {row['region_name']}"
        for row in rows[:_SHOWN]
    ]
    return [*lines, *_more(rows)]


def _place(row: Row) -> str:
    return f"{row['territory']:<7}{row['territory_name'][:28]:<29}"


def _more(rows: Sequence[Row]) -> list[str]:
    return [f"  ... {len(rows) - _SHOWN} more with --json"] if len(rows) > _SHOWN else []


def check_page(document: Row) -> str:
    """Return how a proposal stands before each rule; `document` as from `Check.as_dict`."""
    verdict = "accepted" if document["accepted"] else "refused"
    lines = [title(f"{document['region']} {document['region_name']}: {verdict}")]
    for finding in document["findings"]:
        lines.append(f"  {finding['verdict']:<15}{finding['rule']:<15}{finding['sentence']}")
        if finding["verdict"] == "broken":
            lines.append(f"  {'':<30}{finding['article']}")
    lines += ["", *_before_after(document["before"], document["after"])]
    return "\n".join(lines)


def _before_after(before: Iterable[Row], after: Iterable[Row]) -> list[str]:
    lines = [title("Shares"), f"  {'':<28}{'before':>12}{'after':>12}"]
    lines += [
        f"  {one['label']:<28}{one['share']:>10.2f} %{two['share']:>10.2f} %"
        for one, two in zip(before, after, strict=True)
    ]
    return lines


def proposed_page(rows: Sequence[Row], *, remove: bool) -> str:
    """Return what was proposed for each region."""
    lines = [
        title("Taken out" if remove else "Added"),
        f"  {'':<32}{'territories':>12}{'inhabitants':>13}{'margin':>13}{'share':>8}",
    ]
    for row in rows:
        lines.append(
            f"  {row['region']} {row['region_name']:<29}{len(row['territories']):>12}"
            f"{number(row['population']):>13}{number(row['room'], 1):>13}{row['share']:>6.2f} %"
        )
        lines += [f"    - {note['text']}" for note in row["notes"]]
    return "\n".join(lines)


def applied_page(record: Row) -> str:
    """Return the shares before and after; `record` as from `write_result`."""
    adaptation = record["adaptation"]
    rows = adaptation["shares"]
    moved = {row["zone"] for row in rows if row["before"] != row["after"]}
    zones = [zone for zone in record["zones"] if zone["zone"] in moved]
    lines = [title("Shares of the population, %, before and after")]
    lines.append(f"  {'':<28}" + "".join(f"{zone['label']:>22}" for zone in zones))
    for name in dict.fromkeys(row["region_name"] for row in rows):
        cells = {row["zone"]: row for row in rows if row["region_name"] == name}
        figures = (_change(cells[zone["zone"]]) for zone in zones)
        lines.append(f"  {name[:27]:<28}" + "".join(f"{text:>22}" for text in figures))
    for applied in adaptation["proposals"]:
        broken = [found["rule"] for found in applied["findings"] if found["verdict"] == "broken"]
        if broken:
            lines.append(f"Forced: {applied['file']} breaks {', '.join(broken)}")
    return "\n".join(lines)


def _change(row: Row) -> str:
    return " -> ".join("-" if row[key] is None else f"{row[key]:.2f}" for key in
                       ("before", "after"))  # fmt: skip
