"""The APL as DREES publishes it, every layout known; and tables of ours laid out alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from ...inputs.tables import stamp_of
from ...methodology.model import Methodology
from ..common.cells import read_matched
from ..common.collect import Found, once
from ..common.headers import Field, Layout
from ..common.imported import Imported
from ..common.match import find, refuse
from ..insee.geography import without_whole_cities
from .checks import choose_sheet, other_profession, refuse_no_apl

_APL = (
    # Several ages side by side: that of the zoning.
    r"^apl.*_65_ans",
    r"^apl(?!.*_\d\d_ans)",
)
_STANDARDISED = (r"^pop.*standardisee", r"^standardised_population$")
_POPULATION = (r"^population_totale", r"^population(?:_20\d\d)?$", r"^pop(?!.*standard)")

PUBLISHED = Layout(
    "APL by commune (DREES)",
    (
        Field(
            "commune",
            (r"^code_?(?:insee|commune|com|geo)", r"^codgeo$", r"^depcom$"),
            "code",
            usual="Code commune",
        ),
        Field("name", (r"^libelle", r"^libgeo$", r"^nom", r"^name$", r"^commune$"), required=False),
        Field("apl", _APL, "number", usual="APL ..."),
        Field(
            "standardised_population", _STANDARDISED, "people", usual="Population standardisée ..."
        ),
        Field("population", _POPULATION, "people", usual="Population totale"),
    ),
)
# In 2019 the column `Commune` holds the code; so does ours.
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
    columns: Mapping[str, str] | None = None,
    year: int | None = None,
    vintage: int | None = None,
) -> Imported:
    """Read an APL that somebody has published, commune by commune.

    Parameters
    ----------
    path : a workbook or CSV file of DREES, of any year from 2019 on, or any table with a code of
        commune, an APL, a population and a standardised population.
    rules : for the profession whose APL it must be.
    columns : columns that no pattern finds, ours to theirs.
    year : which sheet, where a workbook has one a year; refused where the file tells another.
    vintage : year of the geography of its codes.

    Returns
    -------
    Imported
        Of kind ``apl``, with the table ``published``: ``commune``, ``name``, ``apl`` (ETP per
        100 000 standardised inhabitants; null where not given), ``population``,
        ``standardised_population``.

    Raises
    ------
    InputDataError
        The file has no such columns, or several sheets of them; it is of another profession or
        year; or figures are none, or no APL.
    """
    kept = Found(path.name)
    found = choose_sheet(path, find(path, (PUBLISHED, PUBLISHED_2019), columns), year, kept)
    kept.faults += other_profession(found, rules)
    frame = read_matched(found, kept)
    once(frame, ["commune"], kept, "Keep one.", found.names)
    refuse_no_apl(frame, found.names, kept)
    refuse(kept.faults)
    frame = without_whole_cities(frame, kept)
    parts = frame.filter(pl.col("population") != pl.col("population").round())
    text = "populations with fractions: is a mark between thousands read as a decimal one?"
    kept.note("fractions_of_people", text, parts["commune"], warning=True)
    named = frame if "name" in frame.columns else frame.with_columns(name="commune")
    table = named.select(
        "commune",
        pl.col("name").fill_null(pl.col("commune")),
        "apl",
        # No figure is no inhabitant to count: it is in the notes.
        pl.col("population", "standardised_population").fill_null(0.0),
    ).sort("commune")
    return Imported(
        "apl", {"published": table}, found.described, vintage, tuple(kept.notes), (stamp_of(path),)
    )
