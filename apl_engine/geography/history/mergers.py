"""Communes nouvelles and territories: the two rules of the arrêté of 20 March 2024, annexe, II.

« Lorsqu'une commune nouvelle est créée à partir de communes implantées dans plusieurs bassins de
vie ou cantons-ou-villes distincts, elle est rattachée [à celui] de la commune dont elle reprend le
code commune INSEE. Lorsque les communes qui fusionnent constituent les pôles [...] auxquels elles
appartiennent, [ceux-ci] fusionnent également. »
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from typing import Literal, TypeAlias

import polars as pl

from ...errors import Note, first
from .passage import MERGED, SPLIT, Passage
from .recode import Converted, MatchedCodes, assemble, match_codes, partition_rows

CantonPoles: TypeAlias = Literal["single_commune", "most_populous"]


def convert_communes(
    communes: pl.DataFrame,
    passage: Passage,
    *,
    canton_poles: CantonPoles = "most_populous",
    target: Set[str] | None = None,
) -> Converted:
    """Convert a table of communes and their territories to another vintage.

    A commune nouvelle belongs to the territory of the commune whose code it keeps. If poles of
    several territories merge, their territories merge too, under the code of that of the commune
    whose code is kept, and the name of the commune nouvelle. The parts of a split commune stay in
    its territory.

    The pole of a bassin de vie is the commune that names it. The text does not define the pole of
    a canton-ou-ville: if it is a single commune, that one; otherwise see `canton_poles`.

    Parameters
    ----------
    communes : pl.DataFrame
        ``commune``, ``name``, ``region``, ``territory``, ``territory_name``; other columns are
        kept. ``departement`` and ``region`` follow a code that changes its departement. The
        optional ``population`` is added up; it is null for the parts of a split commune.
    passage : Passage
        From the vintage of the table to another.
    canton_poles : {"single_commune", "most_populous"}
        The pole of a canton of several communes: none (``single_commune``), or the commune with
        the largest population (``most_populous``; none without ``population``).
    target : set of str, optional
        All codes of the other vintage, if known.

    Returns
    -------
    Converted

    Raises
    ------
    InputDataError
        The table has codes of both vintages.
    """
    codes = match_codes("communes", communes["commune"], passage, target)
    poles = poles_of(communes, canton_poles)
    merged, heads = _merged_territories(codes, poles)
    unchanged, recoded = partition_rows(_rename_territories(communes, merged), codes)
    converted, heirless, unnamed = _one_row_each(recoded)
    if "territory_name" in communes.columns:
        named = _names_of_merged(unchanged, converted, heads)
        unchanged, converted = (_with_names(rows, named) for rows in (unchanged, converted))
    territories = {*unchanged["territory"], *converted["territory"]}
    examples = first(f"{old} into {new}" for old, new in merged.items())
    notes = [
        Note("conversion.territories_merged", len(merged), examples),
        *_open_questions(recoded, poles, territories),
        Note("conversion.no_code_kept", len(heirless), first(heirless), warning=True),
        Note("conversion.part_without_name", len(unnamed), first(unnamed), warning=True),
    ]
    return assemble(unchanged, _with_departement(converted, communes), codes, notes)


def poles_of(communes: pl.DataFrame, canton_poles: CantonPoles) -> dict[str, str]:
    """Return the territory of each commune that is the pole of one.

    Parameters
    ----------
    communes : pl.DataFrame
        ``commune``, ``territory``, and ``population`` if known.
    canton_poles : {"single_commune", "most_populous"}
        As for `convert_communes`.

    Returns
    -------
    dict of str to str
        Territory by commune.
    """
    alone = pl.len().over("territory") == 1
    names_it = pl.col("commune") == pl.col("territory")
    poles = communes.filter(alone | names_it).select("commune", "territory")
    if canton_poles == "most_populous" and "population" in communes.columns:
        others = communes.filter(
            ~pl.col("territory").is_in(poles["territory"].implode()), pl.col("population") > 0
        )
        largest = others.sort(["population", "commune"], descending=[True, False], nulls_last=True)
        largest = largest.unique("territory", keep="first", maintain_order=True)
        poles = pl.concat([poles, largest.select("commune", "territory")])
    return dict(poles.sort("commune").iter_rows())


def _merged_territories(
    codes: MatchedCodes, poles: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the territories that merge into another one, and the new commune of each of those."""
    into: dict[str, str] = {}
    heads: dict[str, str] = {}

    def root(territory: str) -> str:
        while territory in into:
            territory = into[territory]
        return territory

    mergers = codes.of_kind(MERGED).group_by("after", maintain_order=True).agg("before")
    for after, befores in mergers.iter_rows():
        territories = sorted({root(poles[code]) for code in befores if code in poles})
        if len(territories) > 1:
            retained = root(poles[after]) if after in befores and after in poles else territories[0]
            into |= {territory: retained for territory in territories if territory != retained}
            heads[retained] = after
    return {territory: root(territory) for territory in sorted(into)}, heads


