"""The extraction of the health insurance's payments, and the register of professionals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .writing import write_csv, write_parts

Ints = NDArray[np.int64]

YEAR = 2022
FEWEST_ROWS, MOST_ROWS = 9, 18
SHARE_CORRECTED = 0.03
ONE_STRANGER_PER = 500
OLDEST_PATIENT = 104
PROFESSION = "Masseur-kinésithérapeute"
PRACTICE_MODE = "Libéral intégral"
REGISTER_COLUMNS = {
    "register_id": "IDENTIFIANT_PS",
    "birth_date": "DATE_NAISSANCE",
    "installation_date": "DATE_INSTALLATION",
    "practice_commune": "COMMUNE_CABINET",
    "practice_mode": "Mode d'exercice libellé",
}
REGISTER_KEEP = {"profession": PROFESSION, "practice_mode": PRACTICE_MODE}


@dataclass(frozen=True)
class Activity:
    """Payments and register, and the tidy tables that an exact reader makes of them.

    Attributes
    ----------
    payments : practitioner_id, commune, month (202201 ...), age, acts, fees (EUR).
    register : one row per practitioner and practice, of columns and values that need
        `REGISTER_COLUMNS` and `REGISTER_KEEP`.
    practitioners, consumption : as in `schemas`.
    """

    payments: pl.DataFrame
    register: pl.DataFrame
    practitioners: pl.DataFrame
    consumption: pl.DataFrame


@dataclass(frozen=True)
class _Rows:
    owner: Ints
    month: Ints
    age: Ints
    acts: Ints
    cents: Ints

    def keep(self, chosen: NDArray[np.bool_] | Ints) -> _Rows:
        return _Rows(*(column[chosen] for column in vars(self).values()))


def draw_activity(
    practitioners: pl.DataFrame,
    consumption: pl.DataFrame,
    rng: np.random.Generator,
    *,
    with_strangers: bool,
) -> Activity:
    """Split every practice's year into payments that sum to it, to the act and the cent.

    Corrections come on top: a wrong bill and the row that takes it back. Ages of patients follow
    the sample's consumption; the tidy consumption is the sum by band over *all* rows.

    With strangers there are payments to practitioners who are not in the register, and
    practitioners in the register without a payment. Neither are practitioners of the tidy table,
    but what was paid to the former counts as consumed.
    """
    tidy = practitioners.select(
        "practitioner_id",
        "commune",
        pl.col("age").cast(pl.Int64),
        pl.col("acts").round().cast(pl.Float64),
        (pl.col("fees") * 100).round().cast(pl.Int64).alias("cents"),
        "newly_installed",
    ).sort("practitioner_id", "commune")
    strangers = _strangers(tidy, rng, "S") if with_strangers else tidy.clear()
    idle = _strangers(tidy, rng, "R") if with_strangers else tidy.clear()
    practices = pl.concat([tidy, strangers])
    rows = _split(practices, rng)
    rows = _with_corrections(_aged(rows, consumption, rng), rng)
    rows = rows.keep(np.argsort(rng.random(len(rows.owner)), kind="stable"))
    return Activity(
        payments=_payments(practices, rows),
        register=_register(pl.concat([tidy, idle]), rng),
        practitioners=tidy.select(
            "practitioner_id",
            "commune",
            "age",
            "acts",
            (pl.col("cents") / 100).alias("fees"),
            "newly_installed",
        ),
        consumption=_consumed(rows, consumption["age_band"].to_list()),
    )


def _strangers(tidy: pl.DataFrame, rng: np.random.Generator, letter: str) -> pl.DataFrame:
    """Some practices under other names, none newly installed."""
    count = max(3, tidy.height // ONE_STRANGER_PER)
    chosen = tidy[rng.integers(0, tidy.height, count)]
    names = [f"{letter}{number:06d}" for number in range(1, count + 1)]
    return chosen.with_columns(
        pl.Series("practitioner_id", names), pl.lit(False).alias("newly_installed")
    )


def split_whole(totals: Ints, group: Ints, weights: NDArray[np.float64]) -> Ints:
    """Split whole totals over the rows of each group (rows in order of group) by weight."""
    running = np.cumsum(weights)
    last = np.flatnonzero(np.diff(group, append=-1))
    below = np.concatenate([[0.0], running[last[:-1]]])
    share = (running - below[group]) / (running[last] - below)[group]
    upto = np.floor(share * totals[group]).astype(np.int64)
    upto[last] = totals
    before = np.concatenate([[0], upto[:-1]])
    before[np.concatenate([[0], last[:-1] + 1])] = 0
    parts: Ints = upto - before
    return parts


def _split(practices: pl.DataFrame, rng: np.random.Generator) -> _Rows:
    acts = practices["acts"].cast(pl.Int64).to_numpy()
    cents = practices["cents"].to_numpy()
    wanted = rng.integers(FEWEST_ROWS, MOST_ROWS + 1, len(acts))
    count = np.clip(acts, 1, wanted)
    owner = np.repeat(np.arange(len(acts)), count)
    size = len(owner)
    part = split_whole(acts, owner, 0.2 + rng.random(size))
    idle = acts[owner] == 0
    weights = np.where(idle, 1.0, part) * (0.9 + 0.2 * rng.random(size))
    paid = split_whole(cents, owner, weights)
    rows = _Rows(owner, rng.integers(1, 13, size), np.zeros(size, np.int64), part, paid)
    return rows.keep((part > 0) | (paid != 0) | idle)


def _aged(rows: _Rows, consumption: pl.DataFrame, rng: np.random.Generator) -> _Rows:
    """Give each payment a patient's age: the band by what it consumes, the year at random."""
    share = consumption["fees"].cast(pl.Float64).to_numpy()
    starts = np.append(_starts(consumption["age_band"].to_list()), OLDEST_PATIENT + 1)
    band = np.searchsorted(np.cumsum(share) / share.sum(), rng.random(len(rows.owner)), "right")
    width = np.diff(starts)[band]
    age = starts[band] + np.floor(rng.random(len(band)) * width).astype(np.int64)
    return _Rows(rows.owner, rows.month, age, rows.acts, rows.cents)


