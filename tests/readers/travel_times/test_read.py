"""Distanciers in every layout: what is kept, what is told, what is refused."""

from __future__ import annotations

import gzip
import os
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.tables import methodology

from apl_engine.errors import InputDataError
from apl_engine.methodology.model import Methodology
from apl_engine.readers.common.imported import Imported
from apl_engine.readers.travel_times.read import read_distancier

RULES = methodology()
SHARED = Path(__file__).parents[4] / "shared" / "data"
OPEN_DATA = Path(os.environ.get("APL_ENGINE_OPEN_DATA", SHARED))
CODES = ["01001", "01002", "2A004", "38001", "75101"]
ENUM = pl.Enum(CODES)
Pairs = list[tuple[str, str, float]]

#: minutes; the last is beyond reach, and its way back is not
PAIRS: Pairs = [
    ("01001", "01001", 0.0),
    ("01001", "01002", 9.5),
    ("01002", "01001", 10.25),
    ("2A004", "38001", 20.0),
    ("38001", "2A004", 20.01),
]
KEPT = PAIRS[:4]


def rules(**travel: Any) -> Methodology:
    return replace(RULES, travel=replace(RULES.travel, **travel))


def metric(pairs: Pairs, separator: str = ";") -> str:
    lines = [separator.join(("idSrc", "idDst", "duree", "distance"))]
    lines += [separator.join((o, d, str(t), str(t))) for o, d, t in pairs]
    return "\n".join(lines) + "\n"


def write(folder: Path, content: str | bytes, name: str = "d.csv") -> Path:
    path = folder / name
    if isinstance(content, str):
        # Most contents here are lines that are joined: a file without an end of line is cut.
        content = (content if not content or content.endswith("\n") else content + "\n").encode()
    path.write_bytes(content)
    return path


def read(path: Path, **options: Any) -> Imported:
    return read_distancier([path], options.pop("rules", RULES), **options)


def table(found: Imported) -> Pairs:
    return found.tables["travel_times"].rows()


def notes(found: Imported) -> dict[str, int]:
    return {note.code: note.count for note in found.notes}


def refused(path: Path | list[Path], **options: Any) -> str:
    files = path if isinstance(path, list) else [path]
    with pytest.raises(InputDataError) as caught:
        read_distancier(files, options.pop("rules", RULES), **options)
    return str(caught.value)


# --- what is kept --------------------------------------------------------------------------------


def test_metric(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric(PAIRS)), communes=pl.Series(CODES[::-1]), vintage=2023)
    frame = found.tables["travel_times"]
    assert frame.schema == {"origin": ENUM, "destination": ENUM, "minutes": pl.Float64}
    assert frame.rows() == KEPT
    assert found.kind == "distancier"
    assert found.vintage == 2023
    assert "origin = idSrc, destination = idDst, minutes = duree" in found.recognised
    assert "in minutes (a median speed of 60 km/h)" in found.recognised
    assert "CSV separated by ';', UTF-8" in found.recognised
    assert notes(found) == {"pairs_read": 5, "beyond_reach": 1, "one_way": 1, "no_own_time": 4}
    assert str(found.notes[0]) == "distancier: 5 pairs read, 4 of them within reach"
    assert [stamp.name for stamp in found.stamps] == ["d.csv"]


def test_any_commune_is_taken_as_text_where_none_are_given(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric(PAIRS)))
    assert found.tables["travel_times"].schema["origin"] == pl.String
    assert table(found) == KEPT


@pytest.mark.parametrize("included", [True, False])
def test_the_last_bound_of_the_methodology(tmp_path: Path, included: bool) -> None:
    step = replace(RULES.travel.steps[-1], to=Fraction(10), included=included)
    pairs = [("01001", "01002", 9.99), ("01002", "01001", 10.0), ("01001", "2A004", 10.01)]
    found = read(write(tmp_path, metric(pairs)), rules=rules(steps=(step,)))
    assert [t for _, _, t in table(found)] == [9.99, 10.0][: 1 + included]


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
    assert table(read(path)) == KEPT


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
        lambda text: text.replace("idDst", "idDst;nom").replace("01002;9", '"01002;x";9'),
    ],
)
def test_ways_of_writing_the_same(tmp_path: Path, change: Any) -> None:
    text = change(metric(PAIRS))
    if "nom" in text:
        header, *lines = metric(PAIRS).splitlines()
        named = [";".join([*line.split(";"), '"Saint-Jean; Bas"']) for line in lines]
        text = "\n".join([f"{header};nom", *named])
    assert table(read(write(tmp_path, text))) == KEPT


