"""Geography of INSEE: table d'appartenance, legal populations, passage table, events."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import polars as pl

from ...errors import Fault, InputDataError, Note, first
from ...inputs.names import plain, shown_header
from ...inputs.overseas import is_overseas
from ...inputs.tables import Stamp, stamp_of
from ...quoting import FEW, is_of_most
from ..common.cells import read_cells
from ..common.headers import Field, Layout, match_columns
from ..common.issues import Issues, raise_faults
from ..common.match import Match, Named, find, match, names_for, stated_vintage, text_columns
from ..common.numbers import refuse_fractions
from ..common.sheets import sheets_of
from .codes import CODES, with_whole_codes, with_whole_commune_codes

# "Code région" of legal populations by region is no code of a commune.
_OTHER_LEVELS = r"(?:de_)?(?:la_|l_)?(?:reg|dep|arr|canton|epci|coll|iris|zone|postal)"
_CODE_HEADERS = (r"^codgeo$", r"^depcom$", r"^(?:code_)?(?:insee_)?com(?:mune)?$",
                 rf"^code(?!_{_OTHER_LEVELS})")  # fmt: skip
# Of rows of several levels of geography: which one.
_LEVEL = Field("level", (r"^nivgeo$",), required=False)
_LEVELS = ("COM", "ARM")
_CODE = Field("commune", _CODE_HEADERS, "code")
_NAME = Field("name", (r"^libgeo$", r"^lib", r"^nom"))
_PEOPLE_HEADERS = (r"^p(?:op|mun)_?(?:20)?\d\d$", r"^pmun", r"^population_municipale",
                   r"^population$")  # fmt: skip
# A file may have several censuses: the newest is that of the legal populations in force.
_PEOPLE = Field("population", _PEOPLE_HEADERS, "people", required=False, newest=True)
_LEGAL = replace(_PEOPLE, required=True, usual="PMUN20")

APPARTENANCE = Layout(
    "table d'appartenance géographique des communes (INSEE)",
    (
        _LEVEL,
        _CODE,
        _NAME,
        Field("departement", (r"^dep$", r"^departement$")),
        Field("region", (r"^reg$", r"^region$")),
        Field("canton", (r"^cv$", r"^canov$", r"^canton_?ou_?ville", r"^canton")),
        Field("urban_unit", (r"^uu(?:20\d\d)?$",), usual="UU2020"),
        Field("living_area", (r"^bv(?:20\d\d)?$",), usual="BV2022"),
        _PEOPLE,
    ),
)
ARRONDISSEMENTS = Layout(
    "arrondissements municipaux (INSEE)",
    (_LEVEL, Field("commune", (r"^codgeo$", r"^arm$"), "code"), _NAME, _PEOPLE),
)
# The code of a commune in two columns, as in « ensemble » and donnees_communes.
ENSEMBLE = Layout(
    "populations légales, départements et communes apart (INSEE)",
    (
        Field("departement", (r"^(?:code?_?)?dep(?:artement)?$",), usual="DEP"),
        Field("number_in_departement", (r"^codcom$", r"^code_(?:de_la_)?commune$"), usual="CODCOM"),
        _LEGAL,
    ),
)
POPULATIONS = Layout("populations légales (INSEE)", (_LEVEL, _CODE, _LEGAL))
# A row for each census and measure: DS_POPULATIONS_REFERENCE, DS_POPULATIONS_HISTORIQUES.
BY_MEASURE = Layout(
    "populations de référence, a row for each measure (INSEE)",
    (
        Field("level", (r"^geo_object$",), required=False),
        Field("commune", (r"^geo$",), "code"),
        Field("measure", (r"^popref_measure$",)),
        Field("census", (r"^time_period$",)),
        Field("population", (r"^obs_value$",), "people"),
    ),
)
# One column of inhabitants per census.
URBAN_UNITS = Layout(
    "populations des unités urbaines (INSEE)",
    (Field("urban_unit", (r"^uu(?:20\d\d)?$", r"^codgeo$", r"^code"), usual="UU2020"),),
    family=r"^(?:p(?:op|mun)?|rp)_?(?:20)?\d\d(?:_pop)?$|^population(?:_municipale)?(?:_20\d\d)?$",
    family_usual="PMUN17 or P17_POP",
    most=20_000_000,
)
MOVEMENTS = Layout(
    "événements de communes, code officiel géographique (INSEE)",
    (
        Field("mod", (r"^mod$",)),
        Field("date", (r"^date_eff$",)),
        Field("type_before", (r"^typecom_av$",)),
        Field("code_before", (r"^com_av$",)),
        Field("label_before", (r"^libelle_av$", r"^nccenr_av$")),
        Field("type_after", (r"^typecom_ap$",)),
        Field("code_after", (r"^com_ap$",)),
        Field("label_after", (r"^libelle_ap$", r"^nccenr_ap$")),
    ),
)
_ZONES = ("canton", "urban_unit", "living_area")
_LAYOUTS = (BY_MEASURE, APPARTENANCE, ENSEMBLE, ARRONDISSEMENTS, POPULATIONS)
_LEGAL_LAYOUTS = (BY_MEASURE, ENSEMBLE, POPULATIONS)
_SCHEMA = {
    field.name: pl.Float64 if field.is_number else pl.String
    for field in APPARTENANCE.fields
    if field is not _LEVEL
}
# Prefixes of the arrondissements municipaux of Paris, Marseille and Lyon, and their communes.
CITIES = {"751": "75056", "132": "13055", "6938": "69123"}
_PASSAGE = re.compile(r"^(?:com|codgeo|depcom)_?(20\d\d|ini)$")
# Of events, as INSEE numbers them.
_SUPPRESSION = "30"
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y")


# See `read_appartenance`.
Follow: TypeAlias = Callable[
    [pl.DataFrame, pl.DataFrame, int | None, int | None], tuple[pl.DataFrame, Sequence[Note]]
]


@dataclass(frozen=True)
class Geography:
    """A table d'appartenance.

    Attributes
    ----------
    communes : pl.DataFrame
        ``commune``, ``name``, ``departement``, ``region``, ``canton``, ``urban_unit``,
        ``living_area``, ``population`` (inhabitants; null if the files give none).
    arrondissements : pl.DataFrame
        ``commune``, ``name``, ``city``, ``population``; empty if the files have none.
    vintage : int or None
        Year of the geography; None if the files do not state it.
    recognised, notes, stamps
        See `Imported`.
    """

    communes: pl.DataFrame
    arrondissements: pl.DataFrame
    vintage: int | None
    recognised: str
    notes: tuple[Note, ...]
    stamps: tuple[Stamp, ...]


def read_appartenance(
    files: Sequence[Path],
    *,
    columns: Named = None,
    vintage: int | None = None,
    follow: Follow | None = None,
) -> Geography:
    """Read a table d'appartenance, with its arrondissements and legal populations.

    Parameters
    ----------
    files : sequence of Path
        The workbook, or its sheets as CSV files; any further file of legal populations.
    columns : mapping of str to str, optional
        Columns that are not recognised, by field.
    vintage : int, optional
        Year of the geography of the table, if the files do not state it.
    follow : callable, optional
        Converts legal populations to the communes of the table: called with ``commune``,
        ``population`` of both and the years of their geographies, None if not stated; returns
        those of the table's communes, and notes.

    Returns
    -------
    Geography

    Raises
    ------
    InputDataError
        A file is at fault; lists every fault of every file.
    """
    frames: list[pl.DataFrame] = []
    legal: list[pl.DataFrame] = []
    recognised: list[str] = []
    year_of_legal: int | None = None
    lacking: list[Fault] = []
    together = Issues(", ".join(path.name for path in files))
    names = names_for(columns, _LAYOUTS, together.file)
    for path in files:
        issues = Issues(path.name)
        matches = find(path, _LAYOUTS, names)
        others = [each for each in matches if _of_other_levels(each, matches)]
        issues.note("insee.other_levels", [each.sheet.name or path.name for each in others])
        for each in matches:
            if each in others:
                continue
            matched = _or_legal(each, names.given)
            frame = read_cells(matched, issues, _LEVELS)
            description = matched.description
            if matched.layout is BY_MEASURE:
                frame, census = _newest_census(frame, issues)
                description += f", census {census}"
            issues.fault_duplicates(frame, ["commune"], matched.names)
            refuse_fractions(frame, "population", matched.names, issues)
            if matched.layout in _LEGAL_LAYOUTS:
                legal.append(frame)
                lacking += _missing_zones(matched, names.given)
                year_of_legal = year_of_legal or stated_vintage(path, matched.sheet)
            else:
                frames.append(with_whole_codes(frame, matched.names, issues))
                vintage = vintage or stated_vintage(path, matched.sheet)
            recognised.append(description)
        together.notes += issues.notes
        together.faults += issues.faults
    raise_faults(together.faults)
    names.finish(columns, together.file)
    empty = pl.DataFrame(schema=_SCHEMA)
    communes = pl.concat([empty, *frames], how="diagonal").select(empty.columns)
    if not communes["living_area"].is_not_null().any():
        raise_faults(lacking)
        together.fault("insee.no_appartenance", expected=APPARTENANCE.expected)
    communes = _deduplicated(communes, together)
    raise_faults(together.faults)
    if legal:
        people = _legal_populations(legal, communes, together)
        if follow:
            own = communes.select("commune", "population")
            people, notes = follow(people, own, year_of_legal, vintage)
            together.notes += notes
        communes = _with_legal(communes, people, together)
    communes = _with_sums_of_cities(communes)
    whole = communes.filter(pl.col("commune").is_in(list(CITIES.values())))["commune"].sort()
    split = _cities_by_arrondissement(communes)
    without = whole.filter(~whole.is_in(split))
    together.note("insee.missing_arrondissements", without, warning=True)
    communes = communes.with_columns(city=_city(pl.col("commune"))).sort("commune")
    parts = communes.drop_nulls("city").select("commune", "name", "population", "city")
    communes = communes.filter(pl.col("city").is_null()).drop("city")
    notes, stamps = tuple(together.notes), tuple(map(stamp_of, files))
    return Geography(communes, parts, vintage, "; ".join(recognised), notes, stamps)


@dataclass(frozen=True)
class UrbanUnits:
    """Inhabitants of urban units.

    Attributes
    ----------
    units : pl.DataFrame
        ``urban_unit``, ``population``.
    year : int
        Of the census.
    recognised, notes, stamp
        See `Imported`.
    """

    units: pl.DataFrame
    year: int
    recognised: str
    notes: tuple[Note, ...]
    stamp: Stamp


def read_urban_units(path: Path, year: int | None = None, *, columns: Named = None) -> UrbanUnits:
    """Read the inhabitants of urban units in one census.

    Parameters
    ----------
    path : Path
        A file with the codes of urban units and a column of inhabitants for each of one or more
        censuses, ``PMUN17``, ``P17_POP`` ...
    year : int, optional
        Of the census, if the file has several or does not state it.
    columns : mapping of str to str or NamedColumns, optional
        The column ``urban_unit``, if it is not recognised.

    Returns
    -------
    UrbanUnits

    Raises
    ------
    InputDataError
        The file cannot be read, or does not say which column is of which census.
    """
    matched, issues = find(path, (URBAN_UNITS,), columns)[0], Issues(path.name)
    column, of = _census(matched, year, issues)
    issues.raise_faults()
    frame = read_cells(replace(matched, family={column: matched.family[column]}), issues)
    frame = frame.drop_nulls("urban_unit")
    issues.fault_duplicates(frame, ["urban_unit"], matched.names)
    refuse_fractions(frame, column, {column: column}, issues)
    frame = with_whole_codes(frame, matched.names, issues)
    issues.raise_faults()
    units = frame.select("urban_unit", population=column)
    return UrbanUnits(units, of, matched.description, tuple(issues.notes), stamp_of(path))


def _census(matched: Match, year: int | None, issues: Issues) -> tuple[str, int]:
    """Return the column of a census, and its year; a fault if either is not certain."""
    stated = ((column, re.search(r"(\d\d)(?:_pop)?$", plain(column))) for column in matched.family)
    years = {column: 2000 + int(found[1]) if found else None for column, found in stated}
    columns = [column for column, of in years.items() if year is None or of in (year, None)]
    if len(columns) == 1 and (of := years[columns[0]] or year):
        return columns[0], of
    kind = "urban_units_of_other_year" if year and not columns else "urban_units_of_which_year"
    issues.fault(f"insee.{kind}", columns=tuple(years), year=year)
    return "", 0


def _or_legal(matched: Match, columns: Mapping[str, str] | None) -> Match:
    """Take codes and names of communes that are not arrondissements for legal populations."""
    if matched.layout is not ARRONDISSEMENTS:
        return matched
    rows = read_cells(matched, Issues(matched.sheet.file), _LEVELS)
    if rows.filter(_city(pl.col("commune")).is_null()).is_empty():
        return matched
    legal = match(matched.sheet, POPULATIONS, columns)
    if legal is None:
        raise_faults(_missing_zones(matched, columns))
        present = (cell.strip() for cell in matched.sheet.head[matched.header])
        details = {"columns": shown_header(present), "expected": APPARTENANCE.expected}
        fault = Fault("insee.no_population_column", matched.sheet.file, details=details)
        raise InputDataError(fault)
    raise_faults(legal.faults)
    return legal


def _of_other_levels(matched: Match, matches: Sequence[Match]) -> bool:
    """Return whether a sheet of a workbook has no communes, or parts of them."""
    if "level" not in matched.columns:
        # « ensemble » has fractions cantonales and communes déléguées beside communes.
        names = {plain(m.sheet.name) for m in matches if m.layout is ENSEMBLE}
        communes = matched.layout is not ENSEMBLE or plain(matched.sheet.name) == "communes"
        return "communes" in names and not communes
    levels = text_columns(matched.sheet, matched.header, matched.columns)["level"]
    return not levels.str.to_uppercase().is_in(_LEVELS).any()


def _newest_census(frame: pl.DataFrame, issues: Issues) -> tuple[pl.DataFrame, str]:
    """Select the municipal populations of the newest census, and return its year."""
    frame = frame.filter(pl.col("measure") == "PMUN")
    if frame.is_empty() and not issues.faults:
        issues.fault("source_file.no_rows")
    newest = str(frame["census"].max() or "")
    return frame.filter(pl.col("census") == newest), newest


def _missing_zones(matched: Match, columns: Mapping[str, str] | None) -> list[Fault]:
    """Return the faults of a table d'appartenance that lacks some kinds of zones."""
    header = matched.sheet.head[matched.header]
    fields = [field for field in APPARTENANCE.fields if field.name in _ZONES]
    present = match_columns([plain(cell) for cell in header], fields, columns or {})
    if not present:
        return []
    details = {"columns": shown_header(header)}
    return [
        Fault("insee.no_column_of_zones", matched.sheet.file,
              details={**details, "zone": CODES[name].what, "field": name})
        for name in _ZONES
        if name not in present
    ]  # fmt: skip


