"""The raw files that readers are tried on: they hold what they say, in the layouts they claim."""

from __future__ import annotations

import csv
import gzip
import hashlib
import shutil
import tempfile
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import fastexcel
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from support.publishers import (
    RawFiles,
    containers,
    damage,
    mesh,
    miniatures,
    movements,
    world,
    write_raw,
)
from support.publishers.plain import read_workbook
from support.tables import SAMPLES

from apl_engine import run
from apl_engine.schemas import INPUTS

NAMES = ["pays-de-la-loire", pytest.param("france", marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=NAMES)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RawFiles]:
    folder = tmp_path_factory.mktemp("raw")
    yield write_raw(SAMPLES / request.param, folder, duplicates=5, distancier_parquet=True)
    shutil.rmtree(folder)  # some 400 MB


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> RawFiles:
    folder = tmp_path_factory.mktemp("small")
    return write_raw(SAMPLES / NAMES[0], folder, prestations_csv=True)  # type: ignore[arg-type]


def tidy(made: RawFiles, name: str) -> pl.DataFrame:
    return pl.read_parquet(made.tidy / f"{name}.parquet")


def sample(made: RawFiles, name: str) -> pl.DataFrame:
    return pl.read_parquet(sample_folder(made) / f"{name}.parquet")


def sample_folder(made: RawFiles) -> Path:
    """Return what the files were made from; France is the one of many communes."""
    return SAMPLES / ("france" if tidy(made, "communes").height > 10_000 else "pays-de-la-loire")


def text_of(path: Path, encoding: str = "utf-8", separator: str = ";") -> pl.DataFrame:
    content = path.read_bytes().decode(encoding).encode()
    return pl.read_csv(content, separator=separator, infer_schema=False)


# --- the tidy tables ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INPUTS)
def test_tidy_tables_have_the_columns_of_the_schemas(made: RawFiles, name: str) -> None:
    table = INPUTS[name]
    needed = {column.name for column in table.columns if column.required} | set(table.key)
    found = set(tidy(made, name).columns)
    assert needed <= found <= set(table.names)
    assert tidy(made, name).sort(table.key).equals(tidy(made, name))


def test_tidy_tables_are_those_of_the_sample(made: RawFiles) -> None:
    """Down to the last bit, fees to the cent; consumption and codes of territories are others."""
    for name in ("practitioners", "population", "travel_times"):
        got = tidy(made, name)
        wanted = sample(made, name).select(got.columns).cast(dict(got.schema))
        if name == "practitioners":
            wanted = wanted.with_columns((pl.col("fees") * 100).round() / 100)
        assert_frame_equal(got, wanted.sort(INPUTS[name].key), check_exact=True)


def test_tidy_tables_can_be_run(made: RawFiles) -> None:
    """They pass every check; only consumption moves the APL, by little."""
    got, wanted = (run(path).communes.sort("commune") for path in (made.tidy, sample_folder(made)))
    assert got["etp"].equals(wanted["etp"])
    assert got["population"].equals(wanted["population"])
    assert (got["apl"] - wanted["apl"]).abs().max() < 0.05 * wanted["apl"].mean()  # type: ignore[operator]


# --- payments and register ------------------------------------------------------------------------


def test_payments_add_up_to_practitioners_and_consumption(made: RawFiles) -> None:
    """By DuckDB, in cents."""
    parts = sorted(made.prestations.iterdir())
    assert [part.name for part in parts] == [
        f"prestations_2022{month:02d}.parquet" for month in range(1, 13)
    ]
    duckdb.execute(f"create or replace view paid as from '{made.prestations}/*.parquet'")
    got = duckdb.sql(
        "select practitioner_id, commune, sum(acts), sum(cast(round(fees * 100) as bigint)) "
        "from paid group by all"
    ).fetchall()
    paid = {(person, place): (acts, cents) for person, place, acts, cents in got}
    wanted = {
        (row["practitioner_id"], row["commune"]): (row["acts"], round(100 * row["fees"]))
        for row in tidy(made, "practitioners").iter_rows(named=True)
    }
    assert {key: value for key, value in paid.items() if key[0][0] != "S"} == wanted
    assert sum(person[0] == "S" for person, _ in paid) >= 3
    bands = duckdb.sql(
        "select least(age // 5, 19) band, sum(cast(round(fees * 100) as bigint)) "
        "from paid group by all order by band"
    ).fetchall()
    fees = tidy(made, "consumption").sort("age_band")["fees"]
    assert [cents / 100 for _, cents in bands] == fees.to_list()
    assert fees.sum() == pytest.approx(sum(cents for _, cents in paid.values()) / 100, rel=1e-12)


def test_consumption_has_the_shape_of_the_sample(made: RawFiles) -> None:
    got, wanted = tidy(made, "consumption")["fees"], sample(made, "consumption")["fees"]
    for share, other in zip(got / got.sum(), wanted / wanted.sum(), strict=True):
        assert share == pytest.approx(other, rel=0.08)


