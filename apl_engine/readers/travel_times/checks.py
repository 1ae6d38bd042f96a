"""Whether a distancier is whole, and its times those of roads: what no single cell shows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

import polars as pl

from ...errors import Fault
from ...notes import Note
from ..common.numbers import HINT, MARK, WORDS, may_part_thousands, parts_thousands
from .layout import Layout, Roles
from .scan import PAIR, Pass, Reach, scan_of, scan_text
from .units import KM_PER_HOUR, in_metres, number_of

# Speeds of trips between communes, km/h, with room for odd ones; another unit is 60 times off.
_SANE, _MOST_ODD = (3.0, 250.0), 0.2
# Fewer pairs, or communes, say little.
_ENOUGH_PAIRS, _ENOUGH_COMMUNES = 50, 24
# Places of a file that are looked at, as shares of its length, and how much of each.
_PLACES, _BYTES, _ROWS = (0.25, 0.5, 0.75, 1.0), 64 * 1024, 2_000
# Kilometres that take some time, and the share of pairs that may take none by mistake.
_SOME_KM, _FEW_ZEROS = 3.0, 0.01
# Communes that nobody leaves from, or goes to, up to which none is missing; pairs of one way.
_FEW_ABSENT, _HALF = 0.05, 0.5


def unfit(layout: Layout, roles: Roles) -> list[Fault]:
    """Return the faults of times that are no numbers, or whose marks part thousands.

    Parameters
    ----------
    layout, roles : the file and its columns.

    Returns
    -------
    list of Fault
    """
    faults = []
    for place in roles.times:
        name, given = layout.names[place], [v for v in layout.sample[place] if v.strip()]
        hint = "Write times as numbers: 12.5 minutes for 00:12:30."
        if place in layout.no_numbers:
            problem = f"cells of it are {layout.no_numbers[place]}, not numbers"
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=layout.path.name,
                    column=name,
                    details={"problem": problem, "hint": hint},
                )
            )
        elif given and all(re.fullmatch(r"\s*\d+:\d\d(?::\d\d)?\s*", value) for value in given):
            problem = "cells of it are times of a clock, not numbers"
            shown = tuple(given[:3])
            faults.append(
                Fault(
                    code="legacy.fault",
                    table=layout.path.name,
                    column=name,
                    values=shown,
                    details={"problem": problem, "hint": hint},
                )
            )
        elif may_part_thousands(pl.Series(given, dtype=pl.String)):
            faults += _thousands(layout, place)
    return faults


def late_thousands(layout: Layout, roles: Roles, done: Pass, reach: Reach) -> list[Fault]:
    """Return the same of marks that stand only behind the first rows, which are whole numbers.

    Parameters
    ----------
    layout, roles, done : the file, its columns and what was found in it.
    reach : for the unit.

    Returns
    -------
    list of Fault
    """
    if layout.format != "CSV" or layout.square:
        return []
    whole = [
        place
        for place in roles.times
        if may_part_thousands(pl.Series(layout.sample[place], dtype=pl.String)) is None
    ]
    per_minute = KM_PER_HOUR[reach.unit] / 60
    for frame in done.kept if whole else []:
        times = frame["minutes"] * per_minute
        if ((times - times.round()).abs() > 1e-6).any():
            return [fault for place in whole for fault in _thousands(layout, place)]
    return []


def _thousands(layout: Layout, place: int) -> list[Fault]:
    text = pl.col(f"c{place}").str.strip_chars(' "')
    if layout.format != "CSV" or not parts_thousands(scan_text(layout, set()), text):
        return []
    rows = scan_text(layout, set(), "row").filter(text.str.contains(MARK)).head(3).collect()
    name, shown = layout.names[place], tuple(rows[f"c{place}"])
    return [
        Fault(
            code="legacy.fault",
            table=layout.path.name,
            column=name,
            count=None,
            rows=tuple(rows["row"]),
            values=shown,
            details={"problem": WORDS, "hint": HINT},
        )
    ]


def odd_speeds(layout: Layout, roles: Roles, unit: str) -> list[Fault]:
    """Refuse a file some part of which has no sane speeds in its unit.

    Parameters
    ----------
    layout, roles : the file and its columns.
    unit : of its times.

    Returns
    -------
    list of Fault
        Empty where the file has no distances, or is compressed text, of which only the first
        rows can be looked at.
    """
    if roles.distance is None:
        return []
    head = list(zip(layout.sample[roles.times[0]], layout.sample[roles.distance], strict=True))
    metres = in_metres(layout, roles)
    for share, rows in [(0.0, head), *_parts(layout, roles)]:
        speeds = [
            distance / time * KM_PER_HOUR[unit] / (1000 if metres else 1)
            for time, distance in ((number_of(t), number_of(d)) for t, d in rows)
            if time > 0 and distance > 0
        ]
        odd = sum(not _SANE[0] <= speed <= _SANE[1] for speed in speeds)
        if len(speeds) >= _ENOUGH_PAIRS and odd > _MOST_ODD * len(speeds):
            where = f"at {share:.0%} of its length" if share else "in its first rows"
            problem = (
                f"{odd} of {len(speeds)} pairs {where} go at less than {_SANE[0]:g} or more than "
                f"{_SANE[1]:g} km/h, times being read as {unit}"
            )
            hint = "Are its times in several units, or not computed? Give all in one unit."
            return [
                Fault(
                    code="legacy.fault",
                    table=layout.path.name,
                    column=layout.names[roles.times[0]],
                    details={"problem": problem, "hint": hint},
                )
            ]
    return []


def _parts(layout: Layout, roles: Roles) -> Iterator[tuple[float, list[tuple[str, str]]]]:
    """Give times and distances at some places of a file, where it can be opened there."""
    assert roles.distance is not None
    columns = [roles.times[0], roles.distance]
    if layout.format != "CSV":
        names = [layout.names[place] for place in columns]
        scan = pl.scan_parquet if layout.format == "Parquet" else pl.scan_ipc
        frame = scan(layout.path, glob=False).select(pl.col(names).cast(pl.String))
        size = frame.select(pl.len()).collect().item()
        for share in _PLACES if size > len(layout.sample[0]) else ():
            rows = frame.slice(max(0, int(share * size) - _ROWS), _ROWS).collect().fill_null("")
            yield share, list(rows.iter_rows())
        return
    size = layout.path.stat().st_size
    with layout.path.open("rb") as file:
        if not layout.plain_text or size < 8 * _BYTES:
            return
        for share in _PLACES:
            file.seek(int(share * size) - _BYTES)
            # The first and last lines of a chunk are pieces.
            lines = file.read(_BYTES).decode("utf-8", "replace").splitlines()[1:-1]
            split = csv.reader(lines, delimiter=layout.separator)
            whole = [row for row in split if len(row) == len(layout.names)]
            yield share, [(row[columns[0]], row[columns[1]]) for row in whole]


def at_no_time(
    files: Sequence[tuple[Layout, Roles]], table: pl.DataFrame
) -> tuple[list[Fault], list[Note]]:
    """Tell pairs of different communes, some kilometres apart, that take no time.

    Parameters
    ----------
    files : all files, and their columns.
    table : origin, destination, minutes; the pairs within reach.

    Returns
    -------
    list of Fault, list of Note
        Refused where they are many: they stand for pairs that were not computed.
    """
    apart = pl.col("origin") != pl.col("destination")
    pairs = table.select(apart.sum(), zeros=(apart & (pl.col("minutes") == 0)).sum()).row(0)
    if not pairs[1]:
        return [], []
    hint = "Write -999999 for pairs that were not computed."
    if pairs[1] >= _ENOUGH_PAIRS and pairs[1] > _FEW_ZEROS * pairs[0]:
        problem = f"{pairs[1]} of {pairs[0]} pairs of different communes take no time"
        return [
            Fault(
                code="legacy.fault", table="distancier", details={"problem": problem, "hint": hint}
            )
        ], []
    count = sum(_far_zeros(layout, roles) for layout, roles in files if roles.distance is not None)
    text = f"{count} pairs of different communes more than {_SOME_KM:g} km apart take no time"
    if count > _FEW_ZEROS * pairs[0]:
        return [
            Fault(
                code="legacy.fault",
                table="distancier",
                details={"problem": f"{text}, of {pairs[0]} within reach", "hint": hint},
            )
        ], []
    return [], [
        Note("no_time", count, warning=True, details={"text": f"distancier: {text}"})
    ] if count else []


def _far_zeros(layout: Layout, roles: Roles) -> int:
    scan = scan_of(layout, roles, text=True)
    distance = pl.col("distance")
    if scan.collect_schema()["distance"] == pl.String:
        distance = distance.str.strip_chars(' "').str.replace(",", ".", literal=True)
    kilometres = distance.cast(pl.Float64, strict=False) / (1000 if in_metres(layout, roles) else 1)
    none = pl.all_horizontal(pl.col(f"time_{k}") == 0 for k in range(len(roles.times)))
    far = none & (pl.col(PAIR[0]) != pl.col(PAIR[1])) & (kilometres > _SOME_KM)
    return int(scan.select(far.sum()).collect(engine="streaming").item())


def incomplete(table: pl.DataFrame) -> list[Note]:
    """Warn of a matrix that has not all origins or destinations, or only one way of its pairs.

    Parameters
    ----------
    table : origin, destination (one Enum of all communes), minutes; each pair once, within reach.

    Returns
    -------
    list of Note
    """
    codes = table.schema["origin"].categories  # type: ignore[attr-defined]
    total = len(codes)
    notes = []
    for name, words in (("origin", "leads from"), ("destination", "leads to")):
        absent = total - table[name].n_unique()
        if total >= _ENOUGH_COMMUNES and absent > _FEW_ABSENT * total:
            text = f"distancier: no time within reach {words} {absent} of {total} communes: is it "
            text += "cut, or a part of it missing?"
            notes.append(Note(f"{name}s_absent", absent, warning=True, details={"text": text}))
    one, two = (pl.col(name).to_physical() for name in PAIR)
    up, down = table.select(up=(one < two).sum(), down=(one > two).sum()).row(0)
    if total >= _ENOUGH_COMMUNES and min(up, down) < _HALF * max(up, down):
        way = "later" if up > down else "earlier"
        text = (
            f"distancier: {max(up, down)} pairs lead from one code to a {way} one, and "
            f"{min(up, down)} back: is half of it missing?"
        )
        notes.append(
            Note("half_of_the_pairs", abs(up - down), warning=True, details={"text": text})
        )
    return notes
