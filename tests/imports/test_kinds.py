"""Every kind of import on small files of its publisher, whole and damaged."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from support.activity_files import PEOPLE, process_pool, service, write
from support.publishers import containers, damage
from support.publishers import miniatures as small
from support.tables import frames, methodology, small_world

from apl_engine.errors import Fault, InputDataError
from apl_engine.imports import communes_in, import_files
from apl_engine.inputs.imported import Imported
from apl_engine.methodology import load_methodology
from apl_engine.methodology.model import Methodology
from apl_engine.readers.insee.geography import read_appartenance, read_movements, read_passage

RULES = methodology()
FIVE_CLASSES = load_methodology("mk-2018")


def faults_of(kind: str, files: list[Path], rules: Methodology = RULES) -> tuple[Fault, ...]:
    with pytest.raises(InputDataError) as caught:
        import_files(kind, files, rules)
    return caught.value.faults


def alike(found: pl.DataFrame, expected: pl.DataFrame, by: list[str]) -> None:
    names = [name for name in expected.columns if name in found.columns]
    text = pl.col(pl.Enum, pl.Categorical).cast(pl.String)
    assert_frame_equal(
        found.select(names).with_columns(text).sort(by),
        expected.select(names).sort(by),
        check_dtypes=False,
        check_exact=True,
    )


def test_unknown_kinds_and_files(tmp_path: Path) -> None:
    (fault,) = faults_of("metric", [tmp_path / "a.csv"])
    assert (fault.code, fault.details["given"]) == ("argument.unknown_kind", "metric")
    absent = [tmp_path / "a.csv", tmp_path / "b.csv"]
    assert [(fault.code, fault.table) for fault in faults_of("population", absent)] == [
        ("import.no_such_file", str(path)) for path in absent
    ]
    (tmp_path / "c.csv").touch()
    for kind in ("apl", "territories", "zoning"):
        (fault,) = faults_of(kind, [tmp_path / "c.csv"] * 2)
        assert (fault.code, fault.table) == ("import.several_files", kind)
        assert fault.details == {"files": ("c.csv", "c.csv")}


@pytest.mark.parametrize("name", ["communes.csv", "communes.parquet", "communes.arrow"])
def test_the_communes_of_a_folder_in_any_format(tmp_path: Path, name: str) -> None:
    assert communes_in(tmp_path) is None
    communes = frames(small_world())["communes"].reverse()
    write = {"csv": communes.write_csv, "parquet": communes.write_parquet}
    write.get(name.partition(".")[2], communes.write_ipc)(tmp_path / name)
    found = communes_in(tmp_path)
    assert found is not None
    assert found["commune"].to_list() == ["01001", "01002", "2A004", "75101"]


def test_communes_of_a_folder_that_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "communes.csv").write_text("commune,name\n01001,A\n")
    with pytest.raises(InputDataError) as caught:
        communes_in(tmp_path)
    assert {fault.code for fault in caught.value.faults} == {"communes.missing_column"}
    (tmp_path / "communes.parquet").touch()
    with pytest.raises(InputDataError) as caught:
        communes_in(tmp_path)
    assert [fault.code for fault in caught.value.faults] == ["communes.several_files"]


def test_a_distancier_with_islands(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("o,d,minutes\n56087,56106,12\n56106,56106,0\n56106,56008,8\n")
    (note,) = [
        note for note in import_files("distancier", [path], RULES).notes
        if note.code == "distancier.islands_by_road"
    ]  # fmt: skip
    assert (note.examples, note.warning) == (("56087",), True)


def test_activity_with_a_map_of_columns(tmp_path: Path) -> None:
    rows = [{**service(), "HON_MNT": 30.0, "fees": 1.0}]
    options: dict[str, Any] = {"register": write(tmp_path / "r.parquet", PEOPLE)}
    options["columns"] = {"fees": "HON_MNT"}
    files = [write(tmp_path / "p.parquet", rows)]
    made = import_files("activity", files, RULES, **options)
    assert made.tables["practitioners"]["fees"].to_list() == [30.0]
    made = import_files("activity", files, RULES, **{**options, "columns": {}, "vintage": 2022})
    assert made.tables["practitioners"]["fees"].to_list() == [1.0]
    assert made.vintage == 2022
    options |= {"executor": process_pool(), "on_step": (steps := []).append}
    made = import_files("activity", files, RULES, **options)
    assert made.tables["practitioners"]["fees"].to_list() == [30.0]
    assert {"reading prestations", "digests: 2 of 2"} <= {*steps}


@pytest.mark.parametrize("name", ["w.xlsx", "l.csv"])
def test_population(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    make = small.write_pop1b_wide if name == "w.xlsx" else small.write_pop1b_long
    expected = make(path)["population"]
    found = import_files("population", [path], RULES).tables["population"]
    alike(found, expected, ["commune", "age_band"])


def test_bands_too_wide_are_refused(tmp_path: Path) -> None:
    small.write_wide_bands(tmp_path / "b.csv")
    (fault,) = faults_of("population", [tmp_path / "b.csv"])
    assert fault.table == "b.csv"


def test_appartenance_and_the_mesh_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    expected = small.write_appartenance(path)
    folder = tmp_path / "legal"
    folder.mkdir()
    small.write_legal_populations(folder)
    people = next(folder.glob("*.xlsx"))
    found = read_appartenance([path, people])
    alike(found.communes.rename({"commune": "CODGEO", "canton": "CV", "living_area": "BV2022"}),
          expected["table"].select("CODGEO", "CV", "BV2022"), ["CODGEO"])  # fmt: skip
    alike(found.arrondissements.rename({"commune": "CODGEO", "city": "COM"}),
          expected["arrondissements"].select("CODGEO", "COM"), ["CODGEO"])  # fmt: skip
    folder = tmp_path / "csv"
    folder.mkdir()
    small.write_appartenance_csv(folder)
    text = read_appartenance(sorted(folder.iterdir()))
    assert text.communes.drop("population").equals(found.communes.drop("population"))
    mesh = import_files("mesh", [path, people], RULES).tables["communes"]
    # Marseille goes by arrondissement in our mesh, as one canton in theirs.
    groups = mesh.filter(~pl.col("commune").str.starts_with("13")).group_by("territory")
    wanted = expected["territories"].filter(~pl.col("commune").str.starts_with("13"))
    ours, theirs = (
        part.agg(pl.col("commune").sort()).sort("commune")["commune"].to_list()
        for part in (groups, wanted.group_by("kind", "code"))
    )
    assert ours == theirs


@pytest.mark.parametrize("dates", ["iso", "dd/mm/yy"])
def test_movements(tmp_path: Path, dates: str) -> None:
    expected = small.write_movements(tmp_path / "v.csv", dates=dates)["movements"]
    found = read_movements(tmp_path / "v.csv").with_row_index()
    ours = found.select(
        "index", MOD="mod", DATE_EFF=pl.col("date").cast(pl.String), COM_AV="code_before",
        COM_AP="code_after", TYPECOM_AV="type_before", TYPECOM_AP="type_after",
    )  # fmt: skip
    texts = expected.with_columns(pl.all().cast(pl.String)).with_row_index()
    alike(ours.with_columns(pl.col("MOD").cast(pl.String)), texts, ["index"])


def test_passage_in_both_layouts(tmp_path: Path) -> None:
    expected = small.write_passage(tmp_path / "p.csv")["passage"]
    assert_frame_equal(read_passage(tmp_path / "p.csv"), expected)
    expected = small.write_passage_workbook(tmp_path / "p.xlsx")["passage"]
    found = read_passage(tmp_path / "p.xlsx")
    wanted = expected.select("CODGEO_INI", COM2024="CODGEO_2024")
    assert_frame_equal(found.select(wanted.columns), wanted)


def published(path: Path, **options: Any) -> pl.DataFrame:
    return import_files("apl", [path], RULES, **options).tables["published"]


def test_the_apl_of_every_year(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    for make in (small.write_drees_2021, small.write_drees_2019):
        (expected,) = make(path).values()
        alike(published(path), expected.fill_null(0), ["commune"])
    for by_age in (False, True):
        sheets = small.write_drees_years(path, (2022, 2023, 2024), by_age=by_age)
        for year, expected in sheets.items():
            wanted = expected.with_columns(apl="apl_65") if by_age else expected
            alike(published(path, year=int(year)), wanted, ["commune"])


@pytest.mark.parametrize("form", [{"padded": True}, {"padded": False}, {"as_numbers": True},
                                  {"of_sas": True}])  # fmt: skip
def test_the_composition_of_territories(tmp_path: Path, form: dict[str, bool]) -> None:
    path = tmp_path / "b.csv"
    expected = small.write_bvcv(path, **{"padded": False, **form})["composition"]
    found = import_files("territories", [path], RULES).tables["attribution"]
    canton = pl.col("kind") == "cv"
    coded = pl.when(canton).then(pl.col("territory").str.strip_chars_end("_") + "_")
    alike(found, expected.select("commune", territory=coded.otherwise("territory")), ["commune"])


def test_files_of_the_agencies(tmp_path: Path) -> None:
    def read(path: Path) -> pl.DataFrame:
        return import_files("zoning", [path], FIVE_CLASSES).tables["zoning"]

    small.write_ars_app(tmp_path / "a.xlsx")
    zones = dict(read(tmp_path / "a.xlsx").select("commune", "zone").iter_rows())
    assert (zones["01001"], zones["01004"], zones["13201"]) == (
        "sous_dotee", "tres_sous_dotee", "intermediaire",
    )  # fmt: skip
    expected = small.write_ars_frame(tmp_path / "f.csv")["territories"]
    found = read(tmp_path / "f.csv")
    assert found.height == expected.height
    assert set(found["zone"]) == {c.id for c in FIVE_CLASSES.zoning.classes}
    zones_of = small.write_free_layout(tmp_path / "l.xlsx")["zones"]
    # Its « NP » is a class of the text that came after.
    free = read(tmp_path / "l.xlsx").join(zones_of.select("commune", "level"), on="commune")
    assert free.height == zones_of.height
    assert free.filter(level=4).select("zone", "other_class").unique().rows() == [(None, "NP")]
    assert free.filter(pl.col("level") < 4)["zone"].null_count() == 0


# --- damage -----------------------------------------------------------------------------------


def workbook(path: Path) -> Path:
    small.write_pop1b_wide(path)
    return path


def read_people(path: Path) -> Imported:
    return import_files("population", [path], RULES)


def test_workbooks_that_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.xlsx"
    for damaged in (
        containers.write_encrypted_workbook,
        containers.write_old_workbook,
        lambda path: containers.add_macros(workbook(path)),
        containers.write_zip_bomb,
    ):
        damaged(path)
        (fault,) = faults_of("population", [path])
        assert fault.table == "w.xlsx"


CHANGES: list[tuple[Callable[..., Any], str]] = [
    (damage.move_header, ""),
    (damage.merge_titles, ""),
    (damage.put_cover_first, ""),
    (damage.rename_sheets, ""),
    (damage.add_total_row, "source_file.rows_left_out"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("change", "note"), CHANGES, ids=lambda c: getattr(c, "__name__", c))
def test_what_moves_or_is_added_changes_no_figure(
    tmp_path: Path, change: Callable[..., Any], note: str
) -> None:
    path = workbook(tmp_path / "w.xlsx")
    whole = read_people(path).tables["population"]
    change(path)
    found = read_people(path)
    assert found.tables["population"].equals(whole)
    assert not note or note in {n.code for n in found.notes}


def test_a_truncated_file(tmp_path: Path) -> None:
    path = workbook(tmp_path / "w.xlsx")
    damage.cut_short(path)
    (fault,) = faults_of("population", [path])
    assert fault.table == "w.xlsx"


@pytest.mark.parametrize("encode", [damage.to_utf16, damage.to_utf8_with_mark, damage.to_windows,
                                    damage.to_latin1])  # fmt: skip
def test_other_encodings_change_nothing(tmp_path: Path, encode: Callable[..., Any]) -> None:
    path = tmp_path / "d.csv"
    assert "path" in inspect.signature(small.write_bvcv).parameters
    small.write_bvcv(path)
    whole = import_files("territories", [path], RULES).tables["attribution"]
    encode(path)
    found = import_files("territories", [path], RULES).tables["attribution"]
    # Latin-1 has no œ: two letters stand for it.
    plain = pl.col("name", "territory_name").str.replace_all("(?i)œ", "oe")
    assert found.with_columns(plain).equals(whole.with_columns(plain)) or (
        encode is damage.to_latin1 and found.drop("name").equals(whole.drop("name"))
    )


def test_a_quote_left_open_in_any_file(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    small.write_bvcv(path)
    damage.leave_quote_open(path)
    (fault,) = faults_of("territories", [path])
    assert fault.table == "d.csv"