def test_payments_are_many_and_some_are_taken_back(made: RawFiles) -> None:
    paid = pl.read_parquet(made.prestations / "*.parquet")
    practices = tidy(made, "practitioners").height
    assert 10 < paid.height / practices < 20
    negative = paid.filter(pl.col("acts") < 0)
    assert 0.01 < negative.height / paid.height < 0.05
    assert (negative["fees"] < 0).all()
    key = ["practitioner_id", "commune", "age"]
    opposite = negative.select(*key, -pl.col("acts"), -pl.col("fees"))
    assert opposite.join(paid, on=opposite.columns, how="anti").is_empty()
    assert paid["fees"].round(2).equals(paid["fees"])
    assert paid["month"].n_unique() == 12


def test_register_tells_ages_and_installations(made: RawFiles) -> None:
    register = text_of(made.register, "cp1252")
    assert "Mode d'exercice libellé" in register.columns
    assert register["IDENTIFIANT_PS"].str.starts_with("R").sum() >= 3
    people = defaultdict(set)
    for row in register.iter_rows(named=True):
        born, settled = (
            date.fromisoformat(row[name]) for name in ("DATE_NAISSANCE", "DATE_INSTALLATION")
        )
        age = 2022 - born.year - ((born.month, born.day) > (12, 31))
        assert settled > born
        people[row["IDENTIFIANT_PS"], row["COMMUNE_CABINET"]].add((age, settled.year == 2022))
    wanted = {
        (row["practitioner_id"], row["commune"]): {(row["age"], row["newly_installed"])}
        for row in tidy(made, "practitioners").iter_rows(named=True)
    }
    assert {key: value for key, value in people.items() if key[0][0] != "R"} == wanted


def test_register_has_births_on_the_days_where_ages_turn(made: RawFiles) -> None:
    days = text_of(made.register, "cp1252")["DATE_NAISSANCE"].str.slice(5)
    assert {"12-31", "01-01"} <= set(days)


def test_payments_as_csv_are_the_same(small: RawFiles) -> None:
    assert small.prestations_csv is not None
    for part in sorted(small.prestations.iterdir()):
        path = small.prestations_csv / f"{part.stem}.csv.gz"
        got = pl.read_csv(path, separator=";", decimal_comma=True, infer_schema_length=None)
        wanted = pl.read_parquet(part)
        assert_frame_equal(
            got,
            wanted.with_columns(pl.col("commune").cast(got.schema["commune"])),
            check_dtypes=False,
        )
        assert "," in gzip.decompress(path.read_bytes()).decode().splitlines()[1]


def test_without_strangers_both_files_have_the_same_people(tmp_path: Path) -> None:
    made = write_raw(
        SAMPLES / "pays-de-la-loire", tmp_path, with_strangers=False, population_layouts=()
    )
    paid = pl.read_parquet(made.prestations / "*.parquet")
    register = text_of(made.register, "cp1252")
    wanted = set(tidy(made, "practitioners")["practitioner_id"])
    assert set(paid["practitioner_id"]) == set(register["IDENTIFIANT_PS"]) == wanted
    assert tidy(made, "consumption")["fees"].sum() == pytest.approx(
        tidy(made, "practitioners")["fees"].sum(), rel=1e-12
    )
    assert made.population_wide is made.population_long is made.prestations_csv is None


# --- population -----------------------------------------------------------------------------------


