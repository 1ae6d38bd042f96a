"""Identifiers and birth dates in any column of any file: no message quotes them.

Every column of every table and file is replaced in turn by identifiers of many forms and by birth
dates, and whole rows stand in place of headers. What a user sees, and what a program can log, is
searched for them. ``APL_ENGINE_SWAPS=all`` tries every column with every form, by every door.
"""

from __future__ import annotations

import csv
import hashlib
import json
import logging
import os
import random
import re
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.publishers import miniatures
from support.tables import frames, methodology, small_world

from apl_engine import AplError, read_inputs, run
from apl_engine.imports import import_files
from apl_engine.inputs.contracts import read_contracts
from apl_engine.inputs.scenarios import read_scenarios
from apl_engine.readers.coordinates import read_coordinates
from apl_engine.readers.insee.geography import read_movements, read_passage, read_urban_units

RULES = methodology()
ALL = os.environ.get("APL_ENGINE_SWAPS") == "all"
DRAWN = 20

Form = Callable[[int], Any]
# What may identify a person, by the number of a row.
FORMS: dict[str, Form] = {
    "RPPS": lambda k: f"810{k:03d}56789",
    "ADELI": lambda k: f"4470{k:03d}23",
    "SIRET": lambda k: f"81{k:03d}678900017",
    "social security": lambda k: f"1 71 05 44 {k:03d} 017 22",
    "prefixed": lambda k: f"PRA-{k:03d}731",
    "pseudonym": lambda k: hashlib.sha256(str(k).encode()).hexdigest()[:16],
    "name": lambda k: "DUPONT" + "".join(chr(65 + int(digit)) for digit in f"{k:03d}"),
    "short number": lambda k: str(7301 + k),
    "day": lambda k: f"19{60 + k % 30}-05-{k % 28 + 1:02d}",
    "French day": lambda k: f"{k % 28 + 1:02d}/05/19{60 + k % 30}",
    "short day": lambda k: f"{k % 28 + 1:02d}/05/{60 + k % 30}",
    "compact day": lambda k: f"19{60 + k % 30}05{k % 28 + 1:02d}",
    "day in words": lambda k: f"{k % 28 + 1} mai 19{60 + k % 30}",
    "moment": lambda k: f"19{60 + k % 30}-05-{k % 28 + 1:02d} 00:00:00",
    "serial": lambda k: str(20731 + k),
}
# The same, of types that a Parquet file has.
TYPED: dict[str, Form] = {
    "RPPS as integer": lambda k: 81000056789 + k * 100000,
    "RPPS as float": lambda k: 81000056789.0 + k * 100000,
    "date": lambda k: date(1960 + k % 30, 5, k % 28 + 1),
    "datetime": lambda k: datetime(1960 + k % 30, 5, k % 28 + 1),
}


@cache
def inputs() -> dict[str, pl.DataFrame]:
    """Return tables of a run with every column that they may have."""
    tables = frames(small_world())
    tables["communes"] = tables["communes"].with_columns(
        departement=pl.col("commune").str.head(2), territory_kind=pl.lit("bassin de vie"),
        population=pl.lit(500.0), lat=pl.lit(46.5), lon=pl.lit(5.5),
    )  # fmt: skip
    return tables


def marked(frame: pl.DataFrame, column: str, form: Form) -> pl.DataFrame:
    values = pl.Series(column, [form(k) for k in range(frame.height)])
    return frame.with_columns(values)


@cache
def patterns(form: Form) -> re.Pattern[str]:
    """Return what stands for a marker in a text: in whole, or its digits alone."""
    texts = {str(form(k)) for k in range(300)}
    texts |= {text.removesuffix(" 00:00:00").removesuffix(".0") for text in texts}
    # An identifier may be written in groups, or with a power of ten.
    texts |= {f"{text[0]}.{text[1:]}" for text in texts if len(text) == 11 and text.isdigit()}
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(texts))) + r")(?!\w)")


def seen(action: Callable[[], Any], log: pytest.LogCaptureFixture) -> str:
    """Return all that a user or a program can see of an action."""
    log.clear()
    parts: list[str] = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            done = action()
        except AplError as error:
            parts += traceback.format_exception(error)
            parts += map(str, error.faults)
            parts.append(repr(error))
            parts.append(json.dumps([fault.as_dict() for fault in error.faults], default=str))
            chain: BaseException | None = error.__context__
            while chain is not None:
                parts.append(repr(chain))
                chain = chain.__context__
        else:
            notes = getattr(done, "notes", ())
            parts += [f"{note} {note.as_dict()!r}" for note in notes]
            parts.append(str(getattr(done, "recognised", "")))
            if isinstance(done, str):
                parts.append(done)
    parts += [str(each.message) for each in warned]
    parts += [f"{record.getMessage()} {record.args!r}" for record in log.records]
    return "\n".join(parts)


