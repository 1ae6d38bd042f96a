"""Zones from an APL that somebody has published: annexe, IV, 4.2 and 4.3, without its 4.1."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ..errors import Fault, InputDataError
from ..method.regions import regional_shares
from ..method.result import Clock, OnStep, Zoning
from ..method.zoning import aggregate_territories, classify
from ..methodology.model import Methodology
from ..notes import Note, first
from ..readers.common.headers import plain
from ..readers.common.imported import Imported
from ..schemas import COMMUNE_CODE, OUTPUTS

# Silent points of the method that change nothing before territories are cut into classes.
_CUTTING = {
    "straddling": ("at_or_below", "crossing", "nearest"),
    "ties": ("code", "together"),
    "imposed_population": ("inside_cuts", "outside_cuts"),
}
# Some 6 communes in 10 000 take another name in two years; a column moved by a row renames all.
_RENAMED, _SORTED_APART, _FEW_NAMES = 0.05, 0.5, 5
# Of the communes of 2021 not one in a thousand, those where nobody lives and those of Mayotte, is
# without an APL.
_MANY_WITHOUT = 0.02
_ARTICLES = ("le", "la", "les", "l")


def zone_published(
    published: Imported | pl.DataFrame,
    communes: Imported | pl.DataFrame,
    methodology: Methodology,
    *,
    on_step: OnStep | None = None,
) -> Zoning:
    """Class territories by an APL that is known already.

    Arrêté of 20 March 2024, annexe, IV, 4.1 (the mean of communes), 4.2 and 4.3. A commune
    without an APL counts in the population of its territory, not in its mean.

    Parameters
    ----------
    published : ``commune``, ``apl`` (ETP per 100 000 standardised inhabitants), ``population``,
        ``standardised_population``; from `read_published_apl`, of the vintage of `communes`.
    communes : ``commune``, ``name``, ``region``, ``territory``, ``territory_name``, and
        ``population`` for those that `published` does not have; from `build_mesh`, say.
    methodology : see its section ``zoning``.
    on_step : called with a few words as each step begins.

    Returns
    -------
    Zones

    Raises
    ------
    InputDataError
        Codes of one table that the other does not have, or nobody to cut by.
    """
    clock = Clock(on_step)
    clock.begin("communes and their APL")
    sources = [part for part in (published, communes) if isinstance(part, Imported)]
    apl = published.tables["published"] if isinstance(published, Imported) else published
    mesh = communes.tables["communes"] if isinstance(communes, Imported) else communes
    rows, notes = _joined(apl, mesh, methodology)
    clock.begin("territories and zones")
    gathered = aggregate_territories(rows, methodology)
    territories, cuts, zone_notes = classify(gathered, methodology)
    result = rows.join(territories.select("territory", "zone"), on="territory", how="left")
    columns = [name for name in OUTPUTS["communes"] if name in result.columns]
    result = result.select(columns).sort("commune")
    hanging = ambiguous_zones(gathered, methodology)
    clock.stop()
    return Zoning(
        communes=result,
        territories=territories,
        regions=regional_shares(rows, territories, methodology),
        cuts=cuts,
        counts={
            "communes": {
                "communes": result.height,
                "without_inhabitants": result.filter(pl.col("population") == 0).height,
                "without_apl": rows.filter(~pl.col("has_apl")).height,
            }
        },
        notes=(*(note for part in sources for note in part.notes), *notes,
               *zone_notes, *_hanging(hanging)),
        methodology=methodology,
        imports=tuple(part.as_dict() for part in sources),
        timings=clock.seconds,
        hanging=hanging,
    )  # fmt: skip


def ambiguous_zones(gathered: pl.DataFrame, methodology: Methodology) -> pl.DataFrame:
    """Find the territories whose zone hangs on a point of the cut that the text leaves open.

    Parameters
    ----------
    gathered : as from `aggregate_territories`.
    methodology : its other values of ``straddling``, ``ties`` and ``imposed_population`` are
        tried one at a time.

    Returns
    -------
    pl.DataFrame
        ``parameter``, ``value``, ``territory``, ``territory_name``, ``population``, ``zone`` as
        it is, ``other_zone`` as it would be.
    """
    own = classify(gathered, methodology).territories
    parts = [own.select(_HANGING[2:-1]).clear().with_columns(other_zone="zone")]
    for parameter, values in _CUTTING.items():
        for value in values:
            if value == getattr(methodology.zoning, parameter):
                continue
            rules = replace(methodology.zoning, **{parameter: value})  # type: ignore[arg-type]
            other = classify(gathered, replace(methodology, zoning=rules)).territories
            both = own.select(_HANGING[2:-1]).with_columns(other_zone=other["zone"])
            changed = both.filter(pl.col("zone").ne_missing(pl.col("other_zone")))
            told = changed.with_columns(parameter=pl.lit(parameter), value=pl.lit(value))
            parts.append(told)
    return pl.concat(parts, how="diagonal").select(_HANGING)


_HANGING = (
    "parameter", "value", "territory", "territory_name", "population", "zone", "other_zone",
)  # fmt: skip


def _joined(
    published: pl.DataFrame, communes: pl.DataFrame, methodology: Methodology
) -> tuple[pl.DataFrame, list[Note]]:
    """Put the APL beside each commune of the mesh; refuse codes that do not meet."""
    known = communes["commune"].cast(pl.String)
    stray = published.filter(~pl.col("commune").is_in(known.implode()))["commune"]
    imposed = [row.region for row in methodology.zoning.imposed]
    wanted = communes.filter(~pl.col("region").is_in(imposed))["commune"].cast(pl.String)
    absent = wanted.filter(~wanted.is_in(published["commune"].implode()))
    faults = []
    hint = (
        "Both must be of one vintage (--to with --movements or --passage brings one to the "
        "other's), Paris, Lyon and Marseille by arrondissement (their sheet in --mesh)."
    )
    if len(stray):
        problem = f"{len(stray)} communes with an APL are not in the mesh"
        faults.append(
            Fault(
                code="legacy.fault",
                table="published",
                column="commune",
                values=first(stray, 5),
                details={"problem": problem, "hint": hint},
            )
        )
    if len(absent):
        problem = f"{len(absent)} communes of the mesh have no row of APL"
        faults.append(
            Fault(
                code="legacy.fault",
                table="published",
                column="commune",
                values=first(absent, 5),
                details={"problem": problem, "hint": hint},
            )
        )
    named, notes = _names_told_apart(published, communes)
    faults += named
    if faults:
        raise InputDataError(faults)
    own = communes.with_columns(pl.col("commune").cast(pl.String))
    if "population" in own.columns:
        own = own.rename({"population": "mesh_population"})
    else:
        own = own.with_columns(mesh_population=pl.lit(0.0))
    figures = published.select("commune", "apl", "population", "standardised_population")
    rows = own.join(figures, on="commune", how="left", maintain_order="left")
    rows = rows.with_columns(
        has_apl=pl.col("apl").is_not_null(),
        apl=pl.col("apl").fill_null(0.0),
        # No APL, no weight: a mean over the others.
        standardised_population=pl.when(pl.col("apl").is_not_null())
        .then("standardised_population")
        .otherwise(0.0),
        other_source=pl.col("population").fill_null(0.0) == 0,
        population=pl.when(pl.col("population").fill_null(0.0) == 0)
        .then(pl.col("mesh_population").fill_null(0.0))
        .otherwise("population"),
    )
    return rows, [*notes, *_told(rows)]


def _names_told_apart(
    published: pl.DataFrame, communes: pl.DataFrame
) -> tuple[list[Fault], list[Note]]:
    """Hold the names of both tables against each other: a column sorted apart moves every APL."""
    if not ("name" in published.columns and "name" in communes.columns):
        return [], []
    names = communes.select(pl.col("commune").cast(pl.String), mesh_name="name")
    both = published.select("commune", "name").join(names, on="commune").drop_nulls()
    # Where there is no name a code stands in its place, that of the file's year.
    both = both.filter(~pl.col("name").str.contains(COMMUNE_CODE)).sort("commune")
    unlike = both.filter(pl.col("name") != pl.col("mesh_name"))
    folded = [_folded(one) != _folded(two) for _, one, two in unlike.iter_rows()]
    unlike = unlike.filter(pl.Series(folded, dtype=pl.Boolean))
    within = _sorted_apart_within(unlike, both)
    if unlike.height < max(_FEW_NAMES, _RENAMED * both.height) and not within:
        return [], []
    shown = [f"{code} {one} ({two} in the mesh)" for code, one, two in unlike.head(5).iter_rows()]
    text = f"{unlike.height} of {both.height} communes have another name in the mesh"
    if unlike.height > _SORTED_APART * both.height or within:
        hint = "A column may be sorted apart from the others: each APL would be another commune's."
        return [
            Fault(
                code="legacy.fault",
                table="published",
                column="name",
                values=tuple(shown[:3]),
                details={"problem": text, "hint": hint},
            )
        ], []
    text += ": are codes and APL those of the same rows, and of the same year?"
    return [], [
        Note("names_differ", unlike.height, tuple(shown), warning=True, details={"text": text})
    ]


def _sorted_apart_within(unlike: pl.DataFrame, both: pl.DataFrame) -> bool:
    """Tell whether most names of some département differ, as where only its rows were sorted."""
    by = pl.col("commune").str.head(2)
    there = both.group_by(by).len("all")
    apart = unlike.group_by(by).len("apart").join(there, on="commune")
    return bool(
        apart.select(
            (
                (pl.col("apart") >= _FEW_NAMES) & (pl.col("apart") > _SORTED_APART * pl.col("all"))
            ).any()
        ).item()
    )


def _folded(name: str) -> str:
    """Return what two spellings of a name share: no case, accent, hyphen or article."""
    words = plain(name.replace("Œ", "OE").replace("œ", "oe")).split("_")
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word)
                    for word in words if word not in _ARTICLES)  # fmt: skip


def _told(rows: pl.DataFrame) -> list[Note]:
    """Say which communes have no APL, and which take their people from the mesh."""
    notes = []
    without = rows.filter(~pl.col("has_apl"))["commune"]
    if len(without):
        text = f"{len(without)} communes have no APL and weigh nothing in that of their territory"
        many = len(without) > _MANY_WITHOUT * rows.height
        notes.append(
            Note("without_apl", len(without), first(without), warning=many, details={"text": text})
        )
    other = rows.filter(pl.col("other_source") & (pl.col("population") > 0))
    if other.height:
        text = (
            f"{other.height} communes take their inhabitants ({other['population'].sum():.0f}) "
            "from the mesh, where the APL comes without"
        )
        places = first(other["commune"])
        notes.append(Note("population_from_mesh", other.height, places, details={"text": text}))
    return notes


def _hanging(hanging: pl.DataFrame) -> list[Note]:
    """Say which zones hang on a rule that the text does not give."""
    notes = []
    for (parameter, value), rows in hanging.group_by("parameter", "value", maintain_order=True):
        places = [
            f"{row['territory']} {row['territory_name']} ({row['zone']}, else {row['other_zone']})"
            for row in rows.to_dicts()
        ]
        text = f"{rows.height} territories change zone where zoning.{parameter} is {value}"
        notes.append(
            Note(
                "hangs_on_silence", rows.height, first(places), warning=True, details={"text": text}
            )
        )
    return notes
