"""The mesh of territories, through mergers of communes, and beside another one: annexe, II."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from support.communes_over_time import events, note
from support.tables import methodology

from apl_engine.errors import InputDataError
from apl_engine.geography.history.convert import bring_apl
from apl_engine.geography.history.mergers import bring_communes
from apl_engine.geography.history.passage import passage, passage_from_table
from apl_engine.geography.mesh.build import Mesh, build_mesh
from apl_engine.geography.mesh.diff import diff_meshes, mesh_through
from apl_engine.method.zoning import aggregate_territories, classify

DATA = Path(os.environ.get("APL_ENGINE_OPEN_DATA", Path(__file__).parents[4] / "shared" / "data"))
RULES = methodology()

Row = tuple[str, str, str, str, int]


def table(*rows: Row) -> pl.DataFrame:
    """Return communes of code, canton, urban unit, bassin de vie and inhabitants."""
    names = ["commune", "canton", "urban_unit", "living_area", "population"]
    return pl.DataFrame(rows, names, orient="row").with_columns(
        name="C" + pl.col("commune"),
        departement=pl.col("commune").str.head(2),
        region=pl.when(pl.col("commune").str.starts_with("01"))
        .then(pl.lit("84"))
        .otherwise(pl.lit("27")),
    )


def country(people: int = 30_001) -> pl.DataFrame:
    """Return two bassins: 01001, whose pole's unit has so many people, and 01010."""
    return table(
        ("01001", "0101", "01301", "01001", people - 1000),
        ("01002", "0102", "01301", "01010", 1000),
        ("01003", "0102", "01000", "01001", 300),
        ("01004", "0102", "01000", "01001", 500),
        ("71005", "7101", "71000", "01001", 10),
        ("01010", "0102", "01302", "01010", 9000),
        ("71011", "7101", "71000", "01010", 8000),
    )


def territory(mesh: Mesh, column: str = "territory") -> dict[str, Any]:
    return dict(mesh.communes.select("commune", column).iter_rows())


def test_a_bassin_is_split_above_the_threshold_and_not_at_it() -> None:
    assert set(territory(build_mesh(country(30_000), RULES)).values()) == {"01001", "01010"}
    mesh = build_mesh(country(30_001), RULES)
    assert territory(mesh) == {
        "01001": "0101_", "01002": "01010", "01003": "0102_", "01004": "0102_",
        "71005": "7101_", "01010": "01010", "71011": "01010",
    }  # fmt: skip
    told = note(mesh.notes, "bassins_split")
    assert (told.count, told.examples) == (1, ("01001",))


def test_the_threshold_is_that_of_the_methodology() -> None:
    rules = methodology(mesh_split_above=9000)
    assert "01010" in territory(build_mesh(country(9000), rules)).values()
    small = country(9000).with_columns(pl.col("population") + (pl.col("commune") == "01010"))
    assert "01010" not in territory(build_mesh(small, rules)).values()


def test_a_pole_outside_any_urban_unit_has_no_large_one() -> None:
    rural = table(("01001", "0101", "01000", "01001", 50_000))
    assert territory(build_mesh(rural, RULES)) == {"01001": "01001"}


def test_names_and_kinds() -> None:
    mesh = build_mesh(country(), RULES)
    names = dict(mesh.territories.select("territory", "territory_name").iter_rows())
    assert names == {
        "01010": "C01010", "0101_": "C01001", "0102_": "C01004 (canton)", "7101_": "C71005",
    }  # fmt: skip
    kinds = dict(mesh.territories.select("territory", "territory_kind").iter_rows())
    assert kinds["01010"] == "bassin_de_vie"
    assert kinds["0102_"] == "canton_ou_ville"


def test_territories_add_up_and_go_to_the_region_of_most_of_their_people() -> None:
    # 71011 alone has 8 000 people; 01010 and 01002 have 10 000.
    found = build_mesh(country(), RULES).territories
    assert found.filter(territory="01010").row(0, named=True) == {
        "territory": "01010", "territory_name": "C01010", "territory_kind": "bassin_de_vie",
        "communes": 3, "population": 18_000.0, "departement": "01", "prefix_region": "84",
        "region": "84", "regions": 2, "conflict": False,
    }  # fmt: skip
    more = country().with_columns(
        population=pl.when(pl.col("commune") == "71011").then(10_001).otherwise("population")
    )
    mesh = build_mesh(more, RULES)
    row = mesh.territories.filter(territory="01010").row(0, named=True)
    assert (row["region"], row["prefix_region"], row["conflict"]) == ("27", "84", True)
    assert note(mesh.notes, "region_conflicts").examples == ("01010",)
    even = country().with_columns(
        population=pl.when(pl.col("commune") == "71011").then(10_000).otherwise("population")
    )
    equal = build_mesh(even, RULES).territories.filter(territory="01010")
    assert equal["region"].to_list() == ["27"]