def test_quoted_decimal_commas_between_commas(tmp_path: Path) -> None:
    lines = ["idSrc,idDst,duree_min"] + [f'{o},{d},"{t}"'.replace(".", ",") for o, d, t in PAIRS]
    found = read(write(tmp_path, "\n".join(lines)))
    assert table(found) == KEPT
    assert "as its column 'duree_min' says" in found.recognised


@pytest.mark.parametrize("codes", ["text", "integer", "float", "categorical"])
def test_parquet(tmp_path: Path, codes: str) -> None:
    pairs = [row for row in PAIRS if "2A004" not in row]
    frame = pl.DataFrame(pairs, ["origine", "arrivee", "temps"], orient="row")
    frame = frame.with_columns(distance=pl.col("temps"))
    dtype = {
        "text": pl.String, "integer": pl.Int32, "float": pl.Float64, "categorical": pl.Categorical
    }[codes]  # fmt: skip
    frame = frame.with_columns(pl.col("origine", "arrivee").cast(dtype))
    frame.write_parquet(tmp_path / "d.parquet")
    found = read(tmp_path / "d.parquet", communes=pl.Series(CODES))
    assert table(found) == [row for row in KEPT if row in pairs]
    assert ("codes_from_numbers" in notes(found)) == (codes in ("integer", "float"))
    frame.write_ipc(tmp_path / "d.arrow")
    assert table(read(tmp_path / "d.arrow", communes=pl.Series(CODES))) == table(found)


def test_any_order_of_rows_gives_the_same(tmp_path: Path) -> None:
    ordered = read(write(tmp_path, metric(PAIRS)), communes=pl.Series(CODES))
    mixed = read(write(tmp_path, metric(PAIRS[::-1]), "m.csv"), communes=pl.Series(CODES))
    assert mixed.tables["travel_times"].equals(ordered.tables["travel_times"])
    assert mixed.notes == ordered.notes


def test_several_files_of_any_layout(tmp_path: Path) -> None:
    one = write(tmp_path, metric(PAIRS[:2]), "a.csv")
    two = write(
        tmp_path,
        "km,durée,arrivée,départ\n" + "".join(f"{t},{t},{d},{o}\n" for o, d, t in PAIRS[2:]),
        "b.csv",
    )
    found = read_distancier([two, one], RULES, communes=pl.Series(CODES))
    assert table(found) == KEPT
    assert "b.csv: origin = départ, destination = arrivée, minutes = durée" in found.recognised
    assert [stamp.name for stamp in found.stamps] == ["b.csv", "a.csv"]
    again = write(tmp_path, metric(PAIRS[2:]), "c.csv")
    assert read_distancier([one, again], RULES).recognised.startswith("2 files: origin = idSrc")


# --- columns -------------------------------------------------------------------------------------


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
def test_names_of_columns(tmp_path: Path, header: str, encoding: str) -> None:
    text = metric(PAIRS).replace("idSrc;idDst;duree;distance", header)
    if "metres" in header:
        text = "\n".join([header, *(f"{o};{d};{t};{t * 1000:.0f}" for o, d, t in PAIRS), ""])
    found = read(write(tmp_path, text.encode(encoding)))
    assert table(found) == KEPT
    told = "Windows-1252" if encoding == "cp1252" and not header.isascii() else "UTF-8"
    assert told in found.recognised


def test_values_in_another_encoding(tmp_path: Path) -> None:
    header, *lines = metric(PAIRS).splitlines()
    text = "\n".join([f"{header};nom", *(f"{line};Orléans" for line in lines), ""])
    assert table(read(write(tmp_path, text.encode("cp1252")))) == KEPT
    spoilt = text.replace("01001;01002", "01001;é1002")
    assert "column 'idDst': not a code" in refused(write(tmp_path, spoilt.encode("cp1252")))


def test_header_in_another_encoding_within_zst(tmp_path: Path) -> None:
    zstd = pytest.importorskip("pyarrow")
    text = metric(PAIRS).replace("duree", "durée").encode("cp1252")
    path = tmp_path / "d.csv.zst"
    with zstd.CompressedOutputStream(str(path), "zstd") as file:
        file.write(text)
    found = read(path)
    assert table(found) == KEPT
    assert "Windows-1252" in found.recognised


