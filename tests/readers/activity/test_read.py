"""Raw activity: practitioners and consumption from prestations and the register."""

from __future__ import annotations

import gzip
import random
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apl_engine.errors import Fault, InputDataError
from apl_engine.methodology import load_methodology
from apl_engine.readers.activity import aggregate as activity_sums
from apl_engine.readers.activity import dataset as activity_files
from apl_engine.readers.activity import read as activity
from apl_engine.readers.activity.columns import PRESTATIONS, REGISTER, choose
from apl_engine.readers.activity.read import read_activity
from apl_engine.readers.activity.values import band_of, bands_of, period_read, quotient
from apl_engine.readers.common.imported import Imported

RULES = load_methodology("mk-2024")
Row = dict[str, Any]


def service(who: str = "p1", commune: str = "01001", **other: Any) -> Row:
    row = {"mois": 202203, "ben_age": 34, "nb_actes": 2, "honoraires": 32.26}
    return {"ps_num": who, "commune": commune, **row, **other}


def entry(who: str, born: str = "1980-05-01", since: str = "2010-01-01", **other: Any) -> Row:
    dates = {"date_naissance": date.fromisoformat(born), "date_installation": since}
    return {"ps_num": who, **dates, **other}


PEOPLE = [entry("p1"), entry("p2", "1957-12-31"), entry("p3", since="2022-04-01")]


def rows_of() -> list[Row]:
    return [
        service(),
        service(nb_actes=3, honoraires=50.01, ben_age=0),
        service("p1", "2A004", ben_age=95),
        service("p2", "75101", honoraires=0.1),
        service("p2", "75101", honoraires=0.2, ben_age=100),
        service("p3", "01002", nb_actes=1, honoraires=16.13, ben_age=64),
    ]


def read(
    folder: Path, rows: list[Row] | None = None, people: list[Row] | None = None, **options: Any
) -> Imported:
    prestations, register = folder / "prestations.parquet", folder / "register.parquet"
    pl.DataFrame(rows_of() if rows is None else rows, infer_schema_length=None).write_parquet(
        prestations
    )
    pl.DataFrame(people or PEOPLE, infer_schema_length=None).write_parquet(register)
    return read_activity([prestations], register, RULES, **options)


def refused(*arguments: Any, **options: Any) -> tuple[Fault, ...]:
    with pytest.raises(InputDataError) as caught:
        read(*arguments, **options)
    return caught.value.faults


def practices(found: Imported) -> list[tuple[Any, ...]]:
    return found.tables["practitioners"].rows()


def fees(found: Imported) -> dict[str, float]:
    return {band: paid for band, paid in found.tables["consumption"].iter_rows() if paid}


def notes(found: Imported) -> dict[str, tuple[int, str]]:
    return {note.code: (note.count, str(note)) for note in found.notes}


def test_both_tables(tmp_path: Path) -> None:
    found = read(tmp_path, vintage=2021)
    assert practices(found) == [
        ("p1", "01001", 42, 5.0, 82.27, False),
        ("p1", "2A004", 42, 2.0, 32.26, False),
        ("p2", "75101", 65, 4.0, 0.3, False),
        ("p3", "01002", 42, 1.0, 16.13, True),
    ]
    assert found.tables["practitioners"].schema == {
        "practitioner_id": pl.String,
        "commune": pl.String,
        "age": pl.Int64,
        "acts": pl.Float64,
        "fees": pl.Float64,
        "newly_installed": pl.Boolean,
    }
    assert fees(found) == {
        "00-04": 50.01, "30-34": 32.36, "60-64": 16.13, "95+": 32.46,
    }  # fmt: skip
    assert found.tables["consumption"]["age_band"].to_list() == [str(b) for b in bands_of(5)]
    assert (found.kind, found.vintage) == ("activity", 2021)
    assert "acts = nb_actes" in found.recognised
    assert "register_id = ps_num" in found.recognised
    assert [stamp.name for stamp in found.stamps] == ["prestations.parquet", "register.parquet"]
    assert notes(found) == {
        "empty_bands": (16, notes(found)["empty_bands"][1]),
        "months_missing": (11, notes(found)["months_missing"][1]),
    }