def _names_of_merged(
    unchanged: pl.DataFrame, converted: pl.DataFrame, heads: Mapping[str, str]
) -> dict[str, str]:
    """Return the name of the new commune, where it is known, of each territory that others joined.

    As in `build_mesh`, that of a canton of several communes says so.
    """
    known = converted.filter(pl.col("label_after").is_not_null())
    labels = dict(known.select("commune", "label_after").iter_rows())
    members = Counter([*unchanged["territory"], *converted["territory"]])
    return {
        code: labels[commune] + (" (canton)" if "_" in code and members[code] > 1 else "")
        for code, commune in heads.items()
        if commune in labels
    }


def _with_names(rows: pl.DataFrame, named: Mapping[str, str]) -> pl.DataFrame:
    name = pl.col("territory").replace_strict(named, default=None, return_dtype=pl.String)
    return rows.with_columns(territory_name=pl.coalesce(name, "territory_name"))


def _rename_territories(communes: pl.DataFrame, merged: Mapping[str, str]) -> pl.DataFrame:
    """Give communes of merged territories the code, name and kind of the retained one."""
    territory = pl.col("territory")
    retained = communes.filter(territory.is_in(set(merged.values())))
    columns = [territory.replace(merged)]
    for name in ("territory_name", "territory_kind"):
        if name in communes.columns:
            values = dict(retained.select("territory", name).iter_rows())
            new = {old: values[code] for old, code in merged.items()}
            new_value = territory.replace_strict(new, default=None, return_dtype=pl.String)
            columns.append(pl.coalesce(new_value, name).alias(name))
    return communes.with_columns(columns) if merged else communes


def _one_row_each(recoded: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series, pl.Series]:
    """Return one row per new commune, from the commune whose code it keeps.

    The other values are the new communes that keep the code of none, and parts without a name.
    """
    keeps = pl.col("commune") == pl.col("after")
    people = [pl.col("population").fill_null(0)] if "population" in recoded.columns else []
    rows = recoded.sort("after", ~keeps, *(-p for p in people), "commune", maintain_order=True)
    merged = (pl.col("kind") == MERGED).all().over("after")
    heirless = rows.filter(merged & ~keeps.any().over("after"))["after"].unique().sort()
    if people:
        split = (pl.col("kind") == SPLIT).any().over("after")
        total = pl.when(~split).then(pl.col("population").sum().over("after"))
        rows = rows.with_columns(population=total)
    rows = rows.unique("after", keep="first", maintain_order=True)
    unnamed = rows.filter((pl.col("kind") == SPLIT) & ~keeps & pl.col("label_after").is_null())
    rows = rows.with_columns(former="commune", commune="after")
    return rows, heirless, unnamed["after"]


def _with_departement(converted: pl.DataFrame, communes: pl.DataFrame) -> pl.DataFrame:
    """Update departement and region of communes that moved to another departement."""
    before, after = departement_of(pl.col("former")), departement_of(pl.col("commune"))
    regions = region_of_departement(communes)
    region = after.replace_strict(regions, default=None, return_dtype=pl.String)
    new = {"region": pl.coalesce(region, "region"), "departement": after}
    return converted.with_columns(
        pl.when(before != after).then(value).otherwise(name).alias(name)
        for name, value in new.items()
        if name in converted.columns
    )


def departement_of(code: pl.Expr) -> pl.Expr:
    """Return the departement that the code of a commune or territory begins with."""
    return pl.when(code.str.contains("^9[78]")).then(code.str.head(3)).otherwise(code.str.head(2))


def region_of_departement(communes: pl.DataFrame) -> dict[str, str]:
    """Return the region of most communes of each departement; the smallest code among equals."""
    counted = (
        communes.group_by(departement_of(pl.col("commune")).alias("departement"), "region")
        .len()
        .sort(["departement", "len", "region"], descending=[False, True, False])
        .unique("departement", keep="first", maintain_order=True)
    )
    return dict(counted.select("departement", "region").iter_rows())


def _open_questions(
    recoded: pl.DataFrame, poles: Mapping[str, str], territories: Set[str]
) -> list[Note]:
    """Report mergers for which the two rules leave a question open."""
    merged = recoded.filter(kind=MERGED)
    absorbed = merged.filter(pl.col("commune") != pl.col("after"))["commune"]
    lost = sorted({poles[code] for code in absorbed if code in poles} & territories)
    crossing = merged.filter(pl.col("territory").n_unique().over("after") > 1)
    across = crossing["after"].unique().sort()
    without = sorted({*crossing["territory"]} - {*poles.values()})
    return [
        Note("conversion.across_territories", len(across), first(across)),
        Note("conversion.canton_pole_undefined", len(without), first(without), warning=True),
        Note("conversion.pole_absorbed", len(lost), first(lost), warning=True),
    ]
