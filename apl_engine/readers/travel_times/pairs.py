"""The pairs of a travel-time matrix: codes repaired or dropped, each pair once, in one order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from ...errors import Fault, InputDataError
from ...notes import Note, first
from ...schemas import COMMUNE_CODE
from .layout import OpenedFile, Roles
from .scan import NOT_COMPUTED, PAIR, Scan, repaired_code, scan_columns

_SHOWN = 3
# Above this share of the pairs within reach, unknown codes mean another geography.
_FEW_UNKNOWN = 0.01


@dataclass
class CodeRepairs:
    """What became of pairs whose codes are not among the known ones.

    Attributes
    ----------
    pairs : list of pl.DataFrame
        Pairs whose codes were repaired: origin, destination, minutes.
    faults : list of Fault
        Codes that are none.
    repaired, unknown : dict of str to int
        How often each code was repaired, or is of no known commune.
    dropped : int
        Pairs dropped because of an unknown code.
    """

    pairs: list[pl.DataFrame] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    repaired: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    dropped: int = 0

    def add(self, file: OpenedFile, roles: Roles, scan: Scan, known: pl.Enum | None) -> None:
        """Repair the unmatched codes of a file, or report what is wrong with them.

        Parameters
        ----------
        file : OpenedFile
        roles : Roles
        scan : Scan
        known : pl.Enum or None
            The commune codes; None accepts all.
        """
        if not scan.unmatched:
            return
        rows = pl.concat(scan.unmatched).with_columns(
            repaired_code(name).fill_null("").alias(f"{name}_code") for name in PAIR
        )
        valid = [pl.col(f"{name}_code").str.contains(COMMUNE_CODE) for name in PAIR]
        for name, is_code in zip(PAIR, valid, strict=True):
            invalid = rows.filter(~is_code)[name]
            if len(invalid):
                self.faults.append(_invalid_codes(file, roles, name, invalid))
        rows = rows.filter(pl.all_horizontal(valid))
        if known is not None:
            there, height = known.categories.implode(), rows.height
            for name in PAIR:
                unknown = rows.filter(~pl.col(f"{name}_code").is_in(there))
                _count(self.unknown, unknown[f"{name}_code"])
            rows = rows.filter(
                pl.all_horizontal(pl.col("origin_code", "destination_code").is_in(there))
            )
            self.dropped += height - rows.height
        for name in PAIR:
            _count(self.repaired, rows.filter(pl.col(name) != pl.col(f"{name}_code"))[name])
        codes = (pl.col(f"{name}_code").cast(known or pl.String).alias(name) for name in PAIR)
        self.pairs.append(rows.select(*codes, "minutes"))

    def notes(self) -> list[Note]:
        """Return notes on repaired codes and dropped pairs."""
        notes = []
        if self.repaired:
            count, shown = sum(self.repaired.values()), first(sorted(self.repaired))
            notes.append(Note("distancier.codes_repaired", count, shown, warning=True))
        if self.unknown:
            count, shown = len(self.unknown), first(sorted(self.unknown))
            details = {"pairs": self.dropped}
            code = "distancier.unknown_communes"
            notes.append(Note(code, count, shown, warning=True, details=details))
        return notes

    def too_many_unknown(self, within: int) -> list[Fault]:
        """Return the fault of more unknown communes than a merger or two explains.

        Parameters
        ----------
        within : int
            Number of pairs within reach.

        Returns
        -------
        list of Fault
        """
        if self.dropped <= _FEW_UNKNOWN * within:
            return []
        return [
            Fault(
                code="distancier.unknown_communes",
                table="distancier",
                values=first(sorted(self.unknown)),
                details={"codes": len(self.unknown), "pairs": self.dropped, "within": within},
            )
        ]


def _count(counts: dict[str, int], values: pl.Series) -> None:
    for value, count in values.value_counts().iter_rows():
        counts[value] = counts.get(value, 0) + count


def _invalid_codes(file: OpenedFile, roles: Roles, name: str, invalid: pl.Series) -> Fault:
    shown = [text for text in invalid.drop_nulls().unique().sort().head(_SHOWN) if text]
    open_mark = any(text.count('"') % 2 for text in shown)
    rows: tuple[int, ...] = ()
    if not file.is_square:
        same = pl.col(name).is_in(invalid.unique().implode(), nulls_equal=True)
        found = scan_columns(file, roles, as_text=True, row="row").filter(same)
        rows = tuple(found.select("row").head(_SHOWN).collect()["row"])
    has_column = name == "origin" or not file.is_square
    return Fault(
        code="distancier.quotation_in_code" if open_mark else "distancier.invalid_code",
        table=file.path.name,
        column=file.names[getattr(roles, name)] if has_column else None,
        count=len(invalid),
        rows=rows,
        values=tuple(shown),
    )


def deduplicate(table: pl.DataFrame) -> tuple[pl.DataFrame, list[Note]]:
    """Sort pairs by their codes, and keep each once.

    Parameters
    ----------
    table : pl.DataFrame
        origin, destination (one sorted Enum), minutes.

    Returns
    -------
    table : pl.DataFrame
    notes : list of Note

    Raises
    ------
    InputDataError
        A pair has two different times.
    """
    size = len(table.schema["origin"].categories)  # type: ignore[attr-defined]
    one, two = (pl.col(name).to_physical().cast(pl.UInt64) for name in PAIR)
    key = table.select(key=one * size + two).to_series()
    if not key.is_sorted():
        table = table.with_columns(key).sort("key", "minutes")
        key = table["key"]
        table = table.drop("key")
    twice = (key == key.shift()).fill_null(False)
    if not twice.any():
        return table, []
    table = table.with_columns(key).sort("key", "minutes").drop("key")
    differs = twice & (table["minutes"] != table["minutes"].shift()).fill_null(False)
    if differs.any():
        before = table.with_columns(before=pl.col("minutes").shift()).filter(differs).head(_SHOWN)
        values = (f"{o}-{d}: {b:g}, {m:g}" for o, d, m, b in before.iter_rows())
        code, count = "distancier.conflicting_pairs", int(differs.sum())
        raise InputDataError(
            Fault(code=code, table="distancier", count=count, values=tuple(values))
        )
    shown = tuple(f"{o}-{d}" for o, d, _ in table.filter(twice).head(_SHOWN).iter_rows())
    return table.filter(~twice), [Note("distancier.repeated_pairs", int(twice.sum()), shown)]


def invalid_times(file: OpenedFile, roles: Roles) -> list[Fault]:
    """Find the rows without a valid time, in a second reading of a file.

    Parameters
    ----------
    file : OpenedFile
    roles : Roles

    Returns
    -------
    list of Fault
        By kind: no value, not a number, not finite, negative.
    """
    scan = scan_columns(file, roles, as_text=True, row="row")
    queries, found = [], []
    for k, place in enumerate(roles.times):
        time, given = pl.col(f"time_{k}"), pl.col(f"given_{k}").fill_null("")
        blank = pl.all_horizontal(pl.col(PAIR).is_null()) & (given == "")
        excluded = blank | (time == NOT_COMPUTED).fill_null(False)
        for code, test in _INVALID.items():
            rows = scan.filter(test(time, given) & ~excluded)
            first_rows = pl.col("row", f"given_{k}").head(_SHOWN).implode()
            queries.append(rows.select(first_rows, count=pl.len()))
            found.append((code, place))
    faults = []
    for (code, place), frame in zip(found, pl.collect_all(queries), strict=True):
        rows, values, count = frame.row(0)
        if count:
            faults.append(
                Fault(
                    code=code,
                    table=file.path.name,
                    column=file.names[place],
                    count=count,
                    rows=tuple(rows),
                    values=tuple(filter(None, values)),
                )
            )
    return faults


_INVALID: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "distancier.no_value": lambda time, given: time.is_null() & (given == ""),
    "distancier.not_a_number": lambda time, given: time.is_null() & (given != ""),
    "distancier.not_finite": lambda time, _: ~time.is_finite(),
    "distancier.negative_value": lambda time, _: time < 0,
}