# What it is, what to try, and the markers in it.
Case = tuple[str, Callable[[], Any], Form]


def read_with(table: str, given: object, columns: dict[str, str] | None = None) -> Any:
    """Read tables of which one is another; run on it if its faults would show in a result."""
    tables = {**inputs(), table: given}
    if table == "communes" and columns is None:
        return run(tables, RULES)
    return read_inputs(tables, RULES, columns=columns)


def read_swapped(table: str, column: str, form: Form, door: str, folder: Path) -> Any:
    frame = marked(inputs()[table], column, form)
    if door == "memory":
        return read_with(table, frame)
    path = folder / f"{table}.{door}"
    (frame.write_csv if door == "csv" else frame.write_parquet)(path)
    return read_with(table, path)


def cases_of_inputs(folder: Path) -> Iterator[Case]:
    """Yield a run on each table with one column replaced, in memory and from files."""
    for table, frame in inputs().items():
        for column, (name, form) in product(frame.columns, (FORMS | TYPED).items()):
            for door in ("memory", "parquet", "csv")[: 2 if name in TYPED else 3]:
                label = f"{table}.{column}: {name}, {door}"
                yield label, partial(read_swapped, table, column, form, door, folder), form


def people(form: Form) -> pl.DataFrame:
    return marked(inputs()["practitioners"], "practitioner_id", form)


def read_named(table: str, column: str, form: Form, folder: Path) -> Any:
    path = folder / f"{table}.csv"
    people(form).rename({"practitioner_id": "ps"}).write_csv(path)
    return read_with(table, path, {f"{table}.{column}": "ps"})


def cases_of_names(folder: Path) -> Iterator[Case]:
    """Yield a run on practitioners in place of each table, identifiers named as each column."""
    for table, frame in inputs().items():
        for column, (name, form) in product(frame.columns, FORMS.items()):
            yield (
                f"{table}.{column} = ps: {name}",
                partial(read_named, table, column, form, folder),
                form,
            )


def read_without_header(table: str, form: Form, separator: str, folder: Path) -> Any:
    path = folder / f"{table}.csv"
    people(form).write_csv(path, include_header=False, separator=separator)
    # Cut within the last row, too.
    path.write_text(path.read_text()[:-4])
    return read_with(table, path)


def cases_without_header(folder: Path) -> Iterator[Case]:
    """Yield a run on practitioners without a header in place of each table."""
    for table, (name, form), separator in product(inputs(), FORMS.items(), ",;|:"):
        action = partial(read_without_header, table, form, separator, folder)
        yield f"{table} without a header, {separator}: {name}", action, form


def _activity(path: Path, other: Path, *, register: bool) -> Any:
    one, two = (other, path) if register else (path, other)
    return import_files("activity", [one], RULES, register=two)


