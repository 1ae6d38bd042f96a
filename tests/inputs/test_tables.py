"""Files of tables that cannot be opened: each kind has its code."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from support.faults import fault_of
from support.tables import frames, methodology, small_world, write_csv
from support.workbooks import write_workbook

from apl_engine import InputDataError, read_inputs
from apl_engine.errors import Fault, Note

RULES = methodology()


def refused(inputs: object) -> Fault:
    return fault_of(lambda: read_inputs(inputs, RULES))  # type: ignore[arg-type]


def refused_file(folder: Path, name: str, content: str | bytes) -> Fault:
    write_csv(small_world(), folder)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return refused(folder)


def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    fault = refused(tmp_path / "nowhere")
    assert (fault.code, fault.table) == ("inputs.folder_missing", str(tmp_path / "nowhere"))
    assert refused("a" * 5000).code == "inputs.folder_missing"


def test_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "tables").write_text("x")
    assert refused(tmp_path / "tables").code == "inputs.not_a_folder"


def test_missing_file(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "travel_times.csv").unlink()
    fault = refused(tmp_path)
    assert (fault.code, fault.table) == ("travel_times.missing_file", "travel_times")
    assert fault.details["folder"] == str(tmp_path)


def test_missing_file_beside_a_similar_one(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "communes.csv").rename(tmp_path / "communes.xlsx")
    fault = refused(tmp_path)
    assert fault.code == "communes.unsupported_file"
    assert fault.details["files"] == ("communes.xlsx",)


def test_two_files_of_one_table(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    frames(small_world())["communes"].write_parquet(tmp_path / "communes.parquet")
    fault = refused(tmp_path)
    assert fault.code == "communes.several_files"
    assert fault.details["files"] == ("communes.parquet", "communes.csv")


def test_empty_file(tmp_path: Path) -> None:
    fault = refused_file(tmp_path, "population.csv", "")
    assert (fault.code, fault.details) == ("population.empty_file", {"file": "population.csv"})


def test_wrong_separator(tmp_path: Path) -> None:
    header = "origin:destination:minutes"
    fault = refused_file(tmp_path, "travel_times.csv", header + "\n")
    assert fault.code == "travel_times.wrong_separator"
    assert fault.details == {"file": "travel_times.csv", "separator": "colons"}
    assert fault.values == (header,)


def test_single_column(tmp_path: Path) -> None:
    fault = refused_file(tmp_path, "travel_times.csv", "minutes and more\n3\n")
    assert (fault.code, fault.values) == ("travel_times.single_column", ("minutes and more",))


def test_long_headers_are_shortened(tmp_path: Path) -> None:
    fault = refused_file(tmp_path, "travel_times.csv", "x" * 99 + "\n3\n")
    assert fault.values == ("x" * 60 + "...",)


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "communes.csv").unlink()
    (tmp_path / "communes.csv").mkdir()
    assert refused(tmp_path).code == "communes.is_folder"


@pytest.mark.parametrize("damage", ["truncated", "pages"])
def test_damaged_parquet(tmp_path: Path, damage: str) -> None:
    write_csv(small_world(), tmp_path)
    (tmp_path / "communes.csv").unlink()
    path = tmp_path / "communes.parquet"
    frames(small_world())["communes"].write_parquet(path)
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        content = content[: len(content) // 2]
    else:
        content[4:120] = bytes(116)
    path.write_bytes(content)
    fault = refused(tmp_path)
    assert fault.code == "communes.unreadable"
    assert (fault.details["file"], fault.details["format"]) == ("communes.parquet", "Parquet")


def test_truncated_gzip(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    content = gzip.compress((tmp_path / "travel_times.csv").read_bytes())
    (tmp_path / "travel_times.csv").unlink()
    (tmp_path / "travel_times.csv.gz").write_bytes(content[: len(content) // 2])
    fault = refused(tmp_path)
    assert fault.code == "travel_times.unreadable"
    assert fault.details["format"] == "CSV"


def test_not_utf8(tmp_path: Path) -> None:
    text = (
        "commune,name,region,territory,territory_name\n01001,Bény,84,T1,T\n01002,Bény,84,T1,T\n"
        "2A004,Ajaccio,94,T1,T\n75101,Paris,11,T1,T\n"
    )
    raw = text.encode().replace(b"Ajaccio", b"Ajaccio \xe9")
    fault = refused_file(tmp_path, "communes.csv", raw)
    assert fault.code == "communes.not_utf8"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("\n", "empty_first_line"),
        ("sep=,\norigin,destination,minutes\n", "excel_separator_line"),
        (b"\x1f\x8b\x08\x00\x00", "unreadable"),
        ("origin,destination,minu\x01tes\n", "not_csv_text"),
        ("origin,destination,minutes\n01001,01002,1,5\n", "ragged_rows"),
        ("origin,destination,minutes,road\n01001,01002,1,A6,A7\n", "ragged_rows"),
        ('origin,destination,minutes\n01001,"01002,3\n01002,01001,4\n', "stray_quote"),
    ],
)
def test_files_that_spreadsheets_make(tmp_path: Path, content: str | bytes, kind: str) -> None:
    fault = refused_file(tmp_path, "travel_times.csv", content)
    assert fault.code == f"travel_times.{kind}"
    assert fault.details["file"] == "travel_times.csv"


def test_repeated_column(tmp_path: Path) -> None:
    fault = refused_file(tmp_path, "consumption.csv", "age_band,fees,fees\n00-04,1,2\n")
    assert (fault.code, fault.column) == ("consumption.duplicate_column", "fees")


def test_table_of_an_unknown_name() -> None:
    fault = refused({**frames(small_world()), "comunes": pl.DataFrame()})
    assert (fault.code, fault.table) == ("inputs.unknown_table", "comunes")
    assert fault.details["tables"] == (
        "communes", "practitioners", "population", "consumption", "travel_times",
    )  # fmt: skip


def test_missing_table() -> None:
    tables = frames(small_world())
    del tables["population"]
    assert refused(tables).code == "population.missing_table"


def test_object_that_is_not_a_table() -> None:
    fault = refused({**frames(small_world()), "population": object()})
    assert (fault.code, fault.details["type"]) == ("population.not_a_table", "object")


def test_lazy_frame_that_cannot_be_read(tmp_path: Path) -> None:
    tables: dict[str, object] = dict(frames(small_world()))
    tables["travel_times"] = pl.scan_parquet(tmp_path / "nowhere.parquet")
    fault = refused(tables)
    assert (fault.code, fault.details["type"]) == ("travel_times.not_a_table", "LazyFrame")


def test_path_of_an_unsupported_format(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "population.csv", {"A": [["commune"]]})
    fault = refused({**frames(small_world()), "population": path})
    assert fault.code == "population.unsupported_format"
    assert ".parquet" in fault.details["endings"]  # type: ignore[operator]


def test_path_that_does_not_exist(tmp_path: Path) -> None:
    fault = refused({**frames(small_world()), "population": tmp_path / "population.csv"})
    assert fault.code == "population.cannot_open"
    assert fault.details["reason"] == "No such file or directory"


@pytest.mark.parametrize("inputs", [None, [], b"x", 3, pl.DataFrame()])
def test_inputs_that_are_not_tables(inputs: object) -> None:
    fault = refused(inputs)
    assert (fault.code, fault.details["type"]) == ("argument.wrong_type", type(inputs).__name__)


PERSON = "SECRET-ID,01001,41,3111,50777,false"
HEADER = "practitioner_id,commune,age,acts,fees,newly_installed"


@pytest.mark.parametrize(
    "text",
    [
        f"{PERSON}\n{PERSON}\n",
        f"{PERSON}\n".replace(",", ";") * 2,
        f"{PERSON}\n".replace(",", "\t"),
        f'{HEADER}\n{PERSON}\n"{PERSON}\n',
        f"{HEADER}\r{PERSON}\r",
        f"register of {PERSON}\n{HEADER}\n{PERSON}\n",
        "commune,practitioner_id,age,acts,fees,newly_installed\n" + f"{PERSON}\n" * 3,
        "practitioner_id,age,commune,acts,fees,newly_installed\n" + f"{PERSON}\n" * 3,
        f"{HEADER},SECRET-ID\n{PERSON},1\n",
        f"{HEADER}\n{PERSON},9\n",
        f"{HEADER}\n{PERSON}\n".replace("3111", "x3111x"),
    ],
)
def test_no_cell_of_a_file_of_practitioners_is_shown(tmp_path: Path, text: str) -> None:
    """Whatever its layout, no cell appears in the words or the data of a fault or note."""
    write_csv(small_world(), tmp_path)
    (tmp_path / "practitioners.csv").write_text(text)
    remarks: Sequence[Fault | Note]
    try:
        remarks = read_inputs(tmp_path, RULES).notes
    except InputDataError as error:
        remarks = error.faults
    shown = str([(str(one), one.as_dict()) for one in remarks])
    for cell in ("SECRET", "3111", "50777", "'41'"):
        assert cell not in shown