def independent(rows: list[Row]) -> tuple[dict[tuple[str, str], list[int]], dict[str, int]]:
    """Add up in whole cents, in plain Python."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    bands: dict[str, int] = defaultdict(int)
    for row in rows:
        cents = round(row["honoraires"] * 100)
        sums[row["ps_num"], row["commune"]][0] += row["nb_actes"]
        sums[row["ps_num"], row["commune"]][1] += cents
        low = min(row["ben_age"] // 5 * 5, 95)
        bands["95+" if low == 95 else f"{low:02d}-{low + 4:02d}"] += cents
    return sums, bands


SERVICES = st.builds(
    service,
    st.sampled_from(["p1", "p2", "p3"]),
    st.sampled_from(["01001", "01002", "2A004", "97105"]),
    ben_age=st.integers(0, 130),
    nb_actes=st.integers(1, 50),
    honoraires=st.integers(1, 10_000_000).map(lambda cents: cents / 100),
)


@settings(max_examples=15)
@given(rows=st.lists(SERVICES, min_size=1, max_size=30), seed=st.integers(0, 9))
def test_exact_sums_whatever_the_order_and_the_split(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("activity")
    found = read(folder, rows)
    sums, bands = independent(rows)
    expected = {key: (float(acts), cents / 100) for key, (acts, cents) in sums.items()}
    assert {(row[0], row[1]): (row[3], row[4]) for row in practices(found)} == expected
    assert fees(found) == {band: cents / 100 for band, cents in bands.items() if cents}
    mixed = random.Random(seed).sample(rows, len(rows))
    split = folder / "split"
    split.mkdir()
    for k, part in enumerate([mixed[0::3], mixed[1::3], mixed[2::3]]):
        if part:
            pl.DataFrame(part).with_columns(part=k).write_parquet(split / f"{k}.parquet")
    again = read_activity([split], folder / "register.parquet", RULES)
    assert practices(again) == practices(found)
    assert again.tables["consumption"].equals(found.tables["consumption"])


def test_against_duckdb(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    draw = random.Random(5)
    rows = [
        service(
            f"p{draw.randrange(1, 4)}",
            draw.choice(["01001", "69381"]),
            mois=draw.choice([202112, 202201, 202212, 202301]),
            ben_age=draw.randrange(101),
            honoraires=draw.randrange(100, 9_999) / 100,
        )
        for _ in range(5_000)
    ]
    found = read(tmp_path, rows)
    source = f"read_parquet('{tmp_path}/prestations.parquet') where mois // 100 = 2022"
    money = "sum(honoraires::decimal(12, 2))::double"
    assert [row[:2] + row[3:5] for row in practices(found)] == duckdb.sql(
        f"select ps_num, commune, sum(nb_actes)::double, {money} from {source} group by all "
        "order by all"
    ).fetchall()
    by_band = f"select least(ben_age // 5, 19) as b, {money} from {source} group by b order by b"
    assert list(found.tables["consumption"]["fees"]) == [
        paid for _, paid in duckdb.sql(by_band).fetchall()
    ]
    outside = sum(row["mois"] in (202112, 202301) for row in rows)
    assert notes(found)["other_years"][0] == outside


# --- files ---------------------------------------------------------------------------------------

HEADER = "ps_num;commune;mois;âge;nb_actes;montant;libellé"
LINES = [
    "p1;01001;202203;34;2;32,26;kiné",
    "p1;01001;202203;0;3;50,01;",
    "p1;2A004;202203;95;2;32,26;x",
    "p2;75101;202203;34;2;0,1;x",
    "p2;75101;202203;100;2;0,2;x",
    "p3;01002;202203;64;1;16,13;x",
]


def of_text(folder: Path, raw: bytes, name: str = "p.csv", **options: Any) -> Imported:
    (folder / name).write_bytes(raw)
    pl.DataFrame(PEOPLE).write_parquet(folder / "register.parquet")
    return read_activity([folder / name], folder / "register.parquet", RULES, **options)


def refused_text(folder: Path, raw: bytes, name: str = "p.csv", **options: Any) -> str:
    with pytest.raises(InputDataError) as caught:
        of_text(folder, raw, name, **options)
    return str(caught.value)


TEXT = "\n".join([HEADER, *LINES, ""])


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (TEXT.encode(), "p.csv"),
        (TEXT.encode("utf-8-sig"), "p.csv"),
        (TEXT.encode("cp1252"), "p.csv"),
        (TEXT.replace("\n", "\r\n").encode(), "p.txt"),
        (gzip.compress(TEXT.encode("cp1252"), mtime=0), "p.csv.gz"),
        (TEXT.replace(",", ".").replace(";", ",").encode(), "p.csv"),
        (TEXT.replace(";", "\t").encode(), "p.csv"),
        (TEXT.replace("34;2", ' 34 ;"2"').encode() + b"\n", "p.csv"),
    ],
)
def test_texts(tmp_path: Path, raw: bytes, name: str) -> None:
    found, expected = of_text(tmp_path, raw, name), read(tmp_path)
    assert practices(found) == practices(expected)
    assert fees(found) == fees(expected)


def test_zstandard(tmp_path: Path) -> None:
    frame = pl.DataFrame(rows_of())
    frame.lazy().sink_csv(tmp_path / "p.csv.zst", compression="zstd")
    expected = read(tmp_path)
    found = read_activity([tmp_path / "p.csv.zst"], tmp_path / "register.parquet", RULES)
    assert practices(found) == practices(expected)


def test_hive_partitions_of_different_kinds(tmp_path: Path) -> None:
    expected = read(tmp_path)
    for k, row in enumerate(rows_of()):
        place = tmp_path / "data" / "annee=2022" / f"mois={k + 1}"
        place.mkdir(parents=True)
        frame = pl.DataFrame([row]).drop("mois")
        if k % 3 == 0:
            frame.write_csv(place / "a.csv", separator=";", decimal_comma=True)
        elif k % 3 == 1:
            frame.with_columns(pl.col("nb_actes").cast(pl.Float32)).write_ipc(place / "a.arrow")
        else:
            frame.write_parquet(place / "a.parquet")
    other = tmp_path / "data" / "annee=2021" / "mois=12"
    other.mkdir(parents=True)
    pl.DataFrame(rows_of()).drop("mois").write_parquet(other / "b.parquet")
    (tmp_path / "data" / "_SUCCESS").touch()
    (tmp_path / "data" / "notes.pdf").touch()
    found = read_activity([tmp_path / "data"], tmp_path / "register.parquet", RULES)
    assert practices(found) == practices(expected)
    assert fees(found) == fees(expected)
    assert notes(found)["other_years"][0] == 6
    assert notes(found)["files_aside"] == (
        1, "files of the folder that are of no format that is read are left aside: notes.pdf"
    )  # fmt: skip
    assert len(found.stamps) == 8


def test_some_rows_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read(tmp_path)
    files = [tmp_path / "prestations.parquet"]
    for k in range(20):
        files.append(tmp_path / f"{k}.parquet")
        pl.DataFrame(rows_of()[k % 6 :][:1]).with_columns(part=k).write_parquet(files[-1])
    whole = read_activity(files, tmp_path / "register.parquet", RULES)
    monkeypatch.setattr(activity_files, "PIECE", 4)
    pieces = read_activity(files, tmp_path / "register.parquet", RULES)
    assert practices(pieces) == practices(whole) != practices(expected)
    assert fees(pieces) == fees(whole)
    assert pieces.notes == whole.notes


def test_lines_that_end_in_a_carriage_return_alone(tmp_path: Path) -> None:
    read(tmp_path)
    path = tmp_path / "old.csv"
    path.write_bytes(b"ps_num;commune;mois;ben_age;nb_actes;honoraires\rp1;01001;202201;3;1;2\r")
    with pytest.raises(InputDataError, match="its lines end in a carriage return alone"):
        read_activity([path], tmp_path / "register.parquet", RULES)


def test_copies_of_a_file_are_refused(tmp_path: Path) -> None:
    read(tmp_path)
    copy = tmp_path / "copy.parquet"
    copy.write_bytes((tmp_path / "prestations.parquet").read_bytes())
    with pytest.raises(InputDataError, match=r"several times: copy\.parquet, prestations\.parquet"):
        read_activity(
            [tmp_path / "prestations.parquet", copy], tmp_path / "register.parquet", RULES
        )


def test_the_same_file_twice_is_read_once(tmp_path: Path) -> None:
    expected = read(tmp_path)
    paths = [tmp_path / "prestations.parquet", tmp_path / "." / "prestations.parquet"]
    assert practices(read_activity(paths, tmp_path / "register.parquet", RULES)) == practices(
        expected
    )


@pytest.mark.parametrize(
    ("raw", "name", "words"),
    [
        (b"", "p.csv", "p.csv: is empty (0 bytes)"),
        (gzip.compress((TEXT * 50).encode(), mtime=0)[:60], "p.csv.gz", "p.csv.gz"),
        (TEXT.encode("utf-16"), "p.csv", "p.csv: is in UTF-16, which is not read here"),
        (b"\n" + TEXT.encode(), "p.csv", "begins with an empty line"),
        (b"ps_num\np1\n", "p.csv", "has a single column"),
        (b"PAR1" + b"0" * 50, "p.parquet", "p.parquet: cannot be read as Parquet"),
        (HEADER.encode() + b"\n", "p.csv", "has no row"),
        (TEXT.replace(";kin", ';"kin').encode(), "p.csv", "quotation mark"),
        (
            TEXT.replace("0,2;x", "0,2;x;y").encode(),
            "p.csv",
            "p.csv: rows have more fields than the header (1 row; row 5)",
        ),
        ("\n".join(LINES).encode(), "p.csv", "first row seems to hold values, not names"),
        (
            TEXT.replace("50,01", "many").encode(),
            "p.csv",
            "'montant': no value, or no number (1 row; row 2)",
        ),
        (
            TEXT.replace("0;3", "0;").encode(),
            "p.csv",
            "'nb_actes': no value, or no number (1 row; row 2)",
        ),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, raw: bytes, name: str, words: str) -> None:
    text = refused_text(tmp_path, raw, name)
    assert words in text
    assert "p1" not in text
    assert "32,26" not in text


def test_the_file_cut_short_is_named(tmp_path: Path) -> None:
    text = TEXT + "\n".join(LINES * 5_000)
    whole = gzip.compress(text.encode())
    (tmp_path / "a.csv.gz").write_bytes(whole)
    (tmp_path / "b.csv.gz").write_bytes(whole[: len(whole) // 2])
    pl.DataFrame(PEOPLE).write_parquet(tmp_path / "r.parquet")
    with pytest.raises(InputDataError, match=r"b\.csv\.gz: cannot be read as CSV"):
        read_activity(
            [tmp_path / n for n in ("a.csv.gz", "b.csv.gz")], tmp_path / "r.parquet", RULES
        )


def test_workbooks_and_empty_folders(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    pl.DataFrame(PEOPLE).write_parquet(tmp_path / "r.parquet")
    with pytest.raises(InputDataError, match="the folder holds no file of a known format"):
        read_activity([tmp_path / "empty"], tmp_path / "r.parquet", RULES)
    with pytest.raises(InputDataError, match="no file is given"):
        read_activity([], tmp_path / "r.parquet", RULES)
    with pytest.raises(InputDataError, match="cannot be opened"):
        read_activity([tmp_path / "absent.csv"], tmp_path / "r.parquet", RULES)
    pytest.importorskip("xlsxwriter")
    pl.DataFrame(rows_of()).write_excel(tmp_path / "p.xlsx")
    with pytest.raises(InputDataError, match="is a workbook"):
        read_activity([tmp_path / "p.xlsx"], tmp_path / "r.parquet", RULES)


def test_files_of_other_columns(tmp_path: Path) -> None:
    read(tmp_path)
    pl.DataFrame(rows_of()).rename({"nb_actes": "quantite"}).write_parquet(tmp_path / "q.parquet")
    with pytest.raises(InputDataError, match=r"q\.parquet: its columns are not those of prest"):
        read_activity(
            [tmp_path / "prestations.parquet", tmp_path / "q.parquet"],
            tmp_path / "register.parquet",
            RULES,
        )


# --- columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            "PFS_EXE_NUM PFS_PRE_NUM COM_CAB BEN_RES_COM EXE_SOI_DTD FLX_TRT_DTD BEN_AGE_ANN "
            "PRS_ACT_NBR PRS_ACT_QTE PRS_PAI_MNT BSE_REM_MNT",
            "PFS_EXE_NUM COM_CAB EXE_SOI_DTD BEN_AGE_ANN PRS_ACT_NBR PRS_PAI_MNT",
        ),
        (
            "id_ps code_commune annee_mois age_patient nombre_d_actes honoraires_totaux",
            "id_ps code_commune annee_mois age_patient nombre_d_actes honoraires_totaux",
        ),
        (
            "Numéro_PS;Code INSEE;Date de soins;Âge;Quantité;Montant;Coefficient",
            "Numéro_PS;Code INSEE;Date de soins;Âge;Quantité;Montant",
        ),
        (
            "exe_num depcom exe_mois ben_age act_nbr rem_mnt",
            "exe_num depcom exe_mois ben_age act_nbr rem_mnt",
        ),
        ("rpps commune_exercice mois age actes fees", "rpps commune_exercice mois age actes fees"),
    ],
)
def test_columns_are_recognised(names: str, expected: str) -> None:
    mark = ";" if ";" in names else " "
    found, faults = choose("f", names.split(mark), PRESTATIONS, {})
    assert faults == []
    assert list(found.values()) == expected.split(mark)


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (
            "numero_ps date_naissance date_installation commune_cabinet profession",
            "register_id birth_date installation_date practice_commune profession",
        ),
        ("adeli nai_ann newly_installed", "register_id birth_date newly_installed"),
        ("id_pro age nouvel_installe", "register_id practitioner_age newly_installed"),
        ("rpps birth_date dt_inst", "register_id birth_date installation_date"),
    ],
)
def test_columns_of_the_register_are_recognised(names: str, roles: str) -> None:
    found, faults = choose("f", names.split(), REGISTER, {})
    assert faults == []
    assert list(found) == roles.split()


def test_ambiguous_absent_and_misnamed_columns(tmp_path: Path) -> None:
    rows = [{**row, "actes": 1} for row in rows_of()]
    (fault,) = refused(tmp_path, rows)
    assert "several columns may be acts, or their coefficients: nb_actes, actes" in str(fault)
    assert "--column acts=nb_actes" in fault.hint
    found = read(tmp_path, rows, columns={"acts": "actes"})
    assert practices(found)[0][3] == 2.0
    rows = [{("x" if k == "honoraires" else k): v for k, v in row.items()} for row in rows_of()]
    (fault,) = refused(tmp_path, rows)
    assert "no column is known as fees, EUR. It has ps_num, commune, mois" in fault.problem
    assert "--column fees=NAME" in fault.hint
    assert practices(read(tmp_path, rows, columns={"fees": "x"})) == practices(read(tmp_path))
    (fault,) = refused(tmp_path, rows, columns={"fees": "y"})
    assert "no column is called 'y', given for fees" in fault.problem
    (fault,) = refused(tmp_path, columns={"fee": "y"})
    assert "'fee' is no column of ours" in str(fault)
    rows = [{k: v for k, v in row.items() if k != "mois"} for row in rows_of()]
    (fault,) = refused(tmp_path, rows)
    assert "no column is known as month or day of the acts" in fault.problem


def test_a_column_that_bears_a_name_twice(tmp_path: Path) -> None:
    raw = TEXT.replace("libellé", "montant").encode()
    assert "montant (1), montant (2)" in refused_text(tmp_path, raw)
    assert practices(of_text(tmp_path, raw, columns={"fees": "montant (1)"}))[0][4] == 82.27


# --- months --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (202203, 202303),
        (20220331, 20211231),
        (202203.0, 202303.0),
        (2022, 2021),
        ("2022-03", "2021-03"),
        ("202203", "202103"),
        ("20220331", "20210331"),
        ("2022-03-31 10:20:30", "2021-03-31 10:20:30"),
        ("03/2022", "03/2021"),
        ("31/03/2022", "31/03/2021"),
        (" 2022-03 ", " 2021-03"),
        (date(2022, 3, 1), date(2021, 3, 1)),
    ],
)
def test_months_as_written(tmp_path: Path, inside: object, outside: object) -> None:
    rows = [service(mois=inside), service(mois=outside, honoraires=1_000.0), service(mois=inside)]
    found = read(tmp_path, rows)
    assert practices(found) == [("p1", "01001", 42, 4.0, 64.52, False)]
    assert fees(found) == {"30-34": 64.52}
    assert notes(found)["other_years"] == (1, "1 rows of other years than 2022 are left out")


def test_months_beside_years_and_alone(tmp_path: Path) -> None:
    rows = [service(mois=3, annee=2022), service(mois=3, annee=2021), service(mois=12, annee=2022)]
    assert practices(read(tmp_path, rows))[0][3] == 4.0
    rows = [{k: v for k, v in row.items() if k != "mois"} for row in rows]
    assert practices(read(tmp_path, rows))[0][3] == 4.0
    rows = [service(mois="03"), service(mois="4")]
    found = read(tmp_path, rows)
    assert practices(found)[0][3] == 4.0
    assert notes(found)["year_assumed"][0] == 2


def test_another_year(tmp_path: Path) -> None:
    rows = [*rows_of(), service(mois=202112)]
    found = read(tmp_path, rows, year=2021)
    assert (
        practices(found) == [("p1", "01001", 42, 2.0, 32.26, False)]
        or practices(found)[0][3] == 2.0
    )
    assert "activity is of 2021" in notes(found)["years_differ"][1]
    (fault,) = refused(tmp_path, rows, year=2019)
    assert "no row is of 2019: years are 2021, 2022" in fault.problem


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [(202213, "202213"), (None, ""), ("March", "March"), ("03/2022", "03/2022")],
)
def test_months_that_cannot_be_read(tmp_path: Path, wrong: object, shown: str) -> None:
    first = 202203 if isinstance(wrong, int) else "2022-03"
    (fault,) = refused(tmp_path, [service(mois=first), service(mois=wrong), service(mois=wrong)])
    assert "months that are empty, cannot be read" in fault.problem
    assert (fault.count, fault.values) == (2, (shown,) if shown else ())


def test_no_month_at_all_is_known(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, [service(mois="spring")])
    assert "months that cannot be read" in fault.problem
    assert fault.values == ("spring",)
    (fault,) = refused(tmp_path, [service(mois=77)])
    assert fault.values == ("77",)


@pytest.mark.parametrize(
    ("month", "annual", "year"),
    [("2022-1", None, None), ("13/2022", None, None), ("1", "22", None), (None, None, None)],
)
def test_periods_that_are_none(month: object, annual: object, year: int | None) -> None:
    assert period_read(month, annual)[0] is year


# --- ages, amounts, codes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "band"),
    [
        ("0", "00-04"), ("4", "00-04"), ("5", "05-09"), ("94", "90-94"), ("95", "95+"),
        ("130", "95+"), ("131", None), ("999", None), ("-1", None), ("034", "30-34"),
        ("34.0", "30-34"), ("34,9", "30-34"), ("34 ans", "30-34"), ("30-34", "30-34"),
        ("30-39", None), ("95+", "95+"), ("90+", None), ("97-99", "95+"), ("x", None), ("", None),
    ],
)  # fmt: skip
def test_bands_of_ages(age: str, band: str | None) -> None:
    assert band_of(age, bands_of(5)) == band


def test_bands_of_another_width() -> None:
    assert [str(band) for band in bands_of(10)][-2:] == ["80-89", "90+"]


@pytest.mark.parametrize("unknown", [None, -1, 131, 999])
def test_unknown_ages_are_counted(tmp_path: Path, unknown: int | None) -> None:
    found = read(tmp_path, [service(honoraires=30.0), service(ben_age=unknown, honoraires=10.0)])
    assert practices(found)[0][3:5] == (4.0, 40.0)
    assert fees(found) == {"30-34": 30.0}
    count, text = notes(found)["unknown_ages"]
    assert count == 1
    assert "25 % of all fees" in text


def test_no_age_is_known(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, [service(ben_age=999)])
    assert "no age of a patient can be read" in fault.problem


def test_decimals(tmp_path: Path) -> None:
    rows = [service(nb_actes=9.51, honoraires=1.005), service(nb_actes=0.12345, honoraires=2.0)]
    found = read(tmp_path, rows)
    assert practices(found)[0][3] == pytest.approx(9.6334 + 0.0001, abs=2e-4)
    assert notes(found)["fees_rounded"][0] == 1
    assert notes(found)["acts_rounded"][0] == 1
    assert "more than 2 decimals" in notes(found)["fees_rounded"][1]
    rows = [service(nb_actes=0.1, honoraires=0.1) for _ in range(10)]
    assert practices(read(tmp_path, rows))[0][3:5] == (1.0, 1.0)


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Decimal(12, 2), pl.String])
def test_types_of_amounts(tmp_path: Path, dtype: Any) -> None:
    expected = read(tmp_path)
    frame = pl.DataFrame(rows_of()).with_columns(pl.col("honoraires").cast(dtype))
    frame.write_parquet(tmp_path / "typed.parquet")
    found = read_activity([tmp_path / "typed.parquet"], tmp_path / "register.parquet", RULES)
    assert practices(found) == practices(expected)
    assert "fees_rounded" not in notes(found)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_amounts_that_are_none(tmp_path: Path, value: float | None) -> None:
    (fault,) = refused(tmp_path, [service(), service(honoraires=value)])
    words = "prestations.parquet, column 'honoraires': no value, or no number (1 row; row 2)"
    assert str(fault).startswith(words)


def test_regularisations(tmp_path: Path) -> None:
    rows = [
        service(honoraires=50.0, nb_actes=4),
        service(honoraires=-20.0, nb_actes=-1),
        service("p2", "01001", honoraires=-5.0, nb_actes=1),
        service("p2", "01002", honoraires=5.0, nb_actes=1),
        service("p2", "01002", honoraires=-5.0, nb_actes=-1),
        service("p2", "01003", honoraires=-1.0, nb_actes=-1),
    ]
    found = read(tmp_path, rows)
    assert [row[:2] + row[3:5] for row in practices(found)] == [
        ("p1", "01001", 3.0, 30.0),
        ("p2", "01001", 1.0, 0.0),
    ]
    assert notes(found)["negative_practices"][0] == 2
    assert notes(found)["empty_practices"][0] == 2
    rows = [service(), service(ben_age=3, honoraires=-1.0)]
    (fault,) = refused(tmp_path, rows)
    assert fault.problem == "age bands whose fees are negative on balance: 00-04"


def test_codes_of_communes(tmp_path: Path) -> None:
    rows = [service(commune=c) for c in ("01001", "1001", " 01001", "2a004", "2A004")]
    found = read(tmp_path, rows)
    assert [row[1:2] + row[3:4] for row in practices(found)] == [("01001", 6.0), ("2A004", 4.0)]
    assert notes(found)["codes_repaired"] == (
        2, "prestations: codes of communes repaired (first zero, capitals): 1001, 2a004"
    )  # fmt: skip
    rows = [{**row, "commune": 1001} for row in rows]
    assert practices(read(tmp_path, rows))[0][1] == "01001"
    rows = [service(), service(commune="Lyon"), service(commune=None), service(commune="")]
    missing, wrong = refused(tmp_path, rows)
    assert (missing.problem, missing.count) == ("no commune of the practice", 2)
    assert (missing.table, missing.rows) == ("prestations.parquet", (3, 4))
    assert (wrong.problem, wrong.count, wrong.rows) == ("not a code of a commune", 1, (2,))
    assert "Lyon" not in str(wrong)


def test_rows_without_a_practitioner(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, [service(), service(who=" "), service(who=None)])  # type: ignore[arg-type]
    assert (fault.problem, fault.count) == ("rows without a practitioner", 2)


def test_identifiers_as_numbers(tmp_path: Path) -> None:
    people = [{**entry("x"), "ps_num": 7}]
    assert practices(read(tmp_path, [{**service(), "ps_num": 7}], people))[0][0] == "7"
    assert practices(read(tmp_path, [{**service(), "ps_num": 7.0}], people))[0][0] == "7"


# --- the register --------------------------------------------------------------------------------


def test_who_is_not_in_the_register(tmp_path: Path) -> None:
    rows = [service(honoraires=30.0), service("p9", honoraires=10.0, nb_actes=1_234)]
    found = read(tmp_path, rows)
    assert [row[0] for row in practices(found)] == ["p1"]
    count, text = notes(found)["not_in_register"]
    assert count == 1
    assert "1 234 acts and 25 % of all fees" in text
    assert "p9" not in str(found.notes)
    assert fees(found) == {"30-34": 40.0}
    (fault,) = refused(tmp_path, [service("007")], [entry("7")])
    assert fault.problem == "no practitioner is in the register"


def test_who_has_no_activity(tmp_path: Path) -> None:
    people = [
        entry("p1"),
        entry("p2"),
        entry("p3", since="2022-01-01", commune_cabinet="1004"),
        entry("p4", since="2022-12-31", commune_cabinet=None),
        entry("p5", since="2023-01-01", commune_cabinet="01005"),
    ]
    found = read(tmp_path, [service()], people)
    assert practices(found) == [
        ("p1", "01001", 42, 2.0, 32.26, False),
        ("p3", "01004", 42, 0.0, 0.0, True),
    ]
    assert notes(found)["new_without_activity"][0] == 1
    assert notes(found)["new_without_commune"][0] == 1
    assert notes(found)["without_activity"][0] == 2
    assert notes(found)["codes_repaired"][1].startswith("register:")


def test_rows_of_the_register_that_agree_or_not(tmp_path: Path) -> None:
    people = [*PEOPLE, entry("p1"), entry("p1")]
    assert notes(read(tmp_path, people=people))["register_repeated"][0] == 2
    (fault,) = refused(tmp_path, people=[*PEOPLE, entry("p1", "1980-05-01", "2022-05-01")])
    assert fault.problem == "1 practitioners have rows that disagree on age or installation"
    assert (fault.count, fault.rows, fault.values) == (2, (1, 4), ())


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1980-12-31", 42), ("01/01/1981", 41), ("19801231", 42), ("1980-12", 42),
        ("12/1980", 42), ("1980", 42), ("198012", 42),
    ],
)  # fmt: skip
def test_births_as_written(tmp_path: Path, born: str, age: int) -> None:
    found = read(tmp_path, [service()], [{**entry("p1"), "date_naissance": born}])
    assert practices(found)[0][2] == age
    assert ("day_unknown" in notes(found)) == (len(born) < 8)
    if born.isdigit():
        found = read(tmp_path, [service()], [{**entry("p1"), "date_naissance": int(born)}])
        assert practices(found)[0][2] == age


def test_age_and_flag_in_place_of_dates(tmp_path: Path) -> None:
    people = [
        {"rpps": "p1", "age": 64, "nouveau": "oui", "specialite": 26},
        {"rpps": "p2", "age": 30, "nouveau": "NON", "specialite": 26},
        {"rpps": "p3", "age": 31, "nouveau": None, "specialite": 26},
    ]
    found = read(tmp_path, people=people)
    assert {(row[0], row[2], row[5]) for row in practices(found)} == {
        ("p1", 64, True), ("p2", 30, False), ("p3", 31, False),
    }  # fmt: skip
    assert notes(found)["installation_unknown"][0] == 1
    people[1]["nouveau"] = "peut-être"
    people[2]["age"] = None
    faults = refused(tmp_path, people=people)
    assert [fault.problem for fault in faults] == ["no age, or no number", "neither true nor false"]
    assert [fault.rows for fault in faults] == [(3,), (2,)]


def test_faults_of_the_register(tmp_path: Path) -> None:
    people = [
        {**entry("p1"), "date_naissance": "1980-13-01"},
        {**entry("p2"), "date_naissance": "1980-12-01", "date_installation": "soon"},
        {**entry(None), "date_naissance": "1980-12-01"},  # type: ignore[arg-type]
    ]
    faults = refused(tmp_path, people=people)
    assert [(fault.column, fault.rows) for fault in faults] == [
        ("ps_num", (3,)), ("date_naissance", (1,)), ("date_installation", (2,)),
    ]  # fmt: skip
    assert "1980" not in "".join(fault.problem for fault in faults)
    (fault,) = refused(tmp_path, people=[entry("p1", "2010-01-01"), *PEOPLE[1:]])
    assert str(fault).startswith("register: ages on the reference date outside 18 to 110 (1 row")
    faults = refused(tmp_path, people=[{"ps_num": "p1"}])
    assert [fault.problem.split("known as ")[1] for fault in faults] == [
        "the birth or the age of practitioners", "the installation of practitioners",
    ]  # fmt: skip


def test_a_register_without_rows_or_of_several_layouts(tmp_path: Path) -> None:
    read(tmp_path)
    pl.DataFrame(PEOPLE).clear().write_parquet(tmp_path / "r.parquet")
    with pytest.raises(InputDataError, match=r"r\.parquet: has no row"):
        read_activity([tmp_path / "prestations.parquet"], tmp_path / "r.parquet", RULES)
    (tmp_path / "r").mkdir()
    pl.DataFrame(PEOPLE).write_parquet(tmp_path / "r" / "a.parquet")
    pl.DataFrame(PEOPLE).write_csv(tmp_path / "r" / "b.csv")
    with pytest.raises(InputDataError, match="different columns"):
        read_activity([tmp_path / "prestations.parquet"], tmp_path / "r", RULES)


def test_a_register_in_text(tmp_path: Path) -> None:
    text = "ps_num;date_naissance;date_installation\np1;01/05/1980;2010\n"
    register = tmp_path / "r.csv"
    read(tmp_path, [service()])
    register.write_text(text)
    files = [tmp_path / "prestations.parquet"]
    assert practices(read_activity(files, register, RULES))[0][2] == 42
    for wrong, words in (
        (text.replace("2010", "2010;more"), "rows have more fields than the header (1 row; row 1)"),
        (text.replace("2010", '"2010'), "cannot be read as CSV"),
        (text.replace("ps_num", "who"), "no column is known as the practitioner"),
        ("", "is empty (0 bytes)"),
    ):
        register.write_text(wrong)
        with pytest.raises(InputDataError) as caught:
            read_activity(files, register, RULES)
        assert words in str(caught.value)
        assert "p1" not in str(caught.value)


def test_a_file_that_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: Path) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(activity, "stamp_of", gone)
    with pytest.raises(InputDataError, match="Leave the files alone while they are read"):
        read(tmp_path)


def test_quotients_are_the_nearest_numbers() -> None:
    cents = range(0, 300_000, 7)
    assert quotient(pl.Series(cents), 100).to_list() == [value / 100 for value in cents]


# --- marks, repeats, who and what counts ---------------------------------------------------------


def year_of_services(size: int = 240, **other: Any) -> list[Row]:
    """Rows that no other is like, of all months."""
    return [
        service(
            mois=202201 + k % 12, ben_age=k % 90, nb_actes=k % 7 + 30 + k // 12 % 20,
            honoraires=round(17.5 * (k % 7 + 30) + k / 100, 2), **other,
        )
        for k in range(size)
    ]  # fmt: skip


def text_of_rows(rows: list[Row], **change: Any) -> bytes:
    header = "ps_num;commune;mois;ben_age;nb_actes;honoraires"
    lines = [
        ";".join(str(change.get(name, str)(row[name])) for name in header.split(";"))
        for row in rows
    ]
    return "\n".join([header, *lines, ""]).encode()


@pytest.mark.parametrize("mark", [",", "."])
@pytest.mark.parametrize("name", ["nb_actes", "honoraires"])
def test_marks_that_part_thousands(tmp_path: Path, name: str, mark: str) -> None:
    def parted(amount: float) -> str:
        return f"{round(amount * (25 if amount < 60 else 1.8)):,}".replace(",", mark)

    text = refused_text(tmp_path, text_of_rows(year_of_services(), **{name: parted}))
    assert f"p.csv, column '{name}': marks with three digits behind them each time" in text
    assert "is it 1 234 or 1.234?" in text
    assert "Write thousands without a mark (1234)" in text
    assert "; rows " in text
    assert "p1" not in text


def test_decimals_that_only_late_rows_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks with three digits in the first rows, with two further on: decimal ones."""
    monkeypatch.setattr(activity_sums, "_SAMPLE", 2)
    lines = ["p1;01001;202201;3;10;200", "p1;01001;202201;4;10;150,125", "p1;01001;202201;5;10;9,5"]
    header = "ps_num;commune;mois;ben_age;nb_actes;honoraires"
    found = of_text(tmp_path, "\n".join([header, *lines, ""]).encode())
    assert practices(found)[0][4] == pytest.approx(359.63, abs=0.011)


