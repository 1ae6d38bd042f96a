"""The tables against each other: bands, populations, practitioners, units."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from support.faults import codes_of, fault_of, faults_of
from support.tables import World, frames, methodology, small_world

from apl_engine import read_inputs
from apl_engine.errors import Fault, Note

RULES = methodology()


def refused(change: Callable[[World], object]) -> Fault:
    world = small_world()
    change(world)
    return fault_of(lambda: read_inputs(frames(world), RULES))


def warnings(change: Callable[[World], object]) -> list[Note]:
    world = small_world()
    change(world)
    return [note for note in read_inputs(frames(world), RULES).notes if note.warning and str(note)]


def test_birth_date_out_of_range() -> None:
    tables = frames(small_world())
    born = pl.date(2020, 1, 1)
    tables["practitioners"] = tables["practitioners"].drop("age").with_columns(birth_date=born)
    fault = fault_of(lambda: read_inputs(tables, RULES))
    assert (fault.code, fault.column) == ("practitioners.age_out_of_range", "birth_date")
    assert (fault.count, fault.rows, fault.values) == (6, (1, 2, 3), ())
    assert fault.details == {"low": 18, "high": 110}


def test_practitioner_with_two_ages() -> None:
    fault = refused(lambda world: world["practitioners"][2].update(age=50))
    assert (fault.code, fault.column) == ("practitioners.inconsistent_rows", "age")
    assert (fault.count, fault.rows, fault.values) == (2, (3, 4), ())
    assert fault.details == {"practitioners": 1}


@pytest.mark.parametrize(
    ("bands", "kind", "details"),
    [
        (("00-04", "04-08", "09+"), "band_overlap", {"previous": "00-04", "band": "04-08"}),
        (("00-04", "10-14", "15+"), "band_gap", {"previous": "00-04", "band": "10-14"}),
        (("05-09", "10+"), "first_band", {"band": "05-09"}),
        (("00-09", "10+"), "band_width", {"band": "00-09", "years": 5}),
        (("00-04", "05-09"), "last_band_closed", {"band": "05-09"}),
        (("00+", "05-09"), "band_overlap", {"previous": "00+", "band": "05-09"}),
    ],
)
def test_bands_that_do_not_follow_each_other(
    bands: tuple[str, ...], kind: str, details: dict[str, object]
) -> None:
    world = small_world()
    world["consumption"] = [{"age_band": band, "fees": 1.0} for band in bands]
    faults = faults_of(lambda: read_inputs(frames(world), RULES))
    (fault,) = [fault for fault in faults if fault.code == f"consumption.{kind}"]
    assert details.items() <= fault.details.items()
    assert fault.details["expected"] == ("00-04", "05-09")


def test_bands_that_differ_between_tables() -> None:
    world = small_world()
    bands = ("00-04", "05-09", "10-14", "15+")
    world["consumption"] = [{"age_band": band, "fees": 1.0} for band in bands]
    faults = faults_of(lambda: read_inputs(frames(world), RULES))
    differing = {f.code: f.details["bands"] for f in faults if "unmatched" in f.code}
    assert differing["consumption.unmatched_bands"] == ("10-14", "15+")
    assert "10+" in differing.get("population.unmatched_bands", ("10+",))


def test_commune_without_population() -> None:
    def change(world: World) -> None:
        world["population"] = [row for row in world["population"] if row["commune"] != "75101"]

    fault = refused(change)
    assert (fault.code, fault.values) == ("population.missing_communes", ("75101",))
    assert fault.details == {"communes": 1}


def test_missing_age_bands_of_a_commune_are_noted() -> None:
    world = small_world()
    del world["population"][0]
    (note,) = read_inputs(frames(world), RULES).notes
    assert (note.code, note.count, note.warning) == ("population.missing_cells", 1, False)


def test_regions_without_data_need_no_population() -> None:
    def change(world: World) -> None:
        world["communes"][3].update(region="06", territory="M")
        world["population"] = [row for row in world["population"] if row["commune"] != "75101"]

    (note,) = warnings(change)
    assert (note.code, note.count) == ("population.missing_in_imposed_regions", 1)


def with_legal_population(*shares: float) -> dict[str, pl.DataFrame]:
    tables = frames(small_world())
    people = tables["population"].group_by("commune").agg(pl.col("population").sum())
    shared = people.sort("commune").with_columns(
        pl.col("population") * pl.Series(shares, dtype=pl.Float64)
    )
    return tables | {"communes": tables["communes"].join(shared, on="commune")}


@pytest.mark.parametrize("share", [1000.0, 0.001])
def test_legal_population_in_another_unit(share: float) -> None:
    fault = fault_of(lambda: read_inputs(with_legal_population(*[share] * 4), RULES))
    assert (fault.code, fault.column) == ("population.legal_population_mismatch", "population")
    assert fault.details["legal"] == pytest.approx(share * fault.details["by_age"])  # type: ignore[operator]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((1.04,) * 4, []),
        ((1.06,) * 4, [("population.legal_population_differs", ())]),
        (
            (1, 1, 2.5, 1),
            [
                ("population.legal_population_differs", ()),
                ("population.legal_population_differs_by_commune", ("2A004",)),
            ],
        ),
    ],
)
def test_legal_population_that_differs(
    shares: tuple[float, ...], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    notes = read_inputs(with_legal_population(*shares), RULES).notes
    assert [(note.code, note.examples) for note in notes if note.warning] == expected
    assert all(map(str, notes))


def test_no_inhabitants_and_no_fees() -> None:
    world = small_world()
    for row in [*world["population"], *world["consumption"]]:
        row["population" if "commune" in row else "fees"] = 0.0
    both = ["population.no_inhabitants", "consumption.no_fees"]
    assert codes_of(lambda: read_inputs(frames(world), RULES)) == both


@pytest.mark.parametrize(
    ("table", "column", "code"),
    [
        ("population", "population", "population.no_inhabitants"),
        ("consumption", "fees", "consumption.no_fees"),
    ],
)
def test_table_of_zeros(table: str, column: str, code: str) -> None:
    def change(world: World) -> None:
        for row in world[table]:
            row[column] = 0.0

    assert refused(change).code == code


def test_fees_without_inhabitants() -> None:
    def change(world: World) -> None:
        for row in world["population"]:
            row["population"] *= row["age_band"] != "10+"

    fault = refused(change)
    assert fault.code == "consumption.fees_without_inhabitants"
    assert fault.details == {"bands": ("10+",)}


def test_fees_in_cents() -> None:
    def change(world: World) -> None:
        for row in world["practitioners"]:
            row["fees"] *= 100

    (note,) = warnings(change)
    assert (note.code, note.count) == ("practitioners.fees_per_act", 6)
    assert note.details["mean"] > 1000  # type: ignore[operator]


def test_city_given_whole() -> None:
    def change(world: World) -> None:
        for rows in world.values():
            for row in rows:
                row.update({k: "75056" for k, v in row.items() if v == "75101"})

    (note,) = warnings(change)
    assert (note.code, note.examples) == ("communes.whole_cities", ("75056",))


def test_territory_with_two_names() -> None:
    (note,) = warnings(lambda world: world["communes"][1].update(territory_name="Other"))
    assert (note.code, note.examples) == ("communes.several_territory_names", ("T1",))
