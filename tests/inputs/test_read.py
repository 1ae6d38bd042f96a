"""Tables in every accepted form give the same result; all faults are reported at once."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow
import pytest
from support.faults import codes_of, fault_of, faults_of
from support.tables import frames, methodology, practitioner, small_world, write_csv

from apl_engine import InputDataError, MethodologyError, read_inputs, run
from apl_engine.inputs import Inputs
from apl_engine.schemas import INPUTS

RULES = methodology()


def expected() -> Inputs:
    return read_inputs(frames(small_world()), RULES)


def same(found: Inputs) -> bool:
    return all(getattr(found, name).equals(getattr(expected(), name)) for name in INPUTS)


def test_folder_of_csv(tmp_path: Path) -> None:
    assert same(read_inputs(write_csv(small_world(), tmp_path), RULES))


def test_folder_given_as_text(tmp_path: Path) -> None:
    assert same(read_inputs(str(write_csv(small_world(), tmp_path)), RULES))


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path, separator=";")
    for path in tmp_path.glob("*.csv"):
        path.write_text(path.read_text().replace(".0", ",0"), encoding="utf-8-sig")
    assert "000,0;70000,0" in (tmp_path / "practitioners.csv").read_text()
    assert same(read_inputs(tmp_path, RULES))


def test_gzip(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    for path in list(tmp_path.glob("*.csv")):
        path.with_suffix(".csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    found = read_inputs(tmp_path, RULES)
    assert same(found)
    assert found.sources["communes"].format == "CSV"


def test_zstandard(tmp_path: Path) -> None:
    for name, frame in frames(small_world()).items():
        frame.lazy().sink_csv(tmp_path / f"{name}.csv.zst", compression="zstd", separator=";")
    assert same(read_inputs(tmp_path, RULES))


WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "parquet": lambda frame, path: frame.write_parquet(path),
    "arrow": lambda frame, path: frame.write_ipc(path),
    "ipc": lambda frame, path: frame.write_ipc_stream(path),
    "feather": lambda frame, path: frame.write_ipc(path, compression="zstd"),
}


@pytest.mark.parametrize("ending", WRITERS)
def test_binary_files(tmp_path: Path, ending: str) -> None:
    for name, frame in frames(small_world()).items():
        WRITERS[ending](frame, tmp_path / f"{name}.{ending}")
    assert same(read_inputs(tmp_path, RULES))


def test_categories_small_integers_and_flags_as_numbers(tmp_path: Path) -> None:
    tables = frames(small_world())
    tables["communes"] = tables["communes"].with_columns(pl.col("region").cast(pl.Categorical))
    tables["practitioners"] = tables["practitioners"].with_columns(
        pl.col("age").cast(pl.Int8),
        pl.col("acts").cast(pl.Decimal(10, 2)),
        pl.col("newly_installed").cast(pl.Int8),
    )
    tables["travel_times"] = tables["travel_times"].with_columns(
        pl.col("minutes").cast(pl.Float32), pl.col("origin").cast(pl.Categorical)
    )
    assert same(read_inputs(tables, RULES))


@pytest.mark.parametrize("words", [("oui", "non"), ("TRUE", "FALSE"), ("1", "0"), ("Vrai", "Faux")])
def test_flags_in_words(words: tuple[str, str]) -> None:
    tables = frames(small_world())
    flag = pl.when("newly_installed").then(pl.lit(words[0])).otherwise(pl.lit(words[1]))
    tables["practitioners"] = tables["practitioners"].with_columns(newly_installed=flag)
    assert same(read_inputs(tables, RULES))


def test_identifiers_that_are_numbers() -> None:
    tables = frames(small_world())
    number = pl.col("practitioner_id").str.slice(1).cast(pl.Int64)
    tables["practitioners"] = tables["practitioners"].with_columns(practitioner_id=number)
    found = run(tables).communes
    assert found.equals(run(frames(small_world())).communes)


def test_frames_of_other_libraries() -> None:
    tables = frames(small_world())
    assert same(read_inputs({n: t.to_pandas() for n, t in tables.items()}, RULES))
    assert same(read_inputs({n: t.to_arrow() for n, t in tables.items()}, RULES))
    assert same(read_inputs({n: t.lazy() for n, t in tables.items()}, RULES))
    assert isinstance(tables["communes"].to_arrow(), pyarrow.Table)


def test_frames_in_several_chunks() -> None:
    tables = frames(small_world())
    pieces = {n: [t.slice(k, 2) for k in range(0, t.height, 2)] for n, t in tables.items()}
    chunked = {name: pl.concat(parts, rechunk=False) for name, parts in pieces.items()}
    assert all(table.n_chunks() > 1 for table in chunked.values())
    assert same(read_inputs(chunked, RULES))


def test_frames_of_duckdb() -> None:
    duckdb = pytest.importorskip("duckdb", reason="the peers are not installed")
    connection = duckdb.connect()
    tables = {}
    for name, table in frames(small_world()).items():
        arrow = table.to_arrow()
        connection.register(name, arrow)
        tables[name] = connection.sql(f"SELECT * FROM {name}")
    assert same(read_inputs(tables, RULES))


def test_files_and_frames_together(tmp_path: Path) -> None:
    write_csv(small_world(), tmp_path)
    tables: dict[str, object] = dict(frames(small_world()))
    tables["travel_times"] = tmp_path / "travel_times.csv"
    tables["communes"] = str(tmp_path / "communes.csv")
    assert same(read_inputs(tables, RULES))


def test_a_territory_has_the_name_of_its_lowest_commune() -> None:
    world = small_world()
    world["communes"][1]["territory_name"] = "Other"
    assert run(frames(world)).territories["territory_name"][0] == "Territory T1"


def test_a_file_that_disappears_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv(small_world(), tmp_path)

    def gone(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("apl_engine.inputs.tables.hashlib.file_digest", gone)
    faults = faults_of(lambda: read_inputs(tmp_path, RULES))
    assert [fault.code for fault in faults] == [f"{table}.read_interrupted" for table in INPUTS]
    assert faults[0].details["reason"] == "No such file or directory"


def test_a_lazy_frame_is_collected_once() -> None:
    """A second time its rows may come in another order."""
    runs = []

    def counted(frame: pl.DataFrame) -> pl.DataFrame:
        runs.append(frame.height)
        return frame

    tables: dict[str, object] = dict(frames(small_world()))
    for name in ("population", "practitioners"):
        frame = tables[name]
        assert isinstance(frame, pl.DataFrame)
        plan = frame.lazy().map_batches(counted, schema=frame.schema)
        tables[name] = plan
    assert same(read_inputs(tables, RULES))
    assert len(runs) == 2


def test_tables_read_for_other_parameters_are_refused() -> None:
    other = methodology(etp_age_reference_date=date(2015, 12, 31))
    with pytest.raises(MethodologyError):
        run(expected(), other)
    variant = methodology(zoning_straddling="crossing")
    assert run(expected(), variant).communes.height == 4


def test_regions_without_data_need_no_population() -> None:
    world = small_world()
    world["communes"][3]["region"] = "06"
    world["communes"][3]["territory"] = "M"
    world["population"] = [row for row in world["population"] if row["commune"] != "75101"]
    result = run(frames(world))
    row = result.territories.filter(pl.col("territory") == "M").row(0, named=True)
    assert (row["zone"], row["rank"], row["population"]) == ("tres_sous_dotee", None, 0.0)


def test_spaces_around_territories_and_identifiers_do_not_matter() -> None:
    world = small_world()
    world["communes"][0]["territory"] = "T1 "
    world["practitioners"][2]["practitioner_id"] = " p3"
    trimmed, usual = run(frames(world)), run(frames(small_world()))
    assert trimmed.territories.equals(usual.territories)


def test_all_faults_at_once(tmp_path: Path) -> None:
    world = small_world()
    world["practitioners"][0]["acts"] = -1
    world["consumption"][0]["fees"] = float("nan")
    world["communes"][0]["region"] = "1"
    write_csv(world, tmp_path)
    (tmp_path / "travel_times.csv").unlink()
    assert codes_of(lambda: read_inputs(tmp_path, RULES)) == [
        "travel_times.missing_file",
        "communes.unexpected_value",
        "consumption.nan",
        "practitioners.negative_value",
    ]


def test_no_practitioner_remains() -> None:
    world = small_world()
    world["practitioners"] = [practitioner("p", "01001", age=70)]
    assert fault_of(lambda: run(frames(world))).table == "practitioners"


def test_practitioners_without_acts() -> None:
    world = small_world()
    world["practitioners"] = [practitioner("p", "01001", acts=0)]
    assert fault_of(lambda: run(frames(world))).table == "practitioners"


def test_repeated_communes_beside_another_fault() -> None:
    tables = frames(small_world())
    tables["communes"] = pl.concat([tables["communes"]] * 2).drop("region")
    with pytest.raises(InputDataError) as caught:
        read_inputs(tables, methodology())
    assert [fault.code for fault in caught.value.faults] == ["communes.missing_column"]
