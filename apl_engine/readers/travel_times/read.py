"""Distanciers: travel times between communes, as METRIC (INSEE) and others write them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import Fault, InputDataError
from ...inputs.tables import Stamp, stamp_of
from ...methodology.model import Methodology
from ...notes import Note, first
from ..common.imported import Imported
from .checks import at_no_time, incomplete, late_thousands, odd_speeds, unfit
from .layout import PERIODS, Layout, Roles, open_layout, roles_of
from .matrix import read_square, square_back, square_roles, square_unit
from .pairs import Settled, once, remarks, settle, wrong_times
from .scan import PAIR, Pass, Reach, read_pass, within_back
from .units import PER_MINUTE, Unit, agree, unit_of

_COLUMNS = (*PAIR, "minutes")


@dataclass
class _File:
    """A file, its columns, and what was found in it."""

    layout: Layout
    roles: Roles
    unit: Unit
    done: Pass | None = None


def read_distancier(
    files: Sequence[Path],
    rules: Methodology,
    *,
    communes: pl.Series | None = None,
    unit: str = "auto",
    columns: Mapping[str, str] | None = None,
    period: str = "off_peak",
    vintage: int | None = None,
) -> Imported:
    """Read a matrix of travel times, keeping the pairs within reach.

    The layout of METRIC (``idSrc, idDst, duree, distance``), any other names of columns, and
    square matrices are read; of CSV (plain, gz, zst), Parquet and Arrow IPC, in one file or
    several. Files are streamed: memory grows with the pairs within reach, not with the file.

    Parameters
    ----------
    files : the files of one matrix, each of any layout.
    rules : its section ``travel`` says what is within reach: the last bound of its steps. Where
        it combines both ways of a pair, a time beyond is kept if the way back is within reach.
    communes : codes of the communes; pairs of others are dropped where they are few, and refused
        otherwise. None takes all.
    unit : minutes, hours, seconds, or auto: told by the name of the column, the speeds, or the
        size of the times, and refused where that is not clear.
    columns : names of the columns where these are not recognised: origin, destination, minutes to
        theirs.
    period : off_peak, peak, mean or max, where there are both.
    vintage : year of the geography of its codes.

    Returns
    -------
    Imported
        Of kind ``distancier``, with the table ``travel_times``: origin, destination (Enum of the
        communes, sorted; String without `communes`), minutes (Float64); sorted by both codes.
        Negative times of -999999, which METRIC writes for pairs it did not compute, are left out
        and counted. Codes and repeated pairs are checked among the pairs within reach only;
        times in all rows.

    Raises
    ------
    InputDataError
        With the faults of every file: columns or unit that are not clear, values that are no
        time, codes that are none, pairs with two times, too many unknown communes.
    """
    _refuse(_arguments(files, unit, columns or {}, period))
    opened = _open(files, columns or {}, period)
    chosen, faults, notes = agree(
        [file.layout for file in opened], [file.unit for file in opened], unit
    )
    _refuse(faults)
    stamps: list[Stamp] = []
    # Digests are taken while the files are read, for both take their time.
    stamping = threading.Thread(target=lambda: stamps.extend(map(stamp_of, files)))
    stamping.start()
    try:
        step = rules.travel.steps[-1]
        reach = Reach(chosen, step.to, step.included, period)
        known = None
        if communes is not None:
            known = pl.Enum(communes.cast(pl.String).unique().sort())
        table, more = _read(opened, reach, rules, known)
    finally:
        stamping.join()
    return Imported(
        "distancier",
        {"travel_times": table},
        _recognised(opened, chosen, declared=unit != "auto"),
        vintage,
        (*notes, *more),
        tuple(stamps),
    )


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise InputDataError(faults)


def _arguments(
    files: Sequence[Path], unit: str, columns: Mapping[str, str], period: str
) -> list[Fault]:
    """Return what is wrong with what was asked for."""
    faults = []
    if not files:
        faults.append(
            Fault(
                code="legacy.fault",
                table="distancier",
                details={"problem": "no file is given", "hint": "Give one or several."},
            )
        )
    if unit not in ("auto", *PER_MINUTE):
        hint = f"Units: auto, {', '.join(PER_MINUTE)}."
        faults.append(
            Fault(
                code="legacy.fault",
                table="distancier",
                details={"problem": f"the unit {unit!r} is not known", "hint": hint},
            )
        )
    if period not in PERIODS:
        hint = f"Periods: {', '.join(PERIODS)}."
        faults.append(
            Fault(
                code="legacy.fault",
                table="distancier",
                details={"problem": f"the period {period!r} is not known", "hint": hint},
            )
        )
    if strange := sorted(columns.keys() - set(_COLUMNS)):
        hint = f"Ours are {', '.join(_COLUMNS)}."
        faults.append(
            Fault(
                code="legacy.fault",
                table="distancier",
                details={"problem": f"no column of ours is {strange[0]!r}", "hint": hint},
            )
        )
    return faults


def _open(files: Sequence[Path], columns: Mapping[str, str], period: str) -> list[_File]:
    """Open all files and tell their columns and units."""
    opened, faults = [], []
    for path in files:
        layout = open_layout(path)
        if isinstance(layout, Fault):
            faults.append(layout)
        elif layout.square and not columns:
            opened.append(_File(layout, square_roles(layout), square_unit(layout)))
        else:
            roles = roles_of(layout, columns, period)
            if isinstance(roles, Fault):
                faults.append(roles)
            elif wrong := unfit(layout, roles):
                faults += wrong
            else:
                opened.append(_File(layout, roles, unit_of(layout, roles)))
    _refuse(faults)
    return opened


def _read(
    opened: Sequence[_File], reach: Reach, rules: Methodology, known: pl.Enum | None
) -> tuple[pl.DataFrame, list[Note]]:
    """Read all files, and make one table of them."""
    faults: list[Fault] = []
    settled = Settled()
    frames: list[pl.DataFrame] = []
    for file in opened:
        found = _pass(file, reach, known)
        if not isinstance(found, Pass):
            faults += found
            continue
        file.done = found
        if found.wrong:
            faults += wrong_times(file.layout, file.roles)
        faults += late_thousands(file.layout, file.roles, found, reach)
        faults += odd_speeds(file.layout, file.roles, reach.unit)
        settle(file.layout, file.roles, found, known, settled)
        frames += found.kept
        found.kept = []
    within = sum(frame.height for frame in [*frames, *settled.frames]) + settled.dropped
    faults += settled.faults + settled.too_many(within)
    if not faults and not within:
        faults.append(_nothing(opened, reach))
    _refuse(faults)
    table = _as_enum(pl.concat([*frames, *settled.frames]), known)
    frames.clear()
    faults, zeros = at_no_time([(file.layout, file.roles) for file in opened], table)
    _refuse(faults)
    back = _back(opened, table, reach, rules)
    table, notes = once(pl.concat([table, back]) if back.height else table)
    counts = _counted([file.done for file in opened if file.done], within, back.height, reach)
    notes = [*counts, *settled.notes(), *_from_numbers(opened), *notes, *zeros]
    notes += [*remarks(table), *incomplete(table)]
    return table if known else table.with_columns(pl.col(PAIR).cast(pl.String)), notes


def _pass(file: _File, reach: Reach, known: pl.Enum | None) -> Pass | list[Fault]:
    if file.layout.square:
        return read_square(file.layout, reach, known)
    found = read_pass(file.layout, file.roles, reach, known)
    return [found] if isinstance(found, Fault) else found


def _as_enum(table: pl.DataFrame, known: pl.Enum | None) -> pl.DataFrame:
    """Give text codes one Enum too, which makes sorting and comparing cheap."""
    if known is not None:
        return table
    codes = pl.concat([table["origin"], table["destination"]]).unique().sort()
    return table.with_columns(pl.col(PAIR).cast(pl.Enum(codes)))


def _back(
    opened: Sequence[_File], table: pl.DataFrame, reach: Reach, rules: Methodology
) -> pl.DataFrame:
    """Return the times beyond reach that the rules on both ways call for."""
    if (rules.travel.two_way_pairs, rules.travel.one_way_pairs) == ("as_given", "as_given"):
        return table.clear()
    long = [
        (file.layout, file.roles, file.done)
        for file in opened
        if file.done and not file.layout.square
    ]
    squares = [square_back(file.layout, table, reach) for file in opened if file.layout.square]
    return pl.concat([within_back(long, table, reach), *squares])


def _nothing(opened: Sequence[_File], reach: Reach) -> Fault:
    problem = f"no pair is within {float(reach.to):g} minutes, times being read as {reach.unit}"
    return Fault(
        code="legacy.fault",
        table=opened[0].layout.path.name,
        details={"problem": problem, "hint": "Check the unit and the columns."},
    )


def _counted(passes: Sequence[Pass], within: int, back: int, reach: Reach) -> list[Note]:
    """Say how many rows became of what."""
    rows = sum(done.rows - done.blank for done in passes)
    absent = sum(done.absent for done in passes)
    beyond = rows - absent - within
    notes = [Note("pairs_read", rows, details={"text": f"distancier: {rows} pairs read, {within} of them within reach"})]  # fmt: skip
    if absent:
        text = f"distancier: {absent} pairs are dropped that were not computed (-999999)"
        notes.append(Note("not_computed", absent, details={"text": text}))
    if beyond:
        text = f"distancier: {beyond} pairs are beyond {float(reach.to):g} minutes"
        kept = f", {back} of them kept for their way back" if back else ""
        notes.append(Note("beyond_reach", beyond, details={"text": text + kept}))
    return notes


def _from_numbers(opened: Sequence[_File]) -> list[Note]:
    """Say which files hold codes as numbers."""
    files = [
        file.layout.path.name
        for file in opened
        if file.layout.numeric & {file.roles.origin, file.roles.destination}
    ]
    if not files:
        return []
    text = "distancier: codes kept as numbers get their first zero back, in"
    return [
        Note("codes_from_numbers", len(files), first(files), warning=True, details={"text": text})
    ]


def _recognised(opened: Sequence[_File], unit: str, *, declared: bool) -> str:
    """Say what was taken for what; the same of several files once."""
    found: dict[str, list[str]] = {}
    for file in opened:
        why = "as declared" if declared else file.unit.why or "as its other files"
        text = f"{file.roles.described}, in {unit} ({why}); {file.layout.reading}"
        found.setdefault(text, []).append(file.layout.path.name)
    return "; ".join(
        f"{names[0] if len(names) == 1 else f'{len(names)} files'}: {text}"
        for text, names in found.items()
    )
