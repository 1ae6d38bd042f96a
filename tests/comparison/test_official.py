"""A result held against official classes: agreement, differences, and what adaptations explain."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.countries import (
    RULES,
    ZONES,
    Row,
    countries,
    proposal,
    rules,
    territory,
    zones_of,
)
from support.open_data import open_data

from apl_engine import load_methodology
from apl_engine.comparison import OfficialComparison, compare_official, read_official
from apl_engine.errors import Fault, InputDataError
from apl_engine.imports import VintageChange, convert_vintage, import_files
from apl_engine.inputs.imported import Imported
from apl_engine.regional import adapt
from apl_engine.regional.region import read_country
from apl_engine.regional.rules import judge
from apl_engine.reports.inputs import write_inputs
from apl_engine.results import write_result
from apl_engine.runs import zone_published

TSD, SD, INT, NP = ZONES


def listed(classes: dict[str, str | None], **more: Any) -> Imported:
    """Return a list of classes by commune."""
    table = pl.DataFrame(
        {"commune": list(classes), "zone": list(classes.values())},
        {"commune": pl.String, "zone": pl.String},
    )
    return Imported("zoning", {"zoning": table}, "a list", **more)


def by_territory(official: dict[str, str | None]) -> Imported:
    """Return a list with the class of each whole territory of `zones_of`."""
    return listed({f"{code}{part}": zone for code, zone in official.items() for part in "12"})


def fault_of(zones: Any, official: Any) -> Fault:
    with pytest.raises(InputDataError) as caught:
        compare_official(zones, official)
    (fault,) = caught.value.faults
    return fault


def share(comparison: OfficialComparison, column: str, region: str = "FR") -> float:
    return float(comparison.agreement.filter(region=region)[column].item())


COUNTRY = [
    territory("A", TSD, 10, 40.0),
    territory("B", SD, 20, 50.0),
    territory("C", INT, 30, 60.0, elsewhere=10),
    territory("D", NP, 40, 90.0, region="53"),
]


def test_agreement_is_counted_in_people_communes_and_territories() -> None:
    classes = {"A1": TSD, "B1": TSD, "C1": INT, "C2": SD, "D1": SD}
    found = compare_official(zones_of(COUNTRY), listed(classes))
    assert share(found, "population_agreeing") == pytest.approx(100 * 30 / 100)
    assert share(found, "communes_agreeing") == pytest.approx(100 * 2 / 5)
    # C has the class of most of its people.
    assert share(found, "territories_agreeing") == pytest.approx(100 * 2 / 4)
    assert share(found, "population_within_one_class") == pytest.approx(100 * 60 / 100)
    assert share(found, "population_agreeing", "52") == pytest.approx(100 * 30 / 60)
    table = {row[:2]: row[2:] for row in found.transitions.iter_rows()}
    assert len(table) == len(ZONES) ** 2
    assert {way: row for way, row in table.items() if row[0]} == {
        (TSD, TSD): (1, 10.0, 1), (SD, TSD): (1, 20.0, 1), (INT, INT): (1, 20.0, 1),
        (INT, SD): (1, 10.0, 0), (NP, SD): (1, 40.0, 1),
    }  # fmt: skip
    assert found.differences["territory"].to_list() == ["D", "B"]
    assert found.territories.filter(territory="C")["official_classes"].item() == 2


def test_communes_of_one_side_are_counted_apart() -> None:
    classes = {"A1": TSD, "B1": None, "C1": INT, "C2": INT, "X9": TSD}
    official = listed(classes)
    zones = zones_of(COUNTRY + [territory(f"E{k}", INT, 1, 70.0) for k in range(60)])
    many = listed({**classes, **{f"E{k}1": INT for k in range(60)}})
    assert fault_of(zones, official).code == "official.other_communes"
    found = compare_official(zones, many)
    counts = dict(found.communes["listed"].value_counts().iter_rows())
    assert counts == {"both": 63, "result": 2, "official": 1}
    notes = {note.code: note for note in found.notes}
    assert notes["official.without_official_class"].examples == ("B1", "D1")
    assert notes["official.without_official_class"].details == {"population": 60.0}
    assert notes["official.communes_of_the_list_alone"].examples == ("X9",)


def test_a_list_of_one_region_is_compared_there() -> None:
    found = compare_official(zones_of(COUNTRY), listed({"D1": NP}))
    assert found.agreement["region"].to_list() == ["53", "FR"]
    assert share(found, "population_agreeing") == 100.0


def test_a_list_by_territory_counts_for_each_commune() -> None:
    columns = dict.fromkeys(("commune", "territory", "zone"), pl.String)
    table = pl.DataFrame([(None, "C", INT), (None, "B", TSD)], columns, orient="row")
    found = compare_official(zones_of(COUNTRY), Imported("zoning", {"zoning": table}, "a list"))
    both = found.communes.filter(listed="both")
    assert both.select("commune", "official_zone").rows() == [("B1", TSD), ("C1", INT), ("C2", INT)]


def test_rows_without_a_code_and_repeated_ones_are_refused() -> None:
    columns = dict.fromkeys(("commune", "zone"), pl.String)
    rows = [("A1", TSD), ("A1", SD), (None, SD), ("B1", SD)]
    table = pl.DataFrame(rows, columns, orient="row")
    with pytest.raises(InputDataError) as caught:
        compare_official(zones_of(COUNTRY), Imported("zoning", {"zoning": table}, "a list"))
    assert [(fault.code, fault.count, fault.values) for fault in caught.value.faults] == [
        ("official.no_code", 1, ()), ("official.repeated_code", 2, ("A1",)),
    ]  # fmt: skip


def test_a_class_of_a_whole_city_is_that_of_its_arrondissements() -> None:
    zones = zones_of([territory("7510", INT, 10, 50.0), territory("B", SD, 20, 40.0)])
    found = compare_official(zones, listed({"75056": INT, "B1": SD}))
    assert share(found, "population_agreeing") == 100.0
    (note,) = found.notes
    assert (note.code, note.examples) == ("official.class_of_city", ("75101",))
    own = compare_official(zones, listed({"75056": NP, "75101": INT, "B1": SD}))
    assert share(own, "population_agreeing") == 100.0
    assert not own.notes


def largest_agreement(rows: list[Row], official: dict[str, str], methodology: Any) -> float:
    """Return the most inhabitants that agree after any adaptation that `region check` accepts."""
    country = read_country(zones_of(rows, methodology))
    zone = {row["territory"]: row["zone"] for row in rows}
    people = {row["territory"]: row["population"] for row in rows}
    best = 0.0
    for code in {row["region"] for row in rows}:
        region = country.region(code)
        own = [row["territory"] for row in rows if row["region"] == code and row["zone"]]
        moving = [one for one in own if zone[one] in (TSD, SD)]
        most = -1.0
        for size in range(len(moving) + 1):
            for chosen in combinations(moving, size):
                add = tuple(one for one in chosen if zone[one] == SD)
                remove = tuple(one for one in chosen if zone[one] == TSD)
                made = proposal(add, remove, region=code)
                findings = judge(made, region, country.territories) if chosen else ()
                if any(finding.verdict == "broken" for finding in findings):
                    continue
                new = zone | dict.fromkeys(add, TSD) | dict.fromkeys(remove, SD)
                most = max(most, sum(people[one] for one in own if new[one] == official[one]))
        best += most
    return best


@pytest.mark.heavy
@pytest.mark.parametrize("order", ["strict", "skipping", "free"])
@given(data=st.data())
def test_no_adaptation_within_the_rules_agrees_more(order: str, data: st.DataObject) -> None:
    rows = data.draw(countries())
    official = {row["territory"]: data.draw(st.sampled_from(ZONES[:3])) for row in rows}
    methodology = rules(addition_order=order)
    if not any(row["zone"] for row in rows):
        return
    found = compare_official(zones_of(rows, methodology), by_territory_of(rows, official))
    people = sum(row["population"] for row in rows if row["zone"])
    bound = share(found, "population_best_adaptation") * people / 100
    assert bound == pytest.approx(largest_agreement(rows, official, methodology))
    explained = found.territories.filter(cause="adaptation")
    assert set(explained["zone"]) | set(explained["official_zone"]) <= {TSD, SD}


def by_territory_of(rows: list[Row], official: dict[str, str]) -> Imported:
    return listed({f"{row['territory']}1": official[row["territory"]] for row in rows})


def test_an_adapted_result_has_no_bound() -> None:
    zones = zones_of([territory("A", SD, 1, 40.0), territory("Z", INT, 400, 90.0)])
    adapted = adapt(zones, [proposal(("A",))])
    found = compare_official(adapted, listed({"A1": TSD, "Z1": SD}))
    assert found.agreement["population_best_adaptation"].to_list() == [None, None]
    assert share(found, "territories_agreeing") == 50.0


def test_what_is_refused(tmp_path: Path) -> None:
    zones = zones_of(COUNTRY)
    fault = fault_of(zones, listed({"A1": "tres_dotee"}))
    assert (fault.code, fault.values) == ("official.other_classes", ("tres_dotee",))
    assert fault_of(zones, listed({"A1": None})).code == "official.nothing_in_common"
    assert fault_of(zones, Imported("apl", {}, "an APL")).code == "official.no_zoning"
    assert fault_of(zones, tmp_path).code == "official.no_zoning"
    assert fault_of(zones, tmp_path / "absent.csv").code == "import.no_such_file"
    (tmp_path / "zoning.parquet").write_text("text")
    assert fault_of(zones, tmp_path).code == "official.unreadable"
    assert fault_of(tmp_path, listed({"A1": TSD})).code == "result.record_missing"


def test_a_folder_and_a_file_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "z.csv"
    rows = ["Code;Libellé;Zonage", "02001;B;SD", "02011;C;4_Tres_dotee"]
    path.write_text("\n".join([*rows, *(f"020{k}1;D;NP" for k in range(2, 10))]))
    write_inputs(import_files("zoning", [path], RULES, vintage=2024), tmp_path / "o")
    one, two = read_official(path, RULES), read_official(tmp_path / "o", RULES)
    assert one.tables["zoning"].equals(two.tables["zoning"])
    assert (two.vintage, two.recognised) == (2024, one.recognised)
    zones = zones_of([territory(f"02{k:02d}", NP, 10) for k in range(10)])
    assert zones.communes["commune"].to_list()[:2] == ["02001", "02011"]
    found = [compare_official(zones, official) for official in (path, tmp_path / "o")]
    assert found[0].communes.equals(found[1].communes)


def national(tmp_path: Path) -> Path:
    """Return the zones of France from the published APL of 2021, in a folder."""
    methodology = load_methodology("mk-2024")
    tables = ("insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv")
    mesh = import_files("mesh", [open_data(name) for name in tables], methodology, vintage=2023)
    apl = import_files("apl", [open_data("drees_apl_mk_2021.csv")], methodology)
    change = VintageChange.by(2023, table=open_data("insee_passage_2021_2024.csv"))
    zones = zone_published(convert_vintage(apl, change, methodology), mesh, methodology)
    write_result(zones, tmp_path / "ours")
    return tmp_path / "ours"


@pytest.mark.slow
def test_the_official_list_of_2025(tmp_path: Path) -> None:
    found = compare_official(national(tmp_path), open_data("zonage_mk_cartosante_2025.csv"))
    assert share(found, "population_agreeing") > 88
    assert share(found, "communes_agreeing") > 84
    assert share(found, "population_within_one_class") > 99.8
    best = found.agreement["population_best_adaptation"]
    assert (best >= found.agreement["population_agreeing"] - 1e-9).all()
    aside = next(note for note in found.notes if note.code == "official.set_aside")
    assert (aside.count, aside.examples[0]) == (14, "97401 Les Avirons (5_Sur_dotee)")
    assert found.transitions["population"].sum() == pytest.approx(
        found.communes.filter(listed="both")["population"].sum()
    )
