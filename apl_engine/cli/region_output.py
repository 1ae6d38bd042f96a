"""What `apl region` prints, as pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..errors import Note
from ..reports.page import Cell, Column, Page
from .run_output import FIGURES, Record, number

_SHOWN = 12
_WAYS, _WHEN = ("additions", "removals"), ("before", "after")


def _named(document: Record) -> str:
    return f"{document['region']} {document['region_name']}"


def summary_page(document: Record) -> Page:
    """Return what a region may change.

    Parameters
    ----------
    document : mapping
        As from `RegionalSummary.as_dict`, with ``proposal`` as from `Check.as_dict` if there is
        one.
    """
    page = Page(_named(document))
    proposal = document.get("proposal")
    after = {row["zone"]: row["share"] for row in proposal["after"]} if proposal else {}
    keys = ("label", "territories", "population", "share")
    page.section("Shares")
    page.table(
        ["", Column("territories", 0), Column("inhabitants", 0), Column("share", 2, percent=True),
         *([Column("after", 2, percent=True)] if after else [])],
        [
            (*(row[key] for key in keys), *([after[row["zone"]]] if after else []))
            for row in document["shares"]
        ],
    )  # fmt: skip
    margin = document["margin"]
    page.section(f"Margin: {margin['percent']:g} %, each way")
    page.table(
        FIGURES,
        [
            ("inhabitants of its territories", number(document["population"])),
            ("inhabitants that may be added", number(margin["up"], 1)),
            ("inhabitants that may be removed", number(margin["down"], 1)),
        ],
    )
    page.bullets(f"Warning: {Note.from_dict(note)}" for note in document["notes"])
    _candidates(page, "May be added, in legal order", document["additions"])
    _candidates(
        page, "May be removed (the text sets no order; by falling APL)", document["removals"]
    )
    _across(page, "Communes of the region classified by another region", document["locked"])
    _across(page, "Communes of other regions classified by this one", document["shared"])
    return page


def _candidates(page: Page, section: str, rows: Sequence[Record]) -> None:
    rows = [{**row, "limit": "" if row["within"] else "above the margin"} for row in rows]
    columns = (Column("APL", 2), Column("inhabitants", 0), Column("cumulative", 0), "")
    keys = ("apl", "population", "cumulative", "limit")
    _territories(page, f"{section}: {len(rows)}", rows, columns, keys)


def _across(page: Page, section: str, rows: Sequence[Record]) -> None:
    columns = (Column("communes", 0), Column("inhabitants", 0), "region")
    count = sum(row["communes"] for row in rows)
    keys = ("communes", "population", "region_name")
    _territories(page, f"{section}: {count}", rows, columns, keys)


def _territories(
    page: Page, section: str, rows: Sequence[Record], columns: Iterable[Column | str],
    keys: Iterable[str], limit: int | None = _SHOWN,
) -> None:  # fmt: skip
    named = ("territory", "territory_name", *keys)
    table = [[row[key] for key in named] for row in rows]
    page.section(section)
    page.table(["territory", "", *columns], table, limit=limit, rest="with --json")


def check_page(document: Record) -> Page:
    """Return the findings on a proposal; `document` as from `Check.as_dict`."""
    verdict = "accepted" if document["accepted"] else "refused"
    findings = document["findings"]
    page = Page()
    page.section(f"{_named(document)}: {verdict}")
    page.table(
        ["rule", "verdict", Column("reason", longest=200)],
        [[finding[key] for key in ("rule", "verdict", "sentence")] for finding in findings],
        details=[_more(finding) for finding in findings],
    )
    page.section("Shares")
    page.table(
        ["", Column("before", 2, percent=True), Column("after", 2, percent=True)],
        [
            (before["label"], before["share"], after["share"])
            for before, after in zip(document["before"], document["after"], strict=True)
        ],
    )
    return page


def _more(finding: Record) -> str:
    """Return the article of a broken rule, or the territories that were passed over."""
    if finding["verdict"] == "broken":
        return str(finding["article"])
    passed = [
        name for one in finding["statements"] for name in one["details"].get("territories", ())
    ]
    return f"passed over: {', '.join(passed)}" if passed else ""


def proposed_page(rows: Sequence[Record], *, remove: bool) -> Page:
    """Return what was proposed for each region."""
    page = Page()
    page.section("Removed" if remove else "Added")
    page.table(
        ["", Column("territories", 0), Column("inhabitants", 0), Column("margin", 1),
         Column("share", 2, percent=True)],
        [
            (_named(row), len(row["territories"]), row["population"], row["room"], row["share"])
            for row in rows
        ],
        details=[" ".join(Note.from_dict(note).text for note in row["notes"]) for row in rows],
    )  # fmt: skip
    return page


def applied_page(record: Record) -> Page:
    """Return what moves, and the shares before and after; `record` as from `write_result`."""
    adaptation = record["adaptation"]
    proposals = adaptation["proposals"]
    labels = {zone["zone"]: zone["label"] for zone in record["zones"]}
    page = Page()
    page.section("Territories that move")
    page.table(
        ["", Column("added", 0), Column("inhabitants", 0), Column("removed", 0),
         Column("inhabitants", 0)],
        [
            (_named(one), *(figure for way in _WAYS for figure in _totals(one[way])))
            for one in proposals
        ],
    )  # fmt: skip
    for one in proposals:
        _moves(page, one, labels)
    moves = [move for one in proposals for way in _WAYS for move in one[way]]
    touched = {move[key] for move in moves for key in ("zone_before", "zone_after")}
    zones = [zone for zone in labels if zone in touched]
    shares: dict[str, dict[str, Record]] = {}
    for row in adaptation["shares"]:
        shares.setdefault(row["region_name"], {})[row["zone"]] = row
    table: list[list[Cell]] = [
        [name, *(cells[zone][key] for zone in zones for key in ("before", "after"))]
        for name, cells in shares.items()
    ]
    page.section("Shares of the population, %, before and after")
    page.table(
        ["", *(Column(text, 2) for zone in zones for text in (labels[zone], "after"))], table
    )
    broken = (
        (applied["file"], [f["rule"] for f in applied["findings"] if f["verdict"] == "broken"])
        for applied in proposals
    )
    page.bullets(f"Forced: {file} breaks {', '.join(rules)}" for file, rules in broken if rules)
    return page


def _totals(moves: Sequence[Record]) -> tuple[int, float]:
    return len(moves), sum(move["population"] for move in moves)


def _moves(page: Page, proposal: Record, labels: Mapping[str, str]) -> None:
    """Add the territories that a proposal moves, both ways even if they cancel."""
    columns = (Column("APL", 2), Column("inhabitants", 0), "zone")
    rows = [
        {**move, "zone": " -> ".join(labels.get(move[f"zone_{when}"], "-") for when in _WHEN)}
        for way in _WAYS
        for move in proposal[way]
    ]
    if rows:
        # All of them: this is what the order changes.
        keys = ("apl", "population", "zone")
        _territories(page, _named(proposal), rows, columns, keys, limit=None)