def test_decimals_written_alike_in_all_rows(tmp_path: Path) -> None:
    raw = text_of_rows(year_of_services(), nb_actes=lambda acts: f"{acts:.3f}".replace(".", ","))
    assert practices(of_text(tmp_path, raw)) == practices(read(tmp_path, year_of_services()))


def twice(folder: Path, second: bytes, name: str, rows: list[Row] | None = None) -> str:
    (folder / name).write_bytes(second)
    (folder / "a.csv").write_bytes(text_of_rows(rows or year_of_services()))
    pl.DataFrame(PEOPLE).write_parquet(folder / "r.parquet")
    with pytest.raises(InputDataError) as caught:
        read_activity([folder / "a.csv", folder / name], folder / "r.parquet", RULES)
    return str(caught.value)


@pytest.mark.parametrize("way", ["line ends", "order", "gz", "parquet"])
def test_copies_that_differ_in_their_bytes(tmp_path: Path, way: str) -> None:
    rows = year_of_services()
    raw, name = text_of_rows(rows), "b.csv"
    if way == "line ends":
        raw = raw.replace(b"\n", b"\r\n")
    if way == "order":
        raw = text_of_rows(rows[::-1])
    if way == "gz":
        raw, name = gzip.compress(raw), "b.csv.gz"
    if way == "parquet":
        name = "b.parquet"
        pl.DataFrame(rows).write_parquet(tmp_path / name)
        raw = (tmp_path / name).read_bytes()
    text = twice(tmp_path, raw, name)
    assert f"{name}: has the rows, acts and fees of a.csv for every month and age" in text
    assert "Keep one" in text


