"""A comparison as a page that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .run_output import Record, number, short, title

if TYPE_CHECKING:
    from ..comparison import Comparison

_SHOWN, _DECIMALS, _OF_SUMS = 10, 3, 2
_CAUSES = {
    "imposed": "the zone is imposed in one of both",
    "adaptation": "adapted by the agency of region",
    "no_zone": "nobody lives there in one of both",
    "classes": "one of both has no such class",
}
_WORDS = {"published_apl": "APL"}
_OUTCOMES = {
    "runs_on": "run on to their term in a commune that left the zone",
    "stays": "in communes that stay très sous dotées",
    "elsewhere": "in communes that were not très sous dotées in A",
    "not_told": "in communes that A and B do not both have",
}
Row = Mapping[str, Any]


def page(found: Comparison, record: Record) -> str:
    """Return a comparison as text.

    Parameters
    ----------
    found : as from `compare`.
    record : as from `comparison_record`.

    Returns
    -------
    str
        What is shown of parts adds up to what is shown of changes.
    """
    from ..comparison import round_parts

    changes = round_parts(found.changes.head(_SHOWN), found.parts, _DECIMALS).to_dicts()
    causes = round_parts(found.attribution, found.parts, _OF_SUMS).to_dicts()
    labels = _labels(record)
    blocks = [
        _sides(record),
        *(
            _matrix(record, labels, what, words)
            for what, words in (
                ("population", f"Inhabitants (of {_of(record)})"),
                ("communes", "Communes"),
                ("territories", "Territories"),
            )
        ),
        _apart(record),
        _causes(causes, found.parts, labels),
        _changes(changes, found.changes.height, found.parts, labels),
        _practitioners(record, labels),
        _contracts(record, labels),
        _notes(record),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _of(record: Record) -> str:
    return "A" if record["population"] == "first" else "B"


def _labels(record: Record) -> dict[str | None, str]:
    zones = [zone for side in ("first", "second") for zone in record[side]["zones"]]
    return {None: "none"} | {zone["zone"]: short(zone["label"]) for zone in zones}


def _sides(record: Record) -> list[str]:
    lines = []
    for name, side in (("A", record["first"]), ("B", record["second"])):
        year = f", communes of {side['vintage']}" if side["vintage"] else ""
        lines.append(f"{name}: {side['name']}  [{side['methodology']['id']}{year}]")
    differing = record["methods_differ"]
    return lines + [f"   {one['key']}: {one['first']} in A, {one['second']} in B"
                    for one in differing]  # fmt: skip


def _matrix(record: Record, labels: Mapping[str | None, str], what: str, words: str) -> list[str]:
    rows = record["transitions"]
    one, two = (list(dict.fromkeys(row[f"zone_{name}"] for row in rows)) for name in "ab")
    cells = {(row["zone_a"], row["zone_b"]): row[what] for row in rows}
    return [
        title(f"{words}: zone of A, downwards, to zone of B"),
        f"  {'':<8}" + "".join(f"{labels[zone]:>13}" for zone in two),
        *(
            f"  {labels[zone]:<8}" + "".join(f"{number(cells[zone, to]):>13}" for to in two)
            for zone in one
        ),
    ]


def _apart(record: Record) -> list[str]:
    return [
        f"  {number(row['communes'])} communes, of {number(row['population'])} inhabitants, are in "
        f"{row['listed'].upper()} only"
        for row in record["apart"]
        if row["communes"]
    ]


def _causes(
    rows: Sequence[Row], parts: tuple[str, ...], labels: Mapping[str | None, str]
) -> list[str]:
    if not rows:
        return [title("No zone changes")]
    names = "".join(f"{_WORDS.get(part, part):>11}" for part in parts)
    lines = [
        title("Sums over pieces of what moved them across the cut, APL"),
        f"  {'':<12}{'pieces':>6}{'change':>11}{names}",
    ]
    for row in rows:
        way = f"{labels[row['zone_a']]} -> {labels[row['zone_b']]}"
        head = f"  {way:<12}{row['pieces']:>6}"
        if row["cause"] == "apl":
            figures = (row[name] for name in ("change", *(f"part_{part}" for part in parts)))
            lines.append(head + "".join(f"{_signed(value, _OF_SUMS):>11}" for value in figures))
        else:
            lines.append(f"{head}  {_CAUSES[row['cause']]} {row['region'] or ''}".rstrip())
    return lines


def _changes(
    rows: Sequence[Row], count: int, parts: tuple[str, ...], labels: Mapping[str | None, str]
) -> list[str]:
    lines = [title(f"Pieces whose zone changes: {number(count)}, the largest")] if rows else []
    for row in rows:
        way = f"{labels[row['zone_a']]} -> {labels[row['zone_b']]}"
        name = row["territory_name_b"]
        if row["territory_name_a"] != name:
            name = f"{name} (was {row['territory_name_a']})"
        lines.append(
            f"  {row['territory_b']:<7}{name[:36]:<37}{way:<12}{number(row['population']):>12}"
        )
        lines.append(f"         {_why(row, parts, labels)}")
    more = count - len(rows)
    return [*lines, f"  ... {number(more)} more with --json"] if more else lines


def _why(row: Row, parts: tuple[str, ...], labels: Mapping[str | None, str]) -> str:
    if row["cause"] != "apl":
        adapted = row["cause"] == "adaptation"
        return f"{_CAUSES[row['cause']]} {row['region_b'] if adapted else ''}".rstrip()
    figures = ((part, row[f"part_{part}"]) for part in parts)
    told = ", ".join(
        f"{_WORDS.get(part, part)} {_signed(value)}" for part, value in figures if value
    )
    margins = " -> ".join(_signed(row[f"margin_{name}"]) for name in "ab")
    return f"from the end of {labels[row['crossed']]} {margins}, {_signed(row['change'])}: {told}"


def _signed(value: float, decimals: int = _DECIMALS) -> str:
    return f"{value:+.{decimals}f}" if value else "0"


def _practitioners(record: Record, labels: Mapping[str | None, str]) -> list[str]:
    rows = [
        row
        for row in record["transitions"]
        if row["zone_a"] != row["zone_b"] and row.get("practitioners")
    ]
    if not rows:
        return []
    return [
        title("Practitioners where the zone changes, by commune of practice"),
        *(
            f"  {labels[row['zone_a']] + ' -> ' + labels[row['zone_b']]:<12}"
            f"{number(row['practitioners']):>10}"
            for row in rows
        ),
    ]


def _contracts(record: Record, labels: Mapping[str | None, str]) -> list[str]:
    contracts = record["contracts"]
    if contracts is None:
        return []
    lines = [title("Running contracts (contrat-type, article 5)")]
    lines += [
        f"  {row['contract']:<8}{number(row['contracts']):>8}  {_OUTCOMES[row['outcome']]}"
        for row in contracts["outcomes"]
    ]
    for row in contracts["terms"]:
        year = row["term_year"] or "a year that is not told"
        lines.append(
            f"  {row['contract']:<8}{number(row['contracts']):>8}  now {labels[row['zone_b']]}, "
            f"term in {year}"
        )
    return lines


def _notes(record: Record) -> list[str]:
    lines = []
    for note in record["notes"]:
        examples = f": {', '.join(note['examples'])}" if note["examples"] else ""
        more = ", ..." if note["count"] > len(note["examples"]) > 0 else ""
        lines.append(f"  {'!' if note['warning'] else '-'} {note['text']}{examples}{more}")
    return [title("Notes"), *lines] if lines else []