@cache
def publishers(folder: Path) -> dict[str, tuple[list[list[str]], Callable[[Path], Any]]]:
    """Return the rows of a small file of each publisher, and what reads it."""
    miniatures.write_appartenance_csv(folder)
    miniatures.write_legal_populations(folder)
    for name, write in (
        ("apl", miniatures.write_drees_2021), ("bvcv", miniatures.write_bvcv),
        ("metric", miniatures.write_metric), ("passage", miniatures.write_passage),
        ("pop1b", miniatures.write_pop1b_long), ("movements", miniatures.write_movements),
    ):  # fmt: skip
        write(folder / f"{name}.csv")
    (folder / "zoning.csv").write_text(
        "Code commune;Commune;Code BVCV;Zonage\n"
        + "".join(f"010{k:02d};C{k};01{k:03d};Zone très sous dotée\n" for k in range(1, 9))
    )
    (folder / "points.csv").write_text(
        "commune;nom;lat;lon\n" + "".join(f"010{k:02d};C{k};46.{k};5.{k}\n" for k in range(1, 9))
    )
    (folder / "units.csv").write_text(
        "UU2020;LIBUU2020;PMUN2020\n" + "".join(f"0130{k};U{k};{k}000\n" for k in range(1, 9))
    )
    (folder / "bands.csv").write_text(
        "CODGEO;LIBGEO;age;population\n"
        + "".join(f"010{k:02d};C{k};{5 * k:02d}-{5 * k + 4:02d};{k}00\n" for k in range(1, 9))
    )
    services = "practitioner_id;commune;month;age;acts;fees\n" + "".join(
        f"p{k};010{k:02d};202203;34;2;32,26\n" for k in range(1, 9)
    )
    people = "practitioner_id;birth_date;installation_date;commune;profession\n" + "".join(
        f"p{k};1980-05-01;2010-01-01;010{k:02d};26\n" for k in range(1, 9)
    )
    (folder / "services.csv").write_text(services)
    (folder / "register.csv").write_text(people)
    ours = {name: folder / f"own_{name}.csv" for name in ("services", "register")}
    ours["services"].write_text(services)
    ours["register"].write_text(people)

    def reads(kind: str) -> Callable[[Path], Any]:
        several = kind in ("distancier", "mesh", "population")
        return lambda path: import_files(kind, [path] if several else path, RULES)

    readers: dict[str, Callable[[Path], Any]] = {
        "appartenance_2023": reads("mesh"),
        "arrondissements_municipaux_2023": reads("mesh"),
        "populations_legales_2020": lambda path: import_files(
            "mesh", [folder / "appartenance_2023.csv", path], RULES
        ),
        "apl": reads("apl"),
        "bvcv": reads("territories"),
        "zoning": reads("zoning"),
        "metric": reads("distancier"),
        "pop1b": reads("population"),
        "bands": reads("population"),
        "passage": read_passage,
        "movements": read_movements,
        "units": read_urban_units,
        "points": read_coordinates,
        "services": lambda path: _activity(path, ours["register"], register=False),
        "register": lambda path: _activity(path, ours["services"], register=True),
    }
    tables = {}
    for name, read in readers.items():
        content = (folder / f"{name}.csv").read_bytes()
        try:
            text = content.decode()
        except UnicodeDecodeError:
            text = content.decode("cp850")
        separator = "," if name == "movements" else ";"
        rows = list(csv.reader(text.splitlines(), delimiter=separator))
        tables[name] = ([row for row in rows[:40] if row], read)
    return tables


def import_swapped(name: str, column: int, form: Form, folder: Path, *, header: bool) -> Any:
    rows, read = publishers(folder)[name]
    changed = [[*row[:column], str(form(k)), *row[column + 1 :]] for k, row in enumerate(rows[1:])]
    path = folder / f"{name}_swapped.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows([rows[0], *changed] if header else changed)
    return read(path)


def cases_of_publishers(folder: Path) -> Iterator[Case]:
    """Yield the import of each file with one column replaced."""
    for name, (rows, _) in publishers(folder).items():
        for column, title in enumerate(rows[0]):
            for (form_name, form), header in product(FORMS.items(), (True, False)):
                kind = "" if header else " without a header"
                action = partial(import_swapped, name, column, form, folder, header=header)
                yield f"{name}.{title}{kind}: {form_name}", action, form


def read_other(
    frame: pl.DataFrame, column: str, form: Form, read: Callable[[Path], Any], path: Path
) -> Any:
    marked(frame, column, form).write_csv(path)
    return read(path)


def cases_of_others(folder: Path) -> Iterator[Case]:
    """Yield tables of scenarios and of contracts with one column replaced."""
    communes = inputs()["communes"]["commune"]
    scenarios = pl.DataFrame({"commune": communes, "one": [1.0, 2.0, 3.0, 4.0]})
    contracts = pl.DataFrame(
        {"commune": communes, "contract": ["CACCMK"] * 4, "signed": ["2024-01-02"] * 4}
    )
    for name, frame, read in (
        ("scenarios", scenarios, lambda path: read_scenarios(path, communes)),
        ("contracts", contracts, read_contracts),
    ):
        for column, (form_name, form) in product(frame.columns, FORMS.items()):
            action = partial(read_other, frame, column, form, read, folder / f"{name}.csv")
            yield f"{name}.{column}: {form_name}", action, form


def all_cases(folder: Path) -> list[Case]:
    makers = (
        cases_of_inputs, cases_of_names, cases_without_header, cases_of_publishers,
        cases_of_others,
    )  # fmt: skip
    return [case for make in makers for case in make(folder)]


def leaks(cases: Iterable[Case], log: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    found = []
    for label, action, form in cases:
        text = seen(action, log)
        if hit := patterns(form).search(text):
            found.append((label, text[max(0, hit.start() - 120) : hit.end() + 40]))
    return found


def test_no_message_quotes_what_may_identify_a_person(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cases = all_cases(tmp_path)
    if not ALL:
        cases = random.Random(17).sample(cases, DRAWN)
    caplog.set_level(logging.DEBUG)
    found = leaks(cases, caplog)
    assert found == [], f"{len(found)} of {len(cases)}"