def test_a_file_whose_rows_another_has(tmp_path: Path) -> None:
    text = twice(tmp_path, text_of_rows(year_of_services()[:150]), "b.csv")
    assert "b.csv: its rows are those of a.csv again" in text


@pytest.mark.parametrize("looked_at", [500_000, 100])
def test_rows_that_are_added_again(
    tmp_path: Path, looked_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity_sums, "LOOKED_AT", looked_at)
    rows = [
        {**row, "ben_age": k % 2, "honoraires": row["honoraires"] + k}
        for k in range(2)
        for row in year_of_services()
    ]
    (fault,) = refused(tmp_path, rows * 3)
    assert str(fault).startswith("prestations: every row stands 3 times, or a multiple of it")


def test_rows_that_are_alike_in_part(tmp_path: Path) -> None:
    rows = year_of_services()
    found = read(tmp_path, [*rows, *rows[:60]])
    count, text = notes(found)["rows_alike"]
    assert count == 60
    assert "of 300 rows compared, 60 (20.0%) are like another one" in text
    assert next(note for note in found.notes if note.code == "rows_alike").warning
    found = read(tmp_path, [*rows, *rows[:6]])
    assert not next(note for note in found.notes if note.code == "rows_alike").warning


def test_fees_of_another_unit(tmp_path: Path) -> None:
    rows = [{**row, "honoraires": row["honoraires"] * 100} for row in year_of_services()]
    (fault,) = refused(tmp_path, rows)
    assert "EUR an act on average, not 2 to 200" in fault.problem
    assert "not cents or thousands" in fault.hint
    rows = [{**row, "nb_actes": row["honoraires"], "honoraires": row["nb_actes"]} for row in rows]
    (fault,) = refused(tmp_path, rows)
    assert "Are the columns of acts and fees swapped?" in fault.hint
    assert notes(read(tmp_path, [service(honoraires=900.0)]))["fees_per_act"][0] == 1