def _deduplicated(communes: pl.DataFrame, issues: Issues) -> pl.DataFrame:
    """Return one row of an arrondissement that has several; refuse communes that have several."""
    repeated = communes.filter(pl.col("commune").is_duplicated()).sort("commune")
    parts = repeated.filter(_city(pl.col("commune")).is_not_null())
    whole = repeated.join(parts, on="commune", how="anti")["commune"].unique().sort()
    if len(whole):
        issues.fault("insee.repeated_communes", count=len(whole), values=whole[:3])
    different = parts.drop_nulls("population").unique(["commune", "population"])
    different = different.filter(pl.col("commune").is_duplicated()).sort("commune", "population")
    if different.height:
        values = different["commune"] + ": " + different["population"].cast(pl.String)
        issues.fault("insee.arrondissements_differ", count=different.height, values=values[:4])
    once = parts["commune"].unique().sort()
    issues.note("insee.repeated_arrondissements", once, warning=True)
    ordered = communes.sort("population", nulls_last=True, maintain_order=True)
    return ordered.unique("commune", keep="first", maintain_order=True)


def _legal_populations(
    legal: Sequence[pl.DataFrame], communes: pl.DataFrame, issues: Issues
) -> pl.DataFrame:
    """Return legal populations, without overseas collectivities; a city is the sum of its parts."""
    people = pl.concat([frame.select("commune", "population") for frame in legal])
    differ = people.unique().filter(pl.col("commune").is_duplicated())["commune"].unique().sort()
    if len(differ):
        issues.fault("insee.legal_populations_differ", values=differ[:3])
        raise_faults(issues.faults)
    people = people.unique("commune")
    unknown = people.filter(is_overseas(pl.col("commune"))).join(communes, on="commune", how="anti")
    issues.note("insee.overseas_collectivities", unknown["commune"].sort())
    people = people.join(unknown, on="commune", how="anti")
    # Cities whose arrondissements are in the table need the population of each of them.
    table = communes.with_columns(city=_city(pl.col("commune"))).drop_nulls("city")
    incomplete = table.join(people, on="commune", how="anti")["city"].unique()
    sums = _sums_of_cities(people).filter(~pl.col("commune").is_in(incomplete.implode()))
    return pl.concat([people, sums.join(people, on="commune", how="anti")]).sort("commune")


