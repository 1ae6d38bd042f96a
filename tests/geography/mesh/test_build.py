"""The mesh of territories: annexe, II."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from support.communes_over_time import france, note, only_fault, passage_table, read_open_data
from support.tables import methodology

from apl_engine.errors import InputDataError, MethodologyError
from apl_engine.geography.history.convert import convert_apl
from apl_engine.geography.history.passage import passage_from_table
from apl_engine.geography.mesh.build import Mesh, build_mesh
from apl_engine.method.zoning import aggregate_territories, classify
from apl_engine.methodology.values import ForcedUnit, NoCanton

RULES = methodology()
LYON = ("69ZZ", "Métropole de Lyon")
MARTINIQUE, GUYANE = ("972ZZ", "Martinique"), ("973ZZ", "Guyane")


def no_cantons(by_commune: list[tuple[str, str]], whole: list[tuple[str, str]]) -> Any:
    """Return a value of ``mesh.no_cantons``."""
    pairs = (*((one, "by_commune") for one in by_commune), *((one, "whole") for one in whole))
    return tuple(NoCanton(*one, way) for one, way in pairs)


WHOLE = no_cantons([], [LYON, ("75ZZ", "Paris"), MARTINIQUE, GUYANE])

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


def test_a_bassin_is_divided_above_the_threshold_and_not_at_it() -> None:
    assert set(territory(build_mesh(country(30_000), RULES)).values()) == {"01001", "01010"}
    mesh = build_mesh(country(30_001), RULES)
    assert territory(mesh) == {
        "01001": "0101_", "01002": "01010", "01003": "0102_", "01004": "0102_",
        "71005": "7101_", "01010": "01010", "71011": "01010",
    }  # fmt: skip
    divided = note(mesh.notes, "mesh.bassins_divided")
    assert (divided.count, divided.examples) == (1, ("01001",))


def test_the_threshold_is_that_of_the_methodology() -> None:
    rules = methodology(mesh_split_above=9000)
    assert "01010" in territory(build_mesh(country(9000), rules)).values()
    small = country(9000).with_columns(pl.col("population") + (pl.col("commune") == "01010"))
    assert "01010" not in territory(build_mesh(small, rules)).values()


def forced(**units: str) -> Any:
    """Return values of ``mesh.forced_split`` and ``mesh.forced_whole``, by unit."""
    rows = {key: (ForcedUnit(unit, unit, "known"),) for key, unit in units.items()}
    return methodology(**{f"mesh_forced_{key}": rows.get(key, ()) for key in ("split", "whole")})


def test_forced_units_take_precedence_over_their_population() -> None:
    whole = build_mesh(country(30_001), forced(whole="01301"))
    assert set(territory(whole).values()) == {"01001", "01010"}
    assert note(whole.notes, "mesh.forced_units").examples == ("01301 01301",)
    split = build_mesh(country(30_000), forced(split="01301"))
    assert_frame_equal(split.communes, build_mesh(country(30_001), RULES).communes.with_columns(
        population=pl.col("population") - (pl.col("commune") == "01001")
    ))  # fmt: skip
    # Where the population agrees, nothing is forced.
    for rules, people in ((forced(whole="01301"), 30_000), (forced(split="01301"), 30_001)):
        codes = {each.code for each in build_mesh(country(people), rules).notes}
        assert "mesh.forced_units" not in codes


def test_forced_units_that_are_none_are_refused_for_the_whole_country() -> None:
    rows = [
        (f"{k:02}001", "0101", f"{k:02}000", f"{k:02}001", 10, row.region)
        for k, row in enumerate(RULES.regional.published_shares, 2)
    ]
    names = ["commune", "canton", "urban_unit", "living_area", "population", "region"]
    regions = pl.DataFrame(rows, names, orient="row").with_columns(
        name="commune", departement=pl.col("commune").str.head(2)
    )
    everywhere = pl.concat([country().select(regions.columns), regions])
    with pytest.raises(MethodologyError) as error:
        build_mesh(everywhere, forced(split="01301", whole="01399"))
    fault = only_fault(error)
    assert (fault.code, fault.key) == ("mesh.unknown_urban_unit", "mesh.forced_whole")
    assert fault.values == ("01399 01399",)
    # In a part of the country the unit may lie elsewhere.
    part = build_mesh(country(), forced(whole="01399"))
    assert note(part.notes, "mesh.forced_units_outside").examples == ("01399 01399",)


def test_the_inhabitants_of_urban_units_may_come_from_another_census() -> None:
    rules = forced()
    units = pl.DataFrame({"urban_unit": ["01302", "01301"], "population": [40_000, 30_000]})
    mesh = build_mesh(country(30_001), rules, urban_units=units)
    assert note(mesh.notes, "mesh.bassins_divided").examples == ("01010",)
    wins = build_mesh(country(30_001), forced(split="01301"), urban_units=units)
    assert note(wins.notes, "mesh.bassins_divided").count == 2
    for broken, code in (
        (units[1:], "mesh.urban_unit_missing"),
        (pl.concat([units, units[:1]]), "mesh.duplicate_urban_unit"),
    ):
        with pytest.raises(InputDataError) as error:
            build_mesh(country(), rules, urban_units=broken)
        fault = only_fault(error)
        assert (fault.code, fault.column, fault.values) == (code, "urban_unit", ("01302",))


def test_a_canton_across_divided_bassins() -> None:
    rows = country().with_columns(population=pl.lit(40_000))
    one = build_mesh(rows, RULES)
    assert {territory(one)[code] for code in ("01003", "01010")} == {"0102_"}
    each = build_mesh(rows, methodology(mesh_canton_across_bassins="by_bassin"))
    assert territory(each) == {
        "01001": "0101_", "01002": "0102_01010", "01003": "0102_01001", "01004": "0102_01001",
        "71005": "7101_01001", "01010": "0102_01010", "71011": "7101_01010",
    }  # fmt: skip
    assert set(territory(each, "territory_kind").values()) == {"canton_ou_ville"}


def test_a_pole_without_urban_unit_is_not_divided() -> None:
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


def test_the_region_of_a_territory_is_that_of_most_of_its_population() -> None:
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
    assert note(mesh.notes, "mesh.region_conflict").examples == ("01010",)
    even = country().with_columns(
        population=pl.when(pl.col("commune") == "71011").then(10_000).otherwise("population")
    )
    equal = build_mesh(even, RULES).territories.filter(territory="01010")
    assert equal["region"].to_list() == ["27"]


def test_the_mesh_is_the_same_for_rows_in_any_order() -> None:
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


def test_communes_without_canton() -> None:
    rows = table(*CITY)
    assert territory(build_mesh(rows, RULES)) == {
        "69123": "69123", "69002": "69002", "97201": "972ZZ_", "97202": "972ZZ_",
    }  # fmt: skip
    every = build_mesh(rows, methodology(mesh_no_cantons=no_cantons([LYON, MARTINIQUE], [])))
    assert territory(every) == {code: code for code in rows["commune"]}
    assert set(territory(every, "territory_kind").values()) == {"commune"}
    whole = build_mesh(rows, methodology(mesh_no_cantons=WHOLE))
    assert set(territory(whole).values()) == {"69ZZ_", "972ZZ_"}
    found = note(whole.notes, "mesh.no_canton")
    assert (found.count, found.examples) == (4, ("69ZZ", "972ZZ"))
    with pytest.raises(MethodologyError) as error:
        build_mesh(rows, methodology(mesh_no_cantons=no_cantons([LYON], [GUYANE])))
    fault = only_fault(error)
    assert (fault.code, fault.key) == ("mesh.no_canton_undecided", "mesh.no_cantons")
    assert fault.values == ("972ZZ",)


def test_guyane_goes_by_commune_and_martinique_as_a_whole() -> None:
    far = (("97302", "973ZZ", "9C601", "97302", 70_000), ("97301", "973ZZ", "9C000", "97302", 900))
    mesh = build_mesh(table(*CITY, *far), RULES)
    assert territory(mesh)["97301"] == "97301"
    assert territory(mesh)["97202"] == "972ZZ_"


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


def test_a_city_that_is_its_canton_keeps_its_name_if_it_stays_whole() -> None:
    whole = build_mesh(
        table(*CITY[:1]), methodology(mesh_cities="whole", mesh_no_cantons=WHOLE), PARTS
    )
    assert whole.territories["territory_name"].to_list() == ["C69123"]


def test_arrondissements_stay_in_a_bassin_that_is_not_divided() -> None:
    small = table(("69123", "69ZZ", "00760", "69123", 500))
    mesh = build_mesh(small, RULES, PARTS)
    assert set(territory(mesh).values()) == {"69123"}
    found = note(mesh.notes, "mesh.arrondissement_populations")
    assert (found.examples, found.warning) == (("69123",), True)


def test_arrondissements_without_a_population_are_warned_of() -> None:
    parts = PARTS.with_columns(pl.lit(None, pl.Float64).alias("population"))
    mesh = build_mesh(table(*CITY[:1]), RULES, parts)
    found = note(mesh.notes, "mesh.arrondissements_without_population")
    assert (found.examples, found.warning) == (("69123",), True)
    assert "mesh.arrondissement_populations" not in {each.code for each in mesh.notes}


def test_missing_columns_are_all_reported() -> None:
    with pytest.raises(InputDataError) as error:
        build_mesh(country().drop("canton", "region"), RULES)
    faults = [(fault.code, fault.column) for fault in error.value.faults]
    assert faults == [("communes.missing_column", "region"), ("communes.missing_column", "canton")]


@pytest.mark.parametrize(
    ("broken", "kind", "column", "count", "values"),
    [
        (
            country().with_columns(region=pl.lit(None, pl.String)),
            "no_value", "region", 7, ("01001", "01002", "01003", "01004", "71005"),
        ),
        (pl.concat([country(), country()[:1]]), "duplicate_commune", "commune", 1, ("01001",)),
        (country()[1:], "pole_missing", "living_area", 1, ("01001",)),
        (
            country().with_columns(living_area=pl.col("living_area").replace("01010", "01002"))
            .vstack(table(("01020", "0102", "01000", "01010", 5))),
            "pole_elsewhere", "living_area", 1, ("01010",),
        ),
    ],
)  # fmt: skip
def test_faults_of_communes(
    broken: pl.DataFrame, kind: str, column: str, count: int, values: tuple[str, ...]
) -> None:
    with pytest.raises(InputDataError) as error:
        build_mesh(broken, RULES)
    fault = next(fault for fault in error.value.faults if fault.code == f"mesh.{kind}")
    assert (fault.column, fault.count, fault.values) == (column, count, values)


def test_arrondissements_need_their_city_and_one_row_each() -> None:
    with pytest.raises(InputDataError) as error:
        build_mesh(country(), RULES, PARTS)
    fault = only_fault(error)
    assert (fault.code, fault.values) == ("mesh.city_missing", ("69123",))
    with pytest.raises(InputDataError) as error:
        build_mesh(table(*CITY), RULES, pl.concat([PARTS, PARTS[:1]]))
    fault = only_fault(error)
    assert (fault.code, fault.values) == ("mesh.duplicate_arrondissement", ("69381",))


def mesh_of_france() -> Mesh:
    communes, parts = france()
    return build_mesh(communes, RULES, parts)


def test_france_has_1707_bassins_of_which_283_split_into_2846_territories() -> None:
    communes, parts = france()
    plain: dict[str, Any] = {
        "mesh_no_cantons": WHOLE,
        "mesh_forced_split": (),
        "mesh_forced_whole": (),
    }
    mesh = build_mesh(communes, methodology(mesh_cities="whole", **plain), parts)
    kinds = dict(mesh.territories["territory_kind"].value_counts().iter_rows())
    assert communes["living_area"].n_unique() == 1707
    assert note(mesh.notes, "mesh.bassins_divided").count == 283
    assert kinds == {"bassin_de_vie": 1707 - 283, "canton_ou_ville": 2846 - 1707 + 283}
    assert mesh.territories["population"].sum() == 67_415_394
    assert mesh.communes.height == communes.height + 45 - 3
    bare = build_mesh(communes, methodology(**plain))
    assert_frame_equal(bare.territories.drop("communes"), mesh.territories.drop("communes"))


def test_france_by_the_methodology_has_2957_codes_outside_mayotte() -> None:
    mesh = mesh_of_france()
    assert mesh.territories.height == 2971
    forced_units = note(mesh.notes, "mesh.forced_units")
    assert [unit.split()[0] for unit in forced_units.examples] == [
        "14401",
        "17401",
        "00460",
        "77404",
    ]
    outside = mesh.communes.filter(pl.col("departement") != "976")
    # Three codes name both a bassin and a canton: only the underscore distinguishes them.
    assert outside["territory"].n_unique() == 2960
    assert outside["territory"].str.strip_chars_end("_").n_unique() == 2957
    assert mesh.territories.filter("conflict")["territory"].to_list() == [
        "19028", "28007", "32096", "76035"
    ]  # fmt: skip


def test_one_territory_has_two_official_classes() -> None:
    """Maen Roch, by one commune of another departement; five without the forced urban units."""
    official = read_open_data("zonage_mk_cartosante_2025.csv")
    official.columns = ["commune", "name", "zone"]
    # Names of the order before, for the highest class.
    zone = pl.col("zone").str.replace("^5.*", "5")
    official = official.filter(~zone.str.starts_with("N/A")).select("commune", zone)

    def several(mesh: Mesh) -> set[str]:
        classes = mesh.communes.join(official, on="commune").group_by("territory")
        return set(classes.agg(pl.col("zone").n_unique()).filter(pl.col("zone") > 1)["territory"])

    assert several(mesh_of_france()) == {"35257"}
    communes, parts = france()
    unforced = build_mesh(communes, forced(), parts)
    assert several(unforced) == {"14366", "17415", "35257", "7714_", "7715_"}


def test_the_published_apl_on_the_mesh_gives_the_known_cuts() -> None:
    mesh = mesh_of_france()
    published = read_open_data("drees_apl_mk_2021.csv")
    published.columns = ["commune", "name", "population", "apl", "standardised_population"]
    published = published.drop("name").with_columns(pl.exclude("commune").cast(pl.Float64))
    converted = convert_apl(published, passage_from_table(passage_table(), 2022, 2023))
    codes = {each.code for each in converted.notes}
    assert codes == {"conversion.communes_merged", "conversion.communes_recoded"}
    total = published["population"].sum()
    assert converted.table["population"].sum() == pytest.approx(total, rel=1e-12)
    found = mesh.communes.drop("population").join(converted.table, on="commune")
    assert found.height == mesh.communes.height
    territories = aggregate_territories(
        found.filter(pl.col("apl").is_not_null()).with_columns(etp=pl.lit(0.0)), RULES
    )
    cuts = classify(territories, RULES)[1]
    highest = [round(cut.highest_apl, 2) for cut in cuts if cut.highest_apl is not None]
    assert highest == [59.15, 76.7, 135.86]