def test_single_rows_that_are_absurd(tmp_path: Path) -> None:
    rows = [*year_of_services(), service(honoraires=20_001.0), service(nb_actes=1_201)]
    found = notes(read(tmp_path, rows))
    assert found["fees_large"] == (1, "1 rows have fees of more than 20 000 EUR each: are they "
                                      "single?")  # fmt: skip
    assert found["acts_large"][0] == 1


def test_months_without_a_row(tmp_path: Path) -> None:
    assert "months_missing" not in notes(read(tmp_path, year_of_services()))
    rows = [row for row in year_of_services() if row["mois"] not in (202203, 202211)]
    count, text = notes(read(tmp_path, rows))["months_missing"]
    assert count == 2
    assert "months of 2022 without a row" in text
    assert text.endswith("2022-03, 2022-11")


def test_only_physiotherapists_of_the_register_count(tmp_path: Path) -> None:
    rows = [service(), service("p2"), service("p3")]
    words = ["Masseur-kinésithérapeute", "Infirmier", None]
    people = [{**row, "profession": w} for row, w in zip(PEOPLE, words, strict=True)]
    found = read(tmp_path, rows, people)
    assert [row[0] for row in practices(found)] == ["p1", "p3"]
    assert notes(found)["not_profession"] == (
        1, "register: 1 rows are left out, not being of physiotherapists: Infirmier"
    )  # fmt: skip
    assert notes(found)["no_profession"][0] == 1
    assert notes(found)["not_in_register"][0] == 1
    (fault,) = refused(tmp_path, rows, [{**row, "profession": "Infirmier"} for row in PEOPLE])
    assert fault.problem == "no row is of physiotherapists: Infirmier"
    (fault,) = refused(tmp_path, rows, [{**row, "profession": "X1"} for row in PEOPLE])
    assert "values that tell not whether they are of physiotherapists" in fault.problem
    assert (fault.count, fault.values) == (3, ("X1",))
    assert "take the column out" in fault.hint