def test_the_same_mesh_whatever_the_order_of_the_rows() -> None:
    one = build_mesh(country(), RULES)
    other = build_mesh(country().sample(fraction=1, shuffle=True, seed=3), RULES)
    assert_frame_equal(one.communes, other.communes)
    assert_frame_equal(one.territories, other.territories)


CITY = (
    ("69123", "69ZZ", "00760", "69123", 50_000),
    ("69002", "69ZZ", "00760", "69123", 2000),
    ("97201", "972ZZ", "9B701", "97201", 40_000),
    ("97202", "972ZZ", "9B000", "97201", 40),
)
PARTS = pl.DataFrame(
    {
        "arrondissement": ["69381", "69382"],
        "name": ["Lyon 1er", "Lyon 2e"],
        "city": ["69123", "69123"],
        "population": [20_000, 30_000],
    }
)


def test_where_there_is_no_canton() -> None:
    rows = table(*CITY)
    assert territory(build_mesh(rows, RULES)) == {
        "69123": "69123", "69002": "69002", "97201": "972ZZ_", "97202": "972ZZ_",
    }  # fmt: skip
    every = build_mesh(rows, methodology(mesh_no_cantons="by_commune"))
    assert territory(every) == {code: code for code in rows["commune"]}
    assert set(territory(every, "territory_kind").values()) == {"commune"}
    whole = build_mesh(rows, methodology(mesh_no_cantons="whole"))
    assert set(territory(whole).values()) == {"69ZZ_", "972ZZ_"}
    told = note(whole.notes, "no_cantons")
    assert (told.count, told.examples) == (4, ("69ZZ", "972ZZ"))
    assert "no canton: whole" in told.text


def test_cities_by_arrondissement() -> None:
    mesh = build_mesh(table(*CITY), RULES, PARTS)
    assert territory(mesh)["69381"] == "69381"
    assert "69123" not in territory(mesh)
    assert territory(mesh, "territory_kind")["69382"] == "arrondissement"
    assert territory(mesh, "territory_name")["69382"] == "Lyon 2e"
    assert territory(mesh, "departement")["69382"] == "69"
    whole = build_mesh(table(*CITY), methodology(mesh_cities="whole"), PARTS)
    assert territory(whole)["69381"] == territory(whole)["69382"] == "69123"
    assert territory(whole, "territory_name")["69381"] == "C69123"
    renamed = PARTS.rename({"arrondissement": "commune"})
    assert_frame_equal(build_mesh(table(*CITY), RULES, renamed).communes, mesh.communes)


def test_a_city_that_is_its_canton_keeps_its_name_when_taken_whole() -> None:
    whole = build_mesh(
        table(*CITY[:1]), methodology(mesh_cities="whole", mesh_no_cantons="whole"), PARTS
    )
    assert whole.territories["territory_name"].to_list() == ["C69123"]


def test_arrondissements_stay_in_a_bassin_that_is_not_split() -> None:
    small = table(("69123", "69ZZ", "00760", "69123", 500))
    mesh = build_mesh(small, RULES, PARTS)
    assert set(territory(mesh).values()) == {"69123"}
    told = note(mesh.notes, "arrondissement_populations")
    assert (told.examples, told.warning) == (("69123",), True)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (country().drop("canton"), "columns are missing: canton"),
        (country().with_columns(region=pl.lit(None, pl.String)), "column 'region': no value"),
        (pl.concat([country(), country()[:1]]), "stand on several rows .*'01001'"),
        (country()[1:], "poles of bassins de vie are not in the table .*'01001'"),
        (
            country().with_columns(living_area=pl.col("living_area").replace("01010", "01002"))
            .vstack(table(("01020", "0102", "01000", "01010", 5))),
            "poles lie in another bassin de vie .*'01010'",
        ),
    ],
)  # fmt: skip
def test_what_no_mesh_can_be_drawn_from(broken: pl.DataFrame, words: str) -> None:
    with pytest.raises(InputDataError, match=words):
        build_mesh(broken, RULES)


def test_arrondissements_of_a_city_that_is_not_there() -> None:
    with pytest.raises(InputDataError, match=r"cities are not among the communes .*'69123'"):
        build_mesh(country(), RULES, PARTS)


