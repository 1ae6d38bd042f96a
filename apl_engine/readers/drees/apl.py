"""The APL as DREES publishes it, in every known layout, or as this package writes it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ...inputs.imported import Imported
from ...inputs.tables import stamp_of
from ...methodology.model import Methodology
from ..common.cells import read_cells
from ..common.headers import Field, Layout
from ..common.issues import Issues, raise_faults
from ..common.match import Named, find
from ..insee.geography import without_whole_cities
from .checks import (
    choose_sheet,
    refuse_impossible_apl,
    refuse_other_profession,
    year_of_sheet,
)

_APL = (
    # Of several age limits, that of the zoning.
    r"^apl.*_65_ans",
    r"^apl(?!.*_\d\d_ans)",
)
_CODE = (r"^code_?(?:insee|commune|com|geo)", r"^codgeo$", r"^depcom$")
_STANDARDISED = (r"^pop.*standardisee", r"^standardised_population$")
_POPULATION = (r"^population_totale", r"^population(?:_20\d\d)?$", r"^pop(?!.*standard)")

PUBLISHED = Layout(
    "APL by commune (DREES)",
    (
        Field("commune", _CODE, "code", usual="Code commune"),
        Field("name", (r"^libelle", r"^libgeo$", r"^nom", r"^name$", r"^commune$"), required=False),
        Field("apl", _APL, "number", usual="APL ..."),
        Field(
            "standardised_population", _STANDARDISED, "people", usual="Population standardisée ..."
        ),
        Field("population", _POPULATION, "people", usual="Population totale"),
    ),
)
# In 2019, and in results of this package, the column `Commune` has the code.
PUBLISHED_2019 = Layout(
    "APL by commune (DREES)",
    (
        Field("commune", (r"^commune$",), "code"),
        Field("name", (r"^libelle", r"^nom", r"^name$"), required=False),
        *PUBLISHED.fields[2:],
    ),
)


def read_published_apl(
    path: Path,
    rules: Methodology,
    *,
    columns: Named = None,
    year: int | None = None,
    vintage: int | None = None,
) -> Imported:
    """Read a published APL by commune.

    Parameters
    ----------
    path : Path
        A workbook or CSV file of DREES, of any year from 2019 on, or any table with a commune code,
        an APL, a population and a standardised population.
    rules : Methodology
        For the profession whose APL it must be.
    columns : mapping of str to str, optional
        Columns that are not recognised, by field.
    year : int, optional
        The sheet to read, if a workbook has one per year; refused if the file states another.
    vintage : int, optional
        Year of the geography of its codes.

    Returns
    -------
    Imported
        Of kind ``apl``, with the table ``published``: ``commune``, ``name``, ``apl`` (ETP per
        100 000 standardised inhabitants; null if not given), ``population``,
        ``standardised_population``.

    Raises
    ------
    InputDataError
        The file has no such columns, or several such sheets; it is of another profession or year;
        or values are not numbers, or cannot be an APL.
    """
    issues = Issues(path.name)
    matched = choose_sheet(path, find(path, (PUBLISHED, PUBLISHED_2019), columns), year, issues)
    refuse_other_profession(matched, rules, issues)
    frame = read_cells(matched, issues)
    issues.fault_duplicates(frame, ["commune"], matched.names)
    refuse_impossible_apl(frame, matched.names, issues)
    raise_faults(issues.faults)
    frame = without_whole_cities(frame, issues)
    fractions = frame.filter(pl.col("population") != pl.col("population").round())["commune"]
    issues.note("drees.fractions_of_people", fractions, warning=True)
    named = frame if "name" in frame.columns else frame.with_columns(name="commune")
    table = named.select(
        "commune",
        pl.col("name").fill_null(pl.col("commune")),
        "apl",
        # A cell without a figure counts as no inhabitant; the notes report it.
        pl.col("population", "standardised_population").fill_null(0.0),
    ).sort("commune")
    notes, stamps = tuple(issues.notes), (stamp_of(path),)
    return Imported(
        "apl", {"published": table}, matched.description, vintage, notes, stamps,
        year=year_of_sheet(matched, year),
    )  # fmt: skip
