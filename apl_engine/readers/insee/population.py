"""Inhabitants by age: POP1B of INSEE, wide and long, and any table of bands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ...errors import Fault
from ...inputs.tables import stamp_of
from ...methodology.model import Methodology
from ...notes import Note
from ...schemas import AgeBand, age_bands, parse_age_band
from ..common.cells import read_matched
from ..common.collect import Found, once
from ..common.headers import Field, Layout, Match, plain
from ..common.imported import Imported
from ..common.match import find_in, refuse, sheets_of, vintage_of
from .geography import without_whole_cities
from .population_checks import refuse_gaps, refuse_shares
from .population_sheets import choose_sheets

# Of one sex and one year of age Paris whole has some 25 000 people, no other commune half of that.
_MOST_IN_A_CELL = 50_000
_CODE = Field("commune", (r"^codgeo$", r"^depcom$", r"^(?:code_)?(?:insee_)?com(?:mune)?$"), "code")
WIDE = Layout(
    "population by sex and year of age, POP1B (INSEE)",
    (_CODE,),
    family=r"^sexe\d_aged100\d{3}$",
    family_usual="SEXE1_AGED100000 ... SEXE2_AGED100100",
    most=_MOST_IN_A_CELL,
)
LONG = Layout(
    "population by sex and year of age, POP1B (INSEE)",
    (
        Field("level", (r"^nivgeo$",), required=False),
        _CODE,
        Field("sex", (r"^sexe$",), required=False),
        Field("age", (r"^aged100$",), "text"),
        Field("people", (r"^nb$",), "people", most=_MOST_IN_A_CELL, every_cell=True),
    ),
)
BANDS = Layout(
    "population by age band",
    (
        _CODE,
        Field("band", (r"^age_band$", r"tranche", r"^age")),
        Field("people", (r"^population$", r"^pop", r"^nb", r"^effectif"), "people"),
    ),
)
WIDE_BANDS = Layout(
    "population by age band, one column a band",
    (_CODE,),
    family=r"^(?:pop_?|p)?\d{1,3}(?:_(?:a_)?\d{1,3}(?:_ans)?|_ans_(?:et|ou)_plus|_(?:et|ou)_plus|_?p(?:lus)?)$",
    family_usual="00-04, 05-09 ... 95+",
)
_AGE = re.compile(r"aged100(\d{3})$")
_SEXES = ("1", "2")
# The last year of age stands for itself and all above.
_OLDEST = 100


def read_population(
    files: Sequence[Path],
    rules: Methodology,
    *,
    columns: Mapping[str, str] | None = None,
    vintage: int | None = None,
    year: int | None = None,
) -> Imported:
    """Read inhabitants by commune and age band.

    Years of age are added up to bands (arrêté of 20 March 2024, annexe, IV, 4.1.2), both sexes
    together, in the order of sex and age.

    Parameters
    ----------
    files : one or several, each of another part of the country (Mayotte apart): POP1B of INSEE,
        wide workbook or long CSV, or a table of age bands.
    rules : for the width of bands and where the open one begins, ``demand``.
    columns : columns that no pattern finds, ours (commune, age, band, people) to theirs.
    vintage : year of the geography, where no title tells it.
    year : of the census, where a workbook has sheets of several.

    Returns
    -------
    Imported
        Of kind ``population``, with the table ``population``, sorted.

    Raises
    ------
    InputDataError
        With every fault of every file.
    """
    faults: list[Fault] = []
    notes: list[Note] = []
    parts: list[pl.DataFrame] = []
    told: list[str] = []
    for path in files:
        kept = Found(path.name)
        sheets = sheets_of(path)
        every = find_in(sheets, (WIDE, LONG, BANDS, WIDE_BANDS), columns)
        for found in choose_sheets(path, sheets, every, year, kept):
            told.append(found.described)
            vintage = vintage or vintage_of(path, [found.sheet])
            parts.append(_read(found, rules, kept))
        faults += kept.faults
        notes += kept.notes
    refuse(faults)
    kept = Found(", ".join(path.name for path in files))
    table = without_whole_cities(pl.concat(parts), kept)
    notes += kept.notes
    once(
        table.with_row_index("row", 1), ["commune", "age_band"], kept, "Give each commune once.", {}
    )
    refuse(kept.faults)
    return Imported(
        "population",
        {"population": table.sort("commune", "age_band")},
        "; ".join(told),
        vintage,
        tuple(notes),
        tuple(stamp_of(path) for path in files),
    )


def _read(found: Match, rules: Methodology, kept: Found) -> pl.DataFrame:
    frame = read_matched(found, kept, levels=("COM", "ARM"))
    if found.layout is LONG:
        return _from_long(frame, found.names, rules, kept)
    if found.layout is WIDE:
        return _banded(frame, rules, kept)
    if found.layout is WIDE_BANDS:
        names = list(found.family)
        frame = frame.unpivot(names, index=["row", "commune"], variable_name="band",
                              value_name="people")  # fmt: skip
        frame = frame.with_columns(pl.col("band").map_elements(_spaced, pl.String))
    table = _spelled(frame, found.names.get("band", "the header"), kept)
    refuse_gaps(table, kept)
    refuse_shares(found, table, kept)
    return table


def _from_long(
    frame: pl.DataFrame, theirs: Mapping[str, str], rules: Methodology, kept: Found
) -> pl.DataFrame:
    """Add rows of one sex and year of age up to bands."""
    age = pl.col("age").cast(pl.Int64, strict=False)
    wrong = frame.filter(age.is_null() | ~age.is_between(0, _OLDEST)).with_columns(value="age")
    kept.fault(theirs["age"], "not an age from 000 to 100", wrong, "Write 000 to 100.")
    if kept.faults:
        return pl.DataFrame(schema=_POPULATION)
    sex = pl.col("sex").fill_null("") if "sex" in frame.columns else pl.lit(_SEXES[0])
    if "sex" in frame.columns:
        kept.faults += _sexes(kept.file, set(frame["sex"].fill_null("")))
        if kept.faults:
            return pl.DataFrame(schema=_POPULATION)
    key = ["commune", "sex", "age"]
    rows = frame.select("row", "commune", "people", sex=sex, age=age.cast(pl.Int16)).sort(key)
    same = pl.all_horizontal(
        (pl.col(name) == pl.col(name).shift()).fill_null(False) for name in key
    )
    twice = rows.filter(same).with_columns(value="commune")
    hint = "A row is one commune, sex and year of age."
    kept.fault(
        theirs["commune"], "the same commune, sex and age stand in several rows", twice, hint
    )
    ages = rows["age"].unique()
    kept.faults += _missing_ages(kept.file, set(ages))
    cells = rows.group_by("commune").len()
    sexes = rows.group_by("commune").agg(pl.col("sex").n_unique())
    alone = sexes.filter(pl.col("sex") < rows["sex"].n_unique())["commune"].sort()
    text = "communes without any row of one sex: half of their people may be missing"
    kept.note("sex_absent", text, alone, warning=True)
    holes = cells.filter(pl.col("len") < len(ages) * rows["sex"].n_unique())["commune"].sort()
    kept.note("ages_absent", "years of age without a row in some commune count nobody", holes)
    names = {low: str(band) for band in _bands(rules) for low in range(band.low, _end(band))}
    band = pl.col("age").replace_strict(names, return_dtype=pl.String)
    # Added up within a list, whose order is that of the rows: the same bits each time.
    return (
        rows.group_by("commune", age_band=band, maintain_order=True)
        .agg("people")
        .select("commune", "age_band", population=pl.col("people").list.sum())
    )


def _sexes(file: str, found: set[str]) -> list[Fault]:
    """Both sexes and nothing else: a total would count everybody twice."""
    if found == set(_SEXES):
        return []
    shown = ", ".join(sorted(found)) or "none"
    problem = f"the sexes are {shown}, where 1 and 2 are expected"
    hint = "Give men and women, without rows of totals."
    return [
        Fault(
            code="legacy.fault",
            table=file,
            column="SEXE",
            values=tuple(sorted(found))[:3],
            details={"problem": problem, "hint": hint},
        )
    ]


def _bands(rules: Methodology) -> list[AgeBand]:
    return age_bands(rules.demand.age_band_years, rules.demand.open_age_band)


def _end(band: AgeBand) -> int:
    """Return the year of age after a band."""
    return (_OLDEST if band.high is None else band.high) + 1


def _missing_ages(file: str, ages: set[int]) -> list[Fault]:
    missing = sorted(set(range(_OLDEST + 1)) - ages)
    if not missing:
        return []
    problem = f"some years of age are missing: {', '.join(map(str, missing[:5]))}"
    return [
        Fault(
            code="legacy.fault",
            table=file,
            details={"problem": problem, "hint": "POP1B has the years 000 to 100 of each sex."},
        )
    ]


def _banded(frame: pl.DataFrame, rules: Methodology, kept: Found) -> pl.DataFrame:
    """Add years of age up to bands."""
    ages = {name: int(age[1]) for name in frame.columns if (age := _AGE.search(plain(name)))}
    if not ages:
        return pl.DataFrame(schema=_POPULATION)
    cells = [plain(name) for name in ages]
    expected = {f"sexe{sex}_aged100{age:03d}" for sex in _SEXES for age in range(_OLDEST + 1)}
    faults = _missing_ages(kept.file, set(ages.values()))
    if not faults and set(cells) != expected:
        lost, more = sorted(expected - set(cells)), sorted(set(cells) - expected)
        problem = f"columns are missing: {', '.join(lost[:3]).upper()}"
        if not lost:
            problem = f"columns of neither sex 1 nor 2: {', '.join(more[:3]).upper()}"
        faults = [
            Fault(
                code="legacy.fault",
                table=kept.file,
                details={"problem": problem, "hint": "POP1B has 101 columns of each sex."},
            )
        ]
    if faults:
        kept.faults += faults
        return pl.DataFrame(schema=_POPULATION)
    summed = frame.select(
        "commune",
        *(pl.sum_horizontal(_of_band(band, ages)).alias(str(band)) for band in _bands(rules)),
    )
    return summed.unpivot(index="commune", variable_name="age_band", value_name="population")


_POPULATION = {"commune": pl.String, "age_band": pl.String, "population": pl.Float64}


def _of_band(band: AgeBand, ages: Mapping[str, int]) -> list[str]:
    """Return the columns of a band, in the order of sex and age."""
    return sorted(name for name, age in ages.items() if band.low <= age < _end(band))


def _spelled(frame: pl.DataFrame, theirs: str, kept: Found) -> pl.DataFrame:
    """Bring age bands to our spelling."""
    words = frame["band"].unique().drop_nulls()
    ours = {word: str(band) for word in words if (band := parse_age_band(word))}
    wrong = frame.filter(~pl.col("band").is_in(list(ours)).fill_null(False))
    kept.fault(
        theirs, "not an age band", wrong.with_columns(value="band"),
        "Write 00-04, 05-09 ... 95+.",
    )  # fmt: skip
    return frame.select(
        "commune",
        age_band=pl.col("band").replace_strict(ours, default=None, return_dtype=pl.String),
        population=pl.col("people").fill_null(0.0),
    )


def _spaced(header: str) -> str:
    """Read the band in a header such as ``POP_00_04`` or ``95 ans et plus``."""
    text = re.sub(r"^(?:pop_?|p)(?=\d)", "", plain(header))
    text = re.sub(r"_(?:ans_)?(?:et|ou)_plus$|_?p(?:lus)?$", "+", text)
    return re.sub(r"_ans$", "", text).replace("_a_", "-").replace("_", "-")
