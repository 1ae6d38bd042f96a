"""The text of docs/validation.md, with every figure computed by the run."""

from __future__ import annotations

import polars as pl

from apl_engine.cli.official_output import CAUSES
from apl_engine.cli.zone import mean_absolute_difference
from apl_engine.comparison import OfficialComparison
from apl_engine.method.result import Zoning
from apl_engine.results.record import make_record

# Regions in which a single practitioner weighs much: left out of the second mean.
SMALL_REGIONS = ("94", "03")


def page(
    zones: Zoning, without: Zoning, official: OfficialComparison, counts: dict[str, int]
) -> str:
    """Return the page.

    Parameters
    ----------
    zones : Zoning
        Zones from the published APL.
    without : Zoning
        The same if Mayotte has no inhabitants.
    official : OfficialComparison
        The zones held against the list of the agencies.
    counts : dict of str to int
        Territories by kind; ``territories`` in all, ``plain`` by the rule of annexe II alone.
    """
    record = make_record(zones)
    return "\n".join(
        [
            "# Validation on open data",
            "",
            "Zones of the real France, computed from the APL that DREES publishes and compared "
            "with the table of article VI and with the classes in force. Written by "
            "`scripts/validate`, which computes every figure below.",
            "",
            "![Zones and shares by region](validation.png)",
            "",
            *_inputs(record),
            *_mesh(counts),
            *_cuts(zones, without),
            *_article_vi(zones, record),
            *_official(official),
            *_ambiguous(zones),
            *_imposed(zones, without),
        ]
    )


def _inputs(record: dict[str, object]) -> list[str]:
    lines = ["## Inputs", "", "| file | SHA-256 | recognised as |", "|---|---|---|"]
    for entry in record["imports"]:  # type: ignore[attr-defined]
        kind = entry["recognised"].split(" (")[0]
        lines += [f"| {f['file']} | `{f['sha256'][:16]}...` | {kind} |" for f in entry["files"]]
    return [
        *lines,
        "",
        "DREES computed this APL from the activity of 2021. The table of article VI is based on "
        "that of 2022 and on another set of practitioners, so the two cannot be equal. The codes "
        "of the APL are those of 2022, converted to 2023 with INSEE's table de passage.",
        "",
    ]


def _mesh(counts: dict[str, int]) -> list[str]:
    return [
        "## The mesh",
        "",
        f"{counts['plain']:,} territories by the rule of annexe II alone; "
        f"{counts['territories']:,} with Paris, Lyon and Marseille by arrondissement, the "
        "Métropole de Lyon and Guyane by commune, and the urban units that the official classes "
        "show to be split or whole against their population (`mesh.forced_split`, "
        f"`mesh.forced_whole`): {counts['bassin_de_vie']:,} bassins de vie, "
        f"{counts['canton_ou_ville']:,} cantons-ou-villes, {counts['arrondissement']} "
        f"arrondissements, {counts['commune']} communes.",
        "",
    ]


