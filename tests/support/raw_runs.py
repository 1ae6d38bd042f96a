"""Publishers' files of a sample, and a run file that names them."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from support.publishers.activity import REGISTER_COLUMNS, REGISTER_KEEP
from support.publishers.raw import RawFiles, write_raw
from support.tables import SAMPLES, methodology

from apl_engine.imports import import_files
from apl_engine.inputs.imported import Imported
from apl_engine.methodology import load_methodology

# The samples have urban units of their own, and Marseille without a canton.
OWN = """id = "own"
extends = "mk-2024"
[mesh.forced_split]
value = []
reason = "other urban units"
[mesh.forced_whole]
value = []
reason = "other urban units"
[mesh.no_cantons]
value = [
    { code = "13ZZ", name = "Marseille", territories = "by_commune" },
    { code = "69ZZ", name = "Métropole de Lyon", territories = "by_commune" },
    { code = "75ZZ", name = "Paris", territories = "by_commune" },
]
reason = "other cantons"
"""
RULES = methodology()
LAYOUTS = {"pays-de-la-loire": ("wide", "long"), "france": ("wide",)}
_WRITTEN: list[RawFiles] = []


def written(sample: str, folder: Path) -> RawFiles:
    """Write publishers' files of a sample, and the tidy tables that are in them."""
    files = write_raw(
        SAMPLES / sample,
        folder / "files",
        marseille_whole=False,
        population_layouts=LAYOUTS[sample],
    )
    communes = pl.read_parquet(files.tidy / "communes.parquet")
    # A canton-ou-ville of four figures has a mark at its end in our mesh, and another name.
    (folder / "own.toml").write_text(OWN, encoding="utf-8")
    rules = load_methodology(folder / "own.toml")
    mesh = import_files("mesh", [files.appartenance, files.legal_populations], rules)
    names = mesh.tables["communes"].select("commune", "territory", "territory_name")
    both = communes.join(names, on="commune", suffix="_ours")
    same_groups = both.select("territory", "territory_ours").unique()
    assert same_groups["territory"].is_unique().all()
    assert same_groups["territory_ours"].is_unique().all()
    communes.drop("territory", "territory_name").join(names, on="commune").write_parquet(
        files.tidy / "communes.parquet"
    )
    return files


def region(tmp_path_factory: pytest.TempPathFactory) -> RawFiles:
    """Return publishers' files of a region, written once for all modules."""
    if not _WRITTEN:
        _WRITTEN.append(written("pays-de-la-loire", tmp_path_factory.mktemp("raw")))
    return _WRITTEN[0]


def run_file(raw: RawFiles, folder: Path, **changes: str) -> Path:
    """Write a run file that names every raw file of a region."""
    parts = {
        "mesh": f'files = ["{raw.appartenance}", "{raw.legal_populations}"]',
        "population": f"files = {[str(p) for p in (raw.population_wide, raw.mayotte_wide) if p]}",
        "distancier": f'files = ["{raw.distancier}"]',
        "activity": f'files = ["{raw.prestations}"]\nregister = "{raw.register}"',
        "activity.columns": _toml(REGISTER_COLUMNS),
        "activity.keep": _toml(REGISTER_KEEP),
    }
    if changes.get("activity") == "":
        del parts["activity.columns"], parts["activity.keep"]
    parts |= {name: text for name, text in changes.items() if name != "top"}
    sections = "\n".join(f"[{name}]\n{text}" for name, text in parts.items() if text)
    path = folder / "run.toml"
    path.write_text(changes.get("top", "") + "\n" + sections, encoding="utf-8")
    return path


def _toml(table: dict[str, str]) -> str:
    return "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())


def activity_options() -> list[str]:
    """Return the options of `apl import activity` for the register of a sample."""
    columns = [("--column", f"{ours}={theirs}") for ours, theirs in REGISTER_COLUMNS.items()]
    keep = [("--keep", f"{role}={value}") for role, value in REGISTER_KEEP.items()]
    return [part for pair in (*columns, *keep) for part in pair]


def same(one: Path, two: Path) -> None:
    for table in ("communes", "territories", "regions"):
        assert (one / f"{table}.parquet").read_bytes() == (two / f"{table}.parquet").read_bytes()
        assert (one / f"{table}.csv").read_bytes() == (two / f"{table}.csv").read_bytes()


def passage(tmp_path: Path) -> Path:
    path = tmp_path / "passage.csv"
    path.write_text("COM2022;COM2023\n01001;01001\n01002;01001\n01003;01003\n01004;01005\n")
    return path


def people(codes: list[str], vintage: int | None = None) -> Imported:
    table = pl.DataFrame({"commune": codes, "age_band": "00+", "population": 10.0})
    return Imported("population", {"population": table}, "a table", vintage)
