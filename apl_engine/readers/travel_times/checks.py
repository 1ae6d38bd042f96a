"""Whether a travel-time matrix is whole and plausible: what no single cell shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import polars as pl

from ...errors import Fault, InputDataError, Note, first
from ...inputs.row_shape import split_rows
from ...inputs.text_file import lines_of
from ...inputs.travel_times import PAIR, Limit, check_times
from ...methodology.model import Travel
from ..common.issues import raise_faults
from ..common.numbers import MARK, may_part_thousands, parts_thousands
from .layout import OpenedFile, Roles, scan_typed
from .scan import Reach, Scan, pair_key, parsed, scan_columns, scan_text
from .units import KM_PER_HOUR, as_floats, in_metres

# Speeds of trips between communes, km/h, with a margin for unusual ones; a wrong unit is a factor
# of 60 away.
_SLOWEST, _FASTEST, _MOST_ODD = 3.0, 250.0, 0.2
# Fewer pairs, or communes, prove little.
_ENOUGH_PAIRS, _ENOUGH_COMMUNES = 50, 24
# Positions in a file that are sampled, as shares of its length, and the size of each sample.
_POSITIONS, _BYTES, _ROWS = (0.25, 0.5, 0.75, 1.0), 64 * 1024, 2_000
# Distance that takes some time, km, and the share of pairs that may take none by mistake.
_SOME_KM, _FEW_ZEROS = 3.0, 0.01
# Share of communes that may be absent as origin or destination; of pairs in the rarer direction.
_FEW_ABSENT, _HALF = 0.05, 0.5
_NAMED = 12
_NUMBER = r"\s*[-+]?[\d.,\s]*\d[\d.,\s]*(?:[eE][-+]?\d+)?\s*"

Columns: TypeAlias = Sequence[Sequence[str] | pl.Series]


def check_columns(file: OpenedFile, roles: Roles) -> list[Fault]:
    """Check that times are numbers without thousands separators.

    Parameters
    ----------
    file : OpenedFile
    roles : Roles

    Returns
    -------
    list of Fault
    """
    faults = []
    for place in roles.times:
        column = file.names[place]
        given = [value for value in file.sample[place] if value.strip()]
        if place in file.unsupported:
            code = "distancier.unsupported_type"
            faults.append(file.fault(code, column, type=file.unsupported[place]))
        elif given and all(re.fullmatch(r"\s*\d+:\d\d(?::\d\d)?\s*", value) for value in given):
            values = list(dict.fromkeys(given))[:3]
            faults.append(file.fault("distancier.clock_times", column, values=values))
        elif (durations := [value for value in given if re.search(r"\d", value)]) and not any(
            re.fullmatch(_NUMBER, value) for value in durations
        ):
            # 750s, PT12M30S, 12 min
            values = list(dict.fromkeys(durations))[:3]
            faults.append(file.fault("distancier.not_a_number", column, values=values))
        elif may_part_thousands(pl.Series(given, dtype=pl.String)):
            faults += _thousands(file, place)
    return faults


def check_late_thousands(file: OpenedFile, roles: Roles, scan: Scan, reach: Reach) -> list[Fault]:
    """Check for thousands separators that first occur below the sampled rows.

    Parameters
    ----------
    file : OpenedFile
    roles : Roles
    scan : Scan
    reach : Reach
        For the unit.

    Returns
    -------
    list of Fault
    """
    if file.format != "CSV" or file.is_square:
        return []
    samples = {place: pl.Series(file.sample[place], dtype=pl.String) for place in roles.times}
    whole = [place for place, sample in samples.items() if may_part_thousands(sample) is None]
    per_minute = KM_PER_HOUR[reach.unit] / 60
    for frame in scan.pairs if whole else []:
        times = frame["minutes"] * per_minute
        if ((times - times.round()).abs() > 1e-6).any():
            return [fault for place in whole for fault in _thousands(file, place)]
    return []


def _thousands(file: OpenedFile, place: int) -> list[Fault]:
    text = pl.col(f"c{place}").str.strip_chars(' "')
    if file.format != "CSV" or not parts_thousands(scan_text(file, set()), text):
        return []
    rows = scan_text(file, set(), "row").filter(text.str.contains(MARK)).head(3).collect()
    code, column = "distancier.ambiguous_marks", file.names[place]
    return [file.fault(code, column, rows=rows["row"], values=rows[f"c{place}"])]


def check_speeds(file: OpenedFile, roles: Roles, unit: str) -> list[Fault]:
    """Check that speeds are plausible in every part of a file.

    Parameters
    ----------
    file : OpenedFile
    roles : Roles
    unit : str
        Unit of the times.

    Returns
    -------
    list of Fault
        Empty if the file has no distances. Of compressed text only the first rows are checked.
    """
    if roles.distance is None:
        return []
    time = roles.times[0]
    head = (file.sample[time], file.sample[roles.distance])
    per_km = 1000 if in_metres(file, roles) else 1
    for position, columns in [(0.0, head), *_samples(file, time, roles.distance)]:
        times, distances = map(as_floats, columns)
        speeds = distances / times * (KM_PER_HOUR[unit] / per_km)
        speeds = speeds.filter((times > 0) & (distances > 0))
        odd = int((~speeds.is_between(_SLOWEST, _FASTEST)).sum())
        if len(speeds) >= _ENOUGH_PAIRS and odd > _MOST_ODD * len(speeds):
            return [file.fault(
                "distancier.implausible_speeds", file.names[time], odd=odd, pairs=len(speeds),
                position=position, unit=unit, slowest=_SLOWEST, fastest=_FASTEST,
            )]  # fmt: skip
    return []


def _samples(file: OpenedFile, *columns: int) -> Iterator[tuple[float, Columns]]:
    """Yield columns of text at several positions of a file, if it can be opened there."""
    if file.format != "CSV":
        names = [file.names[place] for place in columns]
        frame = scan_typed(file.path, file.format).select(pl.col(names).cast(pl.String))
        size = frame.select(pl.len()).collect().item()
        for position in _POSITIONS if size > len(file.sample[0]) else ():
            start = max(0, int(position * size) - _ROWS)
            yield position, frame.slice(start, _ROWS).collect().get_columns()
        return
    size = file.path.stat().st_size
    if not file.plain_text or size < 8 * _BYTES:
        return
    with file.path.open("rb") as stream:
        for position in _POSITIONS:
            stream.seek(int(position * size) - _BYTES)
            # The first and last lines of a chunk are incomplete.
            lines = lines_of(stream.read(_BYTES).decode("utf-8", "replace"))[1:-1]
            rows = split_rows(file.path, lines, file.separator)
            if isinstance(rows, Fault):
                continue
            whole = [row for row in rows if len(row) == len(file.names)]
            yield position, [[row[k] for row in whole] for k in columns]


def check_zero_times(
    files: Sequence[tuple[OpenedFile, Roles]], table: pl.DataFrame, limit: Limit
) -> list[Note]:
    """Check for pairs of different communes that take no time.

    Parameters
    ----------
    files : sequence of (OpenedFile, Roles)
        All files of the matrix.
    table : pl.DataFrame
        origin, destination, minutes; the pairs within reach, and times of communes to themselves.
    limit : Limit
        The longest time within reach.

    Returns
    -------
    list of Note

    Raises
    ------
    InputDataError
        There are many, or the communes are some kilometres apart: they stand for pairs that were
        not computed.
    """
    faults, notes = check_times("distancier", table, limit)
    raise_faults(faults)
    with_distances = (file for file in files if file[1].distance is not None)
    far = sum(_far_zeros(*file) for file in with_distances) if notes else 0
    pairs = int(table.select((pl.col("origin") != pl.col("destination")).sum()).item())
    if far > _FEW_ZEROS * pairs:
        details = {"pairs": pairs, "zeros": far, "km": _SOME_KM}
        raise InputDataError(Fault("distancier.zero_times_apart", "distancier", details=details))
    note = Note("distancier.zero_times_apart", far, warning=True, details={"km": _SOME_KM})
    return [*notes, *([note] if far else [])]


def _far_zeros(file: OpenedFile, roles: Roles) -> int:
    scan = scan_columns(file, roles, as_text=True)
    is_text = scan.collect_schema()["distance"] == pl.String
    distance = parsed("distance") if is_text else pl.col("distance")
    far = distance.cast(pl.Float64) / (1000 if in_metres(file, roles) else 1) > _SOME_KM
    zero = pl.all_horizontal(pl.col(f"time_{k}") == 0 for k in range(len(roles.times)))
    wanted = zero & (pl.col(PAIR[0]) != pl.col(PAIR[1])) & far
    return int(scan.select(wanted.sum()).collect(engine="streaming").item())


def long_own_times(table: pl.DataFrame, rules: Travel) -> list[Note]:
    """Name the communes to which trips within themselves do not count fully.

    Parameters
    ----------
    table : pl.DataFrame
        origin, destination, minutes.
    rules : Travel
        Its first step.
    """
    step = rules.steps[0]
    full = Limit(float(step.to), step.included).within(pl.col("minutes"))
    long = table.filter((pl.col("origin") == pl.col("destination")) & ~full)
    named = [f"{code} ({minutes:g})" for code, _, minutes in long.sort("origin").iter_rows()]
    details = {"minutes": float(step.to)}
    note = Note("distancier.long_own_times", len(named), first(named, _NAMED), warning=True,
                details=details)  # fmt: skip
    return [note] if named else []


def completeness_notes(table: pl.DataFrame) -> list[Note]:
    """Report pairs and communes that a whole matrix would have.

    Parameters
    ----------
    table : pl.DataFrame
        origin, destination (one Enum of all communes), minutes; each pair once, within reach.

    Returns
    -------
    list of Note
        Pairs without their reverse, communes without a time to themselves; a warning if many
        origins, destinations or pairs of one direction are missing.
    """
    size = len(table.schema["origin"].categories)  # type: ignore[attr-defined]
    one, two = (pl.col(name).to_physical() for name in PAIR)
    either = pl.when(one < two).then(pair_key(one, two, size)).otherwise(pair_key(two, one, size))
    # Sorted, both directions of a pair are adjacent: faster than counting distinct ones.
    pairs = table.select(either=either).to_series().sort()
    up, down = table.select(up=(one < two).sum(), down=(one > two).sum()).row(0)
    own = table.height - up - down
    alone = table.height - own - 2 * int((pairs == pairs.shift()).sum())
    counts = {"distancier.one_way": alone, "distancier.no_own_time": size - own}
    notes = [Note(code, count) for code, count in counts.items() if count]
    if size < _ENOUGH_COMMUNES:
        return notes
    absent_codes = ("distancier.origins_absent", "distancier.destinations_absent")
    for name, code in zip(PAIR, absent_codes, strict=True):
        absent = size - table[name].n_unique()
        if absent > _FEW_ABSENT * size:
            notes.append(Note(code, absent, warning=True, details={"communes": size}))
    if min(up, down) < _HALF * max(up, down):
        code, details = "distancier.one_direction", {"ascending": up, "descending": down}
        notes.append(Note(code, abs(up - down), warning=True, details=details))
    return notes
