"""The pairs of a travel-time matrix: codes repaired or dropped, each pair once, in one order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from ...errors import Fault, InputDataError, Note, first
from ...schemas import COMMUNE_CODE
from .layout import OpenedFile, Roles
from .scan import NOT_COMPUTED, PAIR, Scan, pair_key, repaired_code, scan_columns

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
    repaired, unknown : Counter of str
        How often each code was repaired, or is of no known commune.
    dropped : int
        Pairs dropped because of an unknown code.
    """

    pairs: list[pl.DataFrame] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    repaired: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
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
            codes, height = known.categories.implode(), rows.height
            is_known = {f"{name}_code": pl.col(f"{name}_code").is_in(codes) for name in PAIR}
            for name, test in is_known.items():
                self.unknown.update(_counts(rows.filter(~test)[name]))
            rows = rows.filter(pl.all_horizontal(is_known.values()))
            self.dropped += height - rows.height
        for name in PAIR:
            self.repaired.update(_counts(rows.filter(pl.col(name) != pl.col(f"{name}_code"))[name]))
        typed = (pl.col(f"{name}_code").cast(known or pl.String).alias(name) for name in PAIR)
        self.pairs.append(rows.select(*typed, "minutes"))

    def notes(self) -> list[Note]:
        """Return notes on repaired codes and dropped pairs."""
        shown = first(sorted(self.repaired))
        notes = [Note("distancier.codes_repaired", self.repaired.total(), shown, warning=True)]
        code, details = "distancier.unknown_communes", {"pairs": self.dropped}
        shown = first(sorted(self.unknown))
        notes.append(Note(code, len(self.unknown), shown, warning=True, details=details))
        return [note for note in notes if note.count]

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
        details = {"codes": len(self.unknown), "pairs": self.dropped, "within": within}
        code, values = "distancier.unknown_communes", first(sorted(self.unknown))
        return [Fault(code, "distancier", values=values, details=details)]


def _counts(values: pl.Series) -> dict[str, int]:
    return dict(values.value_counts().iter_rows())


def _invalid_codes(file: OpenedFile, roles: Roles, name: str, invalid: pl.Series) -> Fault:
    shown = [text for text in invalid.drop_nulls().unique().sort().head(_SHOWN) if text]
    open_mark = any(text.count('"') % 2 for text in shown)
    column, rows = (file.names[0] if name == "origin" else None), ()
    if not file.is_square:
        column = file.names[getattr(roles, name)]
        same = pl.col(name).is_in(invalid.unique().implode(), nulls_equal=True)
        found = scan_columns(file, roles, as_text=True, row="row").filter(same)
        rows = tuple(found.select("row").head(_SHOWN).collect()["row"])
    code = "distancier.quotation_in_code" if open_mark else "distancier.invalid_code"
    return file.fault(code, column, count=len(invalid), rows=rows, values=shown)


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
    one, two = (pl.col(name).to_physical() for name in PAIR)
    key = table.select(key=pair_key(one, two, size)).to_series()
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
        raise InputDataError(Fault(code, "distancier", count=count, values=tuple(values)))
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
    wrong = {}
    for k in range(len(roles.times)):
        time, given = pl.col(f"time_{k}"), pl.col(f"given_{k}").fill_null("")
        blank = pl.all_horizontal(pl.col(PAIR).is_null()) & (given == "")
        excluded = blank | (time == NOT_COMPUTED).fill_null(False)
        for code, test in _INVALID.items():
            wrong[code, k] = test(time, given) & ~excluded
    totals = (rows.sum().alias(f"{code} {k}") for (code, k), rows in wrong.items())
    counts = scan.select(*totals).collect(engine="streaming").row(0)
    faults = []
    for ((code, k), rows), count in zip(wrong.items(), counts, strict=True):
        if count:
            first_rows = scan.filter(rows).select("row", f"given_{k}").head(_SHOWN)
            shown = first_rows.collect(engine="streaming")
            values, column = filter(None, shown[f"given_{k}"]), file.names[roles.times[k]]
            faults.append(file.fault(code, column, count=count, rows=shown["row"], values=values))
    return faults


_INVALID: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "distancier.no_value": lambda time, given: time.is_null() & (given == ""),
    "distancier.not_a_number": lambda time, given: time.is_null() & (given != ""),
    "distancier.not_finite": lambda time, _: ~time.is_finite(),
    "distancier.negative_value": lambda time, _: time < 0,
}
