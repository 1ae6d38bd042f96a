"""Read matrices of travel times between communes, of METRIC (INSEE) and other publishers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import Fault, Note, first
from ...inputs.imported import Imported
from ...inputs.tables import stamp_of
from ...inputs.travel_times import PAIR, Limit
from ...methodology.model import Methodology
from ..common.issues import raise_faults
from .checks import (
    check_columns,
    check_late_thousands,
    check_speeds,
    check_zero_times,
    completeness_notes,
    long_own_times,
)
from .layout import PERIODS, OpenedFile, Roles, detect_roles, open_file
from .matrix import invalid_cells, scan_square, square_reverse_pairs, square_roles, square_unit
from .pairs import CodeRepairs, deduplicate, invalid_times
from .scan import Reach, Scan, reverse_pairs, scan_pairs
from .units import PER_MINUTE, Unit, agree_unit, detect_unit

_COLUMNS = (*PAIR, "minutes")


@dataclass
class _File:
    """A file, its columns, and what was found in it."""

    opened: OpenedFile
    roles: Roles
    unit: Unit
    scan: Scan | None = None


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
    """Read a matrix of travel times, retaining the pairs within reach.

    The layout of METRIC (``idSrc, idDst, duree, distance``), other column names, and square
    matrices are read; as CSV (plain, gz, zst), Parquet or Arrow IPC, in one file or several. Files
    are streamed: memory grows with the pairs within reach, not with the file.

    Parameters
    ----------
    files : sequence of Path
        The files of one matrix, each of any layout.
    rules : Methodology
        The last bound of its steps in section ``travel`` limits what is within reach. If it
        combines both directions of a pair, a longer time is retained if its reverse is within
        reach.
    communes : pl.Series, optional
        Codes of the communes. Pairs of others are dropped if they are few, and refused otherwise.
        By default all are accepted.
    unit : str
        minutes, hours, seconds, or auto: detected from the name of the column, the speeds, or the
        size of the times, and refused if unclear.
    columns : mapping of str to str, optional
        Names of columns that are not recognised: origin, destination, minutes to the file's names.
    period : str
        off_peak, peak, mean or max, if the file has both times.
    vintage : int, optional
        Year of the geography of its codes.

    Returns
    -------
    Imported
        Of kind ``distancier``, with the table ``travel_times``: origin, destination (Enum of the
        communes, sorted; String without `communes`), minutes (Float64); sorted by both codes.
        Pairs without a time (empty, NaN, NA, null, or -999999 as METRIC writes) were not computed:
        they are dropped and counted. The time of a commune to itself is kept however long it is.
        Codes and repeated pairs are checked among the pairs retained only; times in all rows.

    Raises
    ------
    InputDataError
        With the faults of every file: unclear columns or unit, invalid times or codes, pairs with
        two times, too many unknown communes.
    """
    raise_faults(_check_arguments(files, unit, columns or {}, period))
    opened = _open(files, columns or {}, period)
    chosen, notes = agree_unit([f.opened for f in opened], [f.unit for f in opened], unit)
    step = rules.travel.steps[-1]
    reach = Reach(chosen, step.to, step.included, period)
    known = None if communes is None else pl.Enum(communes.cast(pl.String).unique().sort())
    # Digests and the ends of compressed files are read beside the rows, for all take time.
    with ThreadPoolExecutor(1) as pool:
        stamps = pool.map(stamp_of, files)
        cuts = pool.map(OpenedFile.cut_at_end, [file.opened for file in opened])
        table, more = _read(opened, reach, rules, known)
        raise_faults([cut for cut in cuts if cut])
    recognised = _recognised(opened, chosen, declared=unit != "auto")
    tables, notes = {"travel_times": table}, [*notes, *more]
    return Imported("distancier", tables, recognised, vintage, tuple(notes), tuple(stamps))


def _check_arguments(
    files: Sequence[Path], unit: str, columns: Mapping[str, str], period: str
) -> list[Fault]:
    faults = [] if files else [Fault("argument.empty", "files")]
    for name, given, choices in (
        ("unit", [unit], ("auto", *PER_MINUTE)),
        ("period", [period], PERIODS),
        ("columns", sorted(columns), _COLUMNS),
    ):
        if unknown := tuple(value for value in given if value not in choices):
            code, details = "argument.unknown_choice", {"choices": choices}
            faults.append(Fault(code, name, values=unknown, details=details))
    return faults


def _open(files: Sequence[Path], columns: Mapping[str, str], period: str) -> list[_File]:
    """Open all files, and detect their columns and units."""
    opened: list[_File] = []
    faults: list[Fault] = []
    for path in files:
        file = open_file(path)
        if isinstance(file, Fault):
            faults.append(file)
        elif file.is_square and not columns:
            opened.append(_File(file, square_roles(file), square_unit(file)))
        elif not isinstance(roles := detect_roles(file, columns, period), Roles):
            faults += roles
        elif wrong := check_columns(file, roles):
            faults += wrong
        else:
            opened.append(_File(file, roles, detect_unit(file, roles)))
    raise_faults(faults)
    return opened


def _read(
    files: Sequence[_File], reach: Reach, rules: Methodology, known: pl.Enum | None
) -> tuple[pl.DataFrame, list[Note]]:
    """Read all files into one table."""
    faults: list[Fault] = []
    repairs = CodeRepairs()
    frames: list[pl.DataFrame] = []
    for file in files:
        opened, roles = file.opened, file.roles
        scan_file = scan_square if opened.is_square else scan_pairs
        scan = scan_file(opened, roles, reach, known)
        if not isinstance(scan, Scan):
            faults += scan
            continue
        file.scan = scan
        if scan.invalid:
            faults += invalid_cells(opened) if opened.is_square else invalid_times(opened, roles)
        faults += check_late_thousands(opened, roles, scan, reach)
        faults += check_speeds(opened, roles, reach.unit)
        repairs.add(opened, roles, scan, known)
        frames += scan.pairs
        scan.pairs = []
    dropped = repairs.codes.dropped
    repeats = [f.scan.repeats for f in files if f.scan and f.scan.repeats is not None]
    within = sum(frame.height for frame in [*frames, *repairs.pairs]) + dropped
    within += sum(int(each["more"].sum()) for each in repeats)
    faults += repairs.faults + repairs.codes.too_many_unknown(within)
    if not faults and not within:
        none_within, minutes = files[0].opened.fault, float(reach.to)
        faults.append(none_within("distancier.none_within", minutes=minutes, unit=reach.unit))
    raise_faults(faults)
    table = pl.concat([*frames, *repairs.pairs])
    frames.clear()
    if known is None:
        # One Enum for text codes too makes sorting and comparing cheap.
        codes = pl.concat([table["origin"], table["destination"]]).unique().sort()
        table = table.with_columns(pl.col(PAIR).cast(pl.Enum(codes)))
    limit = Limit.of(rules.travel)
    # Of communes to themselves: they are no pairs within reach.
    own = ~limit.within(pl.col("minutes"))
    within -= int(table.select(own.sum()).item())
    within -= sum(int(each.filter(own)["more"].sum()) for each in repeats)
    reverse = _reverse(files, table, reach, rules)
    whole = pl.concat([table, reverse]) if reverse.height else table
    table, repeated = deduplicate(whole, repeats)
    zero_times = check_zero_times([(file.opened, file.roles) for file in files], table, limit)
    notes = [
        *_counts([file.scan for file in files if file.scan], within, reverse.height, reach),
        *repairs.codes.notes(),
        *_codes_from_numbers(files),
        *repeated,
        *zero_times,
        *long_own_times(table, rules.travel),
        *completeness_notes(table),
    ]
    return table if known else table.with_columns(pl.col(PAIR).cast(pl.String)), notes


def _reverse(
    files: Sequence[_File], table: pl.DataFrame, reach: Reach, rules: Methodology
) -> pl.DataFrame:
    """Return the times beyond reach that the rules on both directions need."""
    if (rules.travel.two_way_pairs, rules.travel.one_way_pairs) == ("as_given", "as_given"):
        return table.clear()
    lists = [(f.opened, f.roles, f.scan) for f in files if f.scan and not f.opened.is_square]
    squares = [file.opened for file in files if file.opened.is_square]
    pairs = (square_reverse_pairs(file, table, reach) for file in squares)
    return pl.concat([reverse_pairs(lists, table, reach), *pairs])


def _counts(scans: Sequence[Scan], within: int, reverse: int, reach: Reach) -> list[Note]:
    """Return notes on how many rows were read, dropped and retained."""
    rows = sum(scan.rows - scan.blank for scan in scans)
    absent = sum(scan.not_computed for scan in scans)
    minutes = {"minutes": float(reach.to)}
    notes = [
        Note("distancier.not_computed", absent),
        Note("distancier.beyond_reach", rows - absent - within, details=minutes),
        Note("distancier.reverse_pairs", reverse, details=minutes),
    ]
    read = Note("distancier.pairs_read", rows, details={"within": within})
    return [read, *(note for note in notes if note.count)]


def _codes_from_numbers(files: Sequence[_File]) -> list[Note]:
    """Report files that store codes as numbers."""
    typed = [f for f in files if f.opened.numeric & {f.roles.origin, f.roles.destination}]
    names = [file.opened.path.name for file in typed]
    code = "distancier.codes_from_numbers"
    return [Note(code, len(names), first(names), warning=True)] if names else []


def _recognised(files: Sequence[_File], unit: str, *, declared: bool) -> str:
    """Describe the layout and unit recognised in each file; once for files that are alike."""
    found: dict[str, list[str]] = {}
    for file in files:
        basis = "as declared" if declared else file.unit.basis or "as its other files"
        text = f"{file.roles.description}, in {unit} ({basis}); {file.opened.description}"
        found.setdefault(text, []).append(file.opened.path.name)
    alike = {text: names[0] if len(names) == 1 else f"{len(names)} files"
             for text, names in found.items()}  # fmt: skip
    return "; ".join(f"{files_alike}: {text}" for text, files_alike in alike.items())