def _cuts(zones: Zoning, without: Zoning) -> list[str]:
    lines = [
        "## Cuts",
        "",
        "| class | share by the text | reached | highest APL | next territory, its APL | highest "
        "APL if Mayotte had no inhabitants |",
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
        "## Comparison with the table of article VI",
        "",
        "Share of the region's population in %, that of the text in brackets, and the difference "
        "in percentage points.",
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
        if any(cell["corrected"] is not None for cell in cells):
            text = " | ".join(
                f"{c['share']:.1f} ({c['corrected']:.1f}) {c['corrected_difference']:+.1f}"
                for c in cells
            )
            lines.append(f"| {name}, without its misprint | {text} |")
    some = [row for row in rows if row["region"] not in SMALL_REGIONS]  # type: ignore[attr-defined]
    for title, chosen in (
        ("17 regions, Corse without its misprint", rows),
        ("15, without Corse and Guyane", some),
    ):
        means = " | ".join(f"{mean_absolute_difference(chosen, zone):.2f}" for zone in classes)
        lines.append(f"| **mean absolute difference, {title}** | {means} |")
    published = zones.methodology.regional.published_shares
    misprints = (f"{row.name} is {row.misprint.reason}." for row in published if row.misprint)
    return [*lines, "", *misprints, ""]


def _official(official: OfficialComparison) -> list[str]:
    labels = {zone.id: zone.label for zone in official.zones.methodology.zoning.classes}
    total = official.agreement.row(-1, named=True)
    (stamp,) = official.official.stamps
    lines = [
        "## Comparison with the classes in force",
        "",
        f"The classes of {total['communes']:,} communes and arrondissements as CartoSanté exported "
        f"them in 2025 ({stamp.name}, SHA-256 `{stamp.sha256[:16]}...`). They follow from the "
        "activity of 2022, and agencies have adapted them; those of La Réunion and Martinique "
        "are, wholly or in part, of their earlier orders. `apl compare --official` "
        "([how](compare.md#with-the-official-classes)) counts:",
        "",
        f"- {total['population_agreeing']:.1f} % of the inhabitants, "
        f"{total['communes_agreeing']:.1f} % of the communes and "
        f"{total['territories_agreeing']:.1f} % of the territories have the same class;",
        f"- {total['population_within_one_class']:.2f} % of the inhabitants are at most one class "
        "apart;",
        "- if each agency adapted within annexe V the territories that agree most, "
        f"{total['population_best_adaptation']:.1f} % of the inhabitants: an upper bound of what "
        "adaptations can explain.",
        "",
        "![Agreement with the classes in force](validation-official.png)",
        "",
        "Inhabitants by zone computed (rows) and class in force (columns):",
        "",
        f"| | {' | '.join(labels.values())} |",
        "|---|" + "---|" * len(labels),
    ]
    for zone, label in labels.items():
        cells = official.transitions.filter(zone=zone)["population"]
        lines.append(f"| {label} | {' | '.join(f'{people:,.0f}' for people in cells)} |")
    lines += [
        "",
        "Share with the same class, %, by region of attribution:",
        "",
        "| region | inhabitants | of them | of communes | of territories | of them, at most, "
        "adapted |",
        "|---|---|---|---|---|---|",
    ]
    columns = ("population_agreeing", "communes_agreeing", "territories_agreeing",
               "population_best_adaptation")  # fmt: skip
    for row in official.agreement.to_dicts():
        shares = " | ".join(f"{row[name]:.1f}" for name in columns)
        lines.append(f"| {row['region_name']} | {row['population']:,.0f} | {shares} |")
    lines += ["", "The territories that differ, by likely cause:", "",
              "| cause | territories | inhabitants | median change of the APL that would make them "
              "agree |", "|---|---|---|---|"]  # fmt: skip
    for cause, territories, people in official.causes.drop_nulls().rows():
        apart = official.differences.filter(cause=cause)
        needed = (apart["distance"].abs() / apart["apl"]).median()
        text = "-" if needed is None else f"{100 * float(needed):.1f} %"
        lines.append(f"| {CAUSES[cause]} | {territories} | {people:,.0f} | {text} |")
    split = official.territories.filter(pl.col("official_classes") > 1)
    names = ", ".join(split["territory_name"])
    return [*lines, "", f"Territories with several classes in force: {names}.", ""]


def _ambiguous(zones: Zoning) -> list[str]:
    table = zones.ambiguous
    assert table is not None
    labels = {c.id: c.label for c in zones.methodology.zoning.classes}
    lines = [
        "## Zones that depend on points the text leaves open",
        "",
        "Each other value of the points on zoning that the text leaves open, one at a time. The "
        "step of a trip of exactly 15 minutes is not among them: it is part of the published APL "
        "and cannot be varied without travel times.",
        "",
        "| parameter | other value | territory | inhabitants | zone | zone with that value |",
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
    both = zones.territories.join(without.territories, on="territory", suffix="_without")
    changed = both.filter(pl.col("zone") != pl.col("zone_without")).height
    reason = imposed["zone_reason"][0].removeprefix("imposed: ")
    return [
        "## Imposed zones",
        "",
        f"{imposed.height} territories of {people:,.0f} inhabitants ({reason}). They count "
        "towards the first 15 %; `zoning.imposed_population` in the methodology says why. If their "
        f"inhabitants are left out, as in the file of DREES, {changed} territories change zone.",
        "",
    ]
