"""Imports of one year converted to the communes of another."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.raw_runs import RULES, passage, people

from apl_engine.errors import InputDataError
from apl_engine.imports import VintageChange, convert_vintage
from apl_engine.inputs.imported import Imported


def test_an_import_is_converted_to_another_year(tmp_path: Path) -> None:
    change = VintageChange.by(2023, table=passage(tmp_path))
    done = convert_vintage(people(["01001", "01002", "01003", "01004"], 2022), change, RULES)
    table = done.tables["population"].sort("commune")
    assert table.select("commune", "population").rows() == [
        ("01001", 20.0), ("01003", 10.0), ("01005", 10.0),
    ]  # fmt: skip
    assert done.vintage == 2023
    assert len(done.notes) == 2
    became = {row["code"]: (row["became"], row["kind"]) for row in
              done.as_dict()["details"]["codes"]["population"]}  # fmt: skip
    assert became["01002"] == ("01001", "merged")
    assert became["01004"] == ("01005", "changed")
    same_year = convert_vintage(people(["01001", "01003", "01005"], 2023), change, RULES)
    assert same_year.tables["population"].height == 3


def test_a_vintage_that_is_not_stated_is_shown_by_the_codes(tmp_path: Path) -> None:
    change = VintageChange.by(2023, table=passage(tmp_path))
    note = convert_vintage(people(["01001", "01002", "01003", "01004"]), change, RULES).notes[0]
    assert (note.code, note.warning) == ("import.vintage_guessed", False)
    assert note.details == {"kind": "population", "years": (2022,), "year": 2022}
    either = convert_vintage(people(["01001", "01003"]), change, RULES)
    assert either.notes[0].warning
    assert either.vintage == 2023


def test_codes_of_another_year_are_refused(tmp_path: Path) -> None:
    change = VintageChange.by(2023, table=passage(tmp_path))
    with pytest.raises(InputDataError) as caught:
        convert_vintage(people(["01001", "01003", "01005"], 2022), change, RULES)
    (fault,) = caught.value.faults
    assert fault.values == ("01005",)


def test_a_year_outside_the_events_is_refused(tmp_path: Path) -> None:
    rows = [
        "MOD;DATE_EFF;TYPECOM_AV;COM_AV;LIBELLE_AV;TYPECOM_AP;COM_AP;LIBELLE_AP",
        "32;2019-01-01;COM;01002;A;COM;01001;B",
        "50;2022-03-01;COM;01005;A;COM;01006;B",
    ]
    path = tmp_path / "v.csv"
    path.write_text("\n".join(rows))
    done = convert_vintage(people(["01005"], 2021), VintageChange.by(2023, path), RULES)
    assert done.tables["population"]["commune"].to_list() == ["01006"]
    for to, year in ((2030, 2021), (2023, 1900)):
        with pytest.raises(InputDataError) as caught:
            convert_vintage(people(["01003"], year), VintageChange.by(to, path), RULES)
        (fault,) = caught.value.faults
        assert fault.code == "import.year_outside_events"
        assert fault.details == {
            "start": "2019-01-01", "end": "2022-03-01", "year": 2030 if to == 2030 else 1900,
        }  # fmt: skip


def test_events_or_a_passage_table(tmp_path: Path) -> None:
    table = passage(tmp_path)
    for arguments in ({}, {"movements": table, "table": table}):
        with pytest.raises(InputDataError) as caught:
            VintageChange.by(2023, **arguments)
        assert [f.code for f in caught.value.faults] == ["import.one_source_of_changes"]


def test_what_became_of_a_code(tmp_path: Path) -> None:
    change = VintageChange.by(2023, table=passage(tmp_path))
    assert change.became("01002") == ([("01001", "")], 2022)
    assert change.became("99999") is None


def test_a_table_without_communes_is_not_changed(tmp_path: Path) -> None:
    table = pl.DataFrame({"age_band": ["00+"], "fees": [1.0]})
    made = Imported("activity", {"consumption": table}, "x", 2022)
    assert convert_vintage(made, VintageChange.by(2023, table=passage(tmp_path)), RULES) is made


def test_classes_of_territories_cannot_be_converted(tmp_path: Path) -> None:
    columns = dict.fromkeys(("commune", "territory", "zone"), pl.String)
    table = pl.DataFrame([(None, "0708_", "sous_dotee")], columns, orient="row")
    change = VintageChange.by(2023, table=passage(tmp_path))
    with pytest.raises(InputDataError) as caught:
        convert_vintage(Imported("zoning", {"zoning": table}, "a list", 2022), change, RULES)
    assert [fault.code for fault in caught.value.faults] == ["conversion.by_territory"]
