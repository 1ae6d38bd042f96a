"""Files of others opened by content, their headers found, their cells read."""

from __future__ import annotations

import gzip
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.workbooks import write_workbook

from apl_engine.errors import Fault, InputDataError
from apl_engine.readers.common.cells import read_matched
from apl_engine.readers.common.collect import Found
from apl_engine.readers.common.file_type import content_of, decoded
from apl_engine.readers.common.headers import Field, Layout, match, plain
from apl_engine.readers.common.match import find, vintage_of
from apl_engine.readers.common.numbers import number
from apl_engine.readers.common.sheets import open_sheets

PEOPLE = Layout(
    "a table of people",
    (
        Field("commune", (r"^codgeo$", r"^code"), "code"),
        Field("name", (r"^libgeo$",), required=False),
        Field("people", (r"^pop",), "number"),
        Field("area", (r"^surface",), "number", required=False),
    ),
)
ROWS = [["01001", "L'Abergement", "12"], ["2A004", "Ajaccio", "3,5"]]


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def read(path: Path, layout: Layout = PEOPLE) -> tuple[pl.DataFrame, Found]:
    kept = Found(path.name)
    return read_matched(find(path, [layout])[0], kept), kept


def refused(path: Path, layout: Layout = PEOPLE) -> Fault:
    with pytest.raises(InputDataError) as caught:
        find(path, [layout])
    assert len(caught.value.faults) == 1
    return caught.value.faults[0]


# --- what a file is ------------------------------------------------------------------------------


def test_content_is_told_by_the_first_bytes(tmp_path: Path) -> None:
    frame = pl.DataFrame({"CODGEO": ["01001"], "POP": [1.5]})
    frame.write_parquet(tmp_path / "a.csv")
    frame.write_ipc(tmp_path / "b.csv")
    write_workbook(tmp_path / "c.csv", {"A": [["CODGEO", "POP"], ["01001", 1.5]]})
    text(tmp_path / "d.xlsx", "CODGEO;POP\n01001;1,5\n")
    names = {"a.csv": "Parquet", "b.csv": "Arrow IPC", "c.csv": "workbook", "d.xlsx": "CSV"}
    for name, content in names.items():
        assert content_of(tmp_path / name) == content
        table, _ = read(tmp_path / name)
        assert table.select("commune", "people").rows() == [("01001", 1.5)]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with a mark"), ("cp1252", "Windows-1252"),
     ("utf-16", "UTF-16")],
)  # fmt: skip
def test_the_encoding_is_found(tmp_path: Path, encoding: str, said: str) -> None:
    path = text(tmp_path / "a.csv", "CODGEO;LIBGEO;POP\n01001;Île-d'Œil\u2019é;12\n", encoding)
    table, _ = read(path)
    assert table["name"].to_list() == ["Île-d'Œil\u2019é"]
    assert said in find(path, [PEOPLE])[0].described


def test_latin_1_is_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"CODGEO;LIBGEO;POP\n01001;\xe9\x81;12\n")
    found = decoded(tmp_path / "a.csv")
    assert not isinstance(found, Fault)
    assert found[1] == "Latin-1"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found_below_titles_full_of_others(tmp_path: Path, separator: str) -> None:
    lines = ["Population, par commune; en 2020, France, tout, entière", ""]
    lines += [separator.join(row) for row in (["CODGEO", "LIBGEO", "POP"], ["01001", "A", "12"])]
    lines += [separator.join(["01002", "B", "13"])] * 2
    table, _ = read(text(tmp_path / "a.csv", "\n".join(lines)))
    assert table["people"].to_list() == [12.0, 13.0, 13.0]


def test_a_gzip_is_read_and_a_cut_one_refused(tmp_path: Path) -> None:
    content = gzip.compress(("CODGEO;POP\n" + "01001;1\n" * 5000).encode(), mtime=0)
    (tmp_path / "a.csv.gz").write_bytes(content)
    assert read(tmp_path / "a.csv.gz")[0].height == 5000
    (tmp_path / "b.csv.gz").write_bytes(content[:-20])
    assert "cannot be decompressed" in refused(tmp_path / "b.csv.gz").problem


def test_what_cannot_be_opened_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.csv").touch()
    assert "empty (0 bytes)" in refused(tmp_path / "empty.csv").problem
    assert "is a folder" in refused(tmp_path).problem
    assert "cannot be opened (No such file" in refused(tmp_path / "absent.csv").problem
    (tmp_path / "a.zst").write_bytes(b"\x28\xb5\x2f\xfd0000")
    assert "Zstandard" in refused(tmp_path / "a.zst").problem
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 10)
    assert "neither text nor a format" in refused(tmp_path / "noise").problem
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + b"0" * 50)
    assert "cannot be read as Parquet" in refused(tmp_path / "cut.parquet").problem
    (tmp_path / "huge.csv").write_bytes(b"CODGEO;POP\n" + b"01001;1\n" * 10)
    monkeypatch.setattr("apl_engine.readers.common.file_type._LARGEST", 20)
    assert "expands to more than" in refused(tmp_path / "huge.csv").problem


