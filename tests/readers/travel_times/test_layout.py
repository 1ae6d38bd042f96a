"""Layouts of files of travel times: formats, separators, encodings and names of columns."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.travel_times import (
    COMMUNES,
    PAIRS,
    WITHIN,
    country,
    counts,
    fault,
    faults,
    long_file,
    metric,
    read,
    table,
    write,
)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "csv.zst"])
def test_separators_and_compression(tmp_path: Path, separator: str, suffix: str) -> None:
    text = metric(PAIRS, separator)
    path = write(tmp_path, text)
    if suffix == "csv.gz":
        path = write(tmp_path, gzip.compress(text.encode()), "d.csv.gz")
    if suffix == "csv.zst":
        lines = pl.scan_csv(path, separator=separator, infer_schema=False)
        path = tmp_path / "d.csv.zst"
        lines.sink_csv(path, separator=separator, compression="zstd")
    assert table(read(path)) == WITHIN


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(".", ","),
        lambda text: text.replace("01001", '"01001"'),
        lambda text: text.replace("9.5", " 9.5 "),
        lambda text: text.replace("9.5", '"9.5"'),
        lambda text: text + "\n\n",
    ],
)
def test_variants_of_csv(tmp_path: Path, change: Any) -> None:
    assert table(read(write(tmp_path, change(metric(PAIRS))))) == WITHIN


def test_separators_within_quotation_marks(tmp_path: Path) -> None:
    header, *lines = metric(PAIRS).splitlines()
    text = "\n".join([f"{header};nom", *(f'{line};"Saint-Jean; Bas"' for line in lines)])
    assert table(read(write(tmp_path, text))) == WITHIN


def test_quoted_decimal_commas_between_commas(tmp_path: Path) -> None:
    lines = ["idSrc,idDst,duree_min"] + [f'{o},{d},"{t}"'.replace(".", ",") for o, d, t in PAIRS]
    found = read(write(tmp_path, "\n".join(lines)))
    assert table(found) == WITHIN
    assert "'duree_min'" in found.recognised


@pytest.mark.parametrize("codes", ["text", "integer", "float", "categorical"])
def test_parquet_and_arrow(tmp_path: Path, codes: str) -> None:
    pairs = [row for row in PAIRS if "2A004" not in row]
    frame = pl.DataFrame(pairs, ["origine", "arrivee", "temps"], orient="row")
    frame = frame.with_columns(distance=pl.col("temps"))
    dtype = {
        "text": pl.String, "integer": pl.Int32, "float": pl.Float64, "categorical": pl.Categorical
    }[codes]  # fmt: skip
    frame = frame.with_columns(pl.col("origine", "arrivee").cast(dtype))
    frame.write_parquet(tmp_path / "d.parquet")
    found = read(tmp_path / "d.parquet", communes=COMMUNES)
    assert table(found) == [row for row in WITHIN if row in pairs]
    assert ("codes_from_numbers" in counts(found)) == (codes in ("integer", "float"))
    frame.write_ipc(tmp_path / "d.arrow")
    assert table(read(tmp_path / "d.arrow", communes=COMMUNES)) == table(found)


@pytest.mark.parametrize(
    "header",
    [
        "id_src;id_dst;duree;distance",
        "Origine;Destination;Temps de trajet (min);Distance",
        "DÉPART;ARRIVÉE;DURÉE;KM",
        "from;to;travel_time;dist_km",
        "com1;com2;minutes;distance",
        "codgeo_a;codgeo_b;tps;distance",
        "from_id;to_id;duration;distance",
        "CODGEO_O;CODGEO_D;T;metres",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_column_names(tmp_path: Path, header: str, encoding: str) -> None:
    text = metric(PAIRS).replace("idSrc;idDst;duree;distance", header)
    if "metres" in header:
        text = "\n".join([header, *(f"{o};{d};{t};{t * 1000:.0f}" for o, d, t in PAIRS), ""])
    found = read(write(tmp_path, text.encode(encoding)))
    assert table(found) == WITHIN
    expected = "Windows-1252" if encoding == "cp1252" and not header.isascii() else "UTF-8"
    assert expected in found.recognised


def test_values_in_another_encoding(tmp_path: Path) -> None:
    header, *lines = metric(PAIRS).splitlines()
    text = "\n".join([f"{header};nom", *(f"{line};Orléans" for line in lines), ""])
    assert table(read(write(tmp_path, text.encode("cp1252")))) == WITHIN
    damaged = text.replace("01001;01002", "01001;é1002")
    found = fault(write(tmp_path, damaged.encode("cp1252")))
    assert (found.code, found.column) == ("distancier.not_a_commune_code", "idDst")


def test_header_in_another_encoding_within_zst(tmp_path: Path) -> None:
    zstd = pytest.importorskip("pyarrow")
    text = metric(PAIRS).replace("duree", "durée").encode("cp1252")
    path = tmp_path / "d.csv.zst"
    with zstd.CompressedOutputStream(str(path), "zstd") as file:
        file.write(text)
    found = read(path)
    assert table(found) == WITHIN
    assert "Windows-1252" in found.recognised


def test_columns_by_content(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric(PAIRS).replace("idSrc;idDst;duree", "x;y;z")))
    assert table(found) == WITHIN
    assert "origin = x, destination = y, minutes = z, by its content" in found.recognised


def test_unclear_columns_must_be_named(tmp_path: Path) -> None:
    lines = ["x;y;z;w"] + [f"{o};{d};{t};{t}" for o, d, t in PAIRS]
    path = write(tmp_path, "\n".join(lines))
    unclear = fault(path)
    assert (unclear.code, unclear.table) == ("distancier.unrecognised_columns", "d.csv")
    assert unclear.details["columns"] == ("x", "y", "z", "w")
    named = {"origin": "X", "destination": "y", "minutes": "z"}
    assert table(read(path, columns=named, unit="minutes")) == WITHIN
    absent = fault(path, columns={**named, "minutes": "v"})
    assert absent.code == "distancier.named_column_absent"
    assert absent.details == {"role": "minutes", "name": "v", "columns": ("x", "y", "z", "w")}


@pytest.mark.parametrize(
    ("period", "minutes"), [("off_peak", 8.0), ("peak", 12.0), ("mean", 10.0), ("max", 12.0)]
)
@pytest.mark.parametrize(
    "names", ["temps_hc;temps_hp", "dureeHC;dureeHP", "time_off_peak;time_peak",
              "duree_heures_creuses;duree_heures_pleines"],
)  # fmt: skip
def test_off_peak_and_peak(tmp_path: Path, period: str, minutes: float, names: str) -> None:
    text = f"idSrc;idDst;{names}\n01001;01002;8;12\n01002;01001;-999999;12\n01001;2A004;15;30\n"
    found = read(write(tmp_path, text), period=period, unit="minutes")
    assert table(found)[0] == ("01001", "01002", minutes)
    assert len(table(found)) == {"off_peak": 2, "peak": 2, "mean": 1, "max": 1}[period]
    assert counts(found).get("not_computed", 0) == (period != "peak")
    assert period in found.recognised


def test_truncated_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(long_file().encode())
    assert len(table(read(write(tmp_path, whole, "whole.csv.gz")))) > 4000
    for size in (len(whole) // 2, len(whole) - 3, 100):
        found = fault(write(tmp_path, whole[:size], "d.csv.gz"))
        assert (found.code, found.table) == ("source_file.cannot_decompress", "d.csv.gz")


def test_truncated_zst_and_parquet(tmp_path: Path) -> None:
    lines = pl.scan_csv(write(tmp_path, long_file()), separator=";", infer_schema=False)
    lines.sink_csv(tmp_path / "w.csv.zst", separator=";", compression="zstd")
    lines.sink_parquet(tmp_path / "w.parquet")
    whole = (tmp_path / "w.csv.zst").read_bytes()
    found = fault(write(tmp_path, whole[: len(whole) // 2], "d.csv.zst"))
    assert (found.code, found.table) == ("source_file.cannot_decompress", "d.csv.zst")
    whole = (tmp_path / "w.parquet").read_bytes()
    found = fault(write(tmp_path, whole[: len(whole) // 2], "d.parquet"))
    assert (found.code, found.details["format"]) == ("source_file.unreadable", "Parquet")


@pytest.mark.parametrize("place", [1, 15_000])
def test_a_quotation_mark_that_is_never_closed(tmp_path: Path, place: int) -> None:
    lines = long_file().splitlines()
    lines[place] = '"' + lines[place].replace(lines[place].split(";")[2], "3", 1)
    code = "quotation_in_code" if place > 8000 else "unclosed_quotation_in_row"
    found = fault(write(tmp_path, "\n".join(lines)))
    assert (found.code, found.table) == (f"distancier.{code}", "d.csv")
    assert found.rows == (place,)
    named = [f'{line};"a; b"' for line in lines]
    code = "source_file.open_quote" if place > 8000 else "distancier.unclosed_quotation_in_row"
    assert fault(write(tmp_path, "\n".join(named))).code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("\n\n", "source_file.empty_first_line"),
        ("idSrc;idDst;duree\n", "source_file.no_rows"),
        ("01001;01002;5\n01001;01003;6\n", "distancier.no_header"),
        ("idSrc;idDst\n01001;01002\n", "distancier.no_header"),
        (b"PAR1nonsense", "source_file.unreadable"),
    ],
)
def test_files_that_are_no_matrix(tmp_path: Path, content: str | bytes, code: str) -> None:
    found = fault(write(tmp_path, content))
    assert (found.code, found.table) == (code, "d.csv")
    if code == "distancier.no_header":
        assert found.details["line"] == str(content).splitlines()[0]


@pytest.mark.parametrize(
    ("content", "kind", "rows"),
    [
        ("", "empty_file", ()),
        ("o;d;temps\n01001;01002;5;\0\n", "null_characters", (1,)),
        (b"\1\0\2;\xff", "not_text", ()),
        ("o,d,temps\n01001,01002,5,5\n", "decimal_commas", (1,)),
        ("o;d;temps\n01001;01002;5;5\n", "row_too_long", (1,)),
        (metric(PAIRS) + "01001;75101\n", "row_too_short", (6,)),
        (b"idSrc;idDst;duree\r01001;01002;3\n01002;01001;3\n", "carriage_returns", ()),
        ("sep=;\n" + metric(PAIRS), "excel_separator_line", ()),
    ],
)
def test_malformed_text(
    tmp_path: Path, content: str | bytes, kind: str, rows: tuple[int, ...]
) -> None:
    found = fault(write(tmp_path, content))
    assert (found.code, found.table, found.rows) == (f"source_file.{kind}", "d.csv", rows)


@pytest.mark.parametrize("end", ["01001;75101;12;1", "01001;75101", "01001;75101\n"])
@pytest.mark.parametrize("pairs", [PAIRS, country(120)], ids=["short", "long"])
def test_a_file_cut_within_its_last_row(tmp_path: Path, end: str, pairs: Any) -> None:
    found = fault(write(tmp_path, (metric(pairs) + end).encode()))
    assert found.table == "d.csv"
    assert found.values == (end.rstrip(),)


def test_absent_files_and_folders_are_reported_together(tmp_path: Path) -> None:
    assert [each.table for each in faults([tmp_path / "none.csv", tmp_path])] == [
        str(tmp_path / "none.csv"), tmp_path.name,
    ]  # fmt: skip