def _with_legal(communes: pl.DataFrame, people: pl.DataFrame, issues: Issues) -> pl.DataFrame:
    """Give communes their legal populations, which replace those of the table d'appartenance."""
    cities = _city(pl.col("commune")).is_in(communes["commune"].implode()).fill_null(value=False)
    unknown = people.filter(~cities).join(communes, on="commune", how="anti")["commune"].sort()
    departement = pl.col("commune").str.extract(r"^(97\d|..)")
    here = communes.select(departement.unique()).to_series()
    of_table = departement.is_in(here.implode())
    elsewhere = unknown.to_frame().filter(~of_table)["commune"]
    issues.note("insee.unknown_legal_populations", elsewhere, warning=True, of=people.height)
    lost = unknown.to_frame().filter(of_table)["commune"]
    if len(lost):
        withheld = is_of_most(len(lost), people.height, FEW)
        issues.fault(
            "insee.populations_of_other_communes", count=len(lost), withheld=withheld,
            values=() if withheld else first(lost),
        )  # fmt: skip
        raise_faults(issues.faults)
    people = people.rename({"population": "legal"})
    communes = communes.join(people, on="commune", how="left", maintain_order="left")
    own = communes.filter(pl.col("legal").is_null() & pl.col("population").is_not_null())
    issues.note("insee.populations_of_the_table", own["commune"], warning=True)
    other = communes.filter(pl.col("legal") != pl.col("population"))["commune"]
    issues.note("insee.populations_replaced", other, warning=True)
    return communes.with_columns(population=pl.coalesce("legal", "population")).drop("legal")