def test_columns_by_their_content(tmp_path: Path) -> None:
    text = metric(PAIRS).replace("idSrc;idDst;duree", "x;y;z")
    found = read(write(tmp_path, text))
    assert table(found) == KEPT
    assert "origin = x, destination = y, minutes = z, by its content" in found.recognised


def test_columns_that_are_not_clear_are_asked_for(tmp_path: Path) -> None:
    lines = ["x;y;z;w"] + [f"{o};{d};{t};{t}" for o, d, t in PAIRS]
    path = write(tmp_path, "\n".join(lines))
    text = refused(path)
    assert "d.csv: its columns are not recognised. It has x, y, z, w" in text
    assert "--column origin=NAME" in text
    named = {"origin": "X", "destination": "y", "minutes": "z"}
    assert table(read(path, columns=named, unit="minutes")) == KEPT
    assert "it has no column 'v' for minutes" in refused(path, columns={**named, "minutes": "v"})
    assert "no column of ours is 'time'" in refused(path, columns={"time": "z"})


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
    assert notes(found).get("not_computed", 0) == (period != "peak")
    assert period in found.recognised


# --- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "factor"), [("minutes", 1), ("seconds", 60), ("hours", 1 / 60)])
@pytest.mark.parametrize("distance", ["km", "m", ""])
def test_units_are_found(tmp_path: Path, unit: str, factor: float, distance: str) -> None:
    scale = {"km": 1, "m": 1000, "": 0}[distance]
    header = f"o;d;temps{';distance' if scale else ''}"
    rows = [("38001", f"38{k:03d}", k / 2) for k in range(2, 400)]
    lines = [
        f"{o};{d};{t * factor!r}{f';{t * scale}' if scale else ''}" for o, d, t in rows
    ]  # fmt: skip
    path = write(tmp_path, "\n".join([header, *lines]))
    found = read(path)
    assert f"in {unit} (a median" in found.recognised
    kept = table(found)
    assert [d for _, d, _ in kept] == [d for _, d, t in rows if t <= 20]
    assert [t for _, _, t in kept] == pytest.approx([t for _, _, t in rows if t <= 20])
    assert table(read(path, unit=unit)) == kept


def test_a_whole_number_of_seconds_at_the_bound(tmp_path: Path) -> None:
    text = "o;d;duree_s\n01001;01002;1200\n01002;01001;1200.001\n01001;2A004;1\n"
    found = read(write(tmp_path, text))
    assert table(found) == [("01001", "01002", 20.0), ("01001", "2A004", 1 / 60)]
    assert "in seconds (as its column 'duree_s' says)" in found.recognised


def test_seconds_are_divided_exactly(tmp_path: Path) -> None:
    """A multiplication by 1 / 60 would differ in the last place for one time in twelve."""
    seconds = [k / 10 for k in range(12_000)]
    lines = [f"{k // 900 + 1:02d}{k % 900:03d};75101;{t}" for k, t in enumerate(seconds)]
    found = read(write(tmp_path, "\n".join(["o;d;duree_s", *lines])), unit="seconds")
    assert [t for _, _, t in table(found)] == [t / 60 for t in seconds]


def test_a_unit_that_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "o;d;temps\n01001;01002;5\n01002;01001;6\n")
    text = refused(path)
    assert "the unit of its times is not clear (a median of 5.5)" in text
    assert "unit='minutes'" in text
    assert len(table(read(path, unit="minutes"))) == 2
    zero = write(tmp_path, "o;d;temps\n01001;01001;0\n")
    assert "no time above 0" in refused(zero)


def test_names_and_values_that_contradict_each_other(tmp_path: Path) -> None:
    text = metric(PAIRS).replace("duree", "duree_s")
    said = refused(write(tmp_path, text))
    assert "its column says seconds, a median speed of 60 km/h says minutes" in said


def test_a_declared_unit_wins_with_a_warning(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric(PAIRS)), unit="seconds")
    note = next(note for note in found.notes if note.code == "unit_declared")
    assert note.warning
    assert "read as seconds, as declared, but look like minutes" in note.text
    assert "in seconds (as declared)" in found.recognised