@pytest.mark.parametrize(
    ("column", "ours", "others"),
    [("specialite", 26, 24), ("PSE_ACT_SNDS", "26", "24"), ("code_profession", "70", "60")],
)
def test_codes_of_professions(tmp_path: Path, column: str, ours: Any, others: Any) -> None:
    people = [{**row, column: code} for row, code in zip(PEOPLE, [ours, others, ours], strict=True)]
    found = read(tmp_path, [service(), service("p2")], people)
    assert [row[0] for row in practices(found)] == ["p1"]


def test_only_liberal_practice_counts(tmp_path: Path) -> None:
    people = [{**row, "mode_exercice": word} for row, word in
              zip(PEOPLE, ["Libéral intégral", "salarié", "Mixte"], strict=True)]  # fmt: skip
    found = read(tmp_path, [service(), service("p2"), service("p3")], people)
    assert [row[0] for row in practices(found)] == ["p1", "p3"]
    assert "not being of liberal activity: salarié" in notes(found)["not_practice_mode"][1]


@pytest.mark.parametrize("column", ["date_cessation", "date_fin_activite", "date_fin_exercice"])
def test_who_ceased(tmp_path: Path, column: str) -> None:
    people = [{**row, column: end} for row, end in
              zip(PEOPLE, ["2021-12-31", "2022-06-30", None], strict=True)]  # fmt: skip
    found = read(tmp_path, [service(), service("p2"), service("p3")], people)
    assert [row[0] for row in practices(found)] == ["p2", "p3"]
    assert (
        "1 rows are left out, practice having ended before 2022"
        in (notes(found)["ceased_before"][1])
    )
    assert notes(found)["ceased_within"][0] == 1
    (fault,) = refused(tmp_path, people=[{**row, column: "2019"} for row in PEOPLE])
    assert fault.problem == "nobody is left of it"
    (fault,) = refused(tmp_path, people=[{**row, column: "soon"} for row in PEOPLE])
    assert (fault.problem, fault.column) == ("dates that cannot be read", column)


