"""The miniature files of each publisher, which are expected to be hard to read."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from support.publishers import (
    miniatures,
    movements,
    world,
)
from support.publishers.plain import read_workbook
from support.raw_files import codes, digests, miniature, table, text_of


def test_the_small_world_has_what_is_hard_to_read() -> None:
    all_codes = codes()
    assert len(all_codes) == len(set(all_codes)) == 15
    assert any(code.startswith("0") for code in all_codes)
    assert {"2A004", "75116", "97209"} <= set(all_codes)
    assert any("Œ" in commune.name for commune in world.places())
    assert Counter(miniature(miniatures.write_appartenance)["territories"]["kind"]) == {
        "bv": 6,
        "cv": 4,
        "commune": 5,
    }


@pytest.mark.parametrize("name", ["metric.csv", "metric.csv.gz", "metric.xlsx"])
def test_metric(tmp_path: Path, name: str) -> None:
    expected = miniatures.write_metric(tmp_path / name, diagonal=True)
    rows = table(tmp_path / name)
    assert rows[0] == ["idSrc", "idDst", "duree", "distance"]
    written = {(a, b): float(m) for a, b, m, _ in rows[1:]}
    absent = dict.fromkeys(expected["missing"].iter_rows(), -999_999.0)
    assert len(absent) == 2
    times = {(a, b): m for a, b, m in expected["travel_times"].iter_rows()}
    assert written == times | absent
    assert {times[code, code] for code in codes()} == {0.0}
    directed = [pair for pair in times if times.get(pair[::-1]) != times[pair]]
    assert any(pair[::-1] not in times for pair in directed)
    assert len(directed) > 10


@pytest.mark.parametrize("unit", ["hours", "minutes", "seconds"])
def test_distancier_in_other_units(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "distancier.csv"
    names = ("de", "vers", "t", "km")
    expected = miniatures.write_distancier(path, unit=unit, columns=names)["travel_times"]
    rows = table(path)
    assert tuple(rows[0]) == names
    in_minutes = {"hours": 60, "minutes": 1, "seconds": 1 / 60}[unit]
    for row, (a, b, minutes) in zip(rows[1:], expected.iter_rows(), strict=True):
        assert row[:2] == [a, b]
        assert float(row[2]) * in_minutes == pytest.approx(minutes, rel=1e-15)
    assert max(float(row[2]) for row in rows[1:]) < 1 or unit != "hours"


def test_distancier_with_peaks(tmp_path: Path) -> None:
    expected = miniatures.write_distancier_peaks(tmp_path / "d.csv")
    rows = table(tmp_path / "d.csv")
    assert rows[0] == ["idSrc", "idDst", "duree_hc", "duree_hp", "distance"]
    for column, name in ((2, "travel_times"), (3, "travel_times_peak")):
        assert [float(row[column]) for row in rows[1:]] == expected[name]["minutes"].to_list()


def test_pop1b(tmp_path: Path) -> None:
    wide = miniatures.write_pop1b_wide(tmp_path / "wide.xlsx")["population"]
    long = miniatures.write_pop1b_long(tmp_path / "long.csv")["population"]
    assert wide.equals(long)
    rows = read_workbook(tmp_path / "wide.xlsx")["COM"]
    assert rows[10][0] == "CODGEO"
    sums = {row[0]: sum(Fraction(cell) for cell in row[2:]) for row in rows[11:]}  # type: ignore[arg-type]
    assert sums == {
        code: sum(map(Fraction, group["population"])) for (code,), group in wide.group_by("commune")
    }
    text = text_of(tmp_path / "long.csv")
    assert text.height == 15 * 202
    assert set(text.filter(NIVGEO="ARM")["CODGEO"]) == {
        "13201", "13202", "69381", "75116", "75117"
    }  # fmt: skip
    old = text.filter(pl.col("AGED100").is_in(["095", "096", "097", "098", "099", "100"]))
    by_commune = old.group_by("CODGEO").agg(pl.col("NB").cast(pl.Float64).sum()).sort("CODGEO")
    assert by_commune["NB"].to_list() == wide.filter(age_band="95+")["population"].to_list()


def test_wide_bands(tmp_path: Path) -> None:
    miniatures.write_wide_bands(tmp_path / "b.xlsx")
    assert "P20_POP0014" in read_workbook(tmp_path / "b.xlsx")["COM_2020"][5]


def test_appartenance(tmp_path: Path) -> None:
    expected = miniatures.write_appartenance(tmp_path / "t.xlsx")
    book = read_workbook(tmp_path / "t.xlsx")
    assert [row[0] for row in book["COM"][6:]] == expected["table"]["CODGEO"].to_list()
    assert {"75056", "69123", "13055"} <= set(expected["table"]["CODGEO"])
    assert book["ARM"][5][:3] == ["CODGEO", "LIBGEO", "COM"]
    assert [row[2] for row in book["ARM"][6:]] == expected["arrondissements"]["COM"].to_list()
    miniatures.write_appartenance_csv(tmp_path)
    text = text_of(tmp_path / "appartenance_2023.csv")
    assert text["POP2020"].cast(pl.Int64).to_list() == expected["table"]["POP2020"].to_list()
    legal = miniatures.write_legal_populations(tmp_path)["populations"]
    assert text_of(tmp_path / "populations_legales_2020.csv")["CODGEO"].equals(legal["CODGEO"])


def test_passage(tmp_path: Path) -> None:
    expected = miniatures.write_passage(tmp_path / "p.csv")["passage"]
    assert text_of(tmp_path / "p.csv").equals(expected)
    expected = miniatures.write_passage_workbook(tmp_path / "p.xlsx")["passage"]
    rows = read_workbook(tmp_path / "p.xlsx")["Table de passage"]
    assert rows[5] == ["CODGEO_INI", "CODGEO_2024", "LIBGEO_2024"]
    assert rows[6:] == [list(row) for row in expected.iter_rows()]
    assert (expected["CODGEO_INI"] != expected["CODGEO_2024"]).any()


@pytest.mark.parametrize("dates", ["iso", "dd/mm/yy"])
def test_movements(tmp_path: Path, dates: str) -> None:
    path = tmp_path / "v_mvt_commune_2024.csv"
    expected = miniatures.write_movements(path, dates=dates)
    text = text_of(path, separator=",")
    assert text.columns == list(movements.COLUMNS)
    assert set(text["MOD"]) == {"10", "20", "21", "30", "31", "32", "33", "34", "41", "50", "70"}
    moved = expected["movements"]
    assert text.select("MOD", "COM_AV", "COM_AP").equals(moved.select("MOD", "COM_AV", "COM_AP"))
    shape = "%Y-%m-%d" if dates == "iso" else "%d/%m/%y"
    shown = [day.strftime(shape) for day in moved["DATE_EFF"]]
    assert text["DATE_EFF"].to_list() == shown
    assert text["DATE_EFF"][0] == ("2024-01-01" if dates == "iso" else "01/01/24")


def test_what_became_of_communes_follows_from_the_movements() -> None:
    """Day by day from 2015 on, all events of a day at once."""
    moved = miniature(miniatures.write_movements)["movements"]
    moved = moved.filter(TYPECOM_AV="COM", TYPECOM_AP="COM")
    moved = moved.filter(pl.col("DATE_EFF") > date(2015, 1, 1)).sort("DATE_EFF")
    for start, ends in movements.BECAME.items():
        now = {start}
        for _, events in moved.group_by("DATE_EFF", maintain_order=True):
            after = defaultdict(set)
            for before, code in events.select("COM_AV", "COM_AP").iter_rows():
                after[before].add(code)
            now = set().union(*(after.get(code, {code}) for code in now))
        assert now == set(ends)


def test_drees_of_2021_and_2019(tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.csv"):
        frame = miniatures.write_drees_2021(tmp_path / name)["2021"]
        rows = table(tmp_path / name)
        assert rows[0][3] == "APL 2021 aux masseuses-kinésithérapeutes de 65 ans et moins"
        assert [float(row[3]) for row in rows[1:]] == frame["apl"].to_list()
        assert [row[0] for row in rows[1:]] == codes()
        frame = miniatures.write_drees_2019(tmp_path / name)["2019"]
        rows = table(tmp_path / name)
        assert rows[0][0] == "Commune"
        assert [row[0] for row in rows[1:]] == codes() == frame["commune"].to_list()


@pytest.mark.parametrize("by_age", [False, True])
def test_drees_by_year(tmp_path: Path, by_age: bool) -> None:
    expected = miniatures.write_drees_years(tmp_path / "d.xlsx", by_age=by_age)
    book = read_workbook(tmp_path / "d.xlsx")
    assert list(book) == ["APL 2022", "APL 2023", "APL 2024"]
    assert len({tuple(rows[8]) for rows in book.values()}) == 3
    assert book["APL 2022"][8][:3] == ["Code commune INSEE", "Commune", "APL aux kinésithérapeutes"]
    for (name, rows), (year, frame) in zip(book.items(), expected.items(), strict=True):
        assert name == f"APL {year}"
        assert rows[9][2] == "ETP pour 100 000 habitants standardisés"
        assert rows[9][0] is None
        data = rows[10 : 10 + frame.height]
        assert [tuple(row) for row in data] == frame.rows()
        notes = [row[0] for row in rows[11 + frame.height :]]
        assert [str(note).split(" :")[0] for note in notes] == ["Lecture", "Champ", "Source"]
        assert ("apl_65" in frame.columns) is by_age


@pytest.mark.parametrize("name", ["b.csv", "b.xlsx"])
def test_bvcv(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = miniatures.write_bvcv(path)["composition"]
    rows = table(path)
    assert rows[0] == ["bvcv", "reg", "dep", "depcom", "libcom", "libbvcv"]
    assert [row[0].rstrip("_") for row in rows[1:]] == frame["territory"].to_list()
    assert {len(row[0]) for row in rows[1:]} == {5}
    assert any(row[0].endswith("_") for row in rows[1:])
    miniatures.write_bvcv(path, padded=False, as_numbers=True, of_sas=True)
    lost = table(path)
    assert len(lost[0]) == 12
    assert str(lost[1][3]) == "1001"
    assert isinstance(lost[1][3], int) is (path.suffix == ".xlsx")
    assert [str(row[3]).zfill(5) for row in lost[1:]] == codes()


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_ars(tmp_path: Path, name: str) -> None:
    zones = miniatures.write_ars_app(tmp_path / name)["zones"]
    rows = table(tmp_path / name)
    assert rows[0][4:] == [
        "dansMaRegion", "estMajoritaire", "echangeable", "enVigueurAutreReg", "Population", "Zonage"
    ]  # fmt: skip
    assert [row[9].strip("*") for row in rows[1:]] == zones["zone"].to_list()
    assert [row[9].startswith("*") for row in rows[1:]] == zones["provisional"].to_list()
    assert zones["provisional"].any()
    assert zones.group_by("territory").agg(pl.col("zone").n_unique())["zone"].max() == 1
    frame = miniatures.write_ars_frame(tmp_path / name)["territories"]
    rows = table(tmp_path / name)
    assert rows[0] == ["reg", "bvcv", "apl_2017_bvcv", "zonage_nat", "ZE_UD", "ZE_OD"]
    cut = {full: row[3] for full, row in zip(frame["zone"], rows[1:], strict=True)}
    assert cut == {
        "1-Zone très sous dotée": "1-Zone très sous",
        "2-Zone sous dotée": "2-Zone sous dotée",
        "3-Zone intermédiaire": "3-Zone intermédia",
        "4-Zone très dotée": "4-Zone très doté",
        "5-Zone sur dotée": "5-Zone sur dotée",
    }
    assert frame["territory"].is_unique().all()


@pytest.mark.parametrize("at_odds", [False, True])
def test_free_layout(tmp_path: Path, at_odds: bool) -> None:
    zones = miniatures.write_free_layout(tmp_path / "f.xlsx", at_odds=at_odds)["zones"]
    rows = read_workbook(tmp_path / "f.xlsx")["Annexe"]
    assert rows[2][1:5] == ["N°", "Commune", "Code INSEE", "Zonage 2024"]
    assert [row[3] for row in rows[3:18]] == codes() == zones["commune"].to_list()
    assert [row[4] for row in rows[3:18]] == zones["zone"].to_list()
    territory = miniature(miniatures.write_appartenance)["territories"]
    joined = zones.join(territory, on="commune").group_by("code").agg(pl.col("level").n_unique())
    assert (joined["level"].max() == 2) is at_odds


def test_miniatures_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for name in miniatures.__all__:
            target = tmp_path / folder / f"{name}.xlsx"
            if name in ("write_appartenance_csv", "write_legal_populations"):
                target = tmp_path / folder
            getattr(miniatures, name)(target)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert len(digests(tmp_path / "a")) > 18
