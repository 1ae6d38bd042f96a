"""Inhabitants by age: POP1B of INSEE, wide or long, and tables of age bands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from ...inputs.imported import Imported
from ...inputs.names import plain
from ...inputs.tables import stamp_of
from ...methodology.model import Methodology
from ...quoting import are_labels, quotable
from ...schemas import AgeBand, age_bands, parse_age_band
from ..common.cells import read_cells
from ..common.headers import Field, Layout
from ..common.issues import Issues, raise_faults
from ..common.match import Match, Named, find_in, names_for, stated_vintage
from ..common.sheets import sheets_of
from .geography import without_whole_cities
from .population_checks import refuse_gaps, refuse_shares
from .population_sheets import choose_sheets

# Of one sex and year of age, Paris has some 25 000 people, no other commune half as many.
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
_LAYOUTS = (WIDE, LONG, BANDS, WIDE_BANDS)
_AGE = re.compile(r"aged100(\d{3})$")
_SEXES = ("1", "2")
# The last year of age includes all above.
_OLDEST = 100
_POPULATION = {"commune": pl.String, "age_band": pl.String, "population": pl.Float64}


def read_population(
    files: Sequence[Path],
    rules: Methodology,
    *,
    columns: Named = None,
    vintage: int | None = None,
    year: int | None = None,
) -> Imported:
    """Read inhabitants by commune and age band.

    Years of age are added up to bands (arrêté of 20 March 2024, annexe, IV, 4.1.2), both sexes
    together, in the order of sex and age.

    Parameters
    ----------
    files : sequence of Path
        One or several, each of another part of the country, such as Mayotte: POP1B of INSEE, wide
        workbook or long CSV, or a table of age bands.
    rules : Methodology
        For the width of the bands and the lower bound of the open band.
    columns : mapping of str to str, optional
        Columns that are not recognised, by field: commune, age, band, people.
    vintage : int, optional
        Year of the geography, if no title states it.
    year : int, optional
        Year of the census, if a workbook has sheets of several.

    Returns
    -------
    Imported
        Of kind ``population``, with the table ``population``, sorted.

    Raises
    ------
    InputDataError
        A file is at fault; lists every fault of every file.
    """
    together = Issues(", ".join(path.name for path in files))
    names = names_for(columns, _LAYOUTS, together.file)
    parts: list[pl.DataFrame] = []
    recognised: list[str] = []
    for path in files:
        issues = Issues(path.name)
        sheets = sheets_of(path)
        matches = find_in(sheets, _LAYOUTS, names)
        for matched in choose_sheets(sheets, matches, year, issues):
            recognised.append(matched.description)
            vintage = vintage or stated_vintage(path, matched.sheet)
            parts.append(_read(matched, rules, issues))
        together.faults += issues.faults
        together.notes += issues.notes
    raise_faults(together.faults)
    names.finish(columns, together.file)
    table = without_whole_cities(pl.concat(parts), together)
    together.fault_duplicates(table.with_row_index("row", 1), ["commune", "age_band"], {})
    raise_faults(together.faults)
    tables = {"population": table.sort("commune", "age_band")}
    notes, stamps = tuple(together.notes), tuple(map(stamp_of, files))
    return Imported("population", tables, "; ".join(recognised), vintage, notes, stamps)


def _read(matched: Match, rules: Methodology, issues: Issues) -> pl.DataFrame:
    frame = read_cells(matched, issues, levels=("COM", "ARM"))
    if matched.layout is LONG:
        return _from_long(frame, matched.names, rules, issues)
    if matched.layout is WIDE:
        return _from_wide(frame, rules, issues)
    if matched.layout is WIDE_BANDS:
        index, names = ["row", "commune"], {"variable_name": "band", "value_name": "people"}
        frame = frame.unpivot(list(matched.family), index=index, **names)
        frame = frame.with_columns(pl.col("band").map_elements(_band_of_header, pl.String))
    table = _with_bands(frame, matched.names.get("band", "the header"), issues)
    refuse_gaps(table, issues)
    refuse_shares(matched, table, issues)
    return table


def _from_long(
    frame: pl.DataFrame, names: Mapping[str, str], rules: Methodology, issues: Issues
) -> pl.DataFrame:
    """Add rows of one sex and year of age up to bands."""
    empty = pl.DataFrame(schema=_POPULATION)
    age = pl.col("age").cast(pl.Int64, strict=False)
    wrong = frame.filter(age.is_null() | ~age.is_between(0, _OLDEST))
    issues.fault_rows("insee.not_an_age", names["age"], wrong, "age", ("number", frame.height))
    sex = pl.col("sex").fill_null("") if "sex" in frame.columns else pl.lit(_SEXES[0])
    rows = frame.select("row", "commune", "people", sex=sex, age=age.cast(pl.Int16, strict=False))
    sexes = rows["sex"].unique().sort()
    # With rows of totals, everybody would be counted twice.
    if "sex" in frame.columns and rows.height and tuple(sexes) != _SEXES:
        shown = quotable(sexes, "label", foreign=not are_labels(len(sexes), rows.height))
        issues.fault("insee.wrong_sexes", names["sex"], values=shown[:3],
                     withheld=len(shown) < len(sexes))  # fmt: skip
    if issues.faults:
        return empty
    key = ["commune", "sex", "age"]
    rows = rows.sort(key)
    same = pl.all_horizontal((pl.col(key) == pl.col(key).shift()).fill_null(False))
    issues.fault_rows("insee.repeated_rows", names["commune"], rows.filter(same), "commune")
    ages = rows["age"].unique()
    _refuse_missing_ages(set(ages), issues)
    communes = rows.group_by("commune").agg(pl.len(), pl.col("sex").n_unique()).sort("commune")
    one_sex = communes.filter(pl.col("sex") < len(sexes))
    issues.note("insee.one_sex", one_sex["commune"], warning=True)
    incomplete = communes.filter(pl.col("len") < len(ages) * len(sexes))
    issues.note("insee.incomplete_ages", incomplete["commune"])
    bands = {age: str(band) for band in _bands(rules) for age in range(band.low, _end(band))}
    band = pl.col("age").replace_strict(bands, return_dtype=pl.String)
    # Lists are in the order of the rows, so that sums are the same to the last bit.
    lists = rows.group_by("commune", age_band=band, maintain_order=True).agg("people")
    return lists.select("commune", "age_band", population=pl.col("people").list.sum())


def _bands(rules: Methodology) -> list[AgeBand]:
    return age_bands(rules.demand.age_band_years, rules.demand.open_age_band)


def _end(band: AgeBand) -> int:
    """Return the year of age after a band."""
    return (_OLDEST if band.high is None else band.high) + 1


def _refuse_missing_ages(ages: set[int], issues: Issues) -> None:
    if missing := sorted(set(range(_OLDEST + 1)) - ages):
        issues.fault("insee.missing_ages", ages=tuple(missing[:5]))


def _from_wide(frame: pl.DataFrame, rules: Methodology, issues: Issues) -> pl.DataFrame:
    """Add columns of one sex and year of age up to bands."""
    ages = {name: int(age[1]) for name in frame.columns if (age := _AGE.search(plain(name)))}
    cells = {plain(name) for name in ages}
    expected = {f"sexe{sex}_aged100{age:03d}" for sex in _SEXES for age in range(_OLDEST + 1)}
    before = len(issues.faults)
    _refuse_missing_ages(set(ages.values()), issues)
    if len(issues.faults) == before and cells != expected:
        odd = {"insee.missing_columns": expected - cells, "insee.unknown_sexes": cells - expected}
        for code, names in odd.items():
            if names:
                columns = tuple(name.upper() for name in sorted(names)[:3])
                issues.fault(code, total=len(names), columns=columns)
    if len(issues.faults) > before:
        return pl.DataFrame(schema=_POPULATION)
    # The columns of a band are added in the order of sex and age.
    members = {
        str(band): sorted(name for name, age in ages.items() if band.low <= age < _end(band))
        for band in _bands(rules)
    }
    sums = (pl.sum_horizontal(names).alias(band) for band, names in members.items())
    summed = frame.select("commune", *sums)
    return summed.unpivot(index="commune", variable_name="age_band", value_name="population")


def _with_bands(frame: pl.DataFrame, column: str, issues: Issues) -> pl.DataFrame:
    """Convert age bands to the notation of this package."""
    words = frame["band"].unique().drop_nulls()
    bands = {word: str(band) for word in words if (band := parse_age_band(word))}
    wrong = frame.filter(~pl.col("band").is_in(list(bands)).fill_null(False))
    issues.fault_rows("insee.not_an_age_band", column, wrong, "band", ("band", frame.height))
    read = pl.col("band").replace_strict(bands, default=None, return_dtype=pl.String)
    return frame.select("commune", age_band=read, population=pl.col("people").fill_null(0.0))


def _band_of_header(header: str) -> str:
    """Return the band in a header such as ``POP_00_04`` or ``95 ans et plus``."""
    text = re.sub(r"^(?:pop_?|p)(?=\d)", "", plain(header))
    text = re.sub(r"_(?:ans_)?(?:et|ou)_plus$|_?p(?:lus)?$", "+", text)
    return re.sub(r"_ans$", "", text).replace("_a_", "-").replace("_", "-")
