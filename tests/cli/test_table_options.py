"""--csv and --xlsx, on every command that writes tables."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from support.command import apl

from apl_engine import read_result, run

FRENCH = ("--csv", "french", "--xlsx")
WRITERS = (
    ("run",), ("demo",), ("zone",), ("sweep",), ("scenarios",), ("compare",), ("margins",),
    ("mesh",), ("region", "apply"), ("travel-times", "estimate"), ("travel-times", "osrm"),
    *(("import", kind) for kind in (
        "activity", "apl", "distancier", "mesh", "population", "territories", "zoning",
    )),
)  # fmt: skip


@pytest.mark.parametrize("command", WRITERS, ids=" ".join)
def test_every_command_that_writes_tables_has_both(command: tuple[str, ...]) -> None:
    shown = apl(*command, "--help").stdout
    assert "--csv [plain|french]" in shown
    assert "--xlsx" in shown


def test_a_french_csv_of_inputs_gives_the_same_run(region: Path, tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    for kind, name in (("population", "population"), ("distancier", "travel_times")):
        done = apl("import", kind, region / f"{name}.parquet", "-o", inputs, *FRENCH)
        assert done.returncode == 0, done.stderr
    done = apl("mesh", region / "communes.parquet", "-o", inputs / "communes.csv", *FRENCH)
    assert done.returncode == 0, done.stderr
    for name in ("practitioners", "consumption"):
        pl.read_parquet(region / f"{name}.parquet").write_parquet(inputs / f"{name}.parquet")
    assert not list(inputs.glob("travel_times.parquet"))
    assert (inputs / "travel_times.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    whole, again = run(region), run(inputs)
    assert_frame_equal(again.communes, whole.communes, check_exact=True)
    # An import without options takes the place of all earlier files of the table.
    args = (region / "travel_times.parquet", "-o", inputs, "--replace")
    assert apl("import", "distancier", *args).returncode == 0
    assert [path.name for path in inputs.glob("travel_times*")] == ["travel_times.parquet"]


def test_results_are_read_back_from_every_file(region: Path, tmp_path: Path) -> None:
    out, mesh = tmp_path / "out", tmp_path / "mesh.csv"
    assert apl("run", region, "-o", out, *FRENCH).returncode == 0
    assert apl("mesh", region / "communes.parquet", "-o", mesh, *FRENCH).returncode == 0
    zones = read_result(out)
    for ending in ("csv", "xlsx"):
        table = out / f"communes.{ending}"
        done = apl("zone", table, "--mesh", mesh, "-o", tmp_path / ending)
        assert done.returncode == 0, done.stderr
        again = read_result(tmp_path / ending)
        assert_frame_equal(again.regions, zones.regions, check_exact=True)
        assert again.communes["apl"].equals(zones.communes["apl"])
        agreed = apl("compare", out, "--official", table, "--json").json
        assert agreed["agreement"][-1]["communes_agreeing"] == 100
    # A folder with workbooks is replaced as a whole.
    assert apl("run", region, "-o", out, "--replace").returncode == 0
    assert not list(out.glob("*.xlsx"))


def test_labels_are_beside_the_ids(region_result: Path, tmp_path: Path) -> None:
    done = apl("margins", region_result, "-o", tmp_path / "m.csv", "--csv", "french")
    assert done.returncode == 0, done.stderr
    assert "Sous dotée -> " in done.stdout
    content = io.BytesIO((tmp_path / "m.csv").read_bytes())
    table = pl.read_csv(content, separator=";", infer_schema=False)
    assert table.columns[4:8] == ["zone", "zone_label", "to_zone", "to_zone_label"]
    pairs = set(table.select("to_zone", "to_zone_label").iter_rows())
    assert ("tres_sous_dotee", "Très sous dotée") in pairs


@pytest.mark.parametrize("arguments", [("margins",), ("mesh",), ("compare",), ("sweep",)])
def test_formats_need_an_output(arguments: tuple[str], region: Path, region_result: Path) -> None:
    given = {
        "margins": (region_result,),
        "mesh": (region / "communes.parquet",),
        "compare": (region_result, region_result),
        "sweep": (region, "-m", "mk-2024"),
    }[arguments[0]]
    done = apl(*arguments, *given, "--xlsx")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--csv and --xlsx need -o" in done.stderr


def test_meshes_without_inhabitants_are_not_compared(region: Path) -> None:
    communes = region / "communes.parquet"
    done = apl("mesh", communes, "--against", communes, "--json")
    assert done.codes == ["communes.missing_column"] * 2
