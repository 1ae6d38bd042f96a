"""The input and output tables: columns, units, rules.

What a table must satisfy is stated here and nowhere else; `inputs` checks it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["commune", "code", "text", "integer", "number", "flag", "band", "date"]

# Paris as a whole has some 2.1 million inhabitants: more in one commune mean a lost thousands
# separator, or a total among the rows.
MOST_IN_A_COMMUNE = 2_500_000

# Marseille, Lyon and Paris as one commune each.
WHOLE_CITIES = ("13055", "69123", "75056")

COMMUNE_CODE = r"^(?:\d{2}|2[AB])\d{3}$"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Its name.
    kind : str
        What it holds: "commune", "code", "text", "integer", "number", "flag", "band" or "date".
    doc : str
        What it means, with its unit.
    required : bool
        Whether the table must have it.
    private : bool
        Whether its values describe a practitioner, so that they are never shown.
    low, high : float or None
        Smallest and largest value that can be right.
    pattern : str
        Regular expression that every value of a text column must match.
    expected : str
        The pattern in words.
    """

    name: str
    kind: Kind
    doc: str
    required: bool = True
    private: bool = False
    low: float | None = None
    high: float | None = None
    pattern: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes
    ----------
    name : str
        Its name.
    row : str
        What a row is, in words.
    columns : tuple of Column
        Its columns.
    key : tuple of str
        The columns that identify a row; empty if rows may repeat.
    either : tuple of str
        Columns of which exactly one must be present.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    either: tuple[str, ...] = ()

    @property
    def private(self) -> bool:
        """Return whether its rows are about persons, so that their values are not shown."""
        return any(column.private for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """Return the names of all columns."""
        return [column.name for column in self.columns]


def _commune(name: str, doc: str) -> Column:
    return Column(
        name, "commune", doc, pattern=COMMUNE_CODE, expected="a commune code of five characters"
    )


PRACTITIONERS = Table(
    "practitioners",
    "one practitioner at one practice",
    (
        Column("practitioner_id", "text", "any stable identifier; never leaves the process",
               private=True, pattern=r"\S", expected="an identifier"),
        _commune("commune", "commune of the practice"),
        Column("age", "integer", "completed years on the reference date of the methodology",
               required=False, private=True, low=18, high=110),
        Column("birth_date", "date", "in place of age", required=False, private=True),
        Column("acts", "number", "acts of the year at this practice", private=True, low=0,
               high=1e6),
        Column("fees", "number", "fees of the year at this practice, EUR", private=True, low=0,
               high=1e8),
        Column("newly_installed", "flag", "whether installed within the year", private=True),
    ),
    ("practitioner_id", "commune"),
    ("age", "birth_date"),
)  # fmt: skip

POPULATION = Table(
    "population",
    "the inhabitants of one commune in one age band",
    (
        _commune("commune", "commune of residence"),
        Column("age_band", "band", "age band, completed years: 00-04, 05-09 ... 95+"),
        Column("population", "number", "inhabitants", low=0, high=MOST_IN_A_COMMUNE),
    ),
    ("commune", "age_band"),
)

CONSUMPTION = Table(
    "consumption",
    "one age band of the whole population",
    (
        Column("age_band", "band", "age band, the same as in population"),
        Column("fees", "number", "fees consumed in the year by that band, EUR", low=0, high=1e13),
    ),
    ("age_band",),
)

TRAVEL_TIMES = Table(
    "travel_times",
    "one way from one commune to another",
    (
        _commune("origin", "commune of residence"),
        _commune("destination", "commune of the practice"),
        Column("minutes", "number", "travel time, minutes", low=0, high=1e7),
    ),
    ("origin", "destination"),
)

COMMUNES = Table(
    "communes",
    "one commune (arrondissement municipal in Paris, Lyon, Marseille)",
    (
        _commune("commune", "INSEE code"),
        Column("name", "text", "name"),
        Column("departement", "code", "INSEE code", required=False, pattern=r"^[0-9AB]{2,3}$",
               expected="a code of two or three characters"),
        Column("region", "code", "INSEE code", pattern=r"^[0-9]{2}$",
               expected="a region code of two characters, such as 52 or 01"),
        Column("territory", "code", "code of the bassin de vie or canton-ou-ville (BVCV)",
               pattern=r"\S", expected="a code"),
        Column("territory_name", "text", "its name"),
        Column("territory_kind", "text", "what it is: bassin de vie, canton-ou-ville ...",
               required=False),
        Column("population", "number", "inhabitants by the legal count; no figure uses them, but "
               "they are held against the table population", required=False, low=0,
               high=MOST_IN_A_COMMUNE),
        Column("lat", "number", "latitude, degrees, WGS 84", required=False, low=-90, high=90),
        Column("lon", "number", "longitude, degrees, WGS 84", required=False, low=-180, high=180),
    ),
    ("commune",),
)  # fmt: skip

INPUTS: dict[str, Table] = {
    table.name: table for table in (COMMUNES, PRACTITIONERS, POPULATION, CONSUMPTION, TRAVEL_TIMES)
}

# An input of a comparison, not of a run.
CONTRACTS = Table(
    "contracts",
    "one running contract",
    (
        Column("commune", "commune", "commune of the practice", private=True, pattern=COMMUNE_CODE,
               expected="a commune code of five characters"),
        Column("contract", "code", "CACCMK, CAIMK or CAMMK", private=True,
               pattern="^(CACCMK|CAIMK|CAMMK)$", expected="CACCMK, CAIMK or CAMMK"),
        Column("signed", "date", "day of the last signature", private=True),
        Column("ends", "date", "last day of its term", required=False, private=True),
    ),
    (),
)  # fmt: skip


# The record of a result: how each figure of the tables beside it was computed.
RECORD = "record.json"

OUTPUTS: dict[str, dict[str, str]] = {
    "communes": {
        "commune": "INSEE code",
        "name": "name",
        "region": "INSEE code",
        "etp": "full-time equivalents practising here",
        "practitioners": "their number; each is counted in every commune where they practise",
        "population": "inhabitants",
        "standardised_population": "age-standardised inhabitants",
        "demand_reached": "standardised inhabitants that a practice here serves, by weight",
        "apl": "ETP reachable per 100 000 standardised inhabitants",
        "territory": "code of the territory",
        "territory_name": "its name",
        "zone": "id of the class of the territory; null where it has none",
    },
    "territories": {
        "territory": "code of the bassin de vie or canton-ou-ville",
        "territory_name": "its name",
        "region": "region of attribution (article 4.3)",
        "communes": "number of communes",
        "etp": "full-time equivalents practising here",
        "practitioners": "their number, each counted once",
        "population": "inhabitants",
        "standardised_population": "age-standardised inhabitants",
        "apl": "mean of its communes, weighted; null where the weights add up to 0",
        "rank": "by rising APL; null where not ranked",
        "cumulative_share": "% of the population up to this rank, itself included",
        "zone": "id of the class",
        "zone_reason": "ranked, imposed (and why), no inhabitants, or no standardised inhabitants",
    },
    "regions": {
        "region": "INSEE code; FR for the whole",
        "region_name": "its name in the table of article VI",
        "zone": "id of the class",
        "population": "inhabitants of the territories attributed to the region",
        "share": "% of the region's population",
        "communes": "number of communes",
        "territories": "number of territories",
    },
}


@dataclass(frozen=True)
class AgeBand:
    """An age band.

    Attributes
    ----------
    low : int
        Lowest age, completed years.
    high : int or None
        Highest age, completed years; None for the open last band.
    """

    low: int
    high: int | None

    def __str__(self) -> str:
        return f"{self.low:02d}+" if self.high is None else f"{self.low:02d}-{self.high:02d}"


def age_bands(years: int, last: int) -> list[AgeBand]:
    """Return bands of `years` years from 0, the last one open from age `last`."""
    closed = [AgeBand(low, min(low + years, last) - 1) for low in range(0, last, years)]
    return [*closed, AgeBand(last, None)]


_CLOSED = re.compile(r"^\s*(\d{1,3})\s*(?:-|–|à|a|_)\s*(\d{1,3})(?:\s*ans)?\s*$")
_OPEN = re.compile(r"^\s*(\d{1,3})\s*(?:\+|(?:ans )?(?:et|ou) (?:plus|\+)|-|_)\s*$")


def parse_age_band(text: str) -> AgeBand | None:
    """Return the age band that a text denotes, or None.

    Parameters
    ----------
    text : str
        Such as ``00-04``, ``0-4``, ``5 à 9 ans``, ``95+`` or ``95 ans et plus``.

    Returns
    -------
    AgeBand or None
    """
    if closed := _CLOSED.match(text):
        low, high = int(closed[1]), int(closed[2])
        return AgeBand(low, high) if low <= high <= 130 else None
    if last := _OPEN.match(text):
        return AgeBand(int(last[1]), None)
    return None