def _with_sums_of_cities(communes: pl.DataFrame) -> pl.DataFrame:
    """Give cities without a population the sum of those of their arrondissements."""
    sums = _sums_of_cities(communes).rename({"population": "sum"})
    communes = communes.join(sums, on="commune", how="left", maintain_order="left")
    return communes.with_columns(population=pl.coalesce("population", "sum")).drop("sum")


def _sums_of_cities(table: pl.DataFrame) -> pl.DataFrame:
    """Return the population of each city whose arrondissements all have one."""
    parts = table.select(pl.col("population"), commune=_city(pl.col("commune")))
    parts = parts.drop_nulls("commune").sort("commune")
    people = pl.col("population")
    sums = parts.group_by("commune").agg(pl.when(people.is_not_null().all()).then(people.sum()))
    return sums.select("commune", "population").drop_nulls()


def without_whole_cities(table: pl.DataFrame, issues: Issues) -> pl.DataFrame:
    """Leave out Paris, Lyon and Marseille as a whole if the table has their arrondissements.

    Parameters
    ----------
    table : pl.DataFrame
        With ``commune``; the people of these cities would be counted twice.
    issues : Issues
        Receives the note.
    """
    whole = pl.col("commune").is_in(_cities_by_arrondissement(table))
    issues.note("insee.whole_cities", table.filter(whole)["commune"].unique().sort())
    return table.filter(~whole)