# --- through mergers ------------------------------------------------------------------------------


def plain(*rows: tuple[str, str, int]) -> Mesh:
    """Return a mesh of commune, territory and inhabitants, kinds by the look of the codes."""
    communes = pl.DataFrame(rows, ["commune", "territory", "population"], orient="row")
    communes = communes.with_columns(
        name=pl.col("commune"),
        departement=pl.col("commune").str.head(2),
        region=pl.lit("84"),
        territory_name="T" + pl.col("territory"),
        territory_kind=pl.when(pl.col("territory").str.ends_with("_"))
        .then(pl.lit("canton_ou_ville"))
        .otherwise(pl.lit("bassin_de_vie")),
    )
    return Mesh(communes, pl.DataFrame(schema={"territory": pl.String}), ())


def merging(*pairs: tuple[str, str]) -> Any:
    rows = [(32, "2024-01-01", before, after) for before, after in pairs]
    rows += [(32, "2024-01-01", after, after) for after in {after for _, after in pairs}]
    return passage(events(*rows), 2023, 2024)


BASSINS = plain(
    ("01001", "01001", 10), ("01002", "01001", 5), ("01003", "01003", 8), ("01004", "01003", 6),
    ("01005", "0105_", 9), ("01006", "0105_", 7), ("01007", "0107_", 4),
)  # fmt: skip


def test_a_commune_nouvelle_goes_where_the_code_it_keeps_lies() -> None:
    mesh = mesh_through(BASSINS, merging(("01004", "01002")))
    assert territory(mesh)["01002"] == "01001"
    assert territory(mesh)["01003"] == "01003"
    assert "01004" not in territory(mesh)
    assert territory(mesh, "population")["01002"] == 11
    assert note(mesh.notes, "communes_across_territories").examples == ("01002",)
    assert mesh.territories.filter(territory="01001")["population"].to_list() == [21.0]


def test_the_territories_of_poles_that_merge_become_one() -> None:
    mesh = mesh_through(BASSINS, merging(("01003", "01001")))
    assert territory(mesh)["01001"] == territory(mesh)["01004"] == "01001"
    assert set(territory(mesh, "territory_name").values()) == {"T01001", "T0105_", "T0107_"}
    assert note(mesh.notes, "territories_united").examples == ("01003 into 01001",)
    assert territory(mesh_through(BASSINS, merging(("01001", "01003"))))["01002"] == "01003"


def test_a_pole_and_a_commune_that_is_none_unite_nothing() -> None:
    mesh = mesh_through(BASSINS, merging(("01003", "01002")))
    assert territory(mesh)["01002"] == "01001"
    assert territory(mesh)["01004"] == "01003"
    told = note(mesh.notes, "territories_without_pole")
    assert (told.examples, told.warning) == (("01003",), True)


def test_a_canton_of_one_commune_has_it_as_its_pole() -> None:
    mesh = mesh_through(BASSINS, merging(("01007", "01001")))
    assert "0107_" not in territory(mesh).values()
    united = mesh_through(BASSINS, merging(("01001", "01007")))
    assert territory(united)["01002"] == "0107_"
    assert territory(united, "territory_kind")["01002"] == "canton_ou_ville"


def test_the_pole_of_another_canton_is_a_named_choice() -> None:
    merged = merging(("01005", "01001"))
    careful = mesh_through(BASSINS, merged)
    assert territory(careful)["01006"] == "0105_"
    told = note(careful.notes, "canton_poles")
    assert (told.examples, told.warning) == (("0105_",), True)
    bold = mesh_through(BASSINS, merged, canton_poles="most_populous")
    assert territory(bold)["01006"] == "01001"
    smaller = mesh_through(BASSINS, merging(("01006", "01001")), canton_poles="most_populous")
    assert territory(smaller)["01005"] == "0105_"


def test_poles_that_merge_into_a_commune_that_is_none() -> None:
    mesh = mesh_through(BASSINS, merging(("01003", "01002"), ("01001", "01002")))
    assert set(territory(mesh).values()) >= {"01001"}
    assert territory(mesh)["01004"] == territory(mesh)["01002"] == "01001"


def test_chains_of_poles_become_one_territory() -> None:
    mesh = mesh_through(BASSINS, merging(("01003", "01001"), ("01007", "01001")))
    assert {territory(mesh)[c] for c in ("01001", "01002", "01004")} == {"01001"}
    one = mesh_through(BASSINS, merging(("01003", "01001")))
    back = events((32, "2025-01-01", "01001", "01007"), (32, "2025-01-01", "01007", "01007"))
    two = mesh_through(one, passage(back, 2024, 2025))
    assert {territory(two)[c] for c in ("01002", "01004", "01007")} == {"0107_"}


