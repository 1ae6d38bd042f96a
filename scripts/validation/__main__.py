"""Write docs/validation.md and its pictures from open data; see scripts/validate."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import polars as pl

import apl_engine
from apl_engine.comparison import compare_official
from apl_engine.imports import VintageChange, convert_vintage, import_files
from scripts.validation.page import page
from scripts.validation.picture import draw, draw_agreement

DOCS = Path(__file__).parents[2] / "docs"
YEAR = 2023


def main(folder: Path) -> None:
    rules = apl_engine.load_methodology("mk-2024")
    tables = ("insee_appartenance_2023.csv", "insee_arrondissements_municipaux_2023.csv")
    mesh = import_files("mesh", [folder / name for name in tables], rules, vintage=YEAR)
    vintage_change = VintageChange.by(YEAR, table=folder / "insee_passage_2021_2024.csv")
    apl = import_files("apl", [folder / "drees_apl_mk_2021.csv"], rules)
    apl = convert_vintage(apl, vintage_change, rules)
    zones = apl_engine.runs.zone_published(apl, mesh, rules)
    # As in the file of DREES: Mayotte without inhabitants.
    unpopulated = mesh.with_table("communes", mesh.tables["communes"].drop("population"))
    without = apl_engine.runs.zone_published(apl, unpopulated, rules)
    points = pl.read_csv(
        folder / "mairies.csv", separator=";", schema_overrides={"code": pl.String}
    )
    draw(zones, points, DOCS / "validation.png")
    official = compare_official(zones, folder / "zonage_mk_cartosante_2025.csv")
    draw_agreement(official, points, DOCS / "validation-official.png")
    text = page(zones, without, official, _counts(mesh.tables["communes"], rules, folder))
    (DOCS / "validation.md").write_text(text, encoding="utf-8")
    print(f"Written: {DOCS / 'validation.md'}, validation.png and validation-official.png")


def _counts(communes: pl.DataFrame, rules: apl_engine.Methodology, folder: Path) -> dict[str, int]:
    """Count territories by kind, in all, and by the rule of annexe II alone."""
    no_cantons = tuple(replace(row, territories="whole") for row in rules.mesh.no_cantons)
    mesh = replace(rules.mesh, no_cantons=no_cantons, forced_split=(), forced_whole=())
    whole = replace(rules, mesh=mesh)
    made = import_files("mesh", [folder / "insee_appartenance_2023.csv"], whole)
    plain = made.tables["communes"]
    kinds = dict(communes.unique("territory").group_by("territory_kind").len().iter_rows())
    return {**kinds, "territories": communes["territory"].n_unique(),
            "plain": plain["territory"].n_unique()}  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
