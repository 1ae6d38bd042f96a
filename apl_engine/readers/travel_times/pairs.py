"""The pairs of a travel-time matrix: codes repaired or dropped, each pair once, in one order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from ...errors import Fault, InputDataError, Note
from ...inputs.describe import TRIED
from ...inputs.travel_times import NOT_COMPUTED, PAIR, PairCodes, no_time
from ...quoting import FEW, are_labels, quotable
from .layout import OpenedFile, Roles
from .scan import Scan, pair_key, scan_columns

_SHOWN = 3


@dataclass
class CodeRepairs:
    """What became of pairs whose codes are not among the known ones.

    Attributes
    ----------
    pairs : list of pl.DataFrame
        Pairs whose codes were repaired: origin, destination, minutes.
    faults : list of Fault
        Codes that are none.
    codes : PairCodes
        What was repaired or dropped.
    """

    pairs: list[pl.DataFrame] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    codes: PairCodes = field(default_factory=lambda: PairCodes("distancier"))

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
        pairs, invalid = self.codes.add(pl.concat(scan.unmatched), known)
        self.pairs.append(pairs)
        for name, rows in invalid.items():
            blank = rows.select(no_time(pl.col(name)).fill_null(True)).to_series()
            for kind, of_kind in (("no_value", blank), ("not_a_commune_code", ~blank)):
                if of_kind.any():
                    codes = rows.filter(of_kind)[name]
                    self.faults.append(_invalid_codes(file, roles, kind, name, codes))


def _invalid_codes(
    file: OpenedFile, roles: Roles, kind: str, name: str, invalid: pl.Series
) -> Fault:
    distinct = invalid.drop_nulls().unique().sort()
    foreign = len(distinct) > FEW and not are_labels(len(distinct), len(invalid))
    texts = [text for text in distinct.head(TRIED) if text.strip()]
    shown = quotable(texts, "commune", foreign=foreign)[:_SHOWN]
    if any(text.count('"') % 2 for text in shown):
        kind = "quotation_in_code"
    column, rows = (file.names[0] if name == "origin" else None), ()
    if not file.is_square:
        column = file.names[getattr(roles, name)]
        same = pl.col(name).is_in(invalid.unique().implode(), nulls_equal=True)
        found = scan_columns(file, roles, as_text=True, row="row").filter(same)
        rows = tuple(found.select("row").head(_SHOWN).collect()["row"])
    code, count = f"distancier.{kind}", len(invalid)
    fault = file.fault(code, column, count=count, rows=rows, values=shown)
    return replace(fault, withheld=not shown and bool(texts))


def deduplicate(
    table: pl.DataFrame, repeats: Sequence[pl.DataFrame] = ()
) -> tuple[pl.DataFrame, list[Note]]:
    """Sort pairs by their codes, and keep each once.

    Parameters
    ----------
    table : pl.DataFrame
        origin, destination (one sorted Enum), minutes.
    repeats : sequence of pl.DataFrame
        Rows already left out, see `Scan.repeats`.

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
    if not twice.any() and not repeats:
        return table, []
    table = table.with_columns(key).sort("key", "minutes").drop("key")
    differs = twice & (table["minutes"] != table["minutes"].shift()).fill_null(False)
    if differs.any():
        before = table.with_columns(before=pl.col("minutes").shift()).filter(differs).head(_SHOWN)
        values = (f"{o}-{d}: {b:g}, {m:g}" for o, d, m, b in before.iter_rows())
        code, count = "distancier.conflicting_pairs", int(differs.sum())
        raise InputDataError(Fault(code, "distancier", count=count, values=tuple(values)))
    found, categories = [table.filter(twice).select(PAIR).head(_SHOWN)], table.schema["origin"]
    codes = pl.col(PAIR).cast(categories)
    found += [each.select(codes).sort(PAIR).head(_SHOWN) for each in repeats]
    shown = tuple(f"{o}-{d}" for o, d in pl.concat(found).sort(PAIR).head(_SHOWN).iter_rows())
    count = int(twice.sum()) + sum(int(each["more"].sum()) for each in repeats)
    notes = [Note("distancier.repeated_pairs", count, shown)] if count else []
    return table.filter(~twice), notes


def invalid_times(file: OpenedFile, roles: Roles) -> list[Fault]:
    """Find the rows without a valid time, in a second reading of a file.

    Parameters
    ----------
    file : OpenedFile
    roles : Roles

    Returns
    -------
    list of Fault
        By kind: not a number, infinite, negative.
    """
    scan = scan_columns(file, roles, as_text=True, row="row")
    wrong = {}
    for k in range(len(roles.times)):
        time = pl.col(f"time_{k}")
        for code, test in INVALID.items():
            wrong[code, k] = test(time)
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


#: What a time may not be, if it is there.
INVALID: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "distancier.not_a_number": lambda time: time.is_null(),
    "distancier.infinite": lambda time: time.is_infinite(),
    "distancier.negative_value": lambda time: (
        (time < 0) & (time != NOT_COMPUTED) & time.is_finite()
    ),
}
