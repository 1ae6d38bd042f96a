"""The rules of one legal text as typed, frozen parameters.

A `Methodology` holds no code and reads no file: `load_methodology` makes one from TOML. Each field
of the sections below is one parameter of those files, ``[section.field]``; the parser in its
annotation says which values it takes.
"""

# Annotations are evaluated with the classes: later, as text, they would take Python many times as
# long.

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from ..errors import Note, first
from .parsers import choice, day, flag, number, text, whole
from .rulebook import CitedValue, RulebookFormat
from .values import (
    ForcedUnit,
    Imposed,
    NoCanton,
    RegionalShare,
    RegionalTable,
    Step,
    ZoneClass,
    classes,
    forced_units,
    imposed,
    no_cantons,
    plain_fields,
    regional_shares,
    regional_table,
    steps,
)


@dataclass(frozen=True)
class Etp:
    """Practitioners to full-time equivalents (ETP)."""

    median_quantile: Annotated[Fraction, number(0, 1)]
    ceiling_quantile: Annotated[Fraction, number(0, 1)]
    quantile_definition: Annotated[
        str, choice("linear", "inverted_cdf", "averaged_inverted_cdf", "weibull")
    ]
    reference_population: Annotated[str, choice("kept_without_new", "kept", "age_kept", "all")]
    age_limit: Annotated[Fraction, number(0)]
    age_exclusion: Annotated[str, choice("above", "from")]
    age_reference_date: Annotated[date, day]
    low_activity_measure: Annotated[str, choice("fees", "acts")]
    minimum_fees: Annotated[Fraction, number(0)]
    minimum_acts: Annotated[Fraction, number(0)]
    newly_installed_etp: Annotated[Fraction, number(0)]
    newly_installed_low_activity: Annotated[str, choice("counted", "excluded")]
    practice_split: Annotated[str, choice("acts", "equal", "main_practice")]


@dataclass(frozen=True)
class Demand:
    """Inhabitants by age to standardised inhabitants."""

    age_band_years: Annotated[int, whole(1)]
    open_age_band: Annotated[int, whole(1)]
    normalised: Annotated[bool, flag]


@dataclass(frozen=True)
class Travel:
    """Minutes between communes to weights."""

    steps: Annotated[tuple[Step, ...], steps]
    two_way_pairs: Annotated[str, choice("as_given", "min", "max", "mean")]
    one_way_pairs: Annotated[str, choice("as_given", "both_ways")]
    same_commune: Annotated[str, choice("where_absent", "always")]
    same_commune_minutes: Annotated[Fraction, number(0)]

    @property
    def denominator(self) -> int:
        """The smallest number that makes the weight of every step whole."""
        return math.lcm(*(step.weight.denominator for step in self.steps))


@dataclass(frozen=True)
class Apl:
    """The unit of the indicator."""

    per_inhabitants: Annotated[Fraction, number(1)]


@dataclass(frozen=True)
class Zoning:
    """Communes to territories to classes."""

    aggregation_weight: Annotated[str, choice("standardised_population", "population")]
    cut_population: Annotated[str, choice("population", "standardised_population")]
    classes: Annotated[tuple[ZoneClass, ...], classes]
    ties: Annotated[str, choice("code", "together")]
    straddling: Annotated[str, choice("at_or_below", "crossing", "nearest")]
    cuts: Annotated[str, choice("cumulated", "successive")]
    imposed: Annotated[tuple[Imposed, ...], imposed]
    imposed_population: Annotated[str, choice("outside_cuts", "inside_cuts")]


@dataclass(frozen=True)
class Mesh:
    """How the mesh of territories is drawn."""

    split_above: Annotated[Fraction, number(0)]
    forced_split: Annotated[tuple[ForcedUnit, ...], forced_units]
    forced_whole: Annotated[tuple[ForcedUnit, ...], forced_units]
    canton_across_bassins: Annotated[str, choice("one_territory", "by_bassin")]
    no_cantons: Annotated[tuple[NoCanton, ...], no_cantons]
    cities: Annotated[str, choice("by_arrondissement", "whole")]
    canton_poles: Annotated[str, choice("single_commune", "most_populous")]