def test_files_in_several_units(tmp_path: Path) -> None:
    one = write(tmp_path, metric(PAIRS), "a.csv")
    unclear = write(tmp_path, "o;d;temps\n01001;75101;5\n", "c.csv")
    two = write(tmp_path, "o;d;secondes\n38001;38001;900\n", "b.csv")
    assert "a.csv in minutes, b.csv in seconds" in refused([one, two])
    both = write(tmp_path, "o;d;secondes\n38001;38001;60\n", "b.csv")
    assert "b.csv: the unit of its times is not clear (its column says seconds, a median of 60" in (
        refused([one, both])
    )
    found = read_distancier([one, unclear], RULES)
    assert ("01001", "75101", 5.0) in table(found)


# --- values --------------------------------------------------------------------------------------


def test_pairs_that_were_not_computed(tmp_path: Path) -> None:
    text = metric(PAIRS) + "01001;2A004;-999999;-999999\n2A004;01001;-999999.0;5\n"
    found = read(write(tmp_path, text + "01001;38001;12;-999999\n"))
    assert table(found) == KEPT
    assert notes(found)["not_computed"] == 3
    assert notes(found)["pairs_read"] == 8
    assert notes(found)["beyond_reach"] == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "no value (1 row; row 3). Fill it in"),
        ("-3", "negative times (1 row; row 3; value '-3'). METRIC writes -999999"),
        ("abc", "not a number (1 row; row 3; value 'abc')"),
        ("12 min", "not a number (1 row; row 3; value '12 min')"),
        ("NaN", "NaN or infinite (1 row; row 3; value 'NaN')"),
        ("inf", "NaN or infinite (1 row; row 3; value 'inf')"),
    ],
)
def test_times_that_are_none(tmp_path: Path, value: str, words: str) -> None:
    text = metric(PAIRS).replace("10.25;10.25", f"{value};7")
    assert f"d.csv, column 'duree': {words}" in refused(write(tmp_path, text))


def test_all_faults_are_told_with_their_first_rows(tmp_path: Path) -> None:
    bad = [("01001", "38001", "x")] * 5 + [("01001", "ABCDE", "3"), ("1E+05", "01001", "2")]
    lines = [*metric(PAIRS).splitlines(), *(";".join([*row, "3"]) for row in bad)]
    text = refused(write(tmp_path, "\n".join(lines)))
    assert "column 'duree': not a number (5 rows; rows 6, 7, 8, ...; values such as 'x'" in text
    assert "column 'idDst': not a code of a commune" in text
    assert "(1 row; row 11; value 'ABCDE')" in text
    assert "column 'idSrc'" in text
    assert "(1 row; row 12; value '1E+05')" in text


def test_parquet_faults_have_rows_too(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"o": [1001, 12, 1001], "d": ["01002"] * 3, "minutes": [11.0, 12.0, float("nan")]}
    )
    frame.write_parquet(tmp_path / "d.parquet")
    text = refused(tmp_path / "d.parquet")
    assert "column 'minutes': NaN or infinite (1 row; row 3; value 'NaN')" in text
    assert "column 'o': not a code of a commune, among the pairs within reach (1 row; row 2" in text


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("bad", ["1001", "1001.0", " 01001 ", '"01001"'])
def test_codes_are_repaired(tmp_path: Path, bad: str, known: bool) -> None:
    pairs = [(bad if o == "01001" else o.lower(), d, t) for o, d, t in PAIRS]
    communes = pl.Series(CODES) if known else None
    found = read(write(tmp_path, metric(pairs)), communes=communes)
    assert table(found) == KEPT
    note = next(note for note in found.notes if note.code == "codes_repaired")
    assert note.warning
    assert "2a004" in note.examples


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("bad", ["1E+05", "001", "0100", "2C004", "Lyon", ""])
def test_codes_that_are_none(tmp_path: Path, bad: str, known: bool) -> None:
    text = metric(PAIRS).replace("01002;01001", f"01002;{bad}")
    said = refused(write(tmp_path, text), communes=pl.Series(CODES) if known else None)
    assert "column 'idDst': not a code of a commune, among the pairs within reach (1 row" in said
    assert bad in said


def many(extra: Pairs = []) -> Pairs:  # noqa: B006
    codes = [f"38{k:03d}" for k in range(20)]
    return [(o, d, float(abs(i - j)))
            for i, o in enumerate(codes) for j, d in enumerate(codes)] + extra  # fmt: skip


