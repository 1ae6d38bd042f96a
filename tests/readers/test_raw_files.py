"""The raw files that readers are tested on have the content and the layouts that they claim."""

from __future__ import annotations

import csv
import gzip
import shutil
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import fastexcel
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from support.publishers import (
    RawFiles,
    mesh,
    write_raw,
)
from support.publishers.plain import read_workbook
from support.raw_files import digests, sheets_of, text_of
from support.tables import SAMPLES

from apl_engine import run
from apl_engine.schemas import INPUTS

# All test what the tests write, none of them the package.
pytestmark = [pytest.mark.slow, pytest.mark.heavy]
NAMES = ["pays-de-la-loire", "france"]


@pytest.fixture(
    scope="module", params=[NAMES[0], pytest.param(NAMES[1], marks=pytest.mark.nightly)]
)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RawFiles]:
    folder = tmp_path_factory.mktemp("raw")
    yield write_raw(SAMPLES / request.param, folder, duplicates=5, distancier_parquet=True)
    shutil.rmtree(folder)  # some 400 MB


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> RawFiles:
    folder = tmp_path_factory.mktemp("small")
    return write_raw(SAMPLES / NAMES[0], folder, prestations_csv=True)


def tidy(made: RawFiles, name: str) -> pl.DataFrame:
    return pl.read_parquet(made.tidy / f"{name}.parquet")


def sample(made: RawFiles, name: str) -> pl.DataFrame:
    return pl.read_parquet(sample_folder(made) / f"{name}.parquet")


def sample_folder(made: RawFiles) -> Path:
    """Return what the files were made from; France is the one of many communes."""
    return SAMPLES / ("france" if tidy(made, "communes").height > 10_000 else "pays-de-la-loire")


# --- the tidy tables ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INPUTS)
def test_tidy_tables_have_the_columns_of_the_schemas(made: RawFiles, name: str) -> None:
    table = INPUTS[name]
    needed = {column.name for column in table.columns if column.required} | set(table.key)
    present = set(tidy(made, name).columns)
    assert needed <= present <= set(table.names)
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
    paid = {(person, commune): (acts, cents) for person, commune, acts, cents in got}
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


def test_register_gives_ages_and_installations(made: RawFiles) -> None:
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
    """Return kind and code of the territory of every commune, computed in SQL."""
    duckdb.execute(
        f"create or replace table com as from read_csv('{made.appartenance_csv}', delim=';', "
        "all_varchar=true, header=true)"
    )
    rows = duckdb.sql(
        "with unit as (select UU2020, sum(cast(POP2020 as int)) people from com "
        "where UU2020 not like '%000' group by 1), "
        "large as (select p.CODGEO basin from com p join unit using (UU2020) where people > 30000) "
        "select CODGEO, case when basin is null then 'bv' when CV like '%ZZ' then 'commune' "
        "else 'cv' end, case when basin is null then BV2022 when CV like '%ZZ' then CODGEO else CV "
        "end from com left join large on BV2022 = basin"
    ).fetchall()
    territories = {code: (kind, territory) for code, kind, territory in rows}
    if made.arrondissements_csv is not None:
        for code, town in text_of(made.arrondissements_csv).select("CODGEO", "COM").iter_rows():
            kind, territory = territories[town]
            territories[code] = (kind, code if kind == "commune" else territory)
        for town in ("75056", "69123", "13055"):
            del territories[town]
    return territories


def test_territories_are_those_of_the_rule(made: RawFiles) -> None:
    rule = by_article_two(made)
    rows = pl.read_parquet(made.mesh).iter_rows()
    assert {code: (kind, territory) for code, kind, territory in rows} == rule
    table = tidy(made, "communes")
    assert dict(table.select("commune", "territory").iter_rows()) == {
        commune: code for commune, (_, code) in rule.items()
    }
    assert Counter(kind for kind, _ in rule.values()).keys() >= {"bv", "cv"}


def test_territories_group_communes_as_the_sample_does(made: RawFiles) -> None:
    groups: dict[str, set[str]] = defaultdict(set)
    for code, territory in sample(made, "communes").select("commune", "territory").iter_rows():
        groups[territory].add(code)
    if any(code.startswith("132") for code in groups):
        marseille = set().union(*(groups.pop(f"132{number:02d}") for number in range(1, 17)))
        groups["1398"] = marseille
    territories: dict[str, set[str]] = defaultdict(set)
    for code, territory in tidy(made, "communes").select("commune", "territory").iter_rows():
        territories[territory].add(code)
    assert sorted(map(sorted, territories.values())) == sorted(map(sorted, groups.values()))


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


def test_some_cantons_are_in_divided_and_in_whole_basins(made: RawFiles) -> None:
    """As in the real table: the canton of a commune may or may not be its territory."""
    rule = by_article_two(made)
    kinds = defaultdict(set)
    for code, canton in text_of(made.appartenance_csv).select("CODGEO", "CV").iter_rows():
        if code in rule:
            kinds[canton].add(rule[code][0])
    assert {"bv", "cv"} in kinds.values()


@pytest.mark.parametrize(("whole", "territories"), [(True, 2_780), (False, 2_795)])
def test_marseille_by_arrondissement_is_an_option(whole: bool, territories: int) -> None:
    communes = pl.read_parquet(SAMPLES / "france" / "communes.parquet")
    people = pl.read_parquet(SAMPLES / "france" / "population.parquet")
    totals = people.group_by("commune").agg(pl.col("population").sum())
    drawn = mesh.territories_by_rule(mesh.draw_mesh(communes, totals, marseille_whole=whole))
    assert drawn["13201"].code == ("1398" if whole else "13201")
    assert drawn["75101"] == mesh.Territory("commune", "75101", "Paris 1er Arrondissement")
    assert len({(one.kind, one.code) for one in drawn.values()}) == territories


# --- determinism ----------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, small: RawFiles) -> None:
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