def test_long_population_adds_up_in_any_order(made: RawFiles) -> None:
    paths = [path for path in (made.population_long, made.mayotte_long) if path]
    types = {"CODGEO": pl.String, "AGED100": pl.Int16}
    frames = [pl.read_csv(path, separator=";", schema_overrides=types) for path in paths]
    long = pl.concat(frames)
    assert long.columns == ["NIVGEO", "CODGEO", "LIBGEO", "SEXE", "AGED100", "NB"]
    assert (long["NB"] * 1024 == (long["NB"] * 1024).round()).all()
    assert (long["NB"] >= 0).all()
    assert (long["NB"] % 1 != 0).mean() > 0.9
    for rows in (long, long.reverse()):
        got = (
            rows.group_by("CODGEO", (pl.col("AGED100") // 5).clip(0, 19).alias("band"))
            .agg(pl.col("NB").sum())
            .sort("CODGEO", "band")
        )
        assert got["NB"].equals(tidy(made, "population")["population"].alias("NB"))
        assert got["CODGEO"].to_list() == tidy(made, "population")["commune"].to_list()
    parts = long.filter(NIVGEO="ARM")["CODGEO"].unique()
    assert parts.len() in (0, 45)
    assert not {"75056", "69123", "13055"} & set(long["CODGEO"])
    if made.mayotte_long:
        assert set(frames[1]["CODGEO"].str.slice(0, 3)) == {"976"}
        assert not frames[0]["CODGEO"].str.starts_with("976").any()


def test_wide_population_is_the_long_one(made: RawFiles) -> None:
    for wide, long in (
        (made.population_wide, made.population_long),
        (made.mayotte_wide, made.mayotte_long),
    ):
        if wide is None or long is None:
            assert wide is long is None
            continue
        book = fastexcel.read_excel(wide)
        frame = book.load_sheet("COM", header_row=10).to_polars()
        ages = [f"SEXE{sex}_AGED100{age:03d}" for sex in (1, 2) for age in range(101)]
        assert frame.columns == ["CODGEO", "LIBGEO", *ages]
        rows = pl.read_csv(long, separator=";", schema_overrides={"CODGEO": pl.String})
        assert frame["CODGEO"].to_list() == rows["CODGEO"].unique(maintain_order=True).to_list()
        values = frame.select(ages).to_numpy().reshape(-1)
        assert (values == rows["NB"].to_numpy()).all()


def test_large_workbooks_are_well_formed(small: RawFiles) -> None:
    """Read by another reader: cell by cell, from the XML."""
    assert small.population_wide is not None
    rows = read_workbook(small.population_wide)["COM"]
    assert rows[10][:3] == ["CODGEO", "LIBGEO", "SEXE1_AGED100000"]
    assert rows[11][0] == tidy(small, "communes")["commune"][0]
    assert rows[0] == ["Recensement de la population 2020 - Tableaux détaillés"]
    assert len(rows) == 11 + tidy(small, "communes").height
    with zipfile.ZipFile(small.population_wide) as book:
        assert b'<dimension ref="A1:GV1572"/>' in book.read("xl/worksheets/sheet1.xml")
    table = read_workbook(small.appartenance)
    assert table["COM"][5][:2] == ["CODGEO", "LIBGEO"]
    assert table["COM"][6][0] == tidy(small, "communes")["commune"][0]


# --- distancier -----------------------------------------------------------------------------------


def test_distancier_has_the_sample_and_as_much_beyond(made: RawFiles) -> None:
    assert made.distancier_parquet is not None
    raw = pl.read_csv(
        made.distancier,
        separator=";",
        schema_overrides={"idSrc": pl.String, "idDst": pl.String},
    )
    assert raw.columns == ["idSrc", "idDst", "duree", "distance"]
    assert_frame_equal(raw, pl.read_parquet(made.distancier_parquet), check_exact=True)
    wanted = tidy(made, "travel_times")
    names = {"idSrc": "origin", "idDst": "destination", "duree": "minutes"}
    within = raw.filter(pl.col("duree").is_between(0, 20)).select(list(names)).rename(names)
    assert within.height == wanted.height + 5
    assert_frame_equal(within.unique().sort("origin", "destination"), wanted, check_exact=True)
    beyond = raw.filter(pl.col("duree") > 20)
    assert beyond.height == wanted.height
    assert raw.unique(["idSrc", "idDst"]).height == raw.height - 5
    missing = raw.filter(pl.col("duree") < 0)
    assert missing.height >= 3
    assert set(missing["duree"]) == set(missing["distance"]) == {-999_999.0}
    assert (raw["idSrc"] != raw["idDst"]).all()


def test_durations_are_written_to_the_last_bit(small: RawFiles) -> None:
    with gzip.open(small.distancier, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    times = {(row["idSrc"], row["idDst"]): row["duree"] for row in rows}
    for origin, destination, minutes in tidy(small, "travel_times").iter_rows():
        assert times[origin, destination] == repr(minutes)


def test_diagonal_is_an_option(tmp_path: Path) -> None:
    made = write_raw(SAMPLES / "pays-de-la-loire", tmp_path, diagonal=True, population_layouts=())
    raw = pl.read_csv(made.distancier, separator=";", infer_schema=False)
    own = raw.filter(pl.col("idSrc") == pl.col("idDst"))
    assert sorted(own["idSrc"]) == tidy(made, "communes")["commune"].to_list()
    assert set(own["duree"]) == {"0.0"}


# --- table d'appartenance -------------------------------------------------------------------------


def by_article_two(made: RawFiles) -> dict[str, tuple[str, str]]:
    """Kind and code of every place's territory, from the CSV files, once more and otherwise."""
    duckdb.execute(
        f"create or replace table com as from read_csv('{made.appartenance_csv}', delim=';', "
        "all_varchar=true, header=true)"
    )
    found = duckdb.sql(
        "with unit as (select UU2020, sum(cast(POP2020 as int)) people from com "
        "where UU2020 not like '%000' group by 1), "
        "large as (select p.CODGEO basin from com p join unit using (UU2020) where people > 30000) "
        "select CODGEO, case when basin is null then 'bv' when CV like '%ZZ' then 'commune' "
        "else 'cv' end, case when basin is null then BV2022 when CV like '%ZZ' then CODGEO else CV "
        "end from com left join large on BV2022 = basin"
    ).fetchall()
    territories = {code: (kind, territory) for code, kind, territory in found}
    if made.arrondissements_csv is not None:
        for code, town in text_of(made.arrondissements_csv).select("CODGEO", "COM").iter_rows():
            kind, territory = territories[town]
            territories[code] = (kind, code if kind == "commune" else territory)
        for town in ("75056", "69123", "13055"):
            del territories[town]
    return territories


def test_territories_are_those_of_the_rule(made: RawFiles) -> None:
    rule = by_article_two(made)
    told = {code: (kind, found) for code, kind, found in pl.read_parquet(made.mesh).iter_rows()}
    assert told == rule
    table = tidy(made, "communes")
    assert dict(table.select("commune", "territory").iter_rows()) == {
        place: code for place, (_, code) in rule.items()
    }
    assert Counter(kind for kind, _ in rule.values()).keys() >= {"bv", "cv"}


def test_territories_group_communes_as_the_sample_does(made: RawFiles) -> None:
    groups: dict[str, set[str]] = defaultdict(set)
    for code, territory in sample(made, "communes").select("commune", "territory").iter_rows():
        groups[territory].add(code)
    if any(code.startswith("132") for code in groups):
        marseille = set().union(*(groups.pop(f"132{number:02d}") for number in range(1, 17)))
        groups["1398"] = marseille
    found: dict[str, set[str]] = defaultdict(set)
    for code, territory in tidy(made, "communes").select("commune", "territory").iter_rows():
        found[territory].add(code)
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, groups.values()))


def test_the_workbook_is_the_csv(made: RawFiles) -> None:
    book = sheets_of(made.appartenance)
    text = text_of(made.appartenance_csv)
    header = ["CODGEO", "LIBGEO", "DEP", "REG", "ARR", "CV", "ZE2020", "UU2020", "BV2022"]
    assert book["COM"][5] == header
    frame = pl.DataFrame(book["COM"][6:], schema=header, orient="row")
    assert frame.select(text.columns[:-1]).equals(text.select(text.columns[:-1]))
    legal = dict(text_of(made.legal_populations_csv).iter_rows())
    assert {code: legal[code] for code in text["CODGEO"]} == dict(
        text.select("CODGEO", "POP2020").iter_rows()
    )
    sheet = sheets_of(made.legal_populations)["COM"]
    assert sheet[0] == ["CODGEO", "PMUN20"]
    assert dict(sheet[1:]) == legal  # type: ignore[arg-type]
    if made.arrondissements_csv is None:
        assert list(book) == ["COM"]
        return
    assert list(book) == ["COM", "ARM"]
    parts = text_of(made.arrondissements_csv)
    assert [row[0] for row in book["ARM"][6:]] == parts["CODGEO"].to_list()
    assert [row[2] for row in book["ARM"][6:]] == parts["COM"].to_list()
    for town in ("75056", "69123", "13055"):
        assert sum(map(int, parts.filter(COM=town)["POP2020"])) == int(legal[town])


def sheets_of(path: Path) -> dict[str, list[list[str | None]]]:
    """Every cell as text, by fastexcel."""
    book = fastexcel.read_excel(path)
    sheets = {}
    for name in book.sheet_names:
        frame = book.load_sheet(name, header_row=None, dtypes="string").to_polars()
        sheets[name] = [list(row) for row in frame.iter_rows()]
    return sheets


def test_some_cantons_stand_in_divided_and_in_whole_basins(made: RawFiles) -> None:
    """As in the real table: the canton of a commune does not tell whether it is its territory."""
    rule = by_article_two(made)
    kinds = defaultdict(set)
    for code, canton in text_of(made.appartenance_csv).select("CODGEO", "CV").iter_rows():
        if code in rule:
            kinds[canton].add(rule[code][0])
    assert {"bv", "cv"} in kinds.values()


@pytest.mark.slow
@pytest.mark.parametrize(("whole", "territories"), [(True, 2_780), (False, 2_795)])
def test_marseille_by_arrondissement_is_an_option(whole: bool, territories: int) -> None:
    communes = pl.read_parquet(SAMPLES / "france" / "communes.parquet")
    people = pl.read_parquet(SAMPLES / "france" / "population.parquet")
    totals = people.group_by("commune").agg(pl.col("population").sum())
    found = mesh.territories_by_rule(mesh.draw_mesh(communes, totals, marseille_whole=whole))
    assert found["13201"].code == ("1398" if whole else "13201")
    assert found["75101"] == mesh.Territory("commune", "75101", "Paris 1er Arrondissement")
    assert len({(one.kind, one.code) for one in found.values()}) == territories


# --- determinism ----------------------------------------------------------------------------------


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_bytes_each_time_and_others_for_another_seed(tmp_path: Path, small: RawFiles) -> None:
    first = digests(small.tidy.parent)
    write_raw(SAMPLES / "pays-de-la-loire", tmp_path / "a", prestations_csv=True)
    assert digests(tmp_path / "a") == first
    write_raw(SAMPLES / "pays-de-la-loire", tmp_path / "b", seed=7, population_layouts=("long",))
    other = digests(tmp_path / "b")
    changed = {name for name in other if other[name] != first[name]}
    assert "prestations/prestations_202205.parquet" in changed
    assert "BTT_TD_POP1B_2020.csv" in changed
    assert "distancier_metric.csv.gz" in changed
    assert not changed & {"tidy/practitioners.parquet", "appartenance_2023.csv"}


# --- miniatures -----------------------------------------------------------------------------------


def codes() -> list[str]:
    return [place.code for place in world.places()]


def test_the_small_world_has_what_is_hard_to_read() -> None:
    all_codes = codes()
    assert len(all_codes) == len(set(all_codes)) == 15
    assert any(code.startswith("0") for code in all_codes)
    assert {"2A004", "75116", "97209"} <= set(all_codes)
    assert any("Œ" in place.name for place in world.places())
    assert Counter(
        found for found in miniature(miniatures.write_appartenance)["territories"]["kind"]
    ) == {"bv": 6, "cv": 4, "commune": 5}


def miniature(write: Callable[..., dict[str, pl.DataFrame]], *args: Any, **options: Any) -> Any:
    """What a writer returns, when its file does not matter."""
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder) / "file.xlsx", *args, **options)