def test_a_few_unknown_communes_are_dropped(tmp_path: Path) -> None:
    codes = pl.Series([f"38{k:03d}" for k in range(20)])
    path = write(tmp_path, metric(many([("60694", "38001", 5.0), ("38001", "85165", 50.0)])))
    found = read(path, communes=codes)
    assert len(table(found)) == 400
    note = next(note for note in found.notes if note.code == "unknown_communes")
    assert note.warning
    assert note.examples == ("60694",)
    assert "1 pairs within reach are dropped" in note.text


def test_many_unknown_communes_are_another_geography(tmp_path: Path) -> None:
    codes = pl.Series([f"38{k:03d}" for k in range(19)])
    text = refused(write(tmp_path, metric(many())), communes=codes)
    assert "1 codes are not among the communes, in 39 of 400 pairs within reach" in text
    assert "'38019'" in text
    assert "arrondissements" in text


def test_a_pair_that_stands_twice(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric([*PAIRS, PAIRS[1], PAIRS[1]])))
    assert table(found) == KEPT
    assert notes(found)["pairs_twice"] == 2
    two = write(tmp_path, metric([("01001", "01002", 11.5), *PAIRS]))
    text = refused(two)
    assert "pairs stand twice with different times (1 row" in text
    assert "'01001 to 01002: 9.5 and 11.5 minutes'" in text


def test_nothing_within_reach(tmp_path: Path) -> None:
    text = refused(write(tmp_path, metric([("01001", "01002", 25.0)])))
    assert "no pair is within 20 minutes, times being read as minutes" in text


# --- both ways -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["min", "max", "mean"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_way_back_beyond_reach_is_kept_for_the_rule(
    tmp_path: Path, how: str, suffix: str
) -> None:
    pairs = [*PAIRS, ("75101", "38001", 30.0), ("38001", "75101", -999999.0)]
    path = write(tmp_path, metric(pairs))
    if suffix == "parquet":
        path = tmp_path / "d.parquet"
        pl.read_csv(tmp_path / "d.csv", separator=";").write_parquet(path)
    found = read(path, rules=rules(two_way_pairs=how), communes=pl.Series(CODES))
    assert table(found) == [*KEPT, ("38001", "2A004", 20.01)]
    assert "1 of them kept for their way back" in str(found.notes)


def test_pairs_completed_both_ways_need_the_times_beyond_too(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric(PAIRS)), rules=rules(one_way_pairs="both_ways"))
    assert ("38001", "2A004", 20.01) in table(found)


def test_a_way_back_with_codes_to_repair(tmp_path: Path) -> None:
    pairs = [("1001", "01002", 9.0), ("01002", "1001", 25.0), ("01002", "2a004", 30.0)]
    found = read(write(tmp_path, metric(pairs)), rules=rules(two_way_pairs="max"))
    assert table(found) == [("01001", "01002", 9.0), ("01002", "01001", 25.0)]


# --- files that cannot be read -------------------------------------------------------------------


def long_file(rows: int = 60_000) -> str:
    draw = random.Random(5)
    return metric(
        [(f"38{k % 900:03d}", f"01{k // 900:03d}", draw.randrange(9000) / 100) for k in range(rows)]
    )