def test_dangerous_workbooks_are_not_opened(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "a.xlsx", {"A": [["CODGEO", "POP"], ["01001", 1]]})
    (tmp_path / "cut.xlsx").write_bytes(book.read_bytes()[:-100])
    assert "cannot be read as a workbook" in refused(tmp_path / "cut.xlsx").problem
    with zipfile.ZipFile(tmp_path / "macro.xlsm", "w") as archive:
        archive.writestr("xl/workbook.xml", "")
        archive.writestr("xl/vbaProject.bin", "")
    assert "with macros" in refused(tmp_path / "macro.xlsm").problem
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr("v_mvt_commune.csv", "MOD")
    assert "archive that holds v_mvt_commune.csv" in refused(tmp_path / "data.zip").problem
    with zipfile.ZipFile(tmp_path / "odd.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<nothing/>")
    assert "cannot be read as a workbook" in refused(tmp_path / "odd.xlsx").problem
    locked = b"\xd0\xcf\x11\xe0" + b"0" * 600 + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "locked.xlsx").write_bytes(locked)
    assert "encrypted" in refused(tmp_path / "locked.xlsx").problem
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"0" * 600)
    assert "cannot be read as a workbook" in refused(tmp_path / "old.xls").problem


def test_a_workbook_that_expands_without_end_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apl_engine.readers.common.file_type._LARGEST", 10 * 1024**2)
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member,
    ):
        member.write(bytes(11 * 1024**2))
    assert path.stat().st_size < 100_000
    assert "expands to 0.0 GiB from 0.0 MiB" in refused(path).problem


def test_a_workbook_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_workbook(tmp_path / "a.xlsx", {"A": [["CODGEO", "POP"]]})
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    assert "apl-engine[excel]" in refused(tmp_path / "a.xlsx").hint


def test_a_quote_that_never_closes_is_refused(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", 'CODGEO;LIBGEO;POP\n01001;"A;1\n01002;B;2\n')
    with pytest.raises(InputDataError, match="a quoted value never ends"):
        read(path)


def test_a_row_wider_than_the_header_is_refused(tmp_path: Path) -> None:
    # Also where the columns that are read have their values.
    path = text(tmp_path / "a.csv", "CODGEO;POP;AUTRE\n01001;1;A;7\n01002;2;B\n")
    with pytest.raises(InputDataError, match="more values than the header has columns"):
        read(path)


# --- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("above", [0, 1, 5, 30])
def test_the_header_is_found_below_titles_and_in_its_sheet(tmp_path: Path, above: int) -> None:
    rows = [["Population municipale"], *[[None]] * (above - 1)][:above]
    table = [*rows, ["LIBGEO", "CODGEO", "POP 2020"], ["A", "01001", 12.25]]
    book = {"Lisez-moi": [["Bonjour"]], "COM": table}
    path = write_workbook(tmp_path / "a.xlsx", book)
    found = find(path, [PEOPLE])[0]
    assert (found.sheet.name, found.header) == ("COM", above)
    assert "sheet 'COM'" in found.described
    assert ("header on row" in found.described) == (above > 0)
    assert read(path)[0].rows() == [(1, "01001", "A", 12.25)]


def test_columns_in_any_order_are_not_mixed_up(tmp_path: Path) -> None:
    header, row = ["SURFACE", "POP", "X", "CODGEO"], ["7", "12", "0", "01001"]
    content = "\n".join(";".join(cells) for cells in (header, row, row))
    for path in (
        text(tmp_path / "a.csv", content),
        write_workbook(tmp_path / "a.xlsx", {"A": [header, row, [7, 12, 0, "01001"]]}),
    ):
        table, _ = read(path)
        assert table.select("commune", "people", "area").rows() == [("01001", 12.0, 7.0)] * 2


def test_columns_can_be_named(tmp_path: Path) -> None:
    sheets = open_sheets(text(tmp_path / "a.csv", "Ville;Hab.\n01001;4\n"))
    assert not isinstance(sheets, Fault)
    assert match(sheets[0], PEOPLE) is None
    found = match(sheets[0], PEOPLE, {"commune": "ville", "people": "Hab."})
    assert found is not None
    assert found.names == {"commune": "Ville", "people": "Hab."}


def test_what_is_not_recognised_is_shown_with_what_was_expected(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"Un": [["t"], ["a", "b"], [1, 2]], "Vide": []})
    fault = refused(path)
    assert "Sheet 'Un' has, on row 2: a, b" in fault.problem
    assert "Sheet 'Vide' is empty" in fault.problem
    assert "a table of people: CODGEO, POP" in fault.hint


def test_plain_headers() -> None:
    assert plain("  Libellé de la\ncommune ") == "libelle_de_la_commune"
    assert plain("UU2020") == "uu2020"


