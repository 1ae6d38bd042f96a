"""The words of docs/validation.md, with every figure from the run."""

from __future__ import annotations

import polars as pl

from apl_engine.cli.zone import mean_absolute_difference
from apl_engine.method.result import Zoning
from apl_engine.results.record import make_record

# Islands whose single practitioners weigh much, named apart in the means.
APART = ("94", "03")


def page(zones: Zoning, without: Zoning, counts: dict[str, int]) -> str:
    """Return the page; `without` is the same with nobody in Mayotte."""
    record = make_record(zones)
    return "\n".join(
        [
            "# The zones of the real France, from open data",
            "",
            "Written by `scripts/validate`; every figure below is computed by it.",
            "",
            "![Zones and shares by region](validation.png)",
            "",
            *_inputs(record),
            *_mesh(counts),
            *_cuts(zones, without),
            *_article_vi(zones, record),
            *_hanging(zones),
            *_imposed(zones, without),
        ]
    )


def _inputs(record: dict[str, object]) -> list[str]:
    lines = ["## What went in", "", "| file | SHA-256 | taken for |", "|---|---|---|"]
    for entry in record["imports"]:  # type: ignore[attr-defined]
        kind = entry["recognised"].split(" (")[0]
        lines += [f"| {f['file']} | `{f['sha256'][:16]}...` | {kind} |" for f in entry["files"]]
    return [
        *lines,
        "",
        "DREES computed this APL on the activity of 2021, the text's table (article VI) on that of "
        "2022, with another field of practitioners: equality is not to be expected. The codes of "
        "the APL are those of 2022, brought to 2023 by INSEE's table de passage.",
        "",
    ]


def _mesh(counts: dict[str, int]) -> list[str]:
    return [
        "## The mesh",
        "",
        f"{counts['plain']:,} territories by the plain rule of annexe II; "
        f"{counts['territories']:,} where Paris, Lyon and Marseille go by arrondissement and the "
        f"Métropole de Lyon by commune: {counts['bassin_de_vie']:,} bassins de vie, "
        f"{counts['canton_ou_ville']:,} cantons-ou-villes, {counts['arrondissement']} "
        f"arrondissements, {counts['commune']} communes.",
        "",
    ]


def _cuts(zones: Zoning, without: Zoning) -> list[str]:
    lines = [
        "## The cuts",
        "",
        "| class | share by the text | reached | highest APL | next territory, its APL | highest "
        "APL with nobody in Mayotte |",
        "|---|---|---|---|---|---|",
    ]
    labels = {c.id: c.label for c in zones.methodology.zoning.classes}
    names = dict(zones.territories.select("territory", "territory_name").iter_rows())
    for cut, other in zip(zones.cuts, without.cuts, strict=True):
        lines.append(
            f"| {labels[cut.zone]} | {cut.share:.0f} % | {cut.reached:.3f} % | "
            f"{cut.highest_apl:.2f} | {cut.next_territory} {names[cut.next_territory]}, "
            f"{cut.next_apl:.2f} | {other.highest_apl:.2f} |"
        )
    return [*lines, ""]


def _article_vi(zones: Zoning, record: dict[str, object]) -> list[str]:
    rows = record["article_vi"]
    labels = {c.id: c.label for c in zones.methodology.zoning.classes}
    classes = list(dict.fromkeys(row["zone"] for row in rows))  # type: ignore[attr-defined]
    head = " | ".join(labels[zone] for zone in classes)
    lines = [
        "## Beside the table of article VI",
        "",
        "Share of the region's population, %, the text's in brackets; the difference in points.",
        "",
        f"| region | {head} |",
        "|---|" + "---|" * len(classes),
    ]
    regions = dict.fromkeys(row["region_name"] for row in rows)  # type: ignore[attr-defined]
    for name in regions:
        cells = [row for row in rows if row["region_name"] == name]  # type: ignore[attr-defined]
        text = " | ".join(
            f"{c['share']:.1f} ({c['published']:.1f}) {c['difference']:+.1f}" for c in cells
        )
        lines.append(f"| {name} | {text} |")
    some = [row for row in rows if row["region"] not in APART]  # type: ignore[attr-defined]
    for title, chosen in (("17 regions", rows), ("15, without Corse and Guyane", some)):
        means = " | ".join(f"{mean_absolute_difference(chosen, zone):.2f}" for zone in classes)
        lines.append(f"| **mean absolute difference, {title}** | {means} |")
    return [*lines, ""]


def _hanging(zones: Zoning) -> list[str]:
    table = zones.hanging
    assert table is not None
    labels = {c.id: c.label for c in zones.methodology.zoning.classes}
    lines = [
        "## Zones that hang on what the text does not say",
        "",
        "Each other value of the silent points of the cut, one at a time. The step that exactly 15 "
        "minutes fall in is not among them: it is inside a published APL and cannot be varied "
        "without travel times.",
        "",
        "| parameter | value | territory | inhabitants | zone | else |",
        "|---|---|---|---|---|---|",
    ]
    rows = [
        f"| {row['parameter']} | {row['value']} | {row['territory']} {row['territory_name']} | "
        f"{row['population']:,.0f} | {labels.get(row['zone'], '-')} | "
        f"{labels.get(row['other_zone'], '-')} |"
        for row in table.to_dicts()
    ]
    return [*lines, *rows, ""]


def _imposed(zones: Zoning, without: Zoning) -> list[str]:
    imposed = zones.territories.filter(pl.col("zone_reason").str.starts_with("imposed"))
    people = imposed["population"].sum()
    moved = zones.territories.join(without.territories, on="territory", suffix="_bare")
    changed = moved.filter(pl.col("zone") != pl.col("zone_bare")).height
    reason = imposed["zone_reason"][0].removeprefix("imposed: ")
    return [
        "## What was imposed",
        "",
        f"{imposed.height} territories of {people:,.0f} inhabitants ({reason}). They use up a part "
        "of the first 15 %: see `zoning.imposed_population` in the methodology for why. Counting "
        f"nobody there, as the file of DREES does, {changed} territories have another zone.",
        "",
    ]
