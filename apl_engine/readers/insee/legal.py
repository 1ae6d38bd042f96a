"""Legal populations as INSEE publishes them, and the places they are of."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...errors import Fault
from ..common.collect import Found
from ..common.headers import Field, Layout
from ..common.match import refuse

CODE = Field(
    "commune", (r"^codgeo$", r"^depcom$", r"^(?:code_)?(?:insee_)?com(?:mune)?$", r"^code"), "code"
)
PEOPLE = Field(
    "population",
    (r"^p(?:op|mun)_?(?:20)?\d\d$", r"^pmun", r"^population_municipale", r"^population$"),
    "people",
    required=False,
)
_WANTED = Field("population", PEOPLE.patterns, "people", usual="PMUN20")
POPULATIONS = Layout("populations légales (INSEE)", (CODE, _WANTED))
# The code of a commune in two columns, as in « ensemble » and donnees_communes.
ENSEMBLE = Layout(
    "populations légales, départements et communes apart (INSEE)",
    (
        Field("departement", (r"^(?:code?_?)?dep(?:artement)?$",)),
        Field("number_in_departement", (r"^codcom$", r"^code_(?:de_la_)?commune$"), usual="CODCOM"),
        _WANTED,
    ),
)


def with_legal(places: pl.DataFrame, people: Sequence[pl.DataFrame], kept: Found) -> pl.DataFrame:
    """Give places their legal populations, ahead of those of the table d'appartenance.

    Parameters
    ----------
    places : ``commune``, ``population``.
    people : the same, file by file.
    kept : takes the notes.

    Raises
    ------
    InputDataError
        Two files differ on a commune.
    """
    legal = pl.concat([frame.select("commune", legal="population") for frame in people])
    twice = legal.unique().filter(pl.col("commune").is_duplicated())["commune"].sort()
    if len(twice):
        problem = "files of legal populations differ"
        hint = "Give those of one year."
        kept.faults.append(
            Fault(
                code="legacy.fault",
                table=kept.file,
                values=tuple(twice.unique()[:3]),
                details={"problem": problem, "hint": hint},
            )
        )
        refuse(kept.faults)
    legal = legal.unique("commune")
    strange = legal.filter(~pl.col("commune").is_in(places["commune"].implode()))
    text = "legal populations of communes that the table d'appartenance lacks are left out"
    kept.note("populations_aside", text, strange["commune"].sort(), warning=True)
    places = places.join(legal, on="commune", how="left", maintain_order="left")
    other = places.filter(pl.col("legal") != pl.col("population"))["commune"]
    text = "legal populations stand in place of other ones in the table d'appartenance"
    kept.note("populations_replaced", text, other, warning=True)
    return places.with_columns(population=pl.coalesce("legal", "population")).drop("legal")