def _cities_by_arrondissement(table: pl.DataFrame) -> list[str]:
    """Return the cities that have arrondissements in a table."""
    codes = table["commune"]
    return [city for prefix, city in CITIES.items() if codes.str.starts_with(prefix).any()]


def _city(code: pl.Expr) -> pl.Expr:
    """Return the commune of an arrondissement, null for any other commune."""
    city = pl.lit(None, pl.String)
    for prefix, whole in CITIES.items():
        city = pl.when(code.str.starts_with(prefix)).then(pl.lit(whole)).otherwise(city)
    return city


def read_movements(
    path: Path, issues: Issues | None = None, *, columns: Named = None
) -> pl.DataFrame:
    """Read the events of communes of the code officiel géographique.

    Parameters
    ----------
    path : Path
        ``v_mvt_commune_<year>.csv`` or a workbook of the same columns; dates as 2019-01-01 or
        01/01/2019.
    issues : Issues, optional
        Receives a note of the codes that were repaired.
    columns : mapping of str to str or NamedColumns, optional
        Columns that are not recognised, by field.

    Returns
    -------
    pl.DataFrame
        One row per event and commune: ``mod`` (Int64, see INSEE's list), ``date``,
        ``type_before``, ``code_before``, ``label_before``, ``type_after``, ``code_after``,
        ``label_after``; without those that create a commune from none. The two of a suppressed
        commune that is divided among no others are null.

    Raises
    ------
    InputDataError
        The file cannot be read, or has values that are not kinds of events or dates.
    """
    matched = find(path, (MOVEMENTS,), columns)[0]
    issues = issues or Issues(path.name)
    text = text_columns(matched.sheet, matched.header, matched.columns).with_row_index("row", 1)
    codes = {name: matched.names[name] for name in ("code_before", "code_after")}
    text = with_whole_commune_codes(text, codes, issues).drop_nulls("code_before")
    kind = pl.col("mod").cast(pl.Int64, strict=False)
    date = pl.coalesce(_day("date", form) for form in _DATES)
    for code, name, parsed in (
        ("insee.not_an_event", "mod", kind), ("insee.not_a_date", "date", date)
    ):  # fmt: skip
        wrong, of = text.filter(parsed.is_null()), ("label", text.height)
        issues.fault_rows(code, matched.names[name], wrong, name, of)
    ends = text.filter(pl.col("mod") == _SUPPRESSION, pl.col("code_after").is_null())
    others = text.join(ends, on="row", how="anti")
    for name in ("type_before", "type_after", "code_after"):
        empty = others.filter(pl.col(name).is_null())
        issues.fault_rows("movements.no_value", matched.names[name], empty, "code_before")
    raise_faults(issues.faults)
    return text.with_columns(mod=kind, date=date).drop("row")