def _starts(bands: list[str]) -> Ints:
    return np.array([int(band.rstrip("+").split("-")[0]) for band in bands])


def _with_corrections(rows: _Rows, rng: np.random.Generator) -> _Rows:
    """Add wrong bills, each with the equal negative row, of that month or a later one."""
    chosen = np.flatnonzero(rng.random(len(rows.owner)) < SHARE_CORRECTED)
    wrong = rows.keep(chosen)
    acts = rng.integers(1, 30, len(chosen))
    cents = acts * rng.integers(1_700, 2_000, len(chosen))
    later = rng.integers(wrong.month, 13)
    billed = _Rows(wrong.owner, wrong.month, wrong.age, acts, cents)
    taken_back = _Rows(wrong.owner, later, wrong.age, -acts, -cents)
    columns = zip(*(vars(part).values() for part in (rows, billed, taken_back)), strict=True)
    return _Rows(*(np.concatenate(column) for column in columns))


def _payments(practices: pl.DataFrame, rows: _Rows) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "practitioner_id": practices["practitioner_id"].gather(rows.owner),
            "commune": practices["commune"].gather(rows.owner),
            "month": pl.Series(YEAR * 100 + rows.month, dtype=pl.Int32),
            "age": pl.Series(rows.age, dtype=pl.Int16),
            "acts": pl.Series(rows.acts, dtype=pl.Int32),
            "fees": rows.cents / 100,
        }
    )


def _consumed(rows: _Rows, bands: list[str]) -> pl.DataFrame:
    """Sum cents by band: whole numbers, so the order of the rows is of no matter."""
    sums = np.zeros(len(bands), np.int64)
    np.add.at(sums, np.searchsorted(_starts(bands), rows.age, "right") - 1, rows.cents)
    return pl.DataFrame({"age_band": bands, "fees": sums / 100})


def _register(practices: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """One row per practice; the dates are those of the practitioner, the same in all of them."""
    people = practices.unique("practitioner_id", keep="first", maintain_order=True)
    born, settled = [], []
    for age, new in people.select("age", "newly_installed").iter_rows():
        year = YEAR - age
        born.append(date(year, 1, 1) + timedelta(days=_day_of(year, rng)))
        first = YEAR if new else min(max(year + 22, 1975), YEAR - 1)
        start = first if new else int(rng.integers(first, YEAR))
        settled.append(date(start, 1, 1) + timedelta(days=_day_of(start, rng)))
    dates = people.select("practitioner_id").with_columns(
        pl.Series("DATE_NAISSANCE", born).dt.strftime("%Y-%m-%d"),
        pl.Series("DATE_INSTALLATION", settled).dt.strftime("%Y-%m-%d"),
    )
    rows = practices.join(dates, on="practitioner_id", how="left", maintain_order="left")
    return rows.select(
        pl.col("practitioner_id").alias("IDENTIFIANT_PS"),
        pl.lit(PROFESSION).alias("PROFESSION"),
        pl.lit(PRACTICE_MODE).alias("Mode d'exercice libellé"),
        "DATE_NAISSANCE",
        "DATE_INSTALLATION",
        pl.lit("Secteur 1 – conventionné").alias("Convention à l'année"),
        pl.col("commune").alias("COMMUNE_CABINET"),
    )


def _day_of(year: int, rng: np.random.Generator) -> int:
    """A day of the year; its first and its last come often, for they are where ages turn."""
    length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    pick = int(rng.integers(-20, length + 20))
    return min(max(pick, 0), length - 1)


def write_payments(folder: Path, payments: pl.DataFrame, suffix: str) -> Path:
    """Write one part a month: `.parquet`, or `.csv.gz` with decimal commas."""
    folder.mkdir()
    months = payments.partition_by("month", as_dict=True, maintain_order=True)
    write_parts(
        ((folder / f"prestations_{key[0]}{suffix}", months[key]) for key in sorted(months)),
        commas=True,
    )
    return folder


def write_register(path: Path, register: pl.DataFrame) -> Path:
    """Write the register, `;` between columns, in Windows-1252."""
    write_csv(path, register, encoding="cp1252")
    return path