@dataclass(frozen=True)
class Regional:
    """What an agency may change."""

    margin: Annotated[Fraction, number(0, 100)]
    lower_zone: Annotated[str, text]
    upper_zone: Annotated[str, text]
    addition_order: Annotated[str, choice("strict", "skipping", "free")]
    margin_counting: Annotated[str, choice("gross", "net")]
    regional_population: Annotated[str, choice("attributed", "resident")]
    base_share: Annotated[str, choice("computed", "published")]
    consultation: Annotated[bool, flag]
    justification: Annotated[bool, flag]
    published_shares: Annotated[tuple[RegionalShare, ...], regional_shares]
    published_table: Annotated[RegionalTable, regional_table]


@dataclass(frozen=True)
class Examples:
    """Figures the text gives as examples; nothing is computed from them."""

    median_acts: Annotated[Fraction, number(0)]
    ceiling_acts: Annotated[Fraction, number(0)]


SECTIONS: dict[str, type] = {
    "etp": Etp,
    "demand": Demand,
    "travel": Travel,
    "apl": Apl,
    "zoning": Zoning,
    "mesh": Mesh,
    "regional": Regional,
    "examples": Examples,
}

FORMAT = RulebookFormat(
    folder=Path(__file__).parent,
    default="mk-2024",  # the text in force
    identity={"id": text, "title": text, "profession": text, "dated": day},
    sections=SECTIONS,
    optional=frozenset({"gaps"}),
)


@dataclass(frozen=True, kw_only=True)
class Parameter(CitedValue):
    """A parameter of a methodology and where its value comes from.

    Attributes
    ----------
    others : tuple
        The other readings of a point that the text leaves open, written as `value` is.
    """

    others: tuple[Any, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the parameter as plain values, for JSON."""
        names = ("key", "value", "unit", "source", "article", "silent", "reason", "others", "file")
        return plain_fields(self, *names)


@dataclass(frozen=True)
class Methodology:
    """One legal text, complete.

    Attributes
    ----------
    id, title, profession : str
    dated : date
        Together with the id, title and profession, the identity of the text.
    etp, demand, travel, apl, zoning, mesh, regional, examples : Etp, Demand, ...
        Its parameters by section.
    parameters : tuple of Parameter
        The same one by one, each with its article or its reason.
    sources : mapping of str to mapping
        Title and more of each text cited, by key.
    gaps : tuple of str
        Keys whose value in this text is not known; the value of another text is used.
    files : tuple of (str, str)
        The TOML files that it was read from and their SHA-256, the most particular first.
    """

    id: str
    title: str
    profession: str
    dated: date
    etp: Etp
    demand: Demand
    travel: Travel
    apl: Apl
    zoning: Zoning
    mesh: Mesh
    regional: Regional
    examples: Examples
    parameters: tuple[Parameter, ...]
    sources: Mapping[str, Mapping[str, Any]]
    gaps: tuple[str, ...]
    files: tuple[tuple[str, str], ...]

    @property
    def year(self) -> int:
        """Year of the activity and of installations: that of the reference date of ages."""
        return self.etp.age_reference_date.year

    @property
    def notes(self) -> tuple[Note, ...]:
        """A warning about parameters whose value in this text is unknown."""
        if not self.gaps:
            return ()
        shown, details = first(self.gaps), {"id": self.id}
        return (Note("methodology.gaps", len(self.gaps), shown, warning=True, details=details),)

    def as_dict(self) -> dict[str, Any]:
        """Return the methodology as plain values, for JSON."""
        return {
            **plain_fields(self, "id", "title", "profession", "dated"),
            **plain_fields(self, "sources", "parameters", "gaps"),
            "files": [{"file": name, "sha256": digest} for name, digest in self.files],
        }