def test_professions_and_kinds_of_prestations(tmp_path: Path) -> None:
    words = ["kiné", "infirmier"] * 120
    rows = [{**row, "profession": w} for row, w in zip(year_of_services(), words, strict=True)]
    found = read(tmp_path, rows)
    kept = read(tmp_path, rows[::2])
    assert practices(found) == practices(kept)
    assert fees(found) == fees(kept)
    assert notes(found)["not_profession"][0] == 120
    faults = refused(tmp_path, [{**row, "profession": "infirmier"} for row in rows])
    assert faults[0].problem == "no row is of physiotherapists: infirmier"
    kinds = ["AMK", "AMI", "IFK"] * 80
    rows = [{**row, "nature_prestation": k}
            for row, k in zip(year_of_services(), kinds, strict=True)]  # fmt: skip
    count, text = notes(read(tmp_path, rows))["other_acts"]
    assert count == 80
    assert text.endswith("(AMK, AMC, AMS), and counted: AMI")


def test_columns_that_are_not_used_are_named(tmp_path: Path) -> None:
    rows = [{**row, "libelle": "Dupont", "12345": 1} for row in rows_of()]
    text = notes(read(tmp_path, rows))["columns_unused"][1]
    assert text == "prestations: columns that are not used: libelle, ..."


def test_a_line_for_excel(tmp_path: Path) -> None:
    assert "p.csv: begins with a line for Excel" in refused_text(
        tmp_path, b"sep=;\n" + TEXT.encode()
    )
