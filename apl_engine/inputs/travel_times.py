"""The rows of a travel-time matrix: which count, whichever way and in whichever layout they come.

A pair without a time was not computed. Codes that are certainly miswritten are repaired, pairs of a
few unknown communes dropped, and a pair on several rows is kept once. Codes and repeated pairs
matter among pairs within reach and times of communes to themselves; other rows change no figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

from ..errors import Fault, Note, first
from ..methodology.model import Travel
from ..quoting import FEW, are_labels, is_of_most, quotable
from ..schemas import COMMUNE_CODE, TRAVEL_TIMES
from .describe import NO_VALUE, TRIED, describe
from .overseas import is_overseas
from .tables import EXAMPLES, Source, rows_fault

PAIR = ("origin", "destination")
# What METRIC writes for a pair that it did not compute.
NOT_COMPUTED = -999_999
# Above this share of the pairs within reach, unknown codes mean another geography, and times of 0
# pairs that were not computed, if they are so many or all.
_FEW_UNKNOWN, _FEW_ZEROS, _MANY_ZEROS, _ALL_ZEROS = 0.01, 0.01, 50, 6


@dataclass(frozen=True)
class Limit:
    """The longest time within reach.

    Attributes
    ----------
    minutes : float
    included : bool
        Whether this time itself is within reach.
    """

    minutes: float
    included: bool

    @classmethod
    def of(cls, rules: Travel) -> Limit:
        """Return the end of the last step."""
        return cls(float(rules.steps[-1].to), rules.steps[-1].included)

    def within(self, time: pl.Expr) -> pl.Expr:
        """Return whether times are within reach."""
        closed: Literal["both", "left"] = "both" if self.included else "left"
        return time.is_between(0.0, self.minutes, closed=closed)


def no_time(text: pl.Expr) -> pl.Expr:
    """Return whether a cell of text says that there is no time: empty, NaN, NA, null, None."""
    return text.is_null() | text.str.strip_chars(' "\t\r').str.to_lowercase().is_in(NO_VALUE)


def repaired_code(name: str) -> pl.Expr:
    """Repair a code if that is certain: a lost first zero, 1001.0, lower case, spaces."""
    text = pl.col(name).str.strip_chars().str.replace(r'^"(.*)"$', "$1").str.strip_chars()
    text = text.str.replace(r"\.0$", "").str.to_uppercase()
    return text.str.replace(r"^([1-9]\d{3})$", "0$1")


@dataclass
class PairCodes:
    """The codes of some pairs that are not among the communes as they stand.

    Attributes
    ----------
    subject : str
        Of the notes and faults: the table, or the matrix that it is made from.
    repaired, unknown : Counter of str
        How often each code was repaired, or is of no known commune.
    dropped, overseas : int
        Pairs dropped because of an unknown code; pairs of overseas collectivities.
    """

    subject: str
    repaired: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    overseas: int = 0

    def add(
        self, rows: pl.DataFrame, known: pl.Enum | None
    ) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
        """Repair codes, and count those of no known commune.

        Parameters
        ----------
        rows : pl.DataFrame
            origin, destination as text, and other columns.
        known : pl.Enum or None
            The commune codes; None accepts all.

        Returns
        -------
        pl.DataFrame
            The rows of known communes, codes as Enum or text.
        dict of str to pl.DataFrame
            By column, the rows whose code is none.
        """
        dtype = pl.String if known is None else known
        if rows.is_empty():
            # Of millions of codes, Polars makes a table of seconds for the first cast.
            schema = {**rows.schema, **dict.fromkeys(PAIR, dtype)}
            return pl.DataFrame(schema=schema), dict.fromkeys(PAIR, rows)
        code = {name: pl.col(f"{name}_code") for name in PAIR}
        pattern = COMMUNE_CODE if known is None or _are_of_communes(known) else r"\S"
        rows = rows.with_columns(
            repaired_code(name).fill_null("").alias(f"{name}_code") for name in PAIR
        )
        valid = {name: code[name].str.contains(pattern) for name in PAIR}
        invalid = {name: rows.filter(~valid[name]).select(rows.columns[:-2]) for name in PAIR}
        rows = rows.filter(pl.all_horizontal(valid.values()))
        if known is not None:
            rows = self._without_overseas(rows, known)
            codes, height = known.categories.implode(), rows.height
            for name in PAIR:
                self.unknown.update(_counts(rows.filter(~code[name].is_in(codes))[name]))
            rows = rows.filter(pl.all_horizontal(code[name].is_in(codes) for name in PAIR))
            self.dropped += height - rows.height
        for name in PAIR:
            self.repaired.update(_counts(rows.filter(pl.col(name) != code[name])[name]))
        typed = rows.with_columns(code[name].cast(dtype).alias(name) for name in PAIR)
        return typed.drop(f"{name}_code" for name in PAIR), invalid

    def _without_overseas(self, rows: pl.DataFrame, known: pl.Enum) -> pl.DataFrame:
        """Set pairs of overseas collectivities aside, which no table of communes has."""
        names, codes = [f"{name}_code" for name in PAIR], known.categories.implode()
        unknown = (~pl.col(name).is_in(codes) & is_overseas(pl.col(name)) for name in names)
        covered = rows.filter(~pl.any_horizontal(unknown))
        self.overseas += rows.height - covered.height
        return covered

    def merge(self, other: PairCodes) -> None:
        """Count what other pairs have."""
        self.repaired += other.repaired
        self.unknown += other.unknown
        self.dropped += other.dropped
        self.overseas += other.overseas

    def notes(self) -> list[Note]:
        """Return notes on repaired codes and dropped pairs."""
        aside = {"table": self.subject, "amount": ""}
        code = f"{self.subject}.overseas_collectivities"
        overseas = Note(code, self.overseas, warning=True, details=aside)
        # The codes of communes stand in many rows each, identifiers of persons do not.
        distinct, total = len(self.repaired), self.repaired.total()
        withheld = distinct > FEW and not are_labels(distinct, total)
        shown = () if withheld else first(sorted(self.repaired))
        code = f"{self.subject}.codes_repaired"
        notes = [overseas, Note(code, total, shown, warning=True, withheld=withheld)]
        code, details = f"{self.subject}.unknown_communes", {"pairs": self.dropped}
        shown = first(sorted(self.unknown))
        notes.append(Note(code, len(self.unknown), shown, warning=True, details=details))
        return [note for note in notes if note.count]

    def too_many_unknown(self, within: int) -> list[Fault]:
        """Return the fault of more unknown communes than a merger or two explains.

        Parameters
        ----------
        within : int
            Number of pairs that count, dropped ones included.
        """
        if self.dropped <= _FEW_UNKNOWN * within:
            return []
        details = {"codes": len(self.unknown), "pairs": self.dropped, "within": within}
        code = f"{self.subject}.unknown_communes"
        # Where most codes are unknown, they may be those of persons.
        foreign = is_of_most(self.dropped, within)
        values = () if foreign else first(sorted(self.unknown))
        return [Fault(code, self.subject, values=values, withheld=foreign, details=details)]


def _are_of_communes(known: pl.Enum) -> bool:
    """Return whether known codes are those of communes, not of squares or the like."""
    return bool(known.categories.str.contains(COMMUNE_CODE).all())


def _counts(values: pl.Series) -> dict[str, int]:
    return dict(values.value_counts().iter_rows())


@dataclass
class TablePairs:
    """What becomes of the rows of a table of travel times of which some are in doubt.

    Attributes
    ----------
    limit : Limit or None
        None counts all rows.
    codes : PairCodes
    not_computed, rows, beyond : int
        Rows without a time; rows that count; others, dropped because of their codes.
    """

    limit: Limit | None
    codes: PairCodes = field(default_factory=lambda: PairCodes(TRAVEL_TIMES.name))
    not_computed: int = 0
    rows: int = 0
    beyond: int = 0

    def add(
        self, data: pl.DataFrame, source: Source, known: pl.Enum | None
    ) -> tuple[pl.DataFrame, list[Fault]]:
        """Return the rows that count, or may count, and the faults of the others.

        Parameters
        ----------
        data : pl.DataFrame
            The table as read, null where a value could not be.
        source : Source
            The same rows, for their original text.
        known : pl.Enum or None
            The commune codes; None accepts all.
        """
        given = source.frame.select(pl.col(TRAVEL_TIMES.names).cast(pl.String)).collect()
        absent = given.select(no_time(pl.col("minutes"))).to_series()
        blank = absent & given.select(pl.all_horizontal(map(_is_blank, PAIR))).to_series()
        absent |= (data["minutes"] == NOT_COMPUTED).fill_null(False)
        self.not_computed += int((absent & ~blank).sum())
        time, text = (
            frame.select(pl.when(~absent).then("minutes").otherwise(zero)).to_series()
            for frame, zero in ((data, pl.lit(0.0)), (given, pl.lit("0")))
        )
        column = TRAVEL_TIMES["minutes"]
        of_times = describe(TRAVEL_TIMES, column, source, time, None, given=text)
        usable = ~absent & (time.is_finite() & (time >= 0)).fill_null(False)
        rows = data.with_columns(time).with_row_index("row").filter(usable)
        matched = pl.all_horizontal(map(_is_matched if known else _is_code, PAIR))
        sound, doubtful = rows.filter(matched), rows.filter(~matched)
        self.rows += sound.select(self._counts(*map(pl.col, PAIR)).sum()).item()
        of_codes: list[Fault] = []
        if doubtful.height:
            doubtful = doubtful.drop(PAIR).with_columns(given.select(PAIR)[doubtful["row"]])
            repaired, of_codes = self._repair(doubtful, known)
            sound = pl.concat([sound, repaired.select(sound.columns)]).sort("row")
        return sound.drop("row"), of_codes + of_times

    def _repair(
        self, doubtful: pl.DataFrame, known: pl.Enum | None
    ) -> tuple[pl.DataFrame, list[Fault]]:
        counts = doubtful.select(self._counts(*map(pl.col, PAIR))).to_series()
        counted, others = doubtful.filter(counts), doubtful.filter(~counts)
        self.rows += counted.height
        repaired, invalid = self.codes.add(counted, known)
        codes = PairCodes(self.codes.subject)
        beyond, _ = codes.add(others, known)
        self.codes.overseas += codes.overseas
        # A commune to itself, but for the writing of its code.
        beyond = beyond.filter(pl.col(PAIR[0]) != pl.col(PAIR[1]))
        self.beyond += others.height - beyond.height - codes.overseas
        faults = [
            fault
            for name, wrong in invalid.items()
            for fault in _invalid_codes(name, wrong, self.rows)
        ]
        return pl.concat([repaired, beyond]), faults

    def _counts(self, origin: pl.Expr, destination: pl.Expr) -> pl.Expr:
        """Return whether a pair is within reach, or of a commune and itself."""
        if self.limit is None:
            return pl.lit(True)
        own = (origin == destination).fill_null(False)
        return self.limit.within(pl.col("minutes")) | own

    def merge(self, other: TablePairs) -> None:
        """Count what other rows have."""
        self.codes.merge(other.codes)
        self.not_computed += other.not_computed
        self.rows += other.rows
        self.beyond += other.beyond

    def faults(self) -> list[Fault]:
        """Return the faults of the table as a whole."""
        return self.codes.too_many_unknown(self.rows)

    def notes(self) -> list[Note]:
        """Return notes on what was dropped or repaired."""
        counts = {"not_computed": self.not_computed, "unmatched_beyond_reach": self.beyond}
        dropped = [Note(f"{TRAVEL_TIMES.name}.{kind}", n) for kind, n in counts.items() if n]
        return [*dropped, *self.codes.notes()]


def _is_matched(name: str) -> pl.Expr:
    return pl.col(name).is_not_null()


def _is_code(name: str) -> pl.Expr:
    return pl.col(name).str.contains(COMMUNE_CODE).fill_null(False)


def _is_blank(name: str) -> pl.Expr:
    return pl.col(name).is_null() | (pl.col(name).str.strip_chars() == "")


def _invalid_codes(name: str, wrong: pl.DataFrame, of: int) -> Iterator[Fault]:
    """Yield the faults of the codes of a column of so many rows that are none, by kind."""
    blank = wrong.select(no_time(pl.col(name))).to_series()
    for kind, of_kind in (("no_value", blank), ("not_a_commune_code", ~blank)):
        if (rows := wrong.filter(of_kind)).height:
            shown = rows[name].drop_nulls().unique(maintain_order=True).head(TRIED).to_list()
            shown = [value for value in shown if value.strip()]
            foreign = is_of_most(rows.height, of)
            values = quotable(shown, "commune", foreign=foreign)
            fault = rows_fault(TRAVEL_TIMES.name, kind, name, rows["row"], tuple(values[:EXAMPLES]))
            yield replace(fault, withheld=len(values) < len(shown))


def keep_once(
    data: pl.DataFrame, limit: Limit | None, numbers: pl.Series | None = None
) -> tuple[pl.DataFrame, list[Fault], list[Note]]:
    """Keep each pair once.

    Parameters
    ----------
    data : pl.DataFrame
        origin, destination, minutes; codes as Enum or text.
    limit : Limit or None
        None counts all rows.
    numbers : pl.Series, optional
        The number of each row in its table, for faults, if others were left out.

    Returns
    -------
    pl.DataFrame, list of Fault, list of Note
        Of times of which at most one is within reach, the shortest is kept; several that differ are
        a fault.
    """
    codes = data.select(PAIR)
    if isinstance(codes.schema["origin"], pl.Enum):
        # With NumPy, which is needed in doubt only.
        from .pairs import are_distinct

        if are_distinct(codes):
            return data, [], []
    several = data.select(*PAIR, "minutes").with_row_index("row")
    several = several.filter(pl.struct(PAIR).is_duplicated())
    if several.is_empty():
        return data, [], []
    several = several.sort(*PAIR, "minutes", "row")
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in PAIR)
    counts = (
        pl.lit(True)
        if limit is None
        else limit.within(pl.col("minutes")) | (pl.col(PAIR[0]) == pl.col(PAIR[1]))
    )
    other = pl.col("minutes").shift()
    repeats = several.with_columns(before=other, again=same.fill_null(False), counts=counts)
    repeats = repeats.filter("again")
    differ = repeats.filter(pl.col("counts") & (pl.col("minutes") != pl.col("before")))
    if differ.height:
        shown = differ.head(EXAMPLES).select(*PAIR, "before", "minutes").iter_rows()
        values = tuple(f"{o}-{d}: {b:g}, {m:g}" for o, d, b, m in shown)
        rows = (differ["row"] if numbers is None else numbers.gather(differ["row"])).sort()
        return data, [rows_fault(TRAVEL_TIMES.name, "conflicting_pairs", None, rows, values)], []
    note = Note(f"{TRAVEL_TIMES.name}.repeated_pairs", repeats.height, _shown(repeats))
    kept = data.with_row_index("row").join(repeats, on="row", how="anti", maintain_order="left")
    return kept.drop("row"), [], [note]


def _shown(pairs: pl.DataFrame) -> tuple[str, ...]:
    return tuple(f"{o}-{d}" for o, d in pairs.select(PAIR).head(EXAMPLES).iter_rows())


def check_times(subject: str, table: pl.DataFrame, limit: Limit) -> tuple[list[Fault], list[Note]]:
    """Check that some pair of a table is within reach, and that few of them take no time.

    Parameters
    ----------
    subject : str
        Of the faults and notes.
    table : pl.DataFrame
        origin, destination, minutes.
    limit : Limit
        The longest time within reach.

    Returns
    -------
    list of Fault, list of Note
    """
    apart, within = pl.col(PAIR[0]) != pl.col(PAIR[1]), limit.within(pl.col("minutes"))
    if not table.select(limit.within(pl.col("minutes").min()).fill_null(False)).item():
        own = table.select((~apart).any()).item()
        return [] if own else [none_within(subject, limit)], []
    zeros = table.select(PAIR)[(table["minutes"] == 0).arg_true()].filter(apart)
    pairs = int(table.select((apart & within).sum()).item()) if zeros.height else 0
    return check_zero_times(subject, zeros.height, shown_pairs(zeros), pairs)


def none_within(subject: str, limit: Limit) -> Fault:
    """Return the fault of a table without a pair within reach, or of a commune and itself."""
    return Fault(f"{subject}.none_within", subject, details={"minutes": limit.minutes})


def shown_pairs(rows: pl.DataFrame) -> tuple[str, ...]:
    """Return the first pairs of some rows, sorted by code."""
    return _shown(rows.select(pl.col(PAIR).cast(pl.String)).sort(PAIR))


def check_zero_times(
    subject: str, number: int, shown: tuple[str, ...], pairs: int
) -> tuple[list[Fault], list[Note]]:
    """Check the number of pairs of different communes that take no time.

    Parameters
    ----------
    subject : str
        Of the fault or note.
    number : int
        How many these are.
    shown : tuple of str
        The first of them.
    pairs : int
        Number of pairs of different communes within reach.

    Returns
    -------
    list of Fault, list of Note
        A fault if they are many, or all: they stand for pairs that were not computed.
    """
    enough = number >= _MANY_ZEROS or number == pairs >= _ALL_ZEROS
    if enough and number > _FEW_ZEROS * pairs:
        details = {"pairs": pairs, "zeros": number}
        return [Fault(f"{subject}.zero_times", subject, values=shown, details=details)], []
    note = Note(f"{subject}.zero_times", number, shown, warning=True)
    return [], [note] if number else []
