"""Communes nouvelles in the mesh: the two rules of the arrêté of 20 March 2024, annexe, II.

« Lorsqu'une commune nouvelle est créée à partir de communes implantées dans plusieurs bassins de
vie ou cantons-ou-villes distincts, elle est rattachée [à celui] de la commune dont elle reprend le
code commune INSEE. Lorsque les communes qui fusionnent constituent les pôles [...] auxquels elles
appartiennent, [ceux-ci] fusionnent également. »
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Literal, TypeAlias

import polars as pl

from ...notes import Note, first
from .passage import MERGED, SPLIT, Passage
from .recode import Brought, Codes, look_up, report, told

CantonPoles: TypeAlias = Literal["single_commune", "most_populous"]


def bring_communes(
    communes: pl.DataFrame,
    passage: Passage,
    *,
    canton_poles: CantonPoles = "single_commune",
    target: Set[str] | None = None,
) -> Brought:
    """Bring a table of communes and their territories to another year's communes.

    A commune nouvelle belongs to the territory of the commune whose code it keeps. Where poles of
    several territories merge, the territories become one, under the code and name of that of the
    commune whose code is kept. The parts of a split commune stay in its territory.

    The pole of a bassin de vie is the commune that names it. The text does not say what the pole
    of a canton-ou-ville is: where it is a single commune, that one; of others see `canton_poles`.

    Parameters
    ----------
    communes : ``commune``, ``name``, ``region``, ``territory``, ``territory_name``; other columns
        are kept. ``departement`` and ``region`` follow a code that changes its departement;
        ``population``, if there, adds up, and is null for the parts of a split commune.
    passage : from its year to the other.
    canton_poles : what is the pole of a canton of several communes: none (``single_commune``), or
        the commune with most people (``most_populous``; needs ``population``).
    target : every code of the other year, if known.

    Returns
    -------
    Brought

    Raises
    ------
    InputDataError
        Codes of both years stand in the table.
    """
    codes = look_up("communes", communes["commune"], passage, target)
    poles = poles_of(communes, canton_poles)
    communes, united = _united(communes, codes, poles)
    moves = pl.col("commune").is_in(codes.before.implode())
    moved = communes.filter(moves).join(
        codes.links.select("before", "after", "kind", "label_after"),
        left_on="commune", right_on="before", maintain_order="left_right",
    )  # fmt: skip
    gathered, unsure = _gathered(moved)
    gathered = _with_departement(gathered, communes)
    rest = communes.filter(~moves)
    table = pl.concat([rest, gathered.select(pl.col(n).cast(t) for n, t in rest.schema.items())])
    notes = [*told(codes, passage), *united, *_left_alone(moved, poles, table), *unsure]
    return Brought(table, tuple(notes), report(codes))


def poles_of(communes: pl.DataFrame, canton_poles: CantonPoles) -> dict[str, str]:
    """Return the communes that are the pole of their territory, with it.

    Parameters
    ----------
    communes : ``commune``, ``territory``, and ``population`` where `canton_poles` needs it.
    canton_poles : as for `bring_communes`.

    Returns
    -------
    dict of str to str
        By commune, its territory.
    """
    alone = pl.len().over("territory") == 1
    named = pl.col("commune") == pl.col("territory")
    poles = communes.filter(alone | named).select("commune", "territory")
    if canton_poles == "most_populous":
        others = communes.filter(~pl.col("territory").is_in(poles["territory"].implode()))
        largest = others.sort(["population", "commune"], descending=[True, False], nulls_last=True)
        largest = largest.unique("territory", keep="first", maintain_order=True)
        poles = pl.concat([poles, largest.select("commune", "territory")])
    return dict(poles.sort("commune").iter_rows())


def _united(
    communes: pl.DataFrame, codes: Codes, poles: Mapping[str, str]
) -> tuple[pl.DataFrame, list[Note]]:
    """Make one territory of those whose poles merge."""
    into: dict[str, str] = {}

    def root(territory: str) -> str:
        while territory in into:
            territory = into[territory]
        return territory

    merged = codes.of_kind(MERGED).group_by("after", maintain_order=True).agg("before")
    for after, befores in merged.iter_rows():
        merging = [code for code in befores if code in poles]
        territories = sorted({root(poles[code]) for code in merging})
        if len(territories) < 2:
            continue
        keeper = root(poles[after]) if after in merging else territories[0]
        into |= {territory: keeper for territory in territories if territory != keeper}
    if not into:
        return communes, []
    roots = {territory: root(territory) for territory in sorted(into)}
    keepers = communes.filter(pl.col("territory").is_in(set(roots.values())))
    names = dict(keepers.select("territory", "territory_name").iter_rows())
    titles = {territory: names[code] for territory, code in roots.items()}
    of = pl.col("territory")
    columns = [
        of.replace(roots),
        pl.coalesce(
            of.replace_strict(titles, default=None, return_dtype=pl.String), "territory_name"
        ).alias("territory_name"),
    ]
    if "territory_kind" in communes.columns:
        kinds = dict(keepers.select("territory", "territory_kind").iter_rows())
        told_kinds = {territory: kinds[code] for territory, code in roots.items()}
        known = of.replace_strict(told_kinds, default=None, return_dtype=pl.String)
        columns.append(pl.coalesce(known, "territory_kind").alias("territory_kind"))
    text = "territories that became one with another, since their poles merged (annexe, II)"
    shown = first(f"{territory} into {code}" for territory, code in roots.items())
    return communes.with_columns(columns), [
        Note("territories_united", len(roots), shown, details={"text": f"{len(roots)} {text}"})
    ]


def _gathered(moved: pl.DataFrame) -> tuple[pl.DataFrame, list[Note]]:
    """Make one row of each new commune: that of the commune whose code it keeps."""
    keeps = pl.col("commune") == pl.col("after")
    people = [pl.col("population").fill_null(0)] if "population" in moved.columns else []
    rows = moved.sort("after", ~keeps, *(-p for p in people), "commune", maintain_order=True)
    merged = (pl.col("kind") == MERGED).all().over("after")
    unsure = rows.filter(merged & ~keeps.any().over("after"))["after"].unique().sort()
    if people:
        split = (pl.col("kind") == SPLIT).any().over("after")
        total = pl.when(~split).then(pl.col("population").sum().over("after"))
        rows = rows.with_columns(total.alias("population"))
    heads = rows.unique("after", keep="first", maintain_order=True)
    nameless = heads.filter((pl.col("kind") == SPLIT) & ~keeps & pl.col("label_after").is_null())
    heads = heads.with_columns(
        name=pl.coalesce("label_after", "name"), parent=pl.col("commune"), commune="after"
    )
    notes = []
    if len(unsure):
        text = "new communes that keep the code of none of theirs, put in the territory of the "
        text += "one with most people, or of the first code"
        notes.append(
            Note(
                "communes_without_keeper",
                len(unsure),
                first(unsure),
                warning=True,
                details={"text": f"{len(unsure)} {text}"},
            )
        )
    if nameless.height:
        text = "parts of split communes whose name is not known, under that of the whole"
        shown = first(nameless["after"])
        notes.append(
            Note(
                "names_of_parts",
                nameless.height,
                shown,
                warning=True,
                details={"text": f"{nameless.height} {text}"},
            )
        )
    return heads, notes


def _with_departement(gathered: pl.DataFrame, communes: pl.DataFrame) -> pl.DataFrame:
    """Give communes that came to another departement that one, and its region."""
    was, now = departement_of(pl.col("parent")), departement_of(pl.col("commune"))
    regions = region_of_departement(communes)
    found = now.replace_strict(regions, default=None, return_dtype=pl.String)
    region = pl.when(was != now).then(pl.coalesce(found, "region")).otherwise("region")
    columns = [region.alias("region")]
    if "departement" in gathered.columns:
        columns.append(pl.when(was != now).then(now).otherwise("departement").alias("departement"))
    return gathered.with_columns(columns)


def departement_of(code: pl.Expr) -> pl.Expr:
    """Return the departement that the code of a commune or territory begins with."""
    return pl.when(code.str.contains("^9[78]")).then(code.str.head(3)).otherwise(code.str.head(2))


def region_of_departement(communes: pl.DataFrame) -> dict[str, str]:
    """Return the region of most communes of each departement, the smallest code among equals."""
    counted = (
        communes.group_by(departement_of(pl.col("commune")).alias("departement"), "region")
        .len()
        .sort(["departement", "len", "region"], descending=[False, True, False])
        .unique("departement", keep="first", maintain_order=True)
    )
    return dict(counted.select("departement", "region").iter_rows())


def _left_alone(moved: pl.DataFrame, poles: Mapping[str, str], table: pl.DataFrame) -> list[Note]:
    """Tell of what the two rules leave open."""
    merged = moved.filter(pl.col("kind") == MERGED)
    still = set(table["territory"].unique().to_list())
    went = merged.filter(pl.col("commune") != pl.col("after"))
    lost = sorted({poles[c] for c in went["commune"] if c in poles and poles[c] in still})
    crossing = merged.filter(pl.col("territory").n_unique().over("after") > 1)
    unnamed = sorted(set(crossing["territory"]) - set(poles.values()))
    notes = []
    if len(crossing):
        codes = crossing["after"].unique().sort()
        text = "communes nouvelles across territories, put in that of the code they keep"
        text += " (annexe, II)"
        notes.append(
            Note(
                "communes_across_territories",
                len(codes),
                first(codes),
                details={"text": f"{len(codes)} {text}"},
            )
        )
    if unnamed:
        text = "territories whose pole is not known, of which a commune merged with one of another "
        text += "territory: they were not united (the text names no pole of a canton-ou-ville)"
        notes.append(
            Note(
                "canton_poles",
                len(unnamed),
                first(unnamed),
                warning=True,
                details={"text": f"{len(unnamed)} {text}"},
            )
        )
    if lost:
        text = "territories that go on without the commune that was their pole"
        notes.append(
            Note(
                "territories_without_pole",
                len(lost),
                first(lost),
                warning=True,
                details={"text": f"{len(lost)} {text}"},
            )
        )
    return notes