def _day(name: str, form: str) -> pl.Expr:
    """Parse a date; a workbook adds the hour to it, and %Y would accept two digits."""
    text = pl.col(name).str.slice(0, 10)
    width = 8 if form.endswith("%y") else 10
    return pl.when(text.str.len_chars() == width).then(text).str.to_date(form, strict=False)


def read_passage(path: Path, issues: Issues | None = None) -> pl.DataFrame:
    """Read a passage table: the code of each commune year by year.

    Parameters
    ----------
    path : Path
        A file with two or more columns ``COM2021``, ``CODGEO_2022`` ...
    issues : Issues, optional
        Receives a note of the codes that were repaired.

    Returns
    -------
    pl.DataFrame
        One column of codes per year, named ``COM`` and the year; that of the initial codes
        ``CODGEO_INI``. Null if the commune has no code in that year.

    Raises
    ------
    InputDataError
        The file cannot be read, has fewer than two such columns, or values that are not codes.
    """
    issues = issues or Issues(path.name)
    sheets = sheets_of(path)
    for sheet in sheets:
        for row, cells in enumerate(sheet.head):
            years = {
                ("CODGEO_INI" if year[1] == "ini" else f"COM{year[1]}"): index
                for index, cell in enumerate(cells)
                if (year := _PASSAGE.match(plain(cell)))
            }
            if len(years) > 1:
                text = text_columns(sheet, row, years)
                text = text.filter(~pl.all_horizontal(pl.all().is_null())).with_row_index("row", 1)
                names = {name: cells[index].strip() for name, index in years.items()}
                text = with_whole_commune_codes(text, names, issues)
                issues.raise_faults()
                return text.drop("row")
    present = shown_header(sheets[0].head[0][:8]) if sheets and sheets[0].head else ()
    details = {"columns": present}
    raise InputDataError(Fault("insee.not_a_passage_table", path.name, details=details))