@pytest.mark.parametrize(
    ("title", "name", "year"),
    [("Géographie au 01/01/2023", "a.csv", 2023), ("géographie en vigueur 2019", "a.csv", 2019),
     ("Communes", "table-appartenance-geo-communes-23.xlsx", None),
     ("Communes", "table_geo2024.csv", 2024), ("Communes", "t_cog_23.csv", 2023),
     ("Recensement 2020", "BTT_TD_POP1B_2020.csv", None)],
)  # fmt: skip
def test_the_vintage_that_titles_tell(
    tmp_path: Path, title: str, name: str, year: int | None
) -> None:
    sheets = open_sheets(text(tmp_path / name, f"{title}\nCODGEO;POP\n01001;1\n"))
    assert not isinstance(sheets, Fault)
    assert vintage_of(tmp_path / name, sheets) == year


# --- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [("12", 12), ("12,5", 12.5), ("12.5", 12.5), ("1 234", 1234), ("1\u202f234,5", 1234.5),
     ("1\u00a0234\u2009567", 1234567), ("-3", -3), ("1e3", 1000), ("1,5E+02", 150),
     ("1,234.5", None), ("1.234,5", None), ("douze", None), ("12 %", None)],
)  # fmt: skip
def test_numbers_as_people_write_them(cell: str, value: float | None) -> None:
    assert pl.DataFrame({"x": [cell]}).select(number(pl.col("x"))).item() == value


def test_two_decimal_marks_in_a_column_are_refused(tmp_path: Path) -> None:
    _, kept = read(text(tmp_path / "a.csv", "CODGEO;POP\n01001;1,5\n01002;14.288\n01003;7\n"))
    assert [(f.problem, f.rows, f.values) for f in kept.faults] == [
        ("some numbers have a comma, others a point", (1, 2), ("1,5", "14.288"))
    ]


def test_a_comma_is_no_decimal_where_it_separates_columns(tmp_path: Path) -> None:
    _, kept = read(text(tmp_path / "a.csv", 'CODGEO,POP\n01001,"1,5"\n'))
    assert kept.faults[0].values == ("1,5",)


@given(st.floats(min_value=0, max_value=1e9, allow_nan=False))
def test_a_float_written_in_full_comes_back_the_same(value: float) -> None:
    assert pl.DataFrame({"x": [repr(value)]}).select(number(pl.col("x"))).item() == value


def test_a_workbook_gives_its_numbers_in_full(tmp_path: Path) -> None:
    value = 0.1234567890123456
    path = write_workbook(tmp_path / "a.xlsx", {"A": [["CODGEO", "POP"], ["01001", value]]})
    assert read(path)[0]["people"].to_list() == [value]


@pytest.mark.parametrize("mark", ["NS", "n.d.", "-", "–", "", "...", "N/A", "s"])
def test_marks_for_no_figure_are_counted_not_read(tmp_path: Path, mark: str) -> None:
    rows = [["CODGEO", "POP"], ["01001", mark], ["01002", 4]]
    for path in (
        write_workbook(tmp_path / "a.xlsx", {"A": rows}),
        text(tmp_path / "a.csv", "\n".join(";".join(map(str, row)) for row in rows)),
    ):
        table, kept = read(path)
        assert table["people"].to_list() == [None, 4.0]
        assert not kept.faults
        assert str(kept.notes[0]) == f"{path.name}: column 'POP': 1 cells without a figure: 01001"


def test_all_faults_of_cells_come_with_their_rows(tmp_path: Path) -> None:
    rows = "CODGEO;POP;SURFACE\n01001;douze;1\n1E+05;3;2\n100;4;inf\n"
    _, kept = read(text(tmp_path / "a.csv", rows))
    told = [(f.column, f.problem, f.rows, f.values) for f in kept.faults]
    assert told == [
        ("CODGEO", "not a code of a commune", (2, 3), ("1E+05", "100")),
        ("POP", "not a number", (1,), ("douze",)),
    ]
    assert "text of five characters" in kept.faults[0].hint
    _, kept = read(text(tmp_path / "b.csv", "CODGEO;POP\n01001;inf\n"))
    assert [f.problem for f in kept.faults] == ["not a finite number"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("1001", "01001"), ("1001.0", "01001"), (" 01001 ", "01001"), ("2a004", "2A004"),
     ("01\u00a0001", "01001")],
)  # fmt: skip
def test_codes_are_repaired_where_that_is_certain_and_it_is_said(
    tmp_path: Path, cell: str, code: str
) -> None:
    table, kept = read(text(tmp_path / "a.csv", f"CODGEO;POP\n{cell};1\n97101;1\n"))
    assert table["commune"].to_list() == [code, "97101"]
    changed = cell.strip() != code
    assert [note.code for note in kept.notes] == ["codes_repaired"] * changed
    assert all(note.warning for note in kept.notes)


def test_rows_that_are_none_are_left_aside_and_counted(tmp_path: Path) -> None:
    rows = [
        ["CODGEO", "LIBGEO", "POP"],
        ["", "", "habitants"],
        ["01001", "A", 1],
        ["Total", "", 1],
        ["Source : INSEE, recensement de la population, exploitation principale"],
        ["* provisoire"],
        ["Champ : France"],
    ]
    table, kept = read(write_workbook(tmp_path / "a.xlsx", {"A": rows}))
    assert table.rows() == [(2, "01001", "A", 1.0)]
    assert [(note.code, note.count) for note in kept.notes] == [("rows_aside", 5)]
    assert "Total" in kept.notes[0].examples
