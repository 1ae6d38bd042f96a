"""The content of an annex."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.annexes import annex, moving, national, sheet, texts
from support.countries import RULES, territory, zones_of

from apl_engine import (
    InputDataError,
    Move,
    Proposal,
    ProposalRefusedError,
    make_annex,
    write_annex,
)


def test_an_annex_of_the_national_zones(tmp_path: Path) -> None:
    found = make_annex(national(), "pays de la loire")
    write_annex(found, tmp_path / "out")
    found_texts = texts(tmp_path / "out" / "annexe-52.docx")
    assert "à compléter" in found_texts
    assert "Carte non jointe." in found_texts
    assert "Zonage de la profession de masseur-kinésithérapeute" in found_texts
    assert not any("Justification" in text for text in found_texts)
    assert [gauge.used for gauge in found.gauges] == [0, 0, 0]
    assert found.stamped == RULES.dated
    alone = zones_of([territory("0100", "intermediaire", 10)])
    write_annex(make_annex(alone, "52"), tmp_path / "alone")
    assert "Aucune." in texts(tmp_path / "alone" / "annexe-52.docx")
    assert sheet(tmp_path / "alone" / "annexe-52.xlsx", "3 Autres régions").item(0, 0) == "Aucune."


def test_a_refused_proposal_is_a_draft_at_most(tmp_path: Path) -> None:
    unfilled = Proposal("52", (Move("0100"),))
    with pytest.raises(ProposalRefusedError):
        annex(proposal=unfilled)
    found = annex(proposal=unfilled, force=True)
    write_annex(found, tmp_path / "out")
    shown = texts(tmp_path / "out" / "annexe-52.docx")
    assert "Projet : des justifications sont à compléter (annexe, V)" in shown
    assert shown.count("à compléter") >= 3
    cover = sheet(tmp_path / "out" / "annexe-52.xlsx", "Présentation", None)
    assert any("Projet : les dates de la consultation" in str(row) for row in cover.rows())


def test_a_proposal_for_another_region_is_refused() -> None:
    with pytest.raises(InputDataError) as caught:
        annex(proposal=Proposal("53"))
    (fault,) = caught.value.faults
    assert fault.code == "annex.other_region"
    assert fault.details == {"region": "53", "expected": "52"}


def test_gauges_above_their_limit() -> None:
    found = annex(proposal=moving("0100", "44Z", "nowhere"), force=True)
    assert [round(gauge.used, 1) for gauge in found.gauges] == [39, 0, 39]
    nothing = annex(national(margin=0), force=True)
    assert [gauge.used for gauge in nothing.gauges] == [1, 0, 1]


@pytest.mark.parametrize("library", ["xlsxwriter", "docx"])
def test_a_missing_library_is_told(
    tmp_path: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("apl_engine.reports.annex.")]:
        if name != annex_files.__name__:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(AplError, match=rf"needs {library}: pip install 'apl-engine\[annex\]'"):
        write_annex(annex(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_words() -> None:
    assert number(1234567.25, 1) == "1\u00a0234\u00a0567,2"
    assert percent(12.345) == "12,35\u00a0%" or percent(12.345) == "12,34\u00a0%"
    assert (points(0), points(-2.5), points(1.5)) == (
        "0,00\u00a0point", "-2,50\u00a0points", "+1,50\u00a0point",
    )  # fmt: skip
    assert (day(date(2024, 8, 1)), day(None)) == ("1er août 2024", "à compléter")
    assert line("é\ud800\x85") == "é"
    assert lines(" a\n\r\n\tb\x00 ") == ["a", "b"]


# --- the map -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> StoredResult:
    folder = tmp_path_factory.mktemp("sample")
    write_result(run(SAMPLES / "pays-de-la-loire"), folder / "out")
    return read_result(folder / "out")


@pytest.mark.slow
def test_a_map_from_the_inputs_of_the_run(sample: StoredResult) -> None:
    made = propose(sample, "52", justification="x", concertation=HELD,
                   commission_paritaire_regionale=HELD)  # fmt: skip
    found = make_annex(sample, "52", made.proposal)
    png = annex_map(sample, found)
    assert png == annex_map(sample, found)
    shown = (imread(io.BytesIO(png))[:, :, :3] * 255).round().astype(int)
    colours = {tuple(int(part) for part in pixel) for pixel in shown.reshape(-1, 3)}
    assert {(0x8C, 0x2D, 0x04), (0xE6, 0x55, 0x0D), (0xE4, 0xE4, 0xE4), (0, 0, 0)} <= colours
    digest = dict(found.identity)["Empreinte SHA-256 du résultat national"]
    assert digest == sample.record["sha256"]


def points_file(folder: Path, text: str) -> Path:
    path = folder / "points.csv"
    path.write_text(text)
    return path


@pytest.mark.slow
def test_points_that_are_missing(sample: StoredResult, tmp_path: Path) -> None:
    found = make_annex(sample, "52")
    path = points_file(tmp_path, "commune,lat,lon\n75101,48.8,2.3\n75102,48.81,2.31\n")
    with pytest.raises(InputDataError, match="no commune of region 52 has a point"):
        annex_map(sample, found, path)
    path = points_file(tmp_path, "commune,x,y\n75101,48.8,2.3\n")
    with pytest.raises(InputDataError, match="LAT"):
        annex_map(sample, found, path)
    from dataclasses import replace

    moved = replace(sample, record={**sample.record, "located": {}})
    with pytest.raises(InputDataError, match=r"no commune has a point.*--points") as caught:
        annex_map(moved, found)
    assert "--no-map" in str(caught.value)


@pytest.mark.slow
def test_inputs_without_points(tmp_path: Path) -> None:
    from support.tables import small_world, write_csv

    write_result(run(write_csv(small_world(), tmp_path / "in")), tmp_path / "out")
    stored = read_result(tmp_path / "out")
    with pytest.raises(InputDataError, match="the inputs of the result have no points"):
        annex_map(stored, make_annex(stored, "84"))


def stored_of(codes: list[str], territories: list[str]) -> StoredResult:
    """Return no more of a result than points are held against."""
    stored = StoredResult.__new__(StoredResult)
    communes = pl.DataFrame({"commune": codes, "territory": territories})
    object.__setattr__(stored, "communes", communes)
    return stored


def test_a_point_that_is_another_places_is_left_out(tmp_path: Path) -> None:
    many = [f"440{k:02d},{47 + k // 10 / 20},{-1.5 + k % 10 / 15}" for k in range(40)]
    codes = [row[:5] for row in many]
    path = points_file(
        tmp_path, "\n".join(["commune,lat,lon", *many, "44099,47.1,2.0", "75101,48.8,2.3"])
    )
    stored = stored_of([*codes, "44099", "75101"], [*(["T"] * 40), "U", "V"])
    found = find_points(stored, path)
    assert "44099" not in found.table["commune"].to_list()
    assert "75101" in found.table["commune"].to_list()
    assert found.omitted == {"44099"}
    assert found.source(codes) == "points.csv"
    told = "points.csv (points omis, car loin de leurs voisins : 1)"
    assert found.source([*codes, "44099"]) == told
    kept = find_points(stored, points_file(tmp_path, "\n".join(["commune,lat,lon", *many])))
    assert not kept.omitted


def test_points_that_lost_their_sign_together_are_left_out(tmp_path: Path) -> None:
    """They lie beside each other, on the other side of Greenwich, among those of another place."""
    here = [(f"640{k:02d}", 43 + k // 10 / 20, -0.6 - k % 10 / 15) for k in range(60)]
    there = [(f"310{k:02d}", 43 + k // 10 / 20, 0.4 + k % 10 / 15) for k in range(60)]
    lost = {code for code, *_ in here[20:23]}
    rows = [(code, lat, -lon if code in lost else lon) for code, lat, lon in [*here, *there]]
    text = "\n".join(["commune,lat,lon", *(f"{code},{lat},{lon}" for code, lat, lon in rows)])
    territories = [f"{code[:2]}{int(code[2:]) // 20}" for code, *_ in rows]
    found = find_points(stored_of([code for code, *_ in rows], territories),
                        points_file(tmp_path, text))  # fmt: skip
    assert found.omitted == lost


def test_a_point_among_another_departement_needs_a_territory(tmp_path: Path) -> None:
    """A commune that is a territory by itself is held against its neighbours."""
    here = [(f"640{k:02d}", 43 + k // 10 / 20, -0.6 - k % 10 / 15) for k in range(60)]
    there = [(f"310{k:02d}", 43 + k // 10 / 20, -0.2 + k % 10 / 15) for k in range(60)]
    rows = [*here[:59], ("64059", 43.15, 0.1), *there]
    text = "\n".join(["commune,lat,lon", *(f"{code},{lat},{lon}" for code, lat, lon in rows)])
    found = find_points(stored_of([row[0] for row in rows], [row[0] for row in rows]),
                        points_file(tmp_path, text))  # fmt: skip
    assert found.omitted == {"64059"}


def test_a_grid() -> None:
    places = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0], [100.0, 100.0]])
    grid = make_grid(places, np.array([True, True, False, False, False]), 50)
    assert grid.commune.shape[1] == 50
    assert set(np.unique(grid.commune)) <= {-1, 0, 1, 2, 3, 4}
    assert {0, 1} <= set(np.unique(grid.commune))
    assert borders(grid.commune).any()
    alone = make_grid(np.array([[0.0, 0.0]]), np.array([True]), 20)
    assert (alone.commune == 0).any()


# --- the command ---------------------------------------------------------------------------------


def apl(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apl_engine", "region", "annex", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_command(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_result(national(), out)
    plan = tmp_path / "p.toml"
    plan.write_text('region = "52"\n[[addition]]\nterritory = "0100"\njustification = ""\n')
    done = apl(out, "--region", "52", "--no-map", "--proposal", plan, "-o", tmp_path / "a")
    assert (done.returncode, "0100" in done.stderr) == (1, True)
    assert not (tmp_path / "a").exists()
    done = apl(out, "--region", "52", "--no-map", "--proposal", plan, "--force",
               "--date", "2024-11-20", "-o", tmp_path / "a")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Projet : des justifications sont à compléter (annexe, V)" in done.stdout
    assert "annexe-52.xlsx, annexe-52.docx" in done.stdout
    told = texts(tmp_path / "a" / "annexe-52.docx")
    assert any(text.startswith("Empreinte SHA-256 de la proposition p.toml") for text in told)
    done = apl(out, "--region", "Bretagne", "--no-map", "-o", tmp_path / "b", "--json")
    assert json.loads(done.stdout)["files"] == ["annexe-53.xlsx", "annexe-53.docx"]
    done = apl(out, "--region", "52", "-o", tmp_path / "c")
    assert (done.returncode, "--points" in done.stderr) == (3, True)


@pytest.mark.slow
@pytest.mark.parametrize("region", ["84", "03", "06", "94"])
def test_regions_of_the_real_france(tmp_path: Path, region: str) -> None:
    from apl_engine import convert_vintage, import_files, read_communes
    from apl_engine.imports import VintageChange

    mesh = ["insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv"]
    communes = read_communes([open_data(name) for name in mesh], RULES)
    published = import_files("apl", [open_data("drees_apl_mk_2021.csv")], RULES)
    moving_ = VintageChange.by(2023, table=open_data("insee_passage_2021_2024.csv"))
    write_result(
        zone_published(convert_vintage(published, moving_, RULES), communes, RULES),
        tmp_path / "out",
    )
    done = apl(tmp_path / "out", "--region", region, "--points", open_data("mairies.csv"),
               "-o", tmp_path / "annex")  # fmt: skip
    assert done.returncode == 0, done.stderr
    own = sheet(tmp_path / "annex" / f"annexe-{region}.xlsx", "1 Communes")
    lengths = {"84": 3859, "03": 22, "06": 17, "94": 360}
    assert own.height == lengths[region]
    assert own["Code commune"].str.contains(r"^(\d{2}|2[AB])\d{3}$").all()
    if region == "84":
        assert "01001" in own["Code commune"]