def test_parts_of_a_split_commune_stay_in_its_territory() -> None:
    rows = events(
        (21, "2024-01-01", "01001", "01001", "A", "A"), (21, "2024-01-01", "01001", "01900")
    )  # fmt: skip
    mesh = mesh_through(BASSINS, passage(rows, 2023, 2024))
    assert territory(mesh)["01900"] == "01001"
    assert territory(mesh, "name")["01001"] == "A"
    assert territory(mesh, "name")["01900"] == "01001"
    assert territory(mesh, "population")["01900"] is None
    assert note(mesh.notes, "names_of_parts").examples == ("01900",)


def test_a_new_code_that_none_of_its_communes_had() -> None:
    rows = events((32, "2024-01-01", "01002", "01900"), (32, "2024-01-01", "01003", "01900"))
    mesh = mesh_through(BASSINS, passage(rows, 2023, 2024))
    assert territory(mesh)["01900"] == "01003"
    told = note(mesh.notes, "communes_without_keeper")
    assert (told.examples, told.warning) == (("01900",), True)
    bare = BASSINS.communes.drop("population", "territory_kind")
    brought = bring_communes(bare, passage(rows, 2023, 2024)).table
    assert brought.filter(commune="01900")["territory"].to_list() == ["01001"]


def test_a_table_without_kinds_unites_territories_too() -> None:
    bare = BASSINS.communes.drop("population", "territory_kind")
    brought = bring_communes(bare, merging(("01003", "01001"))).table
    assert brought.columns == bare.columns
    assert brought.filter(commune="01004")["territory_name"].to_list() == ["T01001"]


# --- side by side ---------------------------------------------------------------------------------


def drawn(*rows: tuple[str, str, int]) -> Mesh:
    mesh = plain(*rows)
    named = mesh.communes.group_by("territory").agg(pl.col("territory_name").first())
    return Mesh(mesh.communes, named, ())


def changes(before: Mesh, after: Mesh, years: Any = None) -> dict[str, str]:
    found = diff_meshes(before, after, years)
    return dict(found.territories.select("territory", "change").iter_rows())


OLD = drawn(("01001", "A", 10), ("01002", "A", 5), ("01003", "B", 8), ("01004", "C", 6))


def test_meshes_that_are_the_same_do_not_differ() -> None:
    found = diff_meshes(OLD, OLD)
    assert found.territories.is_empty()
    assert found.communes.is_empty()
    assert found.counts() == {}


def test_a_commune_that_moves_recomposes_two_territories() -> None:
    new = drawn(("01001", "A", 10), ("01002", "B", 5), ("01003", "B", 8), ("01004", "C", 6))
    found = diff_meshes(OLD, new)
    assert found.communes.rows() == [("01002", "01002", "A", "B", 5.0)]
    assert found.counts() == {"recomposed": 2}
    assert found.territories.rows() == [
        ("A", "TA", "TA", "recomposed", 0, 0.0, 1, 5.0),
        ("B", "TB", "TB", "recomposed", 1, 5.0, 0, 0.0),
    ]


def test_created_removed_and_recoded_territories() -> None:
    new = drawn(("01001", "A", 10), ("01002", "D", 5), ("01003", "E", 8), ("01004", "D", 6))
    assert changes(OLD, new) == {
        "A": "recomposed", "B": "recoded", "C": "removed", "D": "created", "E": "recoded",
    }  # fmt: skip


def test_a_territory_of_another_name_is_renamed() -> None:
    names = OLD.territories.with_columns(
        territory_name=pl.col("territory_name").replace("TB", "Bourg")
    )
    new = Mesh(OLD.communes, names, ())
    assert changes(OLD, new) == {"B": "renamed"}


def test_communes_that_merge_do_not_count_as_moved() -> None:
    new = drawn(("01001", "A", 15), ("01003", "B", 8), ("01004", "C", 6))
    assert changes(OLD, new) == {"A": "recomposed"}
    assert changes(OLD, new, merging(("01002", "01001"))) == {}
    united = drawn(("01001", "A", 10), ("01002", "A", 5), ("01003", "A", 14))
    years = merging(("01004", "01003"))
    found = diff_meshes(OLD, united, years)
    assert found.communes.rows() == [("01003", "01003", "B", "A", 14.0)]


# --- France ---------------------------------------------------------------------------------------