@pytest.mark.parametrize("name", ["metric.csv", "metric.csv.gz", "metric.xlsx"])
def test_metric(tmp_path: Path, name: str) -> None:
    expected = miniatures.write_metric(tmp_path / name, diagonal=True)
    rows = table(tmp_path / name)
    assert rows[0] == ["idSrc", "idDst", "duree", "distance"]
    found = {(a, b): float(m) for a, b, m, _ in rows[1:]}
    absent = dict.fromkeys(expected["missing"].iter_rows(), -999_999.0)
    assert len(absent) == 2
    times = {(a, b): m for a, b, m in expected["travel_times"].iter_rows()}
    assert found == times | absent
    assert {times[code, code] for code in codes()} == {0.0}
    directed = [pair for pair in times if times.get(pair[::-1]) != times[pair]]
    assert any(pair[::-1] not in times for pair in directed)
    assert len(directed) > 10


def table(path: Path) -> list[list[Any]]:
    """Rows of the first sheet of a workbook, or of a CSV."""
    if path.suffix == ".xlsx":
        return next(iter(read_workbook(path).values()))
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", ["hours", "minutes", "seconds"])
def test_distancier_in_other_units(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "distancier.csv"
    names = ("de", "vers", "t", "km")
    expected = miniatures.write_distancier(path, unit=unit, columns=names)["travel_times"]
    rows = table(path)
    assert tuple(rows[0]) == names
    in_minutes = {"hours": 60, "minutes": 1, "seconds": 1 / 60}[unit]
    for row, (a, b, minutes) in zip(rows[1:], expected.iter_rows(), strict=True):
        assert row[:2] == [a, b]
        assert float(row[2]) * in_minutes == pytest.approx(minutes, rel=1e-15)
    assert max(float(row[2]) for row in rows[1:]) < 1 or unit != "hours"


def test_distancier_with_peaks(tmp_path: Path) -> None:
    expected = miniatures.write_distancier_peaks(tmp_path / "d.csv")
    rows = table(tmp_path / "d.csv")
    assert rows[0] == ["idSrc", "idDst", "duree_hc", "duree_hp", "distance"]
    for column, name in ((2, "travel_times"), (3, "travel_times_peak")):
        assert [float(row[column]) for row in rows[1:]] == expected[name]["minutes"].to_list()


def test_pop1b(tmp_path: Path) -> None:
    wide = miniatures.write_pop1b_wide(tmp_path / "wide.xlsx")["population"]
    long = miniatures.write_pop1b_long(tmp_path / "long.csv")["population"]
    assert wide.equals(long)
    rows = read_workbook(tmp_path / "wide.xlsx")["COM"]
    assert rows[10][0] == "CODGEO"
    sums = {row[0]: sum(Fraction(cell) for cell in row[2:]) for row in rows[11:]}  # type: ignore[arg-type]
    assert sums == {
        code: sum(map(Fraction, group["population"])) for (code,), group in wide.group_by("commune")
    }
    text = text_of(tmp_path / "long.csv")
    assert text.height == 15 * 202
    assert set(text.filter(NIVGEO="ARM")["CODGEO"]) == {
        "13201", "13202", "69381", "75116", "75117"
    }  # fmt: skip
    old = text.filter(pl.col("AGED100").is_in(["095", "096", "097", "098", "099", "100"]))
    by_commune = old.group_by("CODGEO").agg(pl.col("NB").cast(pl.Float64).sum()).sort("CODGEO")
    assert by_commune["NB"].to_list() == wide.filter(age_band="95+")["population"].to_list()


def test_wide_bands(tmp_path: Path) -> None:
    miniatures.write_wide_bands(tmp_path / "b.xlsx")
    assert "P20_POP0014" in read_workbook(tmp_path / "b.xlsx")["COM_2020"][5]


def test_appartenance(tmp_path: Path) -> None:
    expected = miniatures.write_appartenance(tmp_path / "t.xlsx")
    book = read_workbook(tmp_path / "t.xlsx")
    assert [row[0] for row in book["COM"][6:]] == expected["table"]["CODGEO"].to_list()
    assert {"75056", "69123", "13055"} <= set(expected["table"]["CODGEO"])
    assert book["ARM"][5][:3] == ["CODGEO", "LIBGEO", "COM"]
    assert [row[2] for row in book["ARM"][6:]] == expected["arrondissements"]["COM"].to_list()
    miniatures.write_appartenance_csv(tmp_path)
    text = text_of(tmp_path / "appartenance_2023.csv")
    assert text["POP2020"].cast(pl.Int64).to_list() == expected["table"]["POP2020"].to_list()
    legal = miniatures.write_legal_populations(tmp_path)["populations"]
    assert text_of(tmp_path / "populations_legales_2020.csv")["CODGEO"].equals(legal["CODGEO"])


def test_passage(tmp_path: Path) -> None:
    expected = miniatures.write_passage(tmp_path / "p.csv")["passage"]
    assert text_of(tmp_path / "p.csv").equals(expected)
    expected = miniatures.write_passage_workbook(tmp_path / "p.xlsx")["passage"]
    rows = read_workbook(tmp_path / "p.xlsx")["Table de passage"]
    assert rows[5] == ["CODGEO_INI", "CODGEO_2024", "LIBGEO_2024"]
    assert rows[6:] == [list(row) for row in expected.iter_rows()]
    assert (expected["CODGEO_INI"] != expected["CODGEO_2024"]).any()


@pytest.mark.parametrize("dates", ["iso", "dd/mm/yy"])
def test_movements(tmp_path: Path, dates: str) -> None:
    path = tmp_path / "v_mvt_commune_2024.csv"
    expected = miniatures.write_movements(path, dates=dates)
    text = text_of(path, separator=",")
    assert text.columns == list(movements.COLUMNS)
    assert set(text["MOD"]) == {"10", "20", "21", "30", "31", "32", "33", "34", "41", "50", "70"}
    moved = expected["movements"]
    assert text.select("MOD", "COM_AV", "COM_AP").equals(moved.select("MOD", "COM_AV", "COM_AP"))
    shape = "%Y-%m-%d" if dates == "iso" else "%d/%m/%y"
    shown = [day.strftime(shape) for day in moved["DATE_EFF"]]
    assert text["DATE_EFF"].to_list() == shown
    assert text["DATE_EFF"][0] == ("2024-01-01" if dates == "iso" else "01/01/24")


def test_what_became_of_communes_follows_from_the_movements() -> None:
    """Day by day from 2015 on, all events of a day at once."""
    moved = miniature(miniatures.write_movements)["movements"]
    moved = moved.filter(TYPECOM_AV="COM", TYPECOM_AP="COM")
    moved = moved.filter(pl.col("DATE_EFF") > date(2015, 1, 1)).sort("DATE_EFF")
    for start, ends in movements.BECAME.items():
        now = {start}
        for _, events in moved.group_by("DATE_EFF", maintain_order=True):
            after = defaultdict(set)
            for before, code in events.select("COM_AV", "COM_AP").iter_rows():
                after[before].add(code)
            now = set().union(*(after.get(code, {code}) for code in now))
        assert now == set(ends)


def test_drees_of_2021_and_2019(tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.csv"):
        frame = miniatures.write_drees_2021(tmp_path / name)["2021"]
        rows = table(tmp_path / name)
        assert rows[0][3] == "APL 2021 aux masseuses-kinésithérapeutes de 65 ans et moins"
        assert [float(row[3]) for row in rows[1:]] == frame["apl"].to_list()
        assert [row[0] for row in rows[1:]] == codes()
        frame = miniatures.write_drees_2019(tmp_path / name)["2019"]
        rows = table(tmp_path / name)
        assert rows[0][0] == "Commune"
        assert [row[0] for row in rows[1:]] == codes() == frame["commune"].to_list()


@pytest.mark.parametrize("by_age", [False, True])
def test_drees_by_year(tmp_path: Path, by_age: bool) -> None:
    expected = miniatures.write_drees_years(tmp_path / "d.xlsx", by_age=by_age)
    book = read_workbook(tmp_path / "d.xlsx")
    assert list(book) == ["APL 2022", "APL 2023", "APL 2024"]
    assert len({tuple(rows[8]) for rows in book.values()}) == 3
    assert book["APL 2022"][8][:3] == ["Code commune INSEE", "Commune", "APL aux kinésithérapeutes"]
    for (name, rows), (year, frame) in zip(book.items(), expected.items(), strict=True):
        assert name == f"APL {year}"
        assert rows[9][2] == "ETP pour 100 000 habitants standardisés"
        assert rows[9][0] is None
        data = rows[10 : 10 + frame.height]
        assert [tuple(row) for row in data] == frame.rows()
        notes = [row[0] for row in rows[11 + frame.height :]]
        assert [str(note).split(" :")[0] for note in notes] == ["Lecture", "Champ", "Source"]
        assert ("apl_65" in frame.columns) is by_age


@pytest.mark.parametrize("name", ["b.csv", "b.xlsx"])
def test_bvcv(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = miniatures.write_bvcv(path)["composition"]
    rows = table(path)
    assert rows[0] == ["bvcv", "reg", "dep", "depcom", "libcom", "libbvcv"]
    assert [row[0].rstrip("_") for row in rows[1:]] == frame["territory"].to_list()
    assert {len(row[0]) for row in rows[1:]} == {5}
    assert any(row[0].endswith("_") for row in rows[1:])
    miniatures.write_bvcv(path, padded=False, as_numbers=True, of_sas=True)
    lost = table(path)
    assert len(lost[0]) == 12
    assert str(lost[1][3]) == "1001"
    assert isinstance(lost[1][3], int) is (path.suffix == ".xlsx")
    assert [str(row[3]).zfill(5) for row in lost[1:]] == codes()


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_ars(tmp_path: Path, name: str) -> None:
    zones = miniatures.write_ars_app(tmp_path / name)["zones"]
    rows = table(tmp_path / name)
    assert rows[0][4:] == [
        "dansMaRegion", "estMajoritaire", "echangeable", "enVigueurAutreReg", "Population", "Zonage"
    ]  # fmt: skip
    assert [row[9].strip("*") for row in rows[1:]] == zones["zone"].to_list()
    assert [row[9].startswith("*") for row in rows[1:]] == zones["provisional"].to_list()
    assert zones["provisional"].any()
    assert zones.group_by("territory").agg(pl.col("zone").n_unique())["zone"].max() == 1
    frame = miniatures.write_ars_frame(tmp_path / name)["territories"]
    rows = table(tmp_path / name)
    assert rows[0] == ["reg", "bvcv", "apl_2017_bvcv", "zonage_nat", "ZE_UD", "ZE_OD"]
    kept = {full: row[3] for full, row in zip(frame["zone"], rows[1:], strict=True)}
    assert kept == {
        "1-Zone très sous dotée": "1-Zone très sous",
        "2-Zone sous dotée": "2-Zone sous dotée",
        "3-Zone intermédiaire": "3-Zone intermédia",
        "4-Zone très dotée": "4-Zone très doté",
        "5-Zone sur dotée": "5-Zone sur dotée",
    }
    assert frame["territory"].is_unique().all()


@pytest.mark.parametrize("at_odds", [False, True])
def test_free_layout(tmp_path: Path, at_odds: bool) -> None:
    zones = miniatures.write_free_layout(tmp_path / "f.xlsx", at_odds=at_odds)["zones"]
    rows = read_workbook(tmp_path / "f.xlsx")["Annexe"]
    assert rows[2][1:5] == ["N°", "Commune", "Code INSEE", "Zonage 2024"]
    assert [row[3] for row in rows[3:18]] == codes() == zones["commune"].to_list()
    assert [row[4] for row in rows[3:18]] == zones["zone"].to_list()
    territory = miniature(miniatures.write_appartenance)["territories"]
    joined = zones.join(territory, on="commune").group_by("code").agg(pl.col("level").n_unique())
    assert (joined["level"].max() == 2) is at_odds


def test_miniatures_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for name in miniatures.__all__:
            target = tmp_path / folder / f"{name}.xlsx"
            if name in ("write_appartenance_csv", "write_legal_populations"):
                target = tmp_path / folder
            getattr(miniatures, name)(target)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert len(digests(tmp_path / "a")) > 18


# --- damage ---------------------------------------------------------------------------------------


@pytest.fixture
def drees(tmp_path: Path) -> Path:
    path = tmp_path / "drees.xlsx"
    miniatures.write_drees_years(path, years=(2022,))
    return path


def test_reading_back_loses_nothing(drees: Path) -> None:
    before = read_workbook(drees)
    damage.move_header(drees, rows=0)
    assert read_workbook(drees) == before


def test_damaged_sheets_and_headers(drees: Path) -> None:
    rows = read_workbook(drees)["APL 2022"]
    damage.rename_sheets(drees)
    assert list(read_workbook(drees)) == ["Feuil1"]
    damage.put_cover_first(drees)
    assert list(read_workbook(drees)) == ["Lisez-moi", "Feuil1"]
    damage.move_header(drees, 2, sheet="Feuil1")
    assert read_workbook(drees)["Feuil1"][10] == rows[8]
    damage.rename_column(drees, 11, "Commune", "", sheet="Feuil1")
    assert read_workbook(drees)["Feuil1"][10][1] is None
    damage.merge_titles(drees, sheet="Feuil1")
    with zipfile.ZipFile(drees) as book:
        assert b'<mergeCell ref="A1:D1"/>' in book.read("xl/worksheets/sheet2.xml")
    assert read_workbook(drees)["Feuil1"][0][0] == "Titre sur quatre colonnes"
    damage.drop_sheet(drees, "Lisez-moi")
    assert list(read_workbook(drees)) == ["Feuil1"]


def test_damaged_cells(drees: Path) -> None:
    before = read_workbook(drees)["APL 2022"]
    damage.mask_cells(drees, 2, 11)
    assert [row[2] for row in read_workbook(drees)["APL 2022"][10:13]] == ["NS", "n.d.", "-"]
    damage.write_decimal_commas(drees, 2, 14)
    assert read_workbook(drees)["APL 2022"][13][2] == str(before[13][2]).replace(".", ",")
    damage.write_thousands(drees, 4, 11)
    assert read_workbook(drees)["APL 2022"][11][4] == "14\u202f288"
    damage.write_thousands(drees, 3, 11, space=damage.NO_BREAK_SPACE)
    assert read_workbook(drees)["APL 2022"][11][3] == "14\xa0823.8"
    damage.add_total_row(drees)
    assert read_workbook(drees)["APL 2022"][-1][0] == "France entière"
    became = damage.mangle_codes(drees, 0, 11)
    after = [row[0] for row in read_workbook(drees)["APL 2022"][10:25]]
    assert after[0] == 1001
    assert "2a004" in after
    assert after.count("1E+05") == 1
    assert became["01001"] == "1001"
    assert became["2A004"] == "2a004"
    assert "1E+05" in became.values()


def test_damaged_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    miniatures.write_drees_2021(path)
    damage.mangle_codes(path, 0, 2, as_numbers=False)
    assert table(path)[1][0] == "1001"
    damage.repeat_row(path, 2)
    assert table(path)[1] == table(path)[2]
    damage.add_total_row(path, "Total", at=1)
    assert table(path)[-1][1] == "Total"
    damage.to_utf8_with_mark(path)
    assert path.read_bytes()[:4] == b"\xef\xbb\xbfC"
    miniatures.write_drees_2021(path)
    damage.to_windows(path)
    assert b"\x8cuilly" in path.read_bytes()
    miniatures.write_drees_2021(path)
    damage.to_latin1(path)
    assert "OEuilly" in path.read_bytes().decode("latin-1")
    with pytest.raises(UnicodeDecodeError):
        path.read_text("utf-8")
    miniatures.write_drees_2021(path)
    damage.to_utf16(path)
    assert path.read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")
    miniatures.write_drees_2021(path)
    damage.leave_quote_open(path)
    assert path.read_text("utf-8").count('"') == 1


def test_a_gzip_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "m.csv.gz"
    miniatures.write_metric(path)
    damage.cut_short(path)
    with pytest.raises(EOFError):
        gzip.decompress(path.read_bytes())


def test_containers_are_what_they_claim(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    containers.write_encrypted_workbook(path)
    assert "EncryptedPackage".encode("utf-16-le") in path.read_bytes()
    with pytest.raises(fastexcel.FastExcelError, match="password protected"):
        fastexcel.read_excel(path)
    containers.write_old_workbook(path)
    assert path.read_bytes().startswith(containers.OLE2_MAGIC)
    assert "EncryptedPackage".encode("utf-16-le") not in path.read_bytes()
    miniatures.write_drees_2021(path)
    containers.add_macros(path)
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        assert "xl/vbaProject.bin" in book.namelist()
        assert b"macroEnabled" in book.read("[Content_Types].xml")
    assert table(path)[0][0] == "Code commune"


def test_a_zip_bomb_is_small_and_true(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    containers.write_zip_bomb(path)
    assert path.stat().st_size < 10_000_000
    with zipfile.ZipFile(path) as book:
        assert book.getinfo("xl/worksheets/sheet1.xml").file_size == 5 << 30
        assert book.read("xl/workbook.xml").startswith(b"<?xml")
    containers.write_zip_bomb(path, claimed=1_000)
    with zipfile.ZipFile(path) as book:
        assert book.getinfo("xl/worksheets/sheet1.xml").file_size == 1_000


def test_the_check_sum_of_a_zip_bomb_is_right() -> None:
    for length in (0, 1, 5, 1_000, 123_456):
        assert containers._crc_of_zeros(length) == zlib.crc32(bytes(length))