def test_truncated_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(long_file().encode())
    assert len(read(write(tmp_path, whole, "whole.csv.gz")).tables["travel_times"]) > 9000
    for size in (len(whole) // 2, len(whole) - 3, 100):
        text = refused(write(tmp_path, whole[:size], "d.csv.gz"))
        assert "d.csv.gz: cannot be decompressed to its end" in text
        assert "cut short or damaged: download it again" in text


def test_truncated_zst_and_parquet(tmp_path: Path) -> None:
    path = write(tmp_path, long_file())
    lines = pl.scan_csv(path, separator=";", infer_schema=False)
    lines.sink_csv(tmp_path / "w.csv.zst", separator=";", compression="zstd")
    lines.sink_parquet(tmp_path / "w.parquet")
    whole = (tmp_path / "w.csv.zst").read_bytes()
    text = refused(write(tmp_path, whole[: len(whole) // 2], "d.csv.zst"))
    assert "d.csv.zst: cannot be decompressed to its end" in text
    whole = (tmp_path / "w.parquet").read_bytes()
    text = refused(write(tmp_path, whole[: len(whole) // 2], "d.parquet"))
    assert "d.parquet: cannot be read as Parquet" in text


@pytest.mark.parametrize("place", [1, 50_000])
def test_a_quotation_mark_that_is_never_closed(tmp_path: Path, place: int) -> None:
    lines = long_file().splitlines()
    lines[place] = '"' + lines[place].replace(lines[place].split(";")[2], "3", 1)
    text = refused(write(tmp_path, "\n".join(lines)))
    assert "d.csv" in text
    assert "quotation mark" in text
    named = [f'{line};"a; b"' for line in lines]
    text = refused(write(tmp_path, "\n".join(named)))
    assert "quotation mark" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty (0 bytes)"),
        ("\n\n", "begins with an empty line"),
        ("idSrc;idDst;duree\n", "has no row below its header"),
        ("01001;01002;5\n01001;01003;6\n", "has on its first line '01001;01002;5'"),
        ("idSrc;idDst\n01001;01002\n", "must name three columns or more"),
        ("o,d,temps\n01001,01002,5,5\n", "a row has 4 fields where the header has 3 (row 1"),
        ("o;d;temps\n01001;01002;5;5\n", "Quote values that hold the separator"),
        ("o;d;temps\n01001;01002;5;\0\n", "neither text nor a format"),
        (b"PAR1nonsense", "cannot be read as Parquet"),
    ],
)
def test_files_that_are_no_distancier(tmp_path: Path, content: str | bytes, words: str) -> None:
    assert words in refused(write(tmp_path, content))


def test_a_row_with_too_few_fields(tmp_path: Path) -> None:
    text = refused(write(tmp_path, metric(PAIRS) + "01001;75101\n"))
    assert "d.csv: a row has 2 fields where the header has 4 (row 6; value '01001;75101')" in text
    assert "The row may be cut: download or export the file again" in text


def test_what_is_asked_for_must_be_known(tmp_path: Path) -> None:
    path = write(tmp_path, metric(PAIRS))
    assert "the unit 'days' is not known" in refused(path, unit="days")
    assert "the period 'night' is not known" in refused(path, period="night")
    assert "no file is given" in refused([])
    text = refused([tmp_path / "none.csv", tmp_path])
    assert "none.csv: cannot be opened" in text
    assert "is a folder" in text


# --- square matrices -----------------------------------------------------------------------------


def square(pairs: Pairs, prefix: str = "") -> str:
    times = {(o, d): t for o, d, t in pairs}
    lines = [",".join(["id", *(prefix + code for code in CODES)])]
    lines += [",".join([o, *(str(times.get((o, d), "")) for d in CODES)]) for o in CODES]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("prefix", ["", "X"])
def test_square_matrix(tmp_path: Path, prefix: str) -> None:
    path = write(tmp_path, square(PAIRS, prefix))
    found = read(path, communes=pl.Series(CODES))
    assert table(found) == KEPT
    assert notes(found)["not_computed"] == 20
    assert "square matrix of 5 destinations" in found.recognised
    found = read(path, rules=rules(two_way_pairs="max"))
    assert table(found) == [*KEPT, ("38001", "2A004", 20.01)]
    pl.read_csv(path, schema_overrides={"id": pl.String}).write_parquet(tmp_path / "d.parquet")
    assert table(read(tmp_path / "d.parquet")) == KEPT


@pytest.mark.parametrize("bad", ["x", "-4", "inf"])
def test_square_matrix_with_cells_that_are_none(tmp_path: Path, bad: str) -> None:
    text = square(PAIRS).replace("10.25", bad)
    said = refused(write(tmp_path, text))
    assert "d.csv, column '01001': cells that are no time (1 row; row 2; value" in said
    assert bad in said


def test_square_matrix_of_unknown_rows(tmp_path: Path) -> None:
    text = square(PAIRS).replace("\n01002,", "\nfoo,")
    assert "value 'foo'" in refused(write(tmp_path, text))


@pytest.mark.skipif(
    not (OPEN_DATA / "osrm_isere_seconds.csv").exists(), reason="osrm_isere_seconds.csv is absent"
)
@pytest.mark.slow
def test_square_matrix_of_isere() -> None:
    path = OPEN_DATA / "osrm_isere_seconds.csv"
    found = read(path)
    header, *lines = [line.split(",") for line in path.read_text().replace('"', "").splitlines()]
    seconds = {
        (row[0], code): float(cell)
        for row in lines
        for code, cell in zip(header[1:], row[1:], strict=True)
    }
    expected = sorted((o, d, t / 60) for (o, d), t in seconds.items() if t <= 1200)
    assert table(found) == expected
    assert "in seconds" in found.recognised
    assert notes(found)["pairs_read"] == 512 * 512
    alone = sum(seconds[d, o] > 1200 for o, d, _ in expected)
    assert notes(found)["one_way"] == alone


# --- against plain Python and DuckDB -------------------------------------------------------------

codes = st.sampled_from(CODES)
minutes = st.integers(0, 4000).map(lambda n: n / 100) | st.just(-999999.0)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.tuples(codes, codes), minutes, min_size=1), st.data())
def test_against_plain_python(
    tmp_path: Path, world: dict[tuple[str, str], float], data: st.DataObject
) -> None:
    how = data.draw(st.sampled_from(["as_given", "max"]))
    rows = data.draw(st.permutations([(o, d, t) for (o, d), t in world.items()]))
    path = write(tmp_path, metric(rows))
    within = {pair for pair, t in world.items() if 0 <= t <= 20}
    kept = {
        pair for pair, t in world.items()
        if pair in within or (how == "max" and t >= 0 and pair[::-1] in within)
    }  # fmt: skip
    if not within:
        assert "no pair is within" in refused(path, rules=rules(two_way_pairs=how), unit="minutes")
        return
    found = read(path, rules=rules(two_way_pairs=how), communes=pl.Series(CODES), unit="minutes")
    assert table(found) == sorted((o, d, world[o, d]) for o, d in kept)
    told = notes(found)
    assert told["pairs_read"] == len(rows)
    assert told.get("not_computed", 0) == sum(t < 0 for t in world.values())
    assert told.get("one_way", 0) == sum((d, o) not in kept for o, d in kept)
    assert told.get("no_own_time", 0) == sum((c, c) not in kept for c in CODES)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_against_duckdb(tmp_path: Path, suffix: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = write(tmp_path, long_file(200_000))
    if suffix == "parquet":
        path = tmp_path / "d.parquet"
        pl.read_csv(tmp_path / "d.csv", separator=";", schema_overrides={
            "idSrc": pl.String, "idDst": pl.String}).write_parquet(path)  # fmt: skip
    source = f"read_csv('{path}', all_varchar=true)" if suffix == "csv" else f"'{path}'"
    expected = duckdb.sql(
        f"select idSrc, idDst, duree::double from {source} where duree::double <= 20 order by 1, 2"
    ).fetchall()
    assert len(expected) > 40_000
    assert table(read(path)) == expected


def test_lines_that_end_in_a_carriage_return_alone(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(b"idSrc;idDst;duree;distance\r01001;01002;3;2\r01002;01001;3;2\r")
    with pytest.raises(InputDataError, match="its lines end in a carriage return alone"):
        read_distancier([path], RULES)


# --- what no single cell shows -------------------------------------------------------------------


def country(size: int = 40) -> Pairs:
    """All pairs of some communes in a line, a minute and a kilometre apart."""
    codes = [f"38{k:03d}" for k in range(size)]
    return [(o, d, abs(i - j) + 0.25) for i, o in enumerate(codes) for j, d in enumerate(codes)]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (
            "01001;75101;12;1",
            "the last row is cut: it has no end of line (value '01001;75101;12;1'",
        ),
        ("01001;75101", "the last row is cut: it has 2 fields where the header has 4"),
        ("01001;75101\n", "a row has 2 fields where the header has 4"),
    ],
)
def test_a_file_that_is_cut(tmp_path: Path, end: str, words: str) -> None:
    pairs = country(120) if "it has 2" in words else PAIRS
    text = refused(write(tmp_path, (metric(pairs) + end).encode()))
    assert words in text or "a row has 2 fields" in text
    assert "ownload or export" in text


def test_origins_that_are_missing(tmp_path: Path) -> None:
    assert (
        not {"origins_absent", "half_of_the_pairs"}
        & notes(read(write(tmp_path, metric(country())))).keys()
    )
    communes = pl.Series([f"38{k:03d}" for k in range(40)])
    found = read(
        write(tmp_path, metric([p for p in country() if p[0] < "38020"])), communes=communes
    )
    note = next(note for note in found.notes if note.code == "origins_absent")
    assert note.warning
    assert "no time within reach leads from 20 of 40 communes" in note.text


def test_pairs_of_one_way(tmp_path: Path) -> None:
    found = read(write(tmp_path, metric([p for p in country() if p[0] < p[1]])))
    note = next(note for note in found.notes if note.code == "half_of_the_pairs")
    assert note.warning
    assert "pairs lead from one code to a later one, and 0 back" in note.text


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_half_in_seconds(tmp_path: Path, suffix: str) -> None:
    pairs = country(200)
    half = len(pairs) // 2
    lines = [f"{o};{d};{t if k < half else t * 60};{t}" for k, (o, d, t) in enumerate(pairs)]
    path = write(tmp_path, "\n".join(["idSrc;idDst;duree;distance", *lines]))
    if suffix == "parquet":
        path = tmp_path / "d.parquet"
        pl.read_csv(tmp_path / "d.csv", separator=";").write_parquet(path)
    text = refused(path)
    assert "go at less than 3 or more than 250 km/h, times being read as minutes" in text
    assert "of its length" in text
    assert "Are its times in several units" in text


def test_units_that_alternate(tmp_path: Path) -> None:
    rows = country()
    lines = [f"{o};{d};{t * 60 if k % 3 else t};{t}" for k, (o, d, t) in enumerate(rows)]
    text = refused(write(tmp_path, "\n".join(["idSrc;idDst;duree;distance", *lines])))
    assert "pairs in its first rows go at less than 3" in text


def test_pairs_that_take_no_time(tmp_path: Path) -> None:
    def zero(each: int, km: float) -> str:
        lines = [
            f"{o};{d};{0 if o != d and k % each == 1 else t};{km if k % each == 1 else t}"
            for k, (o, d, t) in enumerate(country())
        ]
        return "\n".join(["idSrc;idDst;duree;distance", *lines])

    found = read(write(tmp_path, zero(200, 9.0)))
    note = next(note for note in found.notes if note.code == "no_time")
    assert note.warning
    assert "8 pairs of different communes more than 3 km apart take no time" in note.text
    assert "no_time" not in notes(read(write(tmp_path, zero(200, 0.5))))
    text = refused(write(tmp_path, zero(7, 9.0)))
    assert "pairs of different communes take no time" in text
    assert "Write -999999" in text


@pytest.mark.parametrize("mark", [",", "."])
def test_seconds_whose_marks_part_thousands(tmp_path: Path, mark: str) -> None:
    lines = [f"{o};{d};{round(t * 60):,}".replace(",", mark) for o, d, t in country()]
    text = refused(write(tmp_path, "\n".join(["o;d;duree_s", *lines])))
    assert "d.csv, column 'duree_s': marks with three digits behind them each time" in text
    late = [f"{o};{d};{round(t)}" for o, d, t in country(100)] + ["38001;75101;1" + mark + "234"]
    text = refused(write(tmp_path, "\n".join(["o;d;duree", *late])), unit="minutes")
    assert "is it 1 234 or 1.234? (row 10001; value '1" in text


@pytest.mark.parametrize(
    ("dtype", "shown"),
    [(pl.List(pl.Float64), "List(Float64)"), (pl.Duration("us"), "Duration"), (pl.Time, "Time")],
)
def test_cells_of_parquet_that_are_no_numbers(tmp_path: Path, dtype: Any, shown: str) -> None:
    frame = pl.DataFrame(PAIRS, ["idSrc", "idDst", "duree"], orient="row")
    cells = [[1.0]] * 5 if shown.startswith("List") else [1_000_000] * 5
    frame.with_columns(pl.Series("duree", cells).cast(dtype)).write_parquet(tmp_path / "d.parquet")
    text = refused(tmp_path / "d.parquet")
    assert f"d.parquet, column 'duree': cells of it are {shown}" in text
    assert "cut short" not in text


def test_times_of_a_clock(tmp_path: Path) -> None:
    lines = [f"{o};{d};00:12:30" for o, d, _ in PAIRS]
    text = refused(write(tmp_path, "\n".join(["idSrc;idDst;duree", *lines])))
    assert "cells of it are times of a clock, not numbers (values such as '00:12:30'" in text
    assert "12.5 minutes for 00:12:30" in text


def test_heads_of_excel_and_utf16(tmp_path: Path) -> None:
    assert "begins with a line for Excel" in refused(write(tmp_path, "sep=;\n" + metric(PAIRS)))
    text = refused(write(tmp_path, metric(PAIRS).encode("utf-16")))
    assert "d.csv: is in UTF-16, which is not read here. Save it as UTF-8" in text