def real(names: Iterable[str]) -> list[pl.DataFrame]:
    missing = [name for name in names if not (DATA / name).exists()]
    if missing:
        pytest.skip(f"{', '.join(missing)} not there")
    return [pl.read_csv(DATA / name, separator=";", infer_schema=False) for name in names]


def france() -> tuple[pl.DataFrame, pl.DataFrame]:
    communes, parts = real(
        ["insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv"]
    )
    people = pl.col("population").cast(pl.Int64)
    names = ["commune", "name", "departement", "region", "canton", "urban_unit", "living_area"]
    communes.columns = [*names, "population"]
    parts.columns = ["arrondissement", "name", "city", "population"]
    return communes.with_columns(people), parts.with_columns(people)


def test_france_has_1707_bassins_of_which_283_split_into_2846_territories() -> None:
    communes, parts = france()
    mesh = build_mesh(communes, methodology(mesh_cities="whole", mesh_no_cantons="whole"), parts)
    kinds = dict(mesh.territories["territory_kind"].value_counts().iter_rows())
    assert communes["living_area"].n_unique() == 1707
    assert note(mesh.notes, "bassins_split").count == 283
    assert kinds == {"bassin_de_vie": 1707 - 283, "canton_ou_ville": 2846 - 1707 + 283}
    assert mesh.territories["population"].sum() == 67_415_394
    assert mesh.communes.height == communes.height + 45 - 3
    bare = build_mesh(communes, methodology(mesh_no_cantons="whole"))
    assert_frame_equal(bare.territories.drop("communes"), mesh.territories.drop("communes"))


def test_france_by_commune_in_lyon_and_by_arrondissement_has_2932_codes_outside_mayotte() -> None:
    mesh = build_mesh(*_with_rules(france()))
    assert mesh.territories.height == 2946
    outside = mesh.communes.filter(pl.col("departement") != "976")
    # Three codes name both a bassin and a canton: without the mark of cantons they would be one.
    assert outside["territory"].n_unique() == 2935
    assert outside["territory"].str.strip_chars_end("_").n_unique() == 2932
    assert mesh.territories.filter("conflict")["territory"].to_list() == [
        "19028", "28007", "32096", "76035"
    ]  # fmt: skip


def _with_rules(given: tuple[pl.DataFrame, pl.DataFrame]) -> tuple[Any, ...]:
    return given[0], RULES, given[1]


def test_the_published_apl_through_years_and_mesh_gives_the_known_cuts() -> None:
    mesh = build_mesh(*_with_rules(france()))
    published, years = real(["drees_apl_mk_2021.csv", "insee_passage_2021_2024.csv"])
    published.columns = ["commune", "name", "population", "apl", "standardised_population"]
    published = published.drop("name").with_columns(pl.exclude("commune").cast(pl.Float64))
    brought = bring_apl(published, passage_from_table(years, 2022, 2023))
    assert {told.code for told in brought.notes} == {"communes_merged", "communes_changed"}
    total, now = published["population"].sum(), brought.table["population"].sum()
    assert now == pytest.approx(total, rel=1e-12)
    found = mesh.communes.drop("population").join(brought.table, on="commune")
    assert found.height == mesh.communes.height
    territories = aggregate_territories(
        found.filter(pl.col("apl").is_not_null()).with_columns(etp=pl.lit(0.0)), RULES
    )
    cuts = classify(territories, RULES)[1]
    highest = [round(cut.highest_apl, 2) for cut in cuts if cut.highest_apl is not None]
    assert highest == [58.99, 76.59, 135.77]


def test_the_mesh_of_france_through_the_mergers_of_2024() -> None:
    mesh = build_mesh(*_with_rules(france()))
    (years,) = real(["insee_passage_2021_2024.csv"])
    through = mesh_through(mesh, passage_from_table(years, 2023, 2024))
    assert not [told for told in through.notes if told.code == "communes_unknown"]
    # Pierre-Bénite became part of Oullins; both are territories of one commune.
    assert note(through.notes, "territories_united").examples == ("69152 into 69149",)
    found = dict(through.communes.select("commune", "territory").iter_rows())
    was = dict(mesh.communes.select("commune", "territory").iter_rows())
    assert found["64300"] == was["64300"] != was["64541"]
    assert found["85165"] == found["85212"] == was["85084"]
    assert len(was.keys() - found.keys()) == 13
    assert found.keys() - was.keys() == {"60694", "85165", "85212"}
    assert diff_meshes(mesh, through, passage_from_table(years, 2023, 2024)).counts() == {
        "removed": 1
    }
